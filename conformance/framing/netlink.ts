import type { Damage, Datagram, Endian, Meaning } from './message.js';
import { resized, typeNumbers } from './message.js';

/**
 * The netlink framing: a header of 16 bytes (length u32, type u16, flags u16, sequence number u32, port
 * u32), then for requests and responses index u32, data length u32 and the data, all in the order of the
 * host.
 *
 * Source: RFC 3549 section 2.3.2 (the header); Linux 2.6.21 fs/ecryptfs/netlink.c
 * ecryptfs_process_nl_response (a response is as long as the datagram says, and its data length must agree).
 */

const headerBytes = 16;
const bodyBytes = 8;

/** The bytes of a datagram; `pid` is what it says of its sender, which nobody may believe. */
export function encodeNetlink(
  { type, seq, body }: Datagram,
  endian: Endian,
  damage: Damage,
  pid: number,
): Uint8Array {
  const little = endian === 'little';
  const data = body?.payload ?? new Uint8Array();
  const length = headerBytes + (body === undefined ? 0 : bodyBytes + data.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length + (damage.length ?? 0), little);
  view.setUint16(4, type, little);
  view.setUint32(8, seq, little);
  view.setUint32(12, pid, little);
  if (body !== undefined) {
    view.setUint32(headerBytes, body.index, little);
    view.setUint32(headerBytes + 4, data.length + (damage.data ?? 0), little);
    bytes.set(data, headerBytes + bodyBytes);
  }
  return resized(bytes, damage.size ?? 0);
}

/** What a kernel side must make of a datagram. Whatever is wrong is dropped, and nobody is told. */
export function readNetlink(bytes: Uint8Array, endian: Endian): Meaning {
  const nothing = { kind: 'nothing' } as const;
  const little = endian === 'little';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < headerBytes) return nothing;
  const length = view.getUint32(0, little);
  if (length < headerBytes || length > bytes.length) return nothing;
  const type = view.getUint16(4, little);
  if (type === typeNumbers.helo) return { kind: 'helo' };
  if (type === typeNumbers.quit) return { kind: 'quit' };
  if (type !== typeNumbers.response) return nothing;
  if (bytes.length < headerBytes + bodyBytes) return nothing;
  const dataLength = view.getUint32(headerBytes + 4, little);
  if (bytes.length !== headerBytes + bodyBytes + dataLength) return nothing;
  return {
    kind: 'response',
    index: view.getUint32(headerBytes, little),
    seq: view.getUint32(8, little),
    payload: bytes.subarray(headerBytes + bodyBytes),
  };
}
