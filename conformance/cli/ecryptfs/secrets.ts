import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { shown } from '../../../impl/index.js';
import { CommandFailed } from './failed.js';

const newline = 0x0a;
/** The longest file that a passphrase is read from. */
const fileMax = 65_536;
const rightsOfOthers = 0o077;

/**
 * Reads a passphrase from a file: its first line. Whoever gets it wipes it.
 *
 * @throws CommandFailed when it is no file, or too long
 */
export function readPassphrase(path: string): Uint8Array {
  const bytes = Buffer.alloc(fileMax + 1);
  try {
    const length = readInto(bytes, path);
    if (length > fileMax) {
      throw new CommandFailed(
        `the passphrase file ${shown(path)} has more than ${fileMax} bytes; name a file whose first line is the passphrase`,
      );
    }
    const end = bytes.subarray(0, length).indexOf(newline);
    return Uint8Array.from(bytes.subarray(0, end === -1 ? length : end));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw CommandFailed.of(path, 'the passphrase cannot be read from', error);
  } finally {
    bytes.fill(0);
  }
}

/** What is no file is not read: a device need not end, and a pipe that nobody writes to keeps us waiting. */
function readInto(bytes: Buffer, path: string): number {
  mustBeFile(path, statSync(path));
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // It may be another one by now.
    mustBeFile(path, fstatSync(handle));
    for (let length = 0; ;) {
      const read = readSync(handle, bytes, length, bytes.length - length, length);
      if (read === 0) return length;
      length += read;
    }
  } finally {
    closeSync(handle);
  }
}

function mustBeFile(path: string, status: Stats): void {
  if (status.isFile()) return;
  const what = status.isDirectory() ? 'a folder' : 'a pipe, a device or a socket';
  throw new CommandFailed(
    `the passphrase file ${shown(path)} is ${what}; name a regular file whose first line is the passphrase`,
  );
}

/** Why a key file is not as private as it should be; undefined where only its owner may read and write it. */
export function exposureOf(path: string): string | undefined {
  const status = statSync(resolve(path), { throwIfNoEntry: false });
  if (status === undefined || (status.mode & rightsOfOthers) === 0) return undefined;
  const mode = (status.mode & 0o777).toString(8);
  return `other users may use the key file ${shown(path)} (mode ${mode}); run chmod 600 on it`;
}
