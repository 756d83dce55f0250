import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { printable } from '../printable.js';
import { UsageError } from '../select.js';

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
 * Writes a file as a whole: the old content stays until all of the new one is written. Returns whether that
 * succeeded; if not, stderr says why, so that the command can still give its verdict.
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

/** Whether there is no such file. */
export function isAbsent(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) === undefined;
}

/** Pipes and devices cannot be replaced; they are written to. */
function isRegular(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}

function replace(file: string, text: string): void {
  const fresh = `${file}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { flag: 'wx', flush: true });
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
