import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { Cipher, CipherName } from '../../../impl/index.js';
import {
  cipherOf,
  defaultSalt,
  FileError,
  isSignature,
  keyLengthsOf,
  replaceFile,
  shown,
  UnsupportedCipher,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { CommandFailed } from './failed.js';
import type { FileFlags, FileSession } from './file-session.js';
import { withKeys } from './file-session.js';
import { addPublic } from './given-keys.js';
import { TidyDisk } from './interrupted.js';
import { saltOf } from './secrets.js';
import { standardInput } from './standard-input.js';

/** `msgctx ecryptfs create` of one file: encrypts standard input. */
export interface CreateFlags extends FileFlags {
  readonly signature: readonly string[];
  readonly cipher: string;
  readonly keyBytes?: number;
  readonly salt?: string;
  readonly force: boolean;
  readonly output?: string;
  readonly encryptNames: boolean;
}

/** Returns the exit status. */
export async function createFile(path: string, flags: CreateFlags): Promise<number> {
  const cipher = cipherNamed(flags);
  const salt = flags.salt === undefined ? defaultSalt : saltOf(flags.salt);
  mustBeReplaceable(path, flags);
  const source = standardInput();
  const disk = new TidyDisk({ mayReplace: flags.force });
  disk.tidyAtExit();
  return withKeys(flags, async (session) => {
    const signatures = ownSignatures(session, flags, salt);
    const { keys, exchange } = session;
    const random = (count: number) => randomBytes(count);
    await replaceFile({ disk, path, cipher, random, signatures, source, keys, exchange });
    return 0;
  });
}

/** The keys that a new file is to be under. */
export function ownSignatures(
  { keys, session }: FileSession,
  { signature: named }: Pick<CreateFlags, 'signature'>,
  salt: Uint8Array,
): readonly string[] {
  const own = keys.addOwn(salt);
  for (const signature of named) {
    if (!isSignature(signature)) {
      throw new UsageError(
        `--signature "${shown(signature)}" is not 16 digits of lower-case hex, as keygen prints them`,
      );
    }
    addPublic(session, signature);
  }
  const signatures = [...named, ...own];
  if (signatures.length > 0) return signatures;
  throw new UsageError(
    'name a key that is to open the file: --signature, --passphrase-file, --fekek-file or several',
  );
}

/** The cipher by the name and the length that a command line gives. */
export function cipherNamed({
  cipher,
  keyBytes,
}: Pick<CreateFlags, 'cipher' | 'keyBytes'>): Cipher {
  const [usual = 16] = keyLengthsOf(cipher);
  try {
    // An unknown name is refused here too.
    return cipherOf(cipher as CipherName, keyBytes ?? usual);
  } catch (error) {
    throw error instanceof UnsupportedCipher ? new UsageError(error.message) : error;
  }
}

/** Nothing is replaced unasked, and a link never: whoever names one may mean the file that it leads to. */
export function mustBeReplaceable(path: string, { force }: { readonly force: boolean }): void {
  const status = statusOf(path);
  if (status === undefined) return;
  if (status.isSymbolicLink()) {
    throw new CommandFailed(
      `${shown(path)} cannot be created (ELOOP): it is a symbolic link, which is neither followed nor replaced; name the file that it leads to`,
    );
  }
  if (force || !status.isFile()) return;
  throw new CommandFailed(
    `${shown(path)} cannot be created (EEXIST): it is there already; name another file, or replace it with --force`,
  );
}

function statusOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new FileError({ path, doing: 'created', errno: String(error.code), why: error.message });
  }
}
