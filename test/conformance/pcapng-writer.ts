import type { Written } from './pcap-writer.js';
import { cookedOf } from './pcap-writer.js';

/** Captures in pcapng, made here and read there. */

/** How a capture is written. */
export interface Ng {
  readonly endian: 'little' | 'big';
  /** The resolution of times, as the option of an interface says it; microseconds where absent. */
  readonly resolution?: number;
  /** Seconds that are added to each time. */
  readonly offset?: number;
  readonly packets?: 'enhanced' | 'obsolete' | 'simple';
  readonly sections?: 'one' | 'many';
  /** The length of a block of an unknown type before each packet. */
  readonly unknown?: number;
  readonly link?: number;
}

/** The bytes of a block. */
export function block(endian: 'little' | 'big', type: number, body: Buffer): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  const length = u32(endian, padded.length + 12);
  return Buffer.concat([u32(endian, type), length, padded, length]);
}

/** The bytes of a capture. */
export function pcapngOf(messages: readonly Written[], style: Ng): Buffer {
  const { endian, sections = 'one', unknown } = style;
  const begin = Buffer.concat([sectionOf(endian), interfaceOf(style)]);
  const parts = messages.map((message, nth) =>
    Buffer.concat([
      ...(sections === 'many' && nth > 0 ? [begin] : []),
      ...(unknown === undefined ? [] : [block(endian, 0xbad, Buffer.alloc(unknown))]),
      packetOf(message, style),
    ]),
  );
  return Buffer.concat([begin, ...parts]);
}

function sectionOf(endian: Ng['endian']): Buffer {
  const magic = u32(endian, 0x1a2b3c4d);
  return block(endian, 0x0a0d0d0a, Buffer.concat([magic, u16(endian, 1), Buffer.alloc(10, 0xff)]));
}

function interfaceOf({ endian, resolution, offset, link = 253 }: Ng): Buffer {
  const option = (code: number, value: Buffer) =>
    Buffer.concat([
      u16(endian, code),
      u16(endian, value.length),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    ]);
  return block(
    endian,
    1,
    Buffer.concat([
      ...[u16(endian, link), u16(endian, 0), u32(endian, 0)],
      option(2, Buffer.from('nlmon0')),
      ...(resolution === undefined ? [] : [option(9, Buffer.of(resolution))]),
      ...(offset === undefined ? [] : [option(14, u64(endian, offset))]),
      option(0, Buffer.alloc(0)),
    ]),
  );
}

function packetOf(message: Written, style: Ng): Buffer {
  const { endian, resolution = 6, packets = 'enhanced', link = 253 } = style;
  const data = cookedOf(message, { link, messages: endian, isDirected: true });
  if (packets === 'simple') {
    return block(endian, 3, Buffer.concat([u32(endian, data.length), data]));
  }
  const units = resolution >= 0x80 ? 2 ** (resolution - 0x80) : 10 ** resolution;
  const time = Math.round((message.atMs / 1000) * units);
  const stamps = [u32(endian, Math.floor(time / 2 ** 32)), u32(endian, time % 2 ** 32)];
  const lengths = [u32(endian, data.length), u32(endian, data.length)];
  const isOld = packets === 'obsolete';
  const on = isOld ? [u16(endian, 0), u16(endian, 0xffff)] : [u32(endian, 0)];
  return block(endian, isOld ? 2 : 6, Buffer.concat([...on, ...stamps, ...lengths, data]));
}

function u16(endian: Ng['endian'], value: number): Buffer {
  const bytes = Buffer.alloc(2);
  if (endian === 'little') bytes.writeUInt16LE(value);
  else bytes.writeUInt16BE(value);
  return bytes;
}

function u32(endian: Ng['endian'], value: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (endian === 'little') bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}

function u64(endian: Ng['endian'], value: number): Buffer {
  const bytes = Buffer.alloc(8);
  if (endian === 'little') bytes.writeBigInt64LE(BigInt(value));
  else bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
