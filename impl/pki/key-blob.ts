import type { Reader } from '../wire/bytes.js';
import { whole } from '../wire/bytes.js';

/**
 * What a token of the modules "openssl" and "rsa" holds: where the key file is, and what opens it.
 *
 * Length of the path with its NUL (u16, low byte first), path, NUL; and in the same way the passphrase.
 *
 * Source: ecryptfs-utils 111 src/key_mod/ecryptfs_key_mod_openssl.c ecryptfs_openssl_get_blob,
 * with each length compared with what is there.
 */
export interface KeyBlob {
  readonly path: string;
  /** A secret, as a view where it was read. */
  readonly passphrase: Uint8Array;
}

const lengthBytes = 2;
const fieldMax = 0xffff - 1;

/**
 * The bytes of a blob. They hold the passphrase: wipe them after use.
 *
 * @throws RangeError when a field has a NUL or is too long
 */
export function encodeKeyBlob({ path, passphrase }: KeyBlob): Uint8Array {
  const fields = [Buffer.from(path, 'utf8'), passphrase];
  for (const field of fields) {
    if (field.length > fieldMax || field.includes(0)) {
      throw new RangeError(`path and passphrase have no NUL and at most ${fieldMax} bytes each`);
    }
  }
  const bytes = new Uint8Array(
    fields.reduce((sum, { length }) => sum + lengthBytes + length + 1, 0),
  );
  let at = 0;
  for (const field of fields) {
    bytes.set([(field.length + 1) & 0xff, (field.length + 1) >> 8], at);
    bytes.set(field, at + lengthBytes);
    at += lengthBytes + field.length + 1;
  }
  return bytes;
}

/**
 * Reads a blob; its passphrase is a view.
 *
 * @throws DecodeError when the bytes are none
 */
export function decodeKeyBlob(bytes: Uint8Array): KeyBlob {
  return whole(bytes, 'token', (reader) => {
    const path = readField(reader, 'path');
    const passphrase = readField(reader, 'passphrase');
    return { path: Buffer.from(path).toString('utf8'), passphrase };
  });
}

function readField(reader: Reader, what: string): Uint8Array {
  const length =
    reader.u8(`the length of the ${what}`) + reader.u8(`the length of the ${what}`) * 256;
  const at = reader.offset;
  const field = reader.take(length, what);
  if (length === 0 || field.indexOf(0) !== length - 1) {
    reader.fail(`a ${what} that ends in its only NUL`, 'another', at);
  }
  return field.subarray(0, -1);
}
