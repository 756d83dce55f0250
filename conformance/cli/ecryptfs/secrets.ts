import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import type { Secret, Wrapped } from '../../../impl/index.js';
import {
  copied,
  decodeWrapped,
  defaultSalt,
  passphraseMax,
  shown,
  unwrapPassphrase,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { CommandFailed } from './failed.js';
import { fittingHint } from './fitting.js';

const newline = 0x0a;
/** The longest file that a passphrase is read from. */
const fileMax = 65_536;
const rightsOfOthers = 0o077;

/**
 * Reads a passphrase from a file: its first line. Whoever gets it wipes it.
 *
 * @throws CommandFailed when it is no file, too long, or a wrapped passphrase
 */
export function readPassphrase(path: string): Uint8Array {
  return reading(path, 'passphrase', (bytes) => {
    if (decodeWrapped(bytes) !== undefined) {
      throw new CommandFailed(
        `${shown(path)} is a wrapped passphrase; give it with --wrapped, and the login passphrase that opens it with --passphrase-file`,
      );
    }
    const end = bytes.indexOf(newline);
    return copied(bytes.subarray(0, end === -1 ? bytes.length : end));
  });
}

/**
 * Reads a passphrase that a key is derived from. Whoever gets it wipes it.
 *
 * @throws CommandFailed also when it has not 1 to 64 bytes
 */
export function readDerivable(path: string): Uint8Array {
  const passphrase = readPassphrase(path);
  const { length } = passphrase;
  if (length >= 1 && length <= passphraseMax) return passphrase;
  passphrase.fill(0);
  throw new CommandFailed(
    `${shown(path)}: a passphrase has 1 to ${passphraseMax} bytes, and this one ${length}`,
  );
}

/**
 * Unwraps a passphrase with the one of a login. Whoever gets it wipes it.
 *
 * @throws CommandFailed when either is not what it should be, or they do not fit
 */
export function readWrapped(
  path: string,
  { loginPath, salt }: { readonly loginPath: string; readonly salt?: Uint8Array | undefined },
): Secret {
  const wrapped = wrappedIn(path);
  if (wrapped === undefined) {
    throw new CommandFailed(
      `${shown(path)} is no wrapped passphrase: it should be ~/.ecryptfs/wrapped-passphrase, with 32 bytes or more`,
    );
  }
  const login = readDerivable(loginPath);
  try {
    const unwrapped = unwrapPassphrase(wrapped, login, salt);
    if (unwrapped.kind === 'unwrapped') return unwrapped.passphrase;
    const hint = fittingHint(login, wrapped.salt ?? salt ?? defaultSalt, wrapped.signature);
    const why =
      hint === undefined
        ? unwrapped.message
        : `the login passphrase in ${shown(loginPath)} does not fit; ${hint}`;
    throw new CommandFailed(`${shown(path)} cannot be unwrapped: ${why}`);
  } finally {
    login.fill(0);
  }
}

/**
 * Reads the parts of a wrapped passphrase from a file; undefined if the file is none.
 *
 * @throws CommandFailed when it is no file
 */
export function wrappedIn(path: string): Wrapped | undefined {
  return reading(path, 'wrapped passphrase', (bytes) => decodeWrapped(Uint8Array.from(bytes)));
}

/** The lengths that a key for keys of files can have. */
const rawKeyBytes = { min: 32, max: 64 };

/**
 * Reads a key that keys of files are encrypted under. Whoever gets it wipes it.
 *
 * @throws CommandFailed when it is no file, or not as long as such a key
 */
export function readRawKey(path: string): Uint8Array {
  return reading(path, 'key', (bytes) => {
    const { min, max } = rawKeyBytes;
    if (bytes.length >= min && bytes.length <= max) return copied(bytes);
    const hint = isHex(bytes) ? '; it holds hex digits: make bytes of them with xxd -r -p' : '';
    throw new CommandFailed(
      `the key in ${shown(path)} has ${bytes.length} bytes; ${min} to ${max} are expected, as they are and without a newline${hint}`,
    );
  });
}

function isHex(bytes: Uint8Array): boolean {
  return /^(?:[0-9a-fA-F]{2}){32,64}\s*$/.test(Buffer.from(bytes).toString('latin1'));
}

/** Lends the bytes of a file to some work, and wipes them. */
function reading<T>(path: string, what: string, work: (bytes: Uint8Array) => T): T {
  const bytes = Buffer.alloc(fileMax + 1);
  try {
    const length = readInto(bytes, path, what);
    if (length > fileMax) {
      throw new CommandFailed(
        `the ${what} file ${shown(path)} has more than ${fileMax} bytes; name a file with a ${what}`,
      );
    }
    return work(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw CommandFailed.of(path, `the ${what} cannot be read from`, error);
  } finally {
    bytes.fill(0);
  }
}

/** What is no file is not read: a device need not end, and a pipe that nobody writes to keeps us waiting. */
function readInto(bytes: Buffer, path: string, what: string): number {
  mustBeFile(path, statSync(path), what);
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // It may be another one by now.
    mustBeFile(path, fstatSync(handle), what);
    for (let length = 0; ;) {
      const read = readSync(handle, bytes, length, bytes.length - length, length);
      if (read === 0) return length;
      length += read;
    }
  } finally {
    closeSync(handle);
  }
}

function mustBeFile(path: string, status: Stats, what: string): void {
  if (status.isFile()) return;
  const found = status.isDirectory() ? 'a folder' : 'a pipe, a device or a socket';
  const line = what === 'passphrase' ? 'whose first line is the passphrase' : `with a ${what}`;
  throw new CommandFailed(
    `the ${what} file ${shown(path)} is ${found}; name a regular file ${line}`,
  );
}

/**
 * Reads a salt from a command line.
 *
 * @throws UsageError when it has not 16 hex digits
 */
export function saltOf(text: string): Uint8Array {
  if (/^[0-9a-fA-F]{16}$/.test(text)) return Uint8Array.from(Buffer.from(text, 'hex'));
  throw new UsageError(`--salt "${shown(text)}" is not 16 hex digits, which are 8 bytes`);
}

/** Why a key file is not as private as it should be; undefined where only its owner may read and write it. */
export function exposureOf(path: string): string | undefined {
  const status = statSync(resolve(path), { throwIfNoEntry: false });
  if (status === undefined || (status.mode & rightsOfOthers) === 0) return undefined;
  const mode = (status.mode & 0o777).toString(8);
  return `other users may use the key file ${shown(path)} (mode ${mode}); run chmod 600 on it`;
}
