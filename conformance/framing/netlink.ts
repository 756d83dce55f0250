import type { Damage, Framed, Framing, Meaning } from './message.js';
import { messageTypes, resized, spoilt, word } from './message.js';
import { joined } from './tags.js';

/**
 * The netlink framing: a header of 16 bytes (length u32, type u16, flags u16, sequence number u32, port
 * u32), then for requests and responses index u32, data length u32 and the data, all in the order of the
 * host.
 *
 * Source: RFC 3549 section 2.3.2 (the header); Linux 2.6.21 fs/ecryptfs/netlink.c
 * ecryptfs_process_nl_response (a response is as long as the datagram says, and its data length must agree).
 */

/** How long the header is. */
export const netlinkHeaderBytes = 16;
const bodyBytes = 8;

/** The bytes of a datagram. */
export function encodeNetlink(
  { type, index, sequence, data, pid = 0, flags = 0 }: Framed,
  endian: Framing['endian'],
  damage: Damage,
): Uint8Array {
  const little = endian === 'little';
  const body =
    data === undefined
      ? new Uint8Array()
      : joined(word(index, endian), word(spoilt(data.length, damage.data), endian), data);
  const header = new DataView(new ArrayBuffer(netlinkHeaderBytes));
  header.setUint32(0, spoilt(netlinkHeaderBytes + body.length, damage.length), little);
  header.setUint16(4, type, little);
  header.setUint16(6, flags, little);
  header.setUint32(8, sequence, little);
  header.setUint32(12, pid, little);
  return resized(joined(new Uint8Array(header.buffer), body), damage.size);
}

/**
 * The message at the beginning of some bytes, whoever sends it; undefined where it is no message of this protocol.
 *
 * @param missingBytes how many bytes behind these were not captured; the data of a message may be among them
 */
export function openNetlink(
  bytes: Uint8Array,
  endian: Framing['endian'],
  missingBytes = 0,
): Framed | undefined {
  const little = endian === 'little';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = netlinkLength(bytes, endian);
  if (length === undefined || length > bytes.length + missingBytes) return undefined;
  const head = {
    type: view.getUint16(4, little),
    flags: view.getUint16(6, little),
    sequence: view.getUint32(8, little),
    pid: view.getUint32(12, little),
  };
  const dataFrom = netlinkHeaderBytes + bodyBytes;
  if (head.type === messageTypes.helo || head.type === messageTypes.quit)
    return { ...head, index: 0 };
  if (head.type !== messageTypes.request && head.type !== messageTypes.response) return undefined;
  if (length < dataFrom || bytes.length < dataFrom) return undefined;
  const dataLength = view.getUint32(netlinkHeaderBytes + 4, little);
  if (length !== dataFrom + dataLength) return undefined;
  const data = bytes.subarray(dataFrom, length);
  return { ...head, index: view.getUint32(netlinkHeaderBytes, little), data };
}

/** The length that a netlink header states; undefined where it is shorter than the header, or none is there. */
export function netlinkLength(bytes: Uint8Array, endian: Framing['endian']): number | undefined {
  if (bytes.length < netlinkHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(0, endian === 'little');
  return length < netlinkHeaderBytes ? undefined : length;
}

/** What a kernel side must make of a datagram. Whatever is wrong is dropped, and nobody is told. */
export function readNetlink(bytes: Uint8Array, endian: Framing['endian']): Meaning {
  const little = endian === 'little';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < netlinkHeaderBytes) return { kind: 'nothing', why: 'header' };
  const length = view.getUint32(0, little);
  if (length < netlinkHeaderBytes || length > bytes.length) {
    return { kind: 'nothing', why: 'header' };
  }
  const type = view.getUint16(4, little);
  if (type === messageTypes.helo) return { kind: 'helo' };
  if (type === messageTypes.quit) return { kind: 'quit' };
  if (type !== messageTypes.response) return { kind: 'nothing', why: 'type' };
  const dataFrom = netlinkHeaderBytes + bodyBytes;
  if (bytes.length < dataFrom) return { kind: 'nothing', why: 'response' };
  const dataLength = view.getUint32(netlinkHeaderBytes + 4, little);
  if (bytes.length !== dataFrom + dataLength) return { kind: 'nothing', why: 'response' };
  return {
    kind: 'response',
    index: view.getUint32(netlinkHeaderBytes, little),
    sequence: view.getUint32(8, little),
    data: bytes.subarray(dataFrom),
  };
}
