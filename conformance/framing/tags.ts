/**
 * The packets inside requests and responses, Tag 64 to 67, as bytes.
 *
 * A request is its tag, a length and 16 hex digits (which key), a length and a body: the encrypted
 * key of a Tag 64, or cipher code, key and checksum of a Tag 66 to be encrypted. A reply is its tag,
 * a status, a length and a body; a failure ends behind a status that is not 0.
 *
 * Lengths (Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_parse_packet_length, ecryptfs_write_packet_length):
 * below 192 one byte; up to 8383 two, the first of them 192 to 223. Above there is a form of five
 * bytes, which nobody decodes.
 */

/** The tags of requests, and of the reply that belongs to each. */
export const tags = { decrypt: 64, decrypted: 65, encrypt: 66, encrypted: 67 } as const;

/** The longest length that two bytes can say. */
export const lengthMax = 8383;
/** The longest content that a daemon must take: cipher code, key and checksum together. */
export const contentMax = 64;
/** The longest encrypted key that a packet may carry. */
export const encryptedMax = 512;

const oneByteMax = 191;
const twoBytesFirstMax = 223;

/**
 * A length in one byte or two.
 *
 * @throws RangeError above 8383, which no length of two bytes can say
 */
export function encodeLength(length: number): Uint8Array {
  if (length <= oneByteMax) return Uint8Array.of(length);
  if (length > lengthMax) {
    throw new RangeError(`a packet length of ${length} is above ${lengthMax}; use a shorter body`);
  }
  const above = length - 192;
  return Uint8Array.of(192 + (above >> 8), above & 0xff);
}

/** Reads a length at a place; undefined where there is none. */
export function readLength(
  bytes: Uint8Array,
  at: number,
): { readonly length: number; readonly size: number } | undefined {
  const [first, second] = bytes.subarray(at, at + 2);
  if (first === undefined || first > twoBytesFirstMax) return undefined;
  if (first <= oneByteMax) return { length: first, size: 1 };
  return second === undefined ? undefined : { length: (first - 192) * 256 + second + 192, size: 2 };
}

/** Joins bytes. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A field: its length, then its bytes. */
export function field(bytes: Uint8Array): Uint8Array {
  return joined(encodeLength(bytes.length), bytes);
}

/** The bytes of plain letters and digits. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The sum of a key's bytes, modulo 2^16. */
export function checksumOf(key: Uint8Array): number {
  return key.reduce((sum, byte) => (sum + byte) & 0xffff, 0);
}

/** What a Tag 66 carries and a Tag 65 gives back: cipher code, key, checksum with its high byte first. */
export function contentOf(cipher: number, key: Uint8Array, checksum = checksumOf(key)): Uint8Array {
  return joined(Uint8Array.of(cipher), key, Uint8Array.of(checksum >> 8, checksum & 0xff));
}

/** A reply as it was read, or where it cannot be read. */
export type Reply =
  | {
      readonly kind: 'reply';
      readonly tag: number;
      readonly status: number;
      readonly rest: Uint8Array;
    }
  | { readonly kind: 'short'; readonly lengthBytes: number };

/** Reads tag and status of a reply; `rest` is what stands behind them. */
export function readReply(bytes: Uint8Array): Reply {
  const [tag, status] = bytes;
  if (tag === undefined || status === undefined) {
    return { kind: 'short', lengthBytes: bytes.length };
  }
  return { kind: 'reply', tag, status, rest: bytes.subarray(2) };
}

/** Reads a body behind tag and status: undefined where its length is none or too long. */
export function readBody(
  rest: Uint8Array,
): { readonly body: Uint8Array; readonly behindBytes: number } | undefined {
  const read = readLength(rest, 0);
  if (read === undefined) return undefined;
  const end = read.size + read.length;
  if (end > rest.length) return undefined;
  return { body: rest.subarray(read.size, end), behindBytes: rest.length - end };
}
