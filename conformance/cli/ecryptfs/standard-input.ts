import { createReadStream, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Disk, DiskFile } from '../../../impl/index.js';
import { headerBytesMax } from '../../../impl/index.js';
import { CommandFailed } from './failed.js';

/** Standard input as the source of a file, and as an encrypted file that is read from the front to the end. */

/** The names of standard input. */
const names = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/** Whether a path stands for standard input. */
export function isStandardInput(path: string): boolean {
  return names.includes(path);
}

/**
 * The bytes of standard input. Node takes what it does not know, a folder or a disk, for an empty input: then
 * an empty file would take the place of another.
 *
 * @throws CommandFailed when it is nothing that can be read
 */
export function standardInput(): AsyncIterable<Uint8Array> {
  const status = fstatSync(0);
  if (status.isFIFO() || status.isSocket() || isatty(0)) return process.stdin;
  if (status.isFile() || status.isCharacterDevice() || status.isBlockDevice()) {
    return createReadStream('', { fd: 0, autoClose: false });
  }
  const what = status.isDirectory() ? 'a folder' : 'nothing that can be read';
  throw new CommandFailed(`standard input is ${what}; give it a file or a pipe`);
}

/** A disk with one file that is read once. It keeps a header's worth of bytes, and no more. */
export function diskOf(source: AsyncIterable<Uint8Array>): Disk {
  const file = new StreamedFile(source);
  return {
    open: () => Promise.resolve(file),
    create: readOnly,
    rename: readOnly,
    unlink: readOnly,
    syncFolderOf: readOnly,
  };
}

class StreamedFile implements DiskFile {
  readonly #source: AsyncIterator<Uint8Array>;
  #held = new Uint8Array();
  /** The offset of the first byte in `#held`. */
  #from = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    // The header is looked at first, and then what stands behind it, of which a part was read with it.
    if (at >= headerBytesMax) this.#drop(at);
    await this.#fill(at + into.length);
    const bytes = this.#held.subarray(at - this.#from, at - this.#from + into.length);
    into.set(bytes);
    return bytes.length;
  }

  write = readOnly;
  truncate = readOnly;
  sync = readOnly;

  close(): Promise<void> {
    this.#held.fill(0);
    return Promise.resolve();
  }

  async #fill(to: number): Promise<void> {
    const parts: Uint8Array[] = [this.#held];
    let end = this.#from + this.#held.length;
    while (end < to) {
      const next = await this.#source.next();
      if (next.done === true) break;
      parts.push(next.value);
      end += next.value.length;
    }
    if (parts.length > 1) this.#held = new Uint8Array(Buffer.concat(parts));
  }

  #drop(before: number): void {
    if (before < this.#from) throw failure('ESPIPE', 'standard input is read in order only');
    this.#held = this.#held.slice(before - this.#from);
    this.#from = before;
  }
}

function readOnly(): Promise<never> {
  return Promise.reject(failure('EBADF', 'standard input is only read'));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
