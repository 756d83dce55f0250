import type { Stats } from 'node:fs';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Cipher, NameKey, Tag70 } from '../../../impl/index.js';
import {
  cipherOfCode,
  decryptName,
  decryptTarget,
  encryptName,
  isEncryptedName,
  NameError,
  NodeDisk,
  readHeader,
  readName,
  shown,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { writeOut } from '../pipes.js';
import { cipherNamed } from './create.js';
import { CommandFailed } from './failed.js';
import type { GivenKeys, KeyFlags } from './given-keys.js';
import { withGivenKeys } from './given-keys.js';

/** `msgctx ecryptfs list` and `name`: encrypted names of files, read and made. */
export interface NameFlags extends KeyFlags {
  readonly encrypt: boolean;
  readonly cipher: string;
  readonly keyBytes?: number;
}

/** A name that could be had, or why not. */
export type NameResult = { readonly name: Uint8Array } | { readonly why: string };

/** Prints one name per line. Returns the exit status. */
export async function nameCommand(names: readonly string[], flags: NameFlags): Promise<number> {
  return withGivenKeys(flags, async (keys) => {
    if (keys.isEmpty) {
      throw new UsageError('names need a key: add --passphrase-file, --wrapped or --fekek-file');
    }
    const cipher = flags.encrypt ? cipherNamed(flags) : undefined;
    let status = 0;
    for (const name of names) {
      const result =
        cipher === undefined
          ? decryptedName(name, keys)
          : encryptedName(Buffer.from(name), keys, { cipher, encrypt: encryptName });
      if ('why' in result) {
        process.stderr.write(`msgctx: ${shown(name)}: ${result.why}\n`);
        status = 1;
      } else await writeOut(Buffer.concat([result.name, Buffer.from('\n')]));
    }
    return status;
  });
}

/** Prints a line per entry: kind, length, name. Returns the exit status. */
export async function listCommand(folder: string, flags: KeyFlags): Promise<number> {
  return withGivenKeys(flags, async (keys) => {
    let status = 0;
    for (const lower of entriesOf(folder)) {
      const path = join(folder, lower);
      const { kind, length } = await kindOf(path, lstatSync(path), keys);
      const result = decryptedName(lower, keys);
      if ('why' in result) {
        process.stderr.write(`msgctx: ${shown(path)}: ${result.why}\n`);
        status = 1;
      }
      const name = 'why' in result ? lower : Buffer.from(result.name).toString();
      await writeOut(Buffer.from(`${kind}\t${length}\t${shown(name)}\n`));
    }
    return status;
  });
}

/** The plain name of an entry: decrypted, or as it is where it is not encrypted. */
export function decryptedName(lower: string, keys: GivenKeys): NameResult {
  return decrypted(lower, keys, decryptName);
}

/** The plain place that a symbolic link leads to. */
export function decryptedTarget(lower: string, keys: GivenKeys): NameResult {
  return decrypted(lower, keys, decryptTarget);
}

/** What a name says of itself, for `info`. */
export function nameWords({ signature, cipherCode }: Tag70): string {
  const { name = `cipher ${cipherCode}`, keyBytes } = cipherOfCode(cipherCode) ?? {};
  const bits = keyBytes === undefined ? '' : ` with ${keyBytes * 8} bits`;
  return `under passphrase ${signature}, ${name}${bits} (Tag 70)`;
}

function decrypted(
  lower: string,
  keys: GivenKeys,
  decrypt: (packet: Tag70, key: NameKey) => Uint8Array,
): NameResult {
  const packet = readName(lower);
  if (packet === undefined) {
    if (!isEncryptedName(lower)) return { name: Buffer.from(lower) };
    return { why: 'it begins as an encrypted name and is none; it is damaged' };
  }
  return tried(() => keys.withNameKey(packet.signature, (key) => ({ name: decrypt(packet, key) })));
}

/** A name, or the place that a link leads to, as it is for new files. */
export function encryptedName(
  plain: Uint8Array,
  keys: GivenKeys,
  { cipher, encrypt }: { readonly cipher: Cipher; readonly encrypt: typeof encryptName },
): NameResult {
  const { signature, key } = keys.ownNameKey();
  return tried(() =>
    key.use((fekek) => ({ name: Buffer.from(encrypt(plain, cipher, { signature, fekek })) })),
  );
}

function tried(work: () => NameResult): NameResult {
  try {
    return work();
  } catch (error) {
    if (error instanceof NameError) return { why: error.message };
    throw error;
  }
}

async function kindOf(
  path: string,
  status: Stats,
  keys: GivenKeys,
): Promise<{ readonly kind: string; readonly length: string }> {
  if (status.isDirectory()) return { kind: 'folder', length: '-' };
  if (status.isSymbolicLink()) {
    const result = decryptedTarget(readlinkSync(path), keys);
    const target = 'why' in result ? 'cannot be decrypted' : Buffer.from(result.name).toString();
    return { kind: `link to ${shown(target)}`, length: '-' };
  }
  if (!status.isFile()) return { kind: 'special', length: '-' };
  try {
    const header = await readHeader(new NodeDisk(), path);
    return { kind: 'encrypted', length: `${header?.sizeBytes ?? 0}` };
  } catch {
    return { kind: 'plain', length: `${status.size}` };
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw CommandFailed.of(folder, 'the folder cannot be read:', error);
  }
}
