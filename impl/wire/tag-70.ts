import type { Reader } from './bytes.js';
import { joined, Reader as BytesReader } from './bytes.js';
import { cipherOfCode } from './cipher-code.js';
import { encodeLength, lengthMax, readLength } from './length.js';
import { rawSignature, readRawSignature, signatureBytes } from './signature.js';

/**
 * Tag 70: the name of a file, or where a symbolic link leads, encrypted under the key for names.
 *
 * 46, length, signature of the key (8 bytes), number of the cipher, encrypted name. The text in which a packet
 * stands may add up to two zeros to it.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_write_tag_70_packet, ecryptfs_parse_tag_70_packet.
 */

/** The first byte. */
export const tag70 = 0x46;
const fixedBytes = signatureBytes + 1;
/** The shortest encrypted name: one block of the shortest kind, and what stands in front of the name. */
const encryptedMin = 16;
const fillerMax = 2;

/** What a Tag 70 says. */
export interface Tag70 {
  readonly signature: string;
  readonly cipherCode: number;
  readonly encryptedName: Uint8Array;
}

/** The bytes of a Tag 70. */
export function encodeTag70({ signature, cipherCode, encryptedName }: Tag70): Uint8Array {
  return joined(
    Uint8Array.of(tag70),
    encodeLength(fixedBytes + encryptedName.length),
    rawSignature(signature),
    Uint8Array.of(cipherCode),
    encryptedName,
  );
}

/**
 * Reads the bytes of a name.
 *
 * @throws DecodeError when they are no Tag 70
 */
export function decodeTag70(bytes: Uint8Array): Tag70 {
  const reader = new BytesReader(bytes);
  const packet = readTag70(reader);
  if (reader.left > fillerMax) reader.end('Tag 70');
  while (reader.left > 0) reader.exactly(0, 'filler');
  return packet;
}

function readTag70(reader: Reader): Tag70 {
  reader.exactly(tag70, 'tag');
  const bounds = { min: fixedBytes + encryptedMin, max: lengthMax, what: 'Tag 70' };
  const length = readLength(reader, bounds);
  const signature = readRawSignature(reader);
  const at = reader.offset;
  const cipherCode = reader.u8('number of a cipher');
  if (cipherOfCode(cipherCode) === undefined) {
    reader.fail('the number of a cipher', `${cipherCode}`, at);
  }
  return { signature, cipherCode, encryptedName: reader.take(length - fixedBytes, 'name') };
}
