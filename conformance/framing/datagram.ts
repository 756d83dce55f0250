/**
 * What carries a message between kernel and daemon: a netlink datagram, or what is read from the
 * device. Only to make malformed ones: well-formed messages go by the words of the adapter protocol.
 *
 * Netlink: length, type, flags, number and port in 16 bytes of the host's order. Device: the type in
 * one byte, the number with its high byte first, a packet length. Then, in both, index and length of
 * the data in the host's order, and the data.
 */

import { encodeLength, joined, readLength } from './tags.js';

/** How an adapter frames what it takes as raw bytes. */
export interface Framing {
  readonly framing: 'netlink' | 'device';
  readonly endian: 'little' | 'big';
}

/** The types of messages. */
export const messageTypes = { helo: 100, quit: 101, request: 102, response: 103 } as const;

/** A message to be framed; without `data` it is a bare one. */
export interface Framed {
  readonly type: number;
  readonly index: number;
  readonly sequence: number;
  readonly data?: Uint8Array;
  /** What the length of the data is said to be, where that is a lie. */
  readonly dataLength?: number;
  /** How much longer than it is the whole is said to be. */
  readonly lengthPlus?: number;
}

/** A message as bytes. */
export function encodeDatagram(message: Framed, { framing, endian }: Framing): Uint8Array {
  const { type, index, sequence, data, lengthPlus = 0 } = message;
  const order = endian === 'little';
  const { dataLength = data?.length ?? 0 } = message;
  const body =
    data === undefined
      ? new Uint8Array()
      : joined(word(index, order), word(dataLength, order), data);
  if (framing === 'device') {
    const length = data === undefined ? new Uint8Array() : encodeLength(body.length + lengthPlus);
    return joined(Uint8Array.of(type & 0xff), word(sequence, false), length, body);
  }
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 16 + body.length + lengthPlus, order);
  header.setUint16(4, type, order);
  header.setUint32(8, sequence, order);
  return joined(new Uint8Array(header.buffer), body);
}

/** How long the header of a bare message is. */
export function headerBytes({ framing }: Framing): number {
  return framing === 'netlink' ? 16 : 5;
}

/** Whether bytes hold a header whose length agrees with them; what is made malformed must not. */
export function isWhole(bytes: Uint8Array, { framing, endian }: Framing): boolean {
  if (framing === 'netlink') {
    if (bytes.length < 16) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return view.getUint32(0, endian === 'little') === bytes.length;
  }
  if (bytes.length <= 5) return bytes.length === 5;
  const read = readLength(bytes, 5);
  return read !== undefined && 5 + read.size + read.length === bytes.length;
}

function word(value: number, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, littleEndian);
  return new Uint8Array(view.buffer);
}
