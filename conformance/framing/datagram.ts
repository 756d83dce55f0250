/**
 * What carries a message between kernel and daemon: a netlink datagram, or what is written to the
 * device and read from it. Well-formed messages mostly go by the words of the adapter protocol; these
 * are for the bytes of capability `raw`, and for what a kernel side must make of them.
 */

import { deviceHeadBytes, encodeDevice, readDevice } from './device.js';
import type { Damage, Framed, Framing, Meaning } from './message.js';
import { encodeNetlink, netlinkHeaderBytes, readNetlink } from './netlink.js';
import { readLength } from './tags.js';

/** A message as bytes; with other ones than the right ones where it is damaged. */
export function encodeDatagram(
  message: Framed,
  { framing, endian }: Framing,
  damage: Damage = {},
): Uint8Array {
  const encode = framing === 'netlink' ? encodeNetlink : encodeDevice;
  return encode(message, endian, damage);
}

/** What a kernel side must make of bytes. */
export function readDatagram(bytes: Uint8Array, { framing, endian }: Framing): Meaning {
  return framing === 'netlink' ? readNetlink(bytes, endian) : readDevice(bytes, endian);
}

/** How long the header of a bare message is. */
export function headerBytes({ framing }: Framing): number {
  return framing === 'netlink' ? netlinkHeaderBytes : deviceHeadBytes;
}

/** Whether bytes hold a header whose length agrees with them; noise must not. */
export function isWhole(bytes: Uint8Array, { framing, endian }: Framing): boolean {
  if (framing === 'netlink') {
    if (bytes.length < netlinkHeaderBytes) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return view.getUint32(0, endian === 'little') === bytes.length;
  }
  if (bytes.length <= deviceHeadBytes) return bytes.length === deviceHeadBytes;
  const read = readLength(bytes, deviceHeadBytes);
  return read !== undefined && deviceHeadBytes + read.size + read.length === bytes.length;
}
