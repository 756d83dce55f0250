import type { Reader } from '../wire/bytes.js';

/**
 * DER, as much of it as is needed to see how a key is encrypted: elements of one tag byte with a definite length.
 *
 * Source: X.690 sections 8.1 and 10.
 */

/** Tags of the elements that are read. */
export const derTags = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const;

const lengthBytesMax = 3;

/** Reads the contents of an element, as a view. */
export function readElement(reader: Reader, tag: number, what: string): Uint8Array {
  reader.exactly(tag, `the tag of ${what}`);
  return reader.take(readLength(reader, what), what);
}

/** Reads a number that is not negative and fits. */
export function readNumber(reader: Reader, what: string): number {
  const bytes = readElement(reader, derTags.integer, what);
  const isOdd = bytes.length === 0 || bytes.length > 6 || (bytes[0] ?? 0) > 0x7f;
  if (isOdd) reader.fail(`${what} below 2^47`, 'another number');
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function readLength(reader: Reader, what: string): number {
  const first = reader.u8(`the length of ${what}`);
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0 || count > lengthBytesMax)
    reader.fail(`a definite length of ${what}`, `${first}`);
  let length = 0;
  for (let nth = 0; nth < count; nth += 1)
    length = length * 256 + reader.u8(`the length of ${what}`);
  return length;
}
