import type { FileHeader } from '../../../impl/index.js';
import { cipherOfCode, headerFlags, NodeDisk, readHeader } from '../../../impl/index.js';

/** `msgctx ecryptfs info`: what an encrypted file says of itself, for which no key is needed. */
export async function infoCommand(path: string): Promise<number> {
  process.stdout.write(printInfo(await readHeader(new NodeDisk(), path)));
  return 0;
}

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
