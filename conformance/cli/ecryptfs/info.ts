import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileHeader, Wrapped } from '../../../impl/index.js';
import {
  cipherOfCode,
  FileError,
  headerFlags,
  NodeDisk,
  readHeader,
  readName,
  shown,
} from '../../../impl/index.js';
import type { KeyFlags } from './given-keys.js';
import { withGivenKeys } from './given-keys.js';
import { decryptedName, nameWords } from './names.js';
import { wrappedIn } from './secrets.js';

/**
 * `msgctx ecryptfs info`: what an encrypted file says of itself, for which no key is needed. With one it says the
 * file's name, too.
 */
export async function infoCommand(path: string, flags: KeyFlags): Promise<number> {
  const name = await nameInfo(basename(path), flags);
  try {
    const header = await readHeader(new NodeDisk(), path);
    process.stdout.write(`${header === undefined ? emptyInfo : printInfo(header)}${name}`);
    return 0;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const wrapped = error.errno === 'EIO' && isShort(path) ? wrappedIn(path) : undefined;
    if (wrapped === undefined) {
      process.stdout.write(name);
      throw error;
    }
    process.stdout.write(wrappedInfo(wrapped));
    return 0;
  }
}

/** Whether a file may be a wrapped passphrase, which has at most 90 bytes. */
function isShort(path: string): boolean {
  return statSync(path).size <= wrappedMax;
}

const wrappedMax = 90;

/** What an encrypted name says of itself, and what it is where a key is given. */
async function nameInfo(lower: string, flags: KeyFlags): Promise<string> {
  const packet = readName(lower);
  if (packet === undefined) return '';
  return withGivenKeys(flags, (keys) => {
    const under = `name      ${nameWords(packet)}\n`;
    if (keys.isEmpty) return under;
    const result = decryptedName(lower, keys);
    const words = 'why' in result ? result.why : shown(Buffer.from(result.name).toString());
    return `${under}          ${words}\n`;
  });
}

function wrappedInfo({ version, salt, signature, encrypted }: Wrapped): string {
  const words =
    salt === undefined
      ? 'the default salt, or that of ~/.ecryptfsrc'
      : `salt ${Buffer.from(salt).toString('hex')}`;
  return [
    `a wrapped passphrase of version ${version}, ${encrypted.length} bytes`,
    `key       under login passphrase ${signature}, ${words}`,
    'open      ecryptfs open FILE --wrapped THIS --passphrase-file LOGIN',
    '',
  ].join('\n');
}

const emptyInfo = 'an empty file without a header; eCryptfs reads it as an empty file\n';

/** The header in words. */
export function printInfo({
  version,
  sizeBytes,
  headerBytes,
  marker,
  flags,
  tokens,
}: FileHeader): string {
  const names = Object.entries(headerFlags).flatMap(([name, bit]) =>
    (flags & bit) === 0 ? [] : [name],
  );
  const lines = [
    `an eCryptfs file of version ${version}, flags ${names.join(', ')}`,
    `contents  ${sizeBytes} bytes, encrypted in extents of 4096 bytes from byte ${headerBytes} on`,
    `marker    ${hex(marker)}, and xored with 3c81b7f5 ${hex((marker ^ 0x3c81_b7f5) >>> 0)}`,
    ...tokens.map((token) =>
      token.kind === 'passphrase'
        ? `key       under passphrase ${token.signature}, salt ${Buffer.from(token.salt).toString('hex')}, ${cipherWords(token.cipherCode, token.encryptedKey.length)} (Tag 3, Tag 11)`
        : `key       under private key ${token.signature}, ${token.encryptedKey.length} bytes (Tag 1)`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function cipherWords(code: number, encryptedBytes: number): string {
  const { name = `cipher ${code}`, keyBytes = encryptedBytes } = cipherOfCode(code) ?? {};
  return `${name} with ${keyBytes * 8} bits`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
