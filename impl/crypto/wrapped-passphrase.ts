import { createCipheriv, createDecipheriv } from 'node:crypto';
import { isSignature, room, saltBytes, signatureDigits } from '../wire/index.js';
import { defaultSalt, deriveKey, passphraseMax } from './passphrase.js';
import { Secret } from './secret.js';

/**
 * A wrapped passphrase: the passphrase of a mount, encrypted under the passphrase of a login, as it stands in
 * `~/.ecryptfs/wrapped-passphrase`.
 *
 * Version 1: the signature of the login's key (16 letters), and the passphrase, filled up with zeros to whole blocks
 * and encrypted by AES-128, block by block (ECB), under the first bytes of the login's key. Its salt is the default
 * one, or that of `~/.ecryptfsrc`. Version 2 has 3a 02 and its own salt (8 bytes) in front. A passphrase that fills
 * its blocks has no zero behind it. The signature shows whether the login's passphrase is right.
 *
 * Source: ecryptfs-utils 111 src/libecryptfs/key_management.c ecryptfs_wrap_passphrase, ecryptfs_unwrap_passphrase;
 * the files of version 2 that its programs write and read.
 */

/** What a file with a wrapped passphrase says. */
export interface Wrapped {
  readonly version: 1 | 2;
  /** Absent in version 1. */
  readonly salt?: Uint8Array;
  /** The signature of the key that it is encrypted under. */
  readonly signature: string;
  readonly encrypted: Uint8Array;
}

const mark = Uint8Array.of(0x3a, 0x02);
const cipher = 'aes-128-ecb';
const keyBytes = 16;
const blockBytes = 16;

/** The parts of a file with a wrapped passphrase; undefined where it is none. */
export function decodeWrapped(bytes: Uint8Array): Wrapped | undefined {
  const isSecond = mark.every((byte, at) => bytes[at] === byte);
  const saltAt = isSecond ? mark.length : 0;
  const signatureAt = isSecond ? saltAt + saltBytes : 0;
  const encryptedAt = signatureAt + signatureDigits;
  const signature = Buffer.from(bytes.subarray(signatureAt, encryptedAt)).toString('latin1');
  const encrypted = bytes.subarray(encryptedAt);
  const isWhole =
    encrypted.length >= blockBytes &&
    encrypted.length <= passphraseMax &&
    encrypted.length % blockBytes === 0;
  if (!isSignature(signature) || !isWhole) return undefined;
  if (isSecond)
    return { version: 2, salt: bytes.subarray(saltAt, signatureAt), signature, encrypted };
  // A passphrase of many digits has the same beginning, and is text to its end.
  const isText = encrypted.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
  return isText ? undefined : { version: 1, signature, encrypted };
}

/** What came of unwrapping; the message is a sentence without a secret. */
export type Unwrapped =
  | { readonly kind: 'unwrapped'; readonly passphrase: Secret }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Unwraps a passphrase; takes a tenth of a second.
 *
 * @param salt of version 1, where it is not the default one
 * @throws RangeError when the login's passphrase has not 1 to 64 bytes
 */
export function unwrapPassphrase(
  wrapped: Wrapped,
  login: Uint8Array,
  salt: Uint8Array = defaultSalt,
): Unwrapped {
  const { fekek, signature } = deriveKey(login, wrapped.salt ?? salt);
  try {
    if (signature !== wrapped.signature) {
      return {
        kind: 'refused',
        message: `it is wrapped under key ${wrapped.signature}, and this login passphrase makes ${signature}; give the login passphrase that it was wrapped with`,
      };
    }
    const padded = fekek.use((key) => decrypted(wrapped.encrypted, key));
    const end = padded.indexOf(0);
    const passphrase = Secret.copy(end === -1 ? padded : padded.subarray(0, end));
    padded.fill(0);
    if (passphrase.lengthBytes > 0) return { kind: 'unwrapped', passphrase };
    return { kind: 'refused', message: 'the passphrase in it is empty; the file is damaged' };
  } finally {
    fekek.wipe();
  }
}

/** What a wrapped passphrase is made of. */
export interface WrapOptions {
  readonly passphrase: Uint8Array;
  readonly login: Uint8Array;
  readonly salt: Uint8Array;
  readonly version: 1 | 2;
}

/**
 * The bytes of a wrapped passphrase; takes a tenth of a second.
 *
 * @throws RangeError when a passphrase has not 1 to 64 bytes, or holds a zero
 */
export function wrapPassphrase({ passphrase, login, salt, version }: WrapOptions): Uint8Array {
  const { length } = passphrase;
  if (length < 1 || length > passphraseMax) {
    throw new RangeError(`a passphrase has 1 to ${passphraseMax} bytes, and this one ${length}`);
  }
  if (passphrase.includes(0)) throw new RangeError('a passphrase that is wrapped has no zero byte');
  const { fekek, signature } = deriveKey(login, salt);
  const padded = room(Math.ceil(length / blockBytes) * blockBytes);
  padded.set(passphrase);
  try {
    const encrypted = fekek.use((key) => {
      const under = createCipheriv(cipher, key.subarray(0, keyBytes), null);
      under.setAutoPadding(false);
      const bytes = under.update(padded);
      under.final();
      return bytes;
    });
    const head = version === 2 ? [mark, salt] : [];
    return Uint8Array.from(Buffer.concat([...head, Buffer.from(signature, 'latin1'), encrypted]));
  } finally {
    padded.fill(0);
    fekek.wipe();
  }
}

function decrypted(encrypted: Uint8Array, key: Uint8Array): Uint8Array {
  const under = createDecipheriv(cipher, key.subarray(0, keyBytes), null);
  under.setAutoPadding(false);
  const bytes = under.update(encrypted);
  under.final();
  return bytes;
}
