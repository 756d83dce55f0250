import type { Reader } from './bytes.js';
import { counted } from './bytes.js';

/**
 * The length of a packet or a field: below 192 one byte, up to 8383 two, of which the first is 192 to
 * 223. No length has two forms. First bytes of 224 to 254 begin nothing, and the form of five bytes
 * behind 255 is not decoded, as in the kernels.
 *
 * Source: RFC 2440 section 4.2.2; Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_parse_packet_length and
 * ecryptfs_write_packet_length, which writes lengths above 8383 that nobody reads: here they are refused.
 */

/** The longest length that can be said and read. */
export const lengthMax = 8383;
const oneByteMax = 191;
const twoBytesFirstMax = 223;

/**
 * A length as bytes.
 *
 * @throws RangeError above 8383
 * @example
 * encodeLength(192); // c0 00
 */
export function encodeLength(length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > lengthMax) {
    throw new RangeError(`a length of ${length} cannot be said; it can be 0 to ${lengthMax}`);
  }
  if (length <= oneByteMax) return Uint8Array.of(length);
  const above = length - oneByteMax - 1;
  return Uint8Array.of(oneByteMax + 1 + (above >> 8), above & 0xff);
}

/** What a length may be where it stands. */
export interface LengthBounds {
  readonly min: number;
  readonly max: number;
  readonly what: string;
}

/** Reads a length, and looks that it is within bounds and that as many bytes follow. */
export function readLength(reader: Reader, { min, max, what }: LengthBounds): number {
  const at = reader.offset;
  const first = reader.u8(`the length of ${what}`);
  if (first > twoBytesFirstMax) {
    reader.fail(`a length of ${what} that begins with 0 to ${twoBytesFirstMax}`, `${first}`, at);
  }
  const length =
    first <= oneByteMax
      ? first
      : (first - oneByteMax - 1) * 256 + reader.u8(`the length of ${what}`) + oneByteMax + 1;
  if (length < min || length > max) {
    const bounds = min === max ? `${min}` : `${min} to ${max}`;
    reader.fail(`a length of ${what} of ${bounds}`, `${length}`, at);
  }
  if (length > reader.left) reader.fail(`${counted(length)} of ${what}`, counted(reader.left));
  return length;
}

/** Reads a length and the bytes that it counts. */
export function readField(reader: Reader, bounds: LengthBounds): Uint8Array {
  return reader.take(readLength(reader, bounds), bounds.what);
}
