import { DecodeError } from '../wire/index.js';

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
 * Reads a blob.
 *
 * @throws DecodeError when the bytes are none
 */
export function decodeKeyBlob(bytes: Uint8Array): KeyBlob {
  const path = readField(bytes, { offset: 0, what: 'path' });
  const passphrase = readField(bytes, { offset: path.end, what: 'passphrase' });
  if (passphrase.end !== bytes.length) {
    const found = `${bytes.length - passphrase.end} bytes more`;
    throw new DecodeError({ offset: passphrase.end, expected: 'the end of the token', found });
  }
  return { path: Buffer.from(path.field).toString('utf8'), passphrase: passphrase.field };
}

function readField(
  bytes: Uint8Array,
  { offset, what }: { readonly offset: number; readonly what: string },
): { readonly field: Uint8Array; readonly end: number } {
  const [low, high] = bytes.subarray(offset, offset + lengthBytes);
  const expected = `length and bytes of the ${what}`;
  if (low === undefined || high === undefined) {
    throw new DecodeError({ offset, expected, found: 'the end' });
  }
  const length = low + high * 256;
  const from = offset + lengthBytes;
  const end = from + length;
  if (end > bytes.length) {
    const found = `${length} as length and ${bytes.length - from} bytes`;
    throw new DecodeError({ offset, expected, found });
  }
  const field = bytes.subarray(from, end - 1);
  if (length === 0 || bytes[end - 1] !== 0 || field.includes(0)) {
    throw new DecodeError({
      offset: from,
      expected: `a ${what} that ends in its only NUL`,
      found: 'another',
    });
  }
  return { field, end };
}
