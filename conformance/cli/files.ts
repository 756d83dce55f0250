import { randomBytes } from 'node:crypto';
import type { PathLike, Stats } from 'node:fs';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../printable.js';
import { reasonOf, UsageError } from '../usage.js';
import { endingSignals, statusAfter } from './signals.js';

/** Files that a command line names: read within limits, and written as a whole or not at all. */

const fileMaxBytes = 256 << 20;

/**
 * The text of a file, which must be UTF-8.
 *
 * @param what it should be, for messages
 * @param maxBytes larger files are refused
 * @throws UsageError that names the file and what is wrong with it
 */
export function readText(file: string, what: string, maxBytes = fileMaxBytes): string {
  const name = printable(file);
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new UsageError(`${name}: expected ${what} in a regular file`);
    if (stat.size > maxBytes) {
      throw new UsageError(`${name}: expected at most ${maxBytes} bytes, found ${stat.size}`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: cannot be read (${printable(reasonOf(error))})`);
  }
  if (bytes.length === 0) throw new UsageError(`${name}: expected ${what}, found nothing`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name}: expected ${what} in UTF-8`);
  }
}

const chunkBytes = 1 << 16;

/**
 * The bytes of a file of any size, piece by piece.
 *
 * @param what it should be, for messages
 * @throws UsageError that names the file and what is wrong with it
 */
export function* readChunks(file: string, what: string): Generator<Uint8Array> {
  const name = printable(file);
  let handle: number;
  try {
    if (!statSync(file).isFile())
      throw new UsageError(`${name}: expected ${what} in a regular file`);
    handle = openSync(file, 'r');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name}: cannot be read (${printable(reasonOf(error))})`);
  }
  try {
    for (let total = 0; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const bytes = readSync(handle, chunk);
      if (bytes === 0 && total === 0)
        throw new UsageError(`${name}: expected ${what}, found nothing`);
      if (bytes === 0) return;
      total += bytes;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes a file as a whole: what was there stays until all of it is written, and the new file has its mode and
 * owner. Returns whether it was written; if not, stderr says why, and no verdict is lost.
 */
export function writeText(file: string, text: string): boolean {
  try {
    if (isRegular(file)) replace(file, text);
    else writeFileSync(file, text);
    return true;
  } catch (error) {
    process.stderr.write(
      `msgctx: ${printable(file)} could not be written (${printable(reasonOf(error))})\n`,
    );
    return false;
  }
}

/**
 * Checks that a file can be written, without changing it.
 *
 * @throws UsageError that names the file and what is wrong with it
 */
export function mustBeWritable(file: string): void {
  try {
    if (isAbsent(file)) accessSync(dirname(file), constants.W_OK);
    else accessSync(file, constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new Error('it is a directory');
    }
  } catch (error) {
    throw new UsageError(`${file}: cannot be written (${reasonOf(error)})`);
  }
}

/** Whether there is no such file. */
export function isAbsent(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) === undefined;
}

/** Whether a name is that of a regular file. */
export function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Pipes and devices cannot be replaced; they are written to. */
function isRegular(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}

function replace(file: string, text: string): void {
  const before = lstatSync(file, { throwIfNoEntry: false });
  const replaced = before?.isFile() === true ? before : undefined;
  unbroken(() => {
    const isWritten = beside(
      file,
      text,
      { mode: replaced === undefined ? 0o666 : 0o600, replaced },
      (fresh) => {
        renameSync(fresh, file);
      },
    );
    // The owner of a file stays its owner: where that is not possible with a new one, the old one is written.
    if (!isWritten) writeFileSync(file, text);
  });
}

/**
 * Writes a file that is not there yet and that this user alone may read: all of it, or none.
 *
 * @throws what the system throws, with EEXIST where something has the name
 */
export function placeNew(file: string, text: string | Uint8Array): void {
  unbroken(() => {
    beside(file, text, { mode: 0o600, replaced: undefined }, (fresh) => {
      linkNew(fresh, file);
    });
  });
}

/** Gives a file another name that is free; where there are no links, nobody else must take it meanwhile. */
export function linkNew(from: PathLike, to: PathLike): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const isLinkless =
      error instanceof Error && 'code' in error && linkless.has(String(error.code));
    if (!isLinkless || lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw error;
    renameSync(from, to);
  }
}

const linkless: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);

interface Rights {
  readonly mode: number;
  /** The file whose mode and owner it gets. */
  readonly replaced: Stats | undefined;
}

/**
 * Writes a file under a name that nobody has, lets it be put in its place, and removes that name. False says that
 * the file cannot have the owner that it should have, and that nothing was done.
 */
function beside(
  file: string,
  text: string | Uint8Array,
  rights: Rights,
  place: (fresh: string) => void,
): boolean {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fresh = `${file}.${randomBytes(6).toString('hex')}.new`;
  const handle = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, rights.mode);
  try {
    try {
      if (!giveRights(handle, rights.replaced)) return false;
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    place(fresh);
    return true;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function giveRights(handle: number, replaced: Stats | undefined): boolean {
  if (replaced === undefined) return true;
  const own = fstatSync(handle);
  try {
    if (own.uid !== replaced.uid || own.gid !== replaced.gid)
      fchownSync(handle, replaced.uid, replaced.gid);
  } catch {
    return false;
  }
  fchmodSync(handle, replaced.mode & 0o777);
  return true;
}

/** Does something that a signal does not end in its midst; a signal that nobody else waits for ends it afterwards. */
function unbroken(work: () => void): void {
  const stop = (signal: (typeof endingSignals)[number]) => {
    if (process.listenerCount(signal) === 1) process.exit(statusAfter(signal));
  };
  for (const signal of endingSignals) process.on(signal, stop);
  try {
    work();
  } finally {
    // Signals that came meanwhile are heard in the next turn.
    setImmediate(() => {
      for (const signal of endingSignals) process.off(signal, stop);
    });
  }
}
