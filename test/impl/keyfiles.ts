import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Key files that protect nothing: made for these tests, and known to everybody. */

/** A key file of `test/keys/`, and what opens it. */
export interface KeyFixture {
  readonly file: string;
  readonly passphrase: string;
  readonly format: string;
}

/** One key of 1024 bits in every format. */
export const sameKey: readonly KeyFixture[] = [
  { file: 'pkcs1.pem', passphrase: '', format: 'PKCS#1' },
  { file: 'pkcs1-encrypted.pem', passphrase: 'open', format: 'encrypted PKCS#1' },
  { file: 'pkcs8.pem', passphrase: '', format: 'PKCS#8' },
  { file: 'pkcs8-encrypted.pem', passphrase: 'schlüssel 1', format: 'encrypted PKCS#8' },
  { file: 'store.p12', passphrase: 'open', format: 'PKCS#12' },
  { file: 'store-legacy.p12', passphrase: 'open', format: 'older PKCS#12' },
];

/** Another key, of 2048 bits. */
export const otherKey: KeyFixture = {
  file: 'other-2048.pem',
  passphrase: 'other',
  format: 'PKCS#1',
};

/** Where a key file is. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../keys/${file}`, import.meta.url));
}

/** Reads a file as a module is to read it. */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  return Uint8Array.from(await readFile(path));
}

/** The values that name a key file to a module. */
export function valuesOf({ file, passphrase }: KeyFixture): Record<string, Uint8Array> {
  return { keyfile: Buffer.from(pathOf(file)), passphrase: Buffer.from(passphrase) };
}
