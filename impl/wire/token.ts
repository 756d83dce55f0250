import * as P from 'micro-packed';
import { joined, layout, Reader } from './bytes.js';
import { isSignature, signatureDigits } from './signature.js';
import { saltBytes } from './tag-3.js';

/**
 * What a keyring holds of a key: 740 bytes as the kernel lays the structure out, and with a private key
 * as many more as its blob has. The blob begins at 670, inside of the structure: what is left of them at the
 * end is zeros.
 *
 * version u16 (4), type u16 (0 passphrase, 1 private key), flags u32, what the kernel notes of the file's
 * key (four u32, 512 and 64 bytes), 32 bytes reserved, and at 628 either of two: a passphrase's (length, hash,
 * iterations, key length, flags, key of 64 bytes, signature and NUL, salt, 3 bytes of nothing), or a private
 * key's (key size, length of the blob, signature and NUL, name of the key module and NUL, blob). Numbers have
 * their low byte first.
 *
 * Source: Linux 6.1 include/linux/ecryptfs.h struct ecryptfs_auth_tok, as x86-64 lays it out;
 * ecryptfs-utils 111 src/libecryptfs/key_management.c and key_mod.c (what is written).
 */

/** The version of tokens: 0.4. */
export const tokenVersion = 0x0004;
/** How long the structure is without a blob. */
export const tokenBytes = 740;
/** The longest blob: what a key may have in a keyring of Linux, less the structure. */
export const blobMax = 32_767 - tokenBytes;
/** The longest name of a key module. */
export const moduleNameMax = 16;
/** How long the key that is derived from a passphrase is. */
export const fekekBytes = 64;

const types = { passphrase: 0, privateKey: 1 } as const;
const sha512 = 10;
const iterations = 65_536;
const persistentAndSet = 3;
const textBytes = signatureDigits + 1;
const blobOffset = 670;
/** Always written so by ecryptfs-utils, and read by nobody. */
const keySize = 16;

const front = layout(
  'token',
  P.struct({
    version: P.U16LE,
    type: P.U16LE,
    flags: P.U32LE,
    sessionFlags: P.U32LE,
    encryptedBytes: P.U32LE,
    decryptedBytes: P.U32LE,
    encrypted: P.bytes(512),
    decrypted: P.bytes(64),
    reserved: P.bytes(32),
  }),
);
const passphrase = layout(
  'passphrase token',
  P.struct({
    passphraseBytes: P.U32LE,
    hash: P.U32LE,
    iterations: P.U32LE,
    keyBytes: P.U32LE,
    flags: P.U32LE,
    fekek: P.bytes(fekekBytes),
    signature: P.bytes(textBytes),
    salt: P.bytes(saltBytes),
    padding: P.bytes(3),
  }),
);
const privateKey = layout(
  'private key token',
  P.struct({
    keySize: P.U32LE,
    blobBytes: P.U32LE,
    signature: P.bytes(textBytes),
    module: P.bytes(moduleNameMax + 1),
  }),
);

/** A key of a user. */
export type KeyToken =
  | {
      readonly kind: 'passphrase';
      readonly signature: string;
      readonly salt: Uint8Array;
      /** The key that was derived from the passphrase: a secret. */
      readonly fekek: Uint8Array;
    }
  | {
      readonly kind: 'private-key';
      readonly signature: string;
      /** The key module that knows what the blob means. */
      readonly module: string;
      readonly blob: Uint8Array;
    };

/** The bytes of a token. They may hold a key: wipe them after use. */
export function encodeToken(token: KeyToken): Uint8Array {
  const head = front.encode({
    version: tokenVersion,
    type: token.kind === 'passphrase' ? types.passphrase : types.privateKey,
    flags: 0,
    sessionFlags: 0,
    encryptedBytes: 0,
    decryptedBytes: 0,
    encrypted: new Uint8Array(512),
    decrypted: new Uint8Array(64),
    reserved: new Uint8Array(32),
  });
  const signature = text(token.signature, textBytes);
  if (token.kind === 'passphrase') {
    const { fekek, salt } = token;
    const rest = passphrase.encode({
      passphraseBytes: 0,
      hash: sha512,
      iterations,
      keyBytes: fekekBytes,
      flags: persistentAndSet,
      fekek,
      signature,
      salt,
      padding: new Uint8Array(3),
    });
    const bytes = joined(head, rest);
    rest.fill(0);
    return bytes;
  }
  const { blob } = token;
  if (blob.length > blobMax) {
    throw new RangeError(`a blob of ${blob.length} bytes is above ${blobMax}; use a shorter path`);
  }
  const module = text(token.module, moduleNameMax + 1);
  const rest = privateKey.encode({ keySize, blobBytes: blob.length, signature, module });
  return joined(head, rest, blob, new Uint8Array(tokenBytes - blobOffset));
}

/**
 * Reads a token; what it holds are views.
 *
 * @throws DecodeError when the bytes are none, or of another version or type
 */
export function decodeToken(bytes: Uint8Array): KeyToken {
  const reader = new Reader(bytes);
  const { version, type } = front.read(reader);
  if (version !== tokenVersion) reader.fail(`version ${tokenVersion}`, `${version}`, 0);
  if (type === types.passphrase) {
    const { signature, salt, fekek, keyBytes } = passphrase.read(reader);
    if (keyBytes !== fekekBytes) reader.fail(`a key of ${fekekBytes} bytes`, `${keyBytes}`, 640);
    reader.end('token');
    return { kind: 'passphrase', signature: signatureOf(reader, signature), salt, fekek };
  }
  if (type !== types.privateKey) return reader.fail('type 0 or 1', `${type}`, 2);
  const { blobBytes, signature, module } = privateKey.read(reader);
  if (blobBytes > blobMax || bytes.length !== tokenBytes + blobBytes) {
    const expected = `${bytes.length - tokenBytes} as length of the blob, at most ${blobMax}`;
    reader.fail(expected, `${blobBytes}`, 632);
  }
  return {
    kind: 'private-key',
    signature: signatureOf(reader, signature),
    module: textOf(reader, module, 'name of a key module'),
    blob: reader.take(blobBytes, 'blob'),
  };
}

function signatureOf(reader: Reader, bytes: Uint8Array): string {
  const signature = textOf(reader, bytes, 'signature');
  if (!isSignature(signature)) reader.fail('16 digits of lower-case hex', 'something else');
  return signature;
}

/** Letters, then NUL to the end of their field. */
function text(letters: string, fieldBytes: number): Uint8Array {
  if (!/^[\x21-\x7e]+$/.test(letters) || letters.length >= fieldBytes) {
    throw new RangeError(`a name has 1 to ${fieldBytes - 1} letters, digits and signs of ASCII`);
  }
  return joined(Buffer.from(letters, 'latin1'), new Uint8Array(fieldBytes - letters.length));
}

function textOf(reader: Reader, bytes: Uint8Array, what: string): string {
  const end = bytes.indexOf(0);
  const letters = Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('latin1');
  const isText = /^[\x21-\x7e]+$/.test(letters) && bytes.subarray(end).every((byte) => byte === 0);
  return isText ? letters : reader.fail(`a ${what} of ASCII and zeros behind it`, 'something else');
}
