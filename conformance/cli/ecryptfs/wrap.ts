import { randomBytes } from 'node:crypto';
import { defaultSalt, saltBytes, shown, wrapPassphrase } from '../../../impl/index.js';
import { placeNew } from '../files.js';
import { writeOut } from '../pipes.js';
import { CommandFailed } from './failed.js';
import { readDerivable, readWrapped, saltOf } from './secrets.js';

/** `msgctx ecryptfs wrap` and `unwrap`: the passphrase of a mount under that of a login, there and back. */
export interface UnwrapFlags {
  readonly passphraseFile: string;
  readonly salt?: string;
}

/** The same to wrap. */
export interface WrapFlags extends UnwrapFlags {
  readonly mountPassphraseFile: string;
  readonly version: string;
}

/** Prints the passphrase. Returns the exit status. */
export async function unwrapCommand(path: string, flags: UnwrapFlags): Promise<number> {
  const salt = flags.salt === undefined ? undefined : saltOf(flags.salt);
  const passphrase = readWrapped(path, { loginPath: flags.passphraseFile, salt });
  const line = passphrase.use((bytes) => Buffer.concat([bytes, Buffer.from('\n')]));
  passphrase.wipe();
  await writeOut(line);
  return 0;
}

/** Writes a new file that only its owner may read. Returns the exit status. */
export function wrapCommand(path: string, flags: WrapFlags): number {
  const version = flags.version === '1' ? 1 : 2;
  const salt = flags.salt === undefined ? saltFor(version) : saltOf(flags.salt);
  const login = readDerivable(flags.passphraseFile);
  const passphrase = readDerivable(flags.mountPassphraseFile);
  try {
    placeNew(path, wrapPassphrase({ passphrase, login, salt, version }));
    return 0;
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailed(`${shown(path)}: ${error.message}`);
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new CommandFailed(
        `the wrapped passphrase cannot be written to ${shown(path)} (EEXIST): it is there already; name another file`,
      );
    }
    throw CommandFailed.of(path, 'the wrapped passphrase cannot be written to', error);
  } finally {
    login.fill(0);
    passphrase.fill(0);
  }
}

function saltFor(version: 1 | 2): Uint8Array {
  return version === 2 ? randomBytes(saltBytes) : defaultSalt;
}
