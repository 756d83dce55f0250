import type { Reader } from './bytes.js';
import { joined, whole } from './bytes.js';
import { encodeLength, readLength } from './length.js';
import { rawSignature, readRawSignature, signatureBytes } from './signature.js';

/**
 * Tag 11 of a file: behind a Tag 3, which passphrase its key is encrypted under.
 *
 * ed, length 16 (22 bytes), 62 (binary), length of a name 08, the name "_CONSOLE", a date of four zeros,
 * signature (8 bytes). Name and date mean nothing, and are passed over when read.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c parse_tag_11_packet and write_tag_11_packet, with signatures of
 * another length refused before they are copied.
 */

/** The first byte. */
export const tag11 = 0xed;
const binary = 0x62;
const name = '_CONSOLE';
const dateBytes = 4;
const bodyBytes = 2 + name.length + dateBytes + signatureBytes;

/** What a Tag 11 says. */
export interface Tag11 {
  readonly signature: string;
}

/** The bytes of a Tag 11. */
export function encodeTag11({ signature }: Tag11): Uint8Array {
  return joined(
    Uint8Array.of(tag11),
    encodeLength(bodyBytes),
    Uint8Array.of(binary, name.length),
    Buffer.from(name, 'latin1'),
    new Uint8Array(dateBytes),
    rawSignature(signature),
  );
}

/** Reads a Tag 11 from a packet set. */
export function readTag11(reader: Reader): Tag11 {
  reader.exactly(tag11, 'tag');
  readLength(reader, { min: bodyBytes, max: bodyBytes, what: 'Tag 11' });
  reader.exactly(binary, 'format');
  reader.exactly(name.length, 'length of a name');
  reader.take(name.length + dateBytes, 'name and date');
  return { signature: readRawSignature(reader) };
}

/**
 * Reads bytes that are a Tag 11 and nothing else.
 *
 * @throws DecodeError when they are not
 */
export function decodeTag11(bytes: Uint8Array): Tag11 {
  return whole(bytes, 'Tag 11', readTag11);
}
