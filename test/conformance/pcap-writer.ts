import { encodeNetlink } from '../../conformance/framing/netlink.js';
import { messageTypes } from '../../conformance/framing/message.js';

/** Captures as libpcap writes them, made here and read there. */

/** One message of a capture: `helo 11`, or with `>` what the kernel sends: `> request 11 0 4096`. */
export interface Written {
  readonly atMs: number;
  readonly words: string;
  readonly family?: number;
  /** What stands in the packet, in place of the message of the words. */
  readonly bytes?: Uint8Array;
}

/** How a capture is written. */
export interface Style {
  readonly endian: 'little' | 'big';
  readonly fractions: 'us' | 'ns';
  /** Whether the device says who gets a packet; else all are outgoing. */
  readonly isDirected: boolean;
  readonly link?: number;
  /** The byte order of the messages, if it is not that of the headers. */
  readonly messages?: 'little' | 'big';
  /** The modified format, with 8 bytes more a packet. */
  readonly isModified?: boolean;
  /** How many bytes of each packet were captured at most. */
  readonly snapBytes?: number;
}

/** The style of tcpdump on most machines. */
export const usual: Style = { endian: 'little', fractions: 'us', isDirected: true };

/** The bytes of a capture. */
export function pcapOf(messages: readonly Written[], style: Style = usual): Buffer {
  const { endian, fractions, link = 253, isModified = false, snapBytes = 65_535 } = style;
  const head = Buffer.alloc(24);
  const write32 = (bytes: Buffer, value: number, at: number) =>
    endian === 'little' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const magic = fractions === 'us' ? 0xa1b2c3d4 : 0xa1b23c4d;
  write32(head, isModified ? 0xa1b2cd34 : magic, 0);
  if (endian === 'little') head.writeUInt16LE(2, 4);
  else head.writeUInt16BE(2, 4);
  write32(head, 65_535, 16);
  write32(head, link, 20);
  const packets = messages.map((message) => {
    const { isDirected, messages: order = endian } = style;
    const data = cookedOf(message, { link, messages: order, isDirected });
    const own = Buffer.alloc(isModified ? 24 : 16);
    const { atMs } = message;
    write32(own, Math.floor(atMs / 1000), 0);
    write32(own, Math.round((atMs % 1000) * (fractions === 'us' ? 1e3 : 1e6)), 4);
    write32(own, Math.min(data.length, snapBytes), 8);
    write32(own, data.length, 12);
    return Buffer.concat([own, data.subarray(0, snapBytes)]);
  });
  return Buffer.concat([head, ...packets]);
}

/** A message behind the header of its link type. */
export function cookedOf(
  { words, family = 19, bytes }: Written,
  {
    link,
    messages,
    isDirected,
  }: { readonly link: number; readonly messages: Style['endian']; readonly isDirected: boolean },
): Buffer {
  const towards = words.startsWith('>') ? 6 : 7;
  const kind = isDirected ? towards : 4;
  const cooked = Buffer.alloc(link === 276 ? 20 : 16);
  if (link === 276) {
    cooked.writeUInt16BE(family, 0);
    cooked.writeUInt16BE(824, 8);
    cooked.writeUInt8(kind, 10);
  } else {
    cooked.writeUInt16BE(kind, 0);
    cooked.writeUInt16BE(824, 2);
    cooked.writeUInt16BE(family, 14);
  }
  return Buffer.concat([cooked, bytes ?? messageOf(words, messages)]);
}

/** The bytes of one message. */
export function messageOf(words: string, endian: Style['endian']): Uint8Array {
  const [name, pid = 0, index = 0, sequence = 0] = words
    .replace('> ', '')
    .split(' ')
    .map((word, nth) => (nth === 0 ? word : Number(word))) as [string, ...number[]];
  // The names are those of the types of messages.
  const type = messageTypes[name as keyof typeof messageTypes];
  const data = name === 'request' || name === 'response' ? { data: Buffer.from('key') } : {};
  return encodeNetlink({ type, pid, index, sequence, ...data }, endian, {});
}
