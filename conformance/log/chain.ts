import type { Framed } from '../framing/message.js';
import { messageTypes } from '../framing/message.js';
import { netlinkLength, openNetlink } from '../framing/netlink.js';
import type { Packet } from './record.js';

/**
 * The messages of one packet. Netlink lets several stand in one datagram, each from a multiple of four bytes on.
 *
 * Source: RFC 3549 section 2.3.2; Linux include/uapi/linux/netlink.h NLMSG_ALIGN and NLMSG_NEXT.
 */

/** One part of a packet. */
export type Part =
  | { readonly kind: 'message'; readonly message: Framed }
  /** A netlink message of another protocol, or no netlink message at all. */
  | { readonly kind: 'other' }
  /** Bytes behind the last message that are no message. */
  | { readonly kind: 'behind'; readonly bytes: number }
  /** A message of this protocol that was not captured as far as it is needed. */
  | { readonly kind: 'cut' };

const alignment = 4;
const typeBytes = 6;
const ours: readonly number[] = Object.values(messageTypes);

/** The parts of a packet, in the order in which they stand there. */
export function* partsOf(
  { bytes, missingBytes }: Pick<Packet, 'bytes' | 'missingBytes'>,
  endian: 'little' | 'big',
): Generator<Part> {
  for (let at = 0; at < bytes.length || at === 0;) {
    const rest = bytes.subarray(at);
    const length = netlinkLength(rest, endian);
    if (length === undefined || length > rest.length + missingBytes) {
      if (length === undefined && missingBytes > 0) yield { kind: 'cut' };
      else yield at === 0 ? { kind: 'other' } : { kind: 'behind', bytes: rest.length };
      return;
    }
    const message = openNetlink(rest.subarray(0, length), endian, missingBytes);
    if (message !== undefined) yield { kind: 'message', message };
    else yield isOurs(rest, endian) && length > rest.length ? { kind: 'cut' } : { kind: 'other' };
    at += Math.ceil(length / alignment) * alignment;
    // Whole messages that were not captured.
    if (missingBytes > 0 && at >= bytes.length && at < bytes.length + missingBytes) {
      yield { kind: 'cut' };
      return;
    }
  }
}

function isOurs(bytes: Uint8Array, endian: 'little' | 'big'): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length >= typeBytes && ours.includes(view.getUint16(4, endian === 'little'));
}
