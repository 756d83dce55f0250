import { strict as assert } from 'node:assert';
import { inspect } from 'node:util';
import { copied } from '../wire/bytes.js';

/**
 * Bytes that nobody else may see: they are lent for as long as somebody works with them, and wiped when
 * their owner has done with them. They show as `[secret]` wherever they are printed or written as JSON.
 *
 * Gap: what node:crypto copies into its own contexts, and what a passphrase was before it became bytes, is not
 * within reach.
 */
export class Secret {
  readonly #bytes: Uint8Array;
  #isWiped = false;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Becomes the owner of bytes, which nobody else may keep. Short ones should come from `room` or `copied`, since
   * the garbage collector moves others and leaves copies behind.
   */
  static own(bytes: Uint8Array): Secret {
    return new Secret(bytes);
  }

  /** Becomes the owner of a copy. */
  static copy(bytes: Uint8Array): Secret {
    return new Secret(copied(bytes));
  }

  /** How many bytes there are. */
  get lengthBytes(): number {
    return this.#bytes.length;
  }

  /** Lends the bytes to some work, which must not keep them. */
  use<T>(work: (bytes: Uint8Array) => T): T {
    assert(!this.#isWiped, 'a secret was used after it was wiped');
    return work(this.#bytes);
  }

  /** Overwrites the bytes; more than once does no harm. */
  wipe(): void {
    this.#isWiped = true;
    this.#bytes.fill(0);
  }

  /** Never the bytes. */
  toString(): string {
    return '[secret]';
  }

  /** Never the bytes. */
  toJSON(): string {
    return '[secret]';
  }

  /** Never the bytes. */
  [inspect.custom](): string {
    return '[secret]';
  }
}
