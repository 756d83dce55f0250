import type { Damage, Datagram, Endian, Meaning } from './message.js';
import { resized, typeNumbers } from './message.js';

/**
 * The framing of /dev/ecryptfs: type u8, sequence number u32 in big-endian order, and for messages
 * that carry something its length in one or two bytes, then index u32, data length u32 and the data in the
 * order of the host.
 *
 * Source: Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write; the length is that of RFC 2440 section
 * 4.2.2, of which only the forms of one and two bytes are known.
 */

const headBytes = 5;
const bodyBytes = 8;
const packetMinBytes = 6;
/** Type, number, two bytes of length, index, data length, and the longest encrypted key. */
const packetMaxBytes = 531;
const responseMinBytes = 14;
const twoBytesFrom = 192;
const longFormFrom = 224;

/** The bytes of a packet; with another length than the true one where it is damaged. */
export function encodeDevice(
  { type, seq, body }: Datagram,
  endian: Endian,
  damage: Damage,
): Uint8Array {
  const little = endian === 'little';
  if (body === undefined) return resized(head(type, seq), damage.size ?? 0);
  const { index, payload } = body;
  const length = bodyBytes + payload.length;
  const fields = new Uint8Array(length);
  const view = new DataView(fields.buffer);
  view.setUint32(0, index, little);
  view.setUint32(4, payload.length + (damage.data ?? 0), little);
  fields.set(payload, bodyBytes);
  const stated = encodeLength(length + (damage.length ?? 0));
  return resized(new Uint8Array([...head(type, seq), ...stated, ...fields]), damage.size ?? 0);
}

function head(type: number, seq: number): Uint8Array {
  const bytes = new Uint8Array(headBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint32(1, seq);
  return bytes;
}

/** A length in one byte or in two. */
export function encodeLength(length: number): number[] {
  if (length < twoBytesFrom) return [length & 0xff];
  const rest = length - twoBytesFrom;
  return [((rest >> 8) + twoBytesFrom) & 0xff, rest & 0xff];
}

/** What a kernel side must make of a write. What is wrong is refused; HELO and QUIT mean nothing here. */
export function readDevice(bytes: Uint8Array, endian: Endian): Meaning {
  const nothing = { kind: 'nothing' } as const;
  const refused = { kind: 'refused' } as const;
  if (bytes.length === 0) return nothing;
  const [type = 0] = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isSilent = type === typeNumbers.helo || type === typeNumbers.quit;
  if (bytes.length === headBytes) return isSilent ? nothing : refused;
  if (bytes.length < packetMinBytes || bytes.length > packetMaxBytes) return refused;
  const length = readLength(bytes.subarray(headBytes));
  if (length === undefined) return refused;
  const from = headBytes + length.bytes;
  if (from + length.value !== bytes.length) return refused;
  if (isSilent) return nothing;
  if (type !== typeNumbers.response || bytes.length < responseMinBytes) return refused;
  const little = endian === 'little';
  if (bodyBytes + view.getUint32(from + 4, little) !== length.value) return refused;
  return {
    kind: 'response',
    index: view.getUint32(from, little),
    seq: view.getUint32(1),
    payload: bytes.subarray(from + bodyBytes),
  };
}

function readLength(bytes: Uint8Array): { value: number; bytes: number } | undefined {
  const [first = 0, second] = bytes;
  if (first < twoBytesFrom) return { value: first, bytes: 1 };
  if (first >= longFormFrom || second === undefined) return undefined;
  return { value: ((first - twoBytesFrom) << 8) + second + twoBytesFrom, bytes: 2 };
}
