import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { generateKeyFile, opensslModule, readKeyFile } from '../../../impl/index.js';
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
  const passphrase = readPassphrase(flags.passphraseFile);
  try {
    const text = await generateKeyFile({ bits: flags.bits, passphrase }).catch((error: unknown) => {
      throw error instanceof RangeError ? new CommandFailed(error.message) : error;
    });
    try {
      writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw CommandFailed.of(path, 'the key cannot be written to', error);
    }
    const keyfile = Buffer.from(path);
    const token = await opensslModule(readKeyFile).token({ keyfile, passphrase });
    if (token.kind === 'refused') throw new CommandFailed(`${path}: ${token.message}`);
    token.blob.fill(0);
    process.stdout.write(`${token.signature}\n`);
    return 0;
  } finally {
    passphrase.fill(0);
  }
}
