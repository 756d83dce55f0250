import { encodeNetlink } from '../../conformance/framing/netlink.js';
import { messageTypes } from '../../conformance/framing/message.js';

/** Captures as libpcap writes them, made here and read there. */

/** One message of a capture: `helo 11`, or with `>` what the kernel sends: `> request 11 0 4096`. */
export interface Written {
  readonly atMs: number;
  readonly words: string;
  readonly family?: number;
  readonly link?: number;
}

/** How a capture is written. */
export interface Style {
  readonly endian: 'little' | 'big';
  readonly fractions: 'us' | 'ns';
  /** Whether the device says who gets a packet; else all are outgoing. */
  readonly isDirected: boolean;
  readonly link?: number;
}

/** The style of tcpdump on most machines. */
export const usual: Style = { endian: 'little', fractions: 'us', isDirected: true };

/** The bytes of a capture. */
export function pcapOf(messages: readonly Written[], style: Style = usual): Buffer {
  const { endian, fractions, link = 253 } = style;
  const head = Buffer.alloc(24);
  const write32 = (bytes: Buffer, value: number, at: number) =>
    endian === 'little' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  write32(head, fractions === 'us' ? 0xa1b2c3d4 : 0xa1b23c4d, 0);
  if (endian === 'little') head.writeUInt16LE(2, 4);
  else head.writeUInt16BE(2, 4);
  write32(head, 65_535, 16);
  write32(head, link, 20);
  const packets = messages.map(({ atMs, words, family = 19 }) => {
    const cooked = Buffer.alloc(16);
    const kind = words.startsWith('>') ? 6 : 7;
    cooked.writeUInt16BE(style.isDirected ? kind : 4, 0);
    cooked.writeUInt16BE(824, 2);
    cooked.writeUInt16BE(family, 14);
    const data = Buffer.concat([cooked, messageOf(words, endian)]);
    const own = Buffer.alloc(16);
    write32(own, Math.floor(atMs / 1000), 0);
    write32(own, Math.round((atMs % 1000) * (fractions === 'us' ? 1e3 : 1e6)), 4);
    write32(own, data.length, 8);
    write32(own, data.length, 12);
    return Buffer.concat([own, data]);
  });
  return Buffer.concat([head, ...packets]);
}

function messageOf(words: string, endian: Style['endian']): Uint8Array {
  const [name, pid = 0, index = 0, sequence = 0] = words
    .replace('> ', '')
    .split(' ')
    .map((word, nth) => (nth === 0 ? word : Number(word))) as [string, ...number[]];
  // The names are those of the types of messages.
  const type = messageTypes[name as keyof typeof messageTypes];
  const data = name === 'request' || name === 'response' ? { data: Buffer.from('key') } : {};
  return encodeNetlink({ type, pid, index, sequence, ...data }, endian, {});
}
