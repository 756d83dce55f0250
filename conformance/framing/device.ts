import type { Damage, Framed, Framing, LengthCode, Meaning } from './message.js';
import { messageTypes, resized, spoilt, word } from './message.js';
import { encodeLength, joined, lengthMax, readLength } from './tags.js';

/**
 * The framing of /dev/ecryptfs: type u8, sequence number u32 with its high byte first, and for messages
 * that carry something its length in one or two bytes, then index u32, data length u32 and the data in the
 * order of the host.
 *
 * Source: Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write; the length is that of RFC 2440 section
 * 4.2.2, of which only the forms of one and two bytes are known.
 */

/** How long a packet is that carries nothing. */
export const deviceHeadBytes = 5;
const bodyBytes = 8;
const packetMinBytes = 6;
/** Type, number, two bytes of length, index, data length, and the longest encrypted key. */
const packetMaxBytes = 531;
const responseMinBytes = 14;

/** The bytes of a packet. */
export function encodeDevice(
  { type, index, sequence, data }: Framed,
  endian: Framing['endian'],
  damage: Damage,
): Uint8Array {
  const head = joined(Uint8Array.of(type & 0xff), word(sequence, 'big'));
  if (data === undefined) return resized(head, damage.size);
  const dataLength = word(spoilt(data.length, damage.data), endian);
  const stated = lengthField(spoilt(bodyBytes + data.length, damage.length), damage.code);
  return resized(joined(head, stated, word(index, endian), dataLength, data), damage.size);
}

/** A length in one byte or two, or in five where that is asked for or two cannot say it. */
function lengthField(length: number, code: LengthCode | undefined): Uint8Array {
  if (typeof code === 'number') return Uint8Array.of(code & 0xff);
  if (code === undefined && length <= lengthMax) return encodeLength(length);
  return joined(Uint8Array.of(0xff), word(length, 'big'));
}

/** What a kernel side must make of a write. What is wrong is refused; HELO and QUIT mean nothing here. */
export function readDevice(bytes: Uint8Array, endian: Framing['endian']): Meaning {
  const ignored = { kind: 'nothing', why: 'ignored' } as const;
  const refused = { kind: 'refused', why: 'length' } as const;
  if (bytes.length === 0) return ignored;
  const [type = 0] = bytes;
  const isSilent = type === messageTypes.helo || type === messageTypes.quit;
  const isForeign = !isSilent && type !== messageTypes.response;
  const isBare = bytes.length === deviceHeadBytes;
  if (!isBare && (bytes.length < packetMinBytes || bytes.length > packetMaxBytes)) return refused;
  const length = isBare ? undefined : readLength(bytes, deviceHeadBytes);
  if (!isBare && length === undefined) return refused;
  const from = deviceHeadBytes + (length?.size ?? 0);
  const follow = bytes.length - from;
  if (follow !== (length?.length ?? 0)) return refused;
  if (isSilent) return ignored;
  if (isForeign) return { kind: 'refused', why: 'type' };
  if (bytes.length < responseMinBytes) return refused;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = endian === 'little';
  if (bodyBytes + view.getUint32(from + 4, little) !== follow) return refused;
  return {
    kind: 'response',
    index: view.getUint32(from, little),
    sequence: view.getUint32(1),
    data: bytes.subarray(from + bodyBytes),
  };
}
