import type { Reader } from './bytes.js';
import { joined, whole } from './bytes.js';
import { cipherOfCode } from './cipher-code.js';
import { encodeLength, readLength } from './length.js';
import { encryptedKeyMax } from './tag-1.js';

/**
 * Tag 3 of a file: its key, encrypted under a passphrase. A Tag 11 behind it says which.
 *
 * 8c, length, version 04, number of the cipher, 03 (salted and iterated), 01 (MD5, by name only: the key is
 * derived with SHA-512), salt (8 bytes), code of the count of iterations (60: 65536), encrypted key.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c parse_tag_3_packet and write_tag_3_packet; RFC 2440
 * section 3.6.1.3.
 */

/** The first byte. */
export const tag3 = 0x8c;
/** How long a salt is. */
export const saltBytes = 8;
const version = 4;
const saltedAndIterated = 3;
const md5 = 1;
/** The code of 65536 iterations; whoever reads does not look at it. */
const countCode = 0x60;
const fixedBytes = 4 + saltBytes + 1;

/** What a Tag 3 says. */
export interface Tag3 {
  readonly cipherCode: number;
  readonly salt: Uint8Array;
  readonly encryptedKey: Uint8Array;
}

/** The bytes of a Tag 3. */
export function encodeTag3({ cipherCode, salt, encryptedKey }: Tag3): Uint8Array {
  if (salt.length !== saltBytes) {
    throw new RangeError(`a salt has ${saltBytes} bytes, and this one ${salt.length}`);
  }
  return joined(
    Uint8Array.of(tag3),
    encodeLength(fixedBytes + encryptedKey.length),
    Uint8Array.of(version, cipherCode, saltedAndIterated, md5),
    salt,
    Uint8Array.of(countCode),
    encryptedKey,
  );
}

/** Reads a Tag 3 from a packet set. */
export function readTag3(reader: Reader): Tag3 {
  reader.exactly(tag3, 'tag');
  const bounds = { min: fixedBytes, max: fixedBytes + encryptedKeyMax, what: 'Tag 3' };
  const length = readLength(reader, bounds);
  reader.exactly(version, 'version');
  const at = reader.offset;
  const cipherCode = reader.u8('number of a cipher');
  if (cipherOfCode(cipherCode) === undefined) {
    reader.fail('the number of a cipher', `${cipherCode}`, at);
  }
  reader.exactly(saltedAndIterated, 'way to derive a key');
  reader.exactly(md5, 'hash');
  const salt = reader.take(saltBytes, 'salt');
  reader.u8('count of iterations');
  const encryptedKey = reader.take(length - fixedBytes, 'encrypted key');
  return { cipherCode, salt, encryptedKey };
}

/**
 * Reads bytes that are a Tag 3 and nothing else.
 *
 * @throws DecodeError when they are not
 */
export function decodeTag3(bytes: Uint8Array): Tag3 {
  return whole(bytes, 'Tag 3', readTag3);
}
