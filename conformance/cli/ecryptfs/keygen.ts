import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { generateKeyFile, opensslModule, shown } from '../../../impl/index.js';
import { placeNew } from '../files.js';
import { CommandFailed } from './failed.js';
import { readPassphrase } from './secrets.js';

/** `msgctx ecryptfs keygen`: makes a key file that is not there yet, and says its signature. */
export interface KeygenFlags {
  readonly bits: number;
  readonly passphraseFile: string;
}

/** Returns the exit status. */
export async function keygenCommand(file: string, flags: KeygenFlags): Promise<number> {
  const path = resolve(file);
  // A key takes seconds to make: what is in the way is better said before.
  mustBeAbsent(path);
  const passphrase = readPassphrase(flags.passphraseFile);
  try {
    const text = await generateKeyFile({ bits: flags.bits, passphrase }).catch((error: unknown) => {
      throw error instanceof RangeError ? new CommandFailed(error.message) : error;
    });
    const keyfile = Buffer.from(path);
    const made = opensslModule(() => Promise.resolve(Uint8Array.from(Buffer.from(text))));
    const token = await made.token({ keyfile, passphrase });
    if (token.kind === 'refused') throw new CommandFailed(`${shown(path)}: ${token.message}`);
    token.blob.fill(0);
    try {
      placeNew(path, text);
    } catch (error) {
      throw CommandFailed.of(path, 'the key cannot be written to', error);
    }
    process.stdout.write(`${token.signature}\n`);
    return 0;
  } finally {
    passphrase.fill(0);
  }
}

function mustBeAbsent(path: string): void {
  let isThere: boolean;
  try {
    isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw CommandFailed.of(path, 'the key cannot be written to', error);
  }
  if (!isThere) return;
  throw new CommandFailed(
    `the key cannot be written to ${shown(path)} (EEXIST): it is there already; name another file`,
  );
}
