import { strict as assert } from 'node:assert';
import type { CoderType } from 'micro-packed';

/**
 * What every decoder here stands on: an error that says where bytes are wrong, a reader that cannot
 * leave them, and layouts of a fixed size.
 *
 * Decoders are strict: short, long and trailing input fails with a DecodeError and in no other way. A
 * length is compared with what is there before it is used, and what is read is a view into the
 * bytes that were given, so that nothing is allocated from a length that lies, and no copy of a key
 * is left behind.
 */

/** Where bytes are not what they should be. */
export interface Mismatch {
  /** The place in the bytes that were given. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** Bytes are wrong; the message says where, and never shows more of them than one number. */
export class DecodeError extends Error implements Mismatch {
  override readonly name = 'DecodeError';
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor({ offset, expected, found }: Mismatch) {
    super(`at byte ${offset}: expected ${expected}, found ${found}`);
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}

/** Reads bytes from the front to the end, and never beyond. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer is a Uint8Array with other methods; what is read is always a plain one.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where the next byte stands. */
  get offset(): number {
    return this.#at;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next byte, which stays where it is; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next bytes, as a view. */
  take(count: number, what: string): Uint8Array {
    if (count > this.left) this.fail(`${counted(count)} of ${what}`, counted(this.left));
    const from = this.#at;
    this.#at += count;
    return this.#bytes.subarray(from, this.#at);
  }

  /** The next byte. */
  u8(what: string): number {
    const byte = this.peek();
    if (byte === undefined) return this.fail(what, 'the end');
    this.#at += 1;
    return byte;
  }

  /** The next byte, which can only be this one. */
  exactly(value: number, what: string): void {
    const at = this.#at;
    const byte = this.u8(what);
    if (byte !== value) this.fail(`${what} ${value}`, `${byte}`, at);
  }

  /** Nothing may be left. */
  end(what: string): void {
    if (this.left > 0) this.fail(`the end of ${what}`, `${counted(this.left)} more`);
  }

  /** Says what is wrong here, or at another place. */
  fail(expected: string, found: string, offset = this.#at): never {
    throw new DecodeError({ offset, expected, found });
  }
}

/**
 * Reads bytes that are one thing and nothing else.
 *
 * @throws DecodeError when they are not
 */
export function whole<T>(bytes: Uint8Array, what: string, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end(what);
  return value;
}

/** Fields of fixed sizes, one behind the other. */
export interface Layout<T> {
  readonly sizeBytes: number;
  encode(value: T): Uint8Array;
  /** Reads the fields; too few bytes are the only thing that can be wrong with them. */
  read(reader: Reader): T;
}

/** A layout from its coder, whose fields must have sizes that are known and no values that are wrong. */
export function layout<T>(what: string, coder: CoderType<T>): Layout<T> {
  const { size: sizeBytes } = coder;
  assert(sizeBytes !== undefined, `${what} has no fixed size`);
  return {
    sizeBytes,
    encode: (value) => coder.encode(value),
    read: (reader) => coder.decode(reader.take(sizeBytes, what)),
  };
}

/** How many bytes, as words. */
export function counted(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/**
 * Zeros that stay where they are. The garbage collector moves short typed arrays, and each move leaves a copy
 * behind that nobody can wipe; what may hold a secret is therefore given memory of its own.
 */
export function room(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length));
}

/** A copy that stays where it is, see `room`. */
export function copied(bytes: Uint8Array): Uint8Array {
  const copy = room(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Puts bytes behind each other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = room(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
