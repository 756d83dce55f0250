import type { KeyObject } from 'node:crypto';
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { ascii, joined } from '../framing/tags.js';
import type { Fixture } from './fixtures.js';
import { fixtures } from './fixtures.js';

/**
 * The keys of a daemon's keyring: what names them, what the keyring holds of them, and RSA with them.
 *
 * Encryption draws its padding from what it encrypts, so that a conversation has the same bytes
 * whenever it is held. Formats: ecryptfs-utils 111 src/key_mod/ecryptfs_key_mod_openssl.c.
 */

/** A key of ours, ready to be used. */
export interface Key {
  readonly fixture: Fixture;
  /** 16 hex digits. */
  readonly signature: string;
  readonly modulusBytes: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** How many keys there are; their names are k1 and so on. */
export const keysMax = fixtures.length;

/** A key by its number, counted from 1. */
export function keyOf(number: number): Key {
  const known = made.get(number);
  if (known !== undefined) return known;
  const fixture = fixtures[number - 1];
  if (fixture === undefined) {
    throw new RangeError(`there is no key k${number}; k1 to k${keysMax} can be named`);
  }
  const privateKey = createPrivateKey({ key: fixture.pem, passphrase: fixture.passphrase });
  const publicKey = createPublicKey(privateKey);
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const [modulus, exponent] = [Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url')];
  const signature = signatureOf(modulus, exponent);
  const key = { fixture, signature, modulusBytes: modulus.length, privateKey, publicKey };
  made.set(number, key);
  return key;
}

const made = new Map<number, Key>();

/**
 * What names a key: the first 8 bytes, in hex, of the fingerprint that OpenPGP version 4 gives an RSA
 * key of date 0 and algorithm 2. (OpenPGP's own key id is the last 8 bytes.)
 */
export function signatureOf(modulus: Uint8Array, exponent: Uint8Array): string {
  const numbers = joined(mpi(modulus), mpi(exponent));
  const body = joined(Uint8Array.of(4, 0, 0, 0, 0, 2), numbers);
  const hashed = createHash('sha1').update(joined(Uint8Array.of(0x99), u16be(body.length), body));
  return hashed.digest('hex').slice(0, 16);
}

/** A number of any size: how many bits it has, and its bytes. */
function mpi(number: Uint8Array): Uint8Array {
  const first = number[0] ?? 0;
  const bits = number.length * 8 - (Math.clz32(first) - 24);
  return joined(u16be(bits), number);
}

function u16be(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function u16le(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

/** What the keyring holds of a key: where its file is and what opens it, each with its length and a NUL. */
export function blobOf(path: string, passphrase: string): Uint8Array {
  const nul = Uint8Array.of(0);
  const parts = [path, passphrase].map((text) => new TextEncoder().encode(text));
  return joined(...parts.flatMap((part) => [u16le(part.length + 1), part, nul]));
}

/** The file of a key under another passphrase. */
export function fileUnder({ privateKey }: Key, passphrase: string): string {
  const options = { type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  return privateKey.export(options).toString();
}

/** How what is encrypted is padded: as the module does, with another hash, in the older way. */
export type Padding = 'oaep' | 'oaep-sha256' | 'pkcs1';

/** Encrypts with padding that follows from `salt`: the same bytes each time. */
export function encrypt(key: Key, content: Uint8Array, salt: string, padding: Padding): Uint8Array {
  const { modulusBytes, publicKey } = key;
  const block =
    padding === 'pkcs1'
      ? pkcs1(content, modulusBytes, salt)
      : oaep(content, modulusBytes, salt, padding === 'oaep' ? 'sha1' : 'sha256');
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
}

/** How many bytes a key can encrypt. */
export function roomOf({ modulusBytes }: Key): number {
  return modulusBytes - 42;
}

/**
 * Decrypts as the module does; undefined where that fails. What is encrypted is as long as the modulus (RFC
 * 8017, section 7.1.2), also where it begins with 0: OpenSSL would take it without that byte, others not.
 */
export function decrypt(
  { privateKey, modulusBytes }: Key,
  encrypted: Uint8Array,
): Uint8Array | undefined {
  if (encrypted.length !== modulusBytes) return undefined;
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  try {
    return privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, encrypted);
  } catch {
    return undefined;
  }
}

/** The padding of RFC 8017, section 7.1.1, without a label. */
function oaep(
  content: Uint8Array,
  modulusBytes: number,
  salt: string,
  hash: 'sha1' | 'sha256',
): Uint8Array {
  const label = createHash(hash).digest();
  const dataBytes = modulusBytes - label.length - 1;
  const filler = new Uint8Array(dataBytes - label.length - 1 - content.length);
  const data = joined(label, filler, Uint8Array.of(1), content);
  const seed = createHash(hash).update(content).update(salt).digest();
  const masked = xor(data, mask(seed, dataBytes, hash));
  return joined(Uint8Array.of(0), xor(seed, mask(masked, seed.length, hash)), masked);
}

/** The padding of RFC 8017, section 7.2.1: no byte of the filler is 0. */
function pkcs1(content: Uint8Array, modulusBytes: number, salt: string): Uint8Array {
  const bytes = mask(ascii(salt), modulusBytes - 3 - content.length, 'sha1');
  const filler = bytes.map((byte) => (byte === 0 ? 1 : byte));
  return joined(Uint8Array.of(0, 2), filler, Uint8Array.of(0), content);
}

/** The mask generation function MGF1. */
function mask(seed: Uint8Array, lengthBytes: number, hash: 'sha1' | 'sha256'): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let made = 0, nth = 0; made < lengthBytes; nth += 1) {
    const counter = Uint8Array.of(0, 0, nth >> 8, nth & 0xff);
    const part = createHash(hash).update(seed).update(counter).digest();
    parts.push(part);
    made += part.length;
  }
  return joined(...parts).subarray(0, lengthBytes);
}

function xor(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  return bytes.map((byte, nth) => byte ^ (other[nth] ?? 0));
}
