import type { Reader } from './bytes.js';
import { joined, whole } from './bytes.js';
import { encodeLength, readLength } from './length.js';
import { rawSignature, readRawSignature, signatureBytes } from './signature.js';

/**
 * Tag 1 of a file: its key, encrypted under a key that only a daemon can use.
 *
 * 01, length, version 03, signature (8 bytes), algorithm 01 (RSA, and passed over when read), encrypted
 * key as it came from the daemon: not as a number with a count of bits, as OpenPGP has it.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c parse_tag_1_packet and write_tag_1_packet.
 */

/** The first byte. */
export const tag1 = 0x01;
/** The longest encrypted key that a packet may carry. */
export const encryptedKeyMax = 512;
const version = 3;
const rsa = 1;
const fixedBytes = 1 + signatureBytes + 1;

/** What a Tag 1 says. */
export interface Tag1 {
  readonly signature: string;
  readonly encryptedKey: Uint8Array;
}

/** The bytes of a Tag 1. */
export function encodeTag1({ signature, encryptedKey }: Tag1): Uint8Array {
  if (encryptedKey.length > encryptedKeyMax) {
    throw new RangeError(
      `an encrypted key of ${encryptedKey.length} bytes is above ${encryptedKeyMax}; use a smaller key to encrypt with`,
    );
  }
  return joined(
    Uint8Array.of(tag1),
    encodeLength(fixedBytes + encryptedKey.length),
    Uint8Array.of(version),
    rawSignature(signature),
    Uint8Array.of(rsa),
    encryptedKey,
  );
}

/** Reads a Tag 1 from a packet set. */
export function readTag1(reader: Reader): Tag1 {
  reader.exactly(tag1, 'tag');
  const bounds = { min: fixedBytes, max: fixedBytes + encryptedKeyMax, what: 'Tag 1' };
  const length = readLength(reader, bounds);
  reader.exactly(version, 'version');
  const signature = readRawSignature(reader);
  reader.u8('algorithm');
  return { signature, encryptedKey: reader.take(length - fixedBytes, 'encrypted key') };
}

/**
 * Reads bytes that are a Tag 1 and nothing else.
 *
 * @throws DecodeError when they are not
 */
export function decodeTag1(bytes: Uint8Array): Tag1 {
  return whole(bytes, 'Tag 1', readTag1);
}
