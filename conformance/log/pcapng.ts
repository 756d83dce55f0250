import type { Pieces } from './pieces.js';
import { Numbers } from './pieces.js';
import type { PacketRecord, Records, Stop } from './record.js';

/**
 * Captures in the pcapng format: blocks of a type, a length, a body and the length again. A section header says in
 * which order the bytes of its section stand, and begins the numbering of interfaces anew. An interface has a link
 * type and the resolution of its time stamps.
 *
 * Source: the Internet-Draft draft-ietf-opsawg-pcapng, sections 3 and 4; its appendix for the obsolete packet block.
 */

const blocks = { interface: 1, obsolete: 2, simple: 3, enhanced: 6, section: 0x0a0d0d0a } as const;
const orders: Readonly<Record<string, 'little' | 'big'>> = {
  '4d3c2b1a': 'little',
  '1a2b3c4d': 'big',
};
/** The lengths at both ends and the type. */
const frameBytes = 12;
const bodyMaxBytes = 2 << 20;
const options = { end: 0, resolution: 9, offset: 14 } as const;
const word32 = 2 ** 32;
const microseconds = 6;

interface Interface {
  readonly link: number;
  readonly snapBytes: number;
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

interface Section {
  readonly endian: 'little' | 'big';
  readonly interfaces: Interface[];
}

type Body = { readonly type: number; readonly body: Uint8Array; readonly numbers: Numbers };

/** The packets of a file. Blocks of other kinds are skipped. */
export function* pcapngRecords(pieces: Pieces): Records {
  let section: Section | undefined;
  let packets = 0;
  for (let nth = 1; ; nth += 1) {
    const begun = sectionAt(pieces, section);
    if (begun === undefined) {
      if (pieces.left === 0) return undefined;
      return { kind: 'torn', why: `the file ends in the header of block ${nth}` };
    }
    if (begun === 'damaged') return damaged(nth);
    section = begun;
    const block = blockOf(pieces, section.endian, nth);
    if ('kind' in block) return block;
    if (block.type === blocks.interface) {
      const found = interfaceOf(block);
      if (found === undefined) return damaged(nth);
      section.interfaces.push(found);
      continue;
    }
    const record = recordOf(block, section, packets + 1);
    if (record === 'damaged') return damaged(nth);
    if (record === undefined) continue;
    packets += 1;
    yield record;
  }
}

function damaged(nth: number): Stop {
  return { kind: 'damaged', why: `block ${nth} contradicts itself` };
}

/** The section that the next block belongs to: a new one where it is a section header. */
function sectionAt(pieces: Pieces, before: Section | undefined): Section | 'damaged' | undefined {
  const head = pieces.peek(frameBytes);
  if (head === undefined) return undefined;
  const isHeader = new Numbers(head, 'big').u32(0) === blocks.section;
  if (!isHeader) return before ?? 'damaged';
  const endian = orders[Buffer.from(head.subarray(8, 12)).toString('hex')];
  return endian === undefined ? 'damaged' : { endian, interfaces: [] };
}

function blockOf(pieces: Pieces, endian: 'little' | 'big', nth: number): Body | Stop {
  const head = pieces.take(8);
  const torn: Stop = { kind: 'torn', why: `the file ends in block ${nth}` };
  if (head === undefined) return torn;
  const [type, length] = [new Numbers(head, endian).u32(0), new Numbers(head, endian).u32(4)];
  if (length < frameBytes || length % 4 !== 0) return damaged(nth);
  const bodyBytes = length - frameBytes;
  const isPacket = type === blocks.enhanced || type === blocks.simple || type === blocks.obsolete;
  if (bodyBytes > bodyMaxBytes) {
    if (isPacket || type === blocks.interface) return damaged(nth);
    // Whatever it is, it has nothing that is needed.
    const ends = pieces.skip(bodyBytes) ? pieces.take(4) : undefined;
    return ends === undefined ? torn : { type, ...bodyWith(new Uint8Array(), endian) };
  }
  const body = pieces.peek(bodyBytes + 4);
  if (body === undefined) return torn;
  pieces.take(bodyBytes + 4);
  if (new Numbers(body, endian).u32(bodyBytes) !== length) return damaged(nth);
  return { type, ...bodyWith(body.subarray(0, bodyBytes), endian) };
}

function bodyWith(body: Uint8Array, endian: 'little' | 'big'): Omit<Body, 'type'> {
  return { body, numbers: new Numbers(body, endian) };
}

const interfaceBytes = 8;

function interfaceOf({ body, numbers }: Body): Interface | undefined {
  if (body.length < interfaceBytes) return undefined;
  let [unitsPerMs, offsetMs] = [10 ** (microseconds - 3), 0];
  for (let at = interfaceBytes; at + 4 <= body.length;) {
    const [code, length] = [numbers.u16(at), numbers.u16(at + 2)];
    const from = at + 4;
    if (code === options.end || from + length > body.length) break;
    if (code === options.resolution && length === 1) unitsPerMs = unitsOf(body[from] ?? 0);
    if (code === options.offset && length === 8) offsetMs = numbers.i64(from) * 1000;
    at = from + Math.ceil(length / 4) * 4;
  }
  return { link: numbers.u16(0), snapBytes: numbers.u32(4), unitsPerMs, offsetMs };
}

/** A negative power of 10, or with the highest bit set of 2, of a second. */
function unitsOf(resolution: number): number {
  const power = resolution & 0x7f;
  return (resolution & 0x80) === 0 ? 10 ** (power - 3) : 2 ** power / 1000;
}

/** The packet of a block; undefined where it has none. */
function recordOf(
  block: Body,
  { interfaces, endian }: Section,
  nth: number,
): PacketRecord | 'damaged' | undefined {
  const { type, body, numbers } = block;
  if (type === blocks.simple) {
    if (body.length < 4) return 'damaged';
    const [only] = interfaces;
    const length = numbers.u32(0);
    const snap = only === undefined || only.snapBytes === 0 ? Infinity : only.snapBytes;
    const captured = Math.min(length, snap, body.length - 4);
    // It has no time stamp.
    return packetOf(body.subarray(4), { nth, endian, captured, length, ...linkOf(only) });
  }
  if (type !== blocks.enhanced && type !== blocks.obsolete) return undefined;
  const fixedBytes = 20;
  if (body.length < fixedBytes) return 'damaged';
  const on = interfaces[type === blocks.enhanced ? numbers.u32(0) : numbers.u16(0)];
  const units = numbers.u32(4) * word32 + numbers.u32(8);
  const [captured, length] = [numbers.u32(12), numbers.u32(16)];
  const time = on === undefined ? {} : { atMs: on.offsetMs + units / on.unitsPerMs };
  const rest = { nth, endian, captured, length, ...time, ...linkOf(on) };
  return packetOf(body.subarray(fixedBytes), rest);
}

/** A packet of an interface that nobody described carries nothing that can be read. */
function linkOf(on: Interface | undefined): { readonly link: number } {
  return { link: on?.link ?? -1 };
}

function packetOf(
  data: Uint8Array,
  {
    captured,
    length,
    ...rest
  }: Omit<PacketRecord, 'bytes' | 'missingBytes'> & { captured: number; length: number },
): PacketRecord | 'damaged' {
  if (captured > data.length) return 'damaged';
  const bytes = data.subarray(0, captured);
  return { ...rest, bytes, missingBytes: Math.max(0, length - captured) };
}
