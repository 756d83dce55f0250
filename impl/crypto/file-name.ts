import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import type { CodedCipher, Tag70 } from '../wire/index.js';
import {
  cipherOfCode,
  DecodeError,
  decodeNameText,
  decodeTag70,
  encodeNameText,
  encodeTag70,
} from '../wire/index.js';
import type { Cipher } from './cipher.js';
import { cipherByCode, keyLengthsOf, UnsupportedCipher } from './cipher.js';

/**
 * Encrypted names of files, and of the places that symbolic links lead to.
 *
 * In front of a name stand at least 16 bytes that follow from the key for names (its MD5, the MD5 of that, and so
 * on, each zero of them written as 42), and a zero byte. As many are taken as make whole blocks. Block by block
 * (ECB) this is encrypted under the first bytes of the key for names. So a name always becomes the same text.
 * The packet says the cipher. Where that leaves the length of the key open, it is found by the bytes in front.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_write_tag_70_packet and ecryptfs_parse_tag_70_packet, main.c
 * ecryptfs_parse_options (the key for names is the token that ecryptfs_fnek_sig names).
 */

/** A key for names, lent for as long as it is used. */
export interface NameKey {
  readonly signature: string;
  /** The key that was derived from a passphrase: a secret. */
  readonly fekek: Uint8Array;
}

/** A name that cannot be read or written; the message is a sentence without a secret. */
export class NameError extends Error {
  override readonly name = 'NameError';
}

const frontMin = 16;
/** What a zero in front of a name is written as, since a zero ends the front. */
const notZero = 0x42;
/** The longest name of a folder's entry, in bytes. */
const entryMax = 255;
/** The longest name that, encrypted, is no longer than that. */
const nameMax = 143;
const slash = 0x2f;
const dot = 0x2e;

/** What an encrypted name says of itself, without a key; undefined where it is no encrypted name. */
export function readName(text: string): Tag70 | undefined {
  const bytes = decodeNameText(text);
  if (bytes === undefined) return undefined;
  try {
    return decodeTag70(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * Decrypts a name that `readName` read.
 *
 * @throws NameError when the key does not fit, or what comes out can be no name
 */
export function decryptName(packet: Tag70, key: NameKey): Uint8Array {
  const name = decryptedText(packet, key);
  const isDots = name.every((byte) => byte === dot) && name.length <= 2;
  if (isDots || name.length > entryMax || name.includes(slash)) {
    throw new NameError('what it decrypts to can be no name of a file; it is damaged or forged');
  }
  return name;
}

/**
 * Decrypts the place that a symbolic link leads to, which may be a path.
 *
 * @throws NameError when the key does not fit
 */
export function decryptTarget(packet: Tag70, key: NameKey): Uint8Array {
  const target = decryptedText(packet, key);
  if (target.length === 0) throw new NameError('it decrypts to nothing; it is damaged');
  return target;
}

/**
 * Encrypts a name.
 *
 * @throws NameError when it can be no name, or is too long
 */
export function encryptName(name: Uint8Array, cipher: Cipher, key: NameKey): string {
  if (name.length === 0 || name.includes(0) || name.includes(slash)) {
    throw new NameError('a name has at least one byte, and neither a zero nor a slash');
  }
  if (name.length > nameMax) {
    throw new NameError(
      `a name of ${name.length} bytes is too long to be encrypted; it can have ${nameMax}`,
    );
  }
  return encryptText(name, cipher, key);
}

/**
 * Encrypts the place that a symbolic link leads to.
 *
 * @throws NameError when it is too long
 */
export function encryptTarget(target: Uint8Array, cipher: Cipher, key: NameKey): string {
  const text = encryptText(target, cipher, key);
  if (text.length <= targetMax) return text;
  throw new NameError(
    `a link to ${target.length} bytes has ${text.length} when it is encrypted; ${targetMax} are possible`,
  );
}

/** The longest place that a link can lead to. */
const targetMax = 4095;

function encryptText(name: Uint8Array, { ecb, code, keyBytes, blockBytes }: Cipher, key: NameKey) {
  const least = frontMin + 1 + name.length;
  const padded = new Uint8Array(Math.ceil(least / blockBytes) * blockBytes);
  padded.set(frontOf(key.fekek, padded.length - name.length - 1));
  padded.set(name, padded.length - name.length);
  const cipher = createCipheriv(ecb, key.fekek.subarray(0, keyBytes), null);
  cipher.setAutoPadding(false);
  const encryptedName = cipher.update(padded);
  cipher.final();
  padded.fill(0);
  return encodeNameText(encodeTag70({ signature: key.signature, cipherCode: code, encryptedName }));
}

function decryptedText({ signature, cipherCode, encryptedName }: Tag70, key: NameKey): Uint8Array {
  if (signature !== key.signature) {
    throw new NameError(`it is under key ${signature}, and this key is ${key.signature}`);
  }
  const coded = cipherOfCode(cipherCode);
  if (coded === undefined) throw new NameError(`cipher number ${cipherCode} is not known`);
  const plains = lengthsOf(coded).map((keyBytes) =>
    decryptedUnder(encryptedName, cipherIn(cipherCode, keyBytes), key.fekek),
  );
  const front = frontOf(key.fekek, frontMin);
  const sure = plains.find((plain) => front.every((byte, at) => plain[at] === byte));
  // Other programs may put other bytes in front; then only the name itself can show that the key fits.
  const found = sure ?? plains.find((plain) => isPrintable(nameIn(plain)));
  const name = found && nameIn(found);
  if (name !== undefined) return Uint8Array.from(name);
  throw new NameError(
    `it does not decrypt under key ${signature}; it is damaged, or another key has this signature`,
  );
}

/** What stands behind the front; undefined where no front ends. */
function nameIn(plain: Uint8Array): Uint8Array | undefined {
  const end = plain.indexOf(0, frontMin);
  return end === -1 ? undefined : plain.subarray(end + 1);
}

function isPrintable(name: Uint8Array | undefined): boolean {
  if (name === undefined || name.length === 0) return false;
  try {
    return !/\p{Cc}/u.test(new TextDecoder('utf-8', { fatal: true }).decode(name));
  } catch {
    return false;
  }
}

function lengthsOf({ name, keyBytes }: CodedCipher): readonly number[] {
  return keyBytes === undefined ? keyLengthsOf(name) : [keyBytes];
}

function cipherIn(code: number, keyBytes: number): Cipher {
  try {
    return cipherByCode(code, keyBytes);
  } catch (error) {
    if (error instanceof UnsupportedCipher) throw new NameError(error.message);
    throw error;
  }
}

function decryptedUnder(encrypted: Uint8Array, cipher: Cipher, fekek: Uint8Array): Uint8Array {
  const { blockBytes, ecb, keyBytes } = cipher;
  if (encrypted.length % blockBytes !== 0) {
    throw new NameError(
      `its ${encrypted.length} bytes are no whole number of blocks; it is cut off`,
    );
  }
  const decipher = createDecipheriv(ecb, fekek.subarray(0, keyBytes), null);
  decipher.setAutoPadding(false);
  const plain = decipher.update(encrypted);
  decipher.final();
  return plain;
}

/** The bytes in front of a name. */
function frontOf(fekek: Uint8Array, count: number): Uint8Array {
  const front = new Uint8Array(count);
  let link: Uint8Array = fekek;
  for (let at = 0; at < count; at += link.length) {
    link = hash('md5', link, 'buffer');
    front.set(link.subarray(0, count - at), at);
  }
  return front.map((byte) => (byte === 0 ? notZero : byte));
}
