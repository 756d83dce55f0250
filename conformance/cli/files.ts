import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../usage.js';

/** Files that a command line names: read with care, written so that no half of one is left. */

const fileMaxBytes = 256 << 20;

/**
 * The text of a file, which must be UTF-8.
 *
 * @param what it should be, for messages
 * @param maxBytes what a larger file is refused for
 * @throws UsageError that names the file and what is wrong with it
 */
export function readText(file: string, what: string, maxBytes = fileMaxBytes): string {
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new UsageError(`${file}: expected ${what} in a regular file`);
    if (stat.size > maxBytes) {
      throw new UsageError(`${file}: ${stat.size} bytes are more than ${maxBytes}`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: cannot be read (${reasonOf(error)})`);
  }
  if (bytes.length === 0) throw new UsageError(`${file}: expected ${what}, found nothing`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${file}: expected ${what} in UTF-8`);
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
  let handle: number;
  try {
    if (!statSync(file).isFile())
      throw new UsageError(`${file}: expected ${what} in a regular file`);
    handle = openSync(file, 'r');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: cannot be read (${reasonOf(error)})`);
  }
  try {
    for (let total = 0; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const bytes = readSync(handle, chunk);
      if (bytes === 0 && total === 0)
        throw new UsageError(`${file}: expected ${what}, found nothing`);
      if (bytes === 0) return;
      total += bytes;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes a file as a whole: what was there stays until all of it is written. Returns whether it was;
 * if not, stderr says why, and no verdict is lost.
 */
export function writeText(file: string, text: string): boolean {
  try {
    if (isRegular(file)) replace(file, text);
    else writeFileSync(file, text);
    return true;
  } catch (error) {
    process.stderr.write(`msgctx: ${file} could not be written (${reasonOf(error)})\n`);
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

/** Pipes and devices are written as they are. */
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
