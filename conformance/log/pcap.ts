import { TraceError } from '../usage.js';

/**
 * Captures of netlink messages as libpcap writes them: a header of 24 bytes, then for each packet a header of
 * 16 bytes and what was captured of it. All numbers of the headers are in the order of the machine that
 * captured, and so are those of netlink inside. A packet of an nlmon device begins with a cooked header of
 * 16 bytes: direction u16, 824 u16, 10 bytes unused, netlink family u16, all high byte first.
 *
 * Source: the file format of pcap-savefile(5); LINKTYPE_NETLINK of the list of link-layer types; Linux
 * drivers/net/nlmon.c and net/netlink/af_netlink.c __netlink_deliver_tap_skb (who gets the message).
 */

/** One netlink message as it was captured. */
export interface Packet {
  /** Its number in the file, from 1. */
  readonly nth: number;
  readonly atMs: number;
  readonly family: number;
  /** Who gets it, where the capture says so. */
  readonly to: 'kernel' | 'user' | 'unknown';
  readonly bytes: Uint8Array;
}

/** A capture: in which order the bytes of its numbers stand, and its packets. */
export interface Capture {
  readonly endian: 'little' | 'big';
  readonly packets: Iterable<Packet>;
}

const magicBytes = 4;
const fileHeadBytes = 24;
const packetHeadBytes = 16;
const cookedBytes = 16;
const linkNetlink = 253;
/** A kernel's message to its daemon is smaller by far. */
const packetMaxBytes = 1 << 20;
/** The first four bytes of a file, and what a fraction of a second is counted in there. */
const magics: Readonly<Record<string, { endian: Capture['endian']; perMs: number }>> = {
  d4c3b2a1: { endian: 'little', perMs: 1e3 },
  a1b2c3d4: { endian: 'big', perMs: 1e3 },
  '4d3cb2a1': { endian: 'little', perMs: 1e6 },
  a1b23c4d: { endian: 'big', perMs: 1e6 },
};
const magicOfPcapng = '0a0d0d0a';
/** Kinds of packet of Linux: to user space, to kernel space. */
const directions: Readonly<Record<number, Packet['to']>> = { 6: 'user', 7: 'kernel' };

/** Whether a file begins as a capture does, in this format or the newer one. */
export function isCapture(first: Uint8Array): boolean {
  const magic = Buffer.from(first.subarray(0, 4)).toString('hex');
  return magic === magicOfPcapng || Object.hasOwn(magics, magic);
}

/**
 * Reads a capture, packet by packet.
 *
 * @param file its name, for messages
 * @throws TraceError that says what was expected where
 */
export function readCapture(chunks: Iterable<Uint8Array>, file: string): Capture {
  const reader = new Reader(chunks);
  const fail = (what: string): never => {
    throw new TraceError(`${file}: ${what}`);
  };
  const magic = Buffer.from(reader.take(magicBytes) ?? []).toString('hex');
  if (magic === magicOfPcapng) {
    return fail('expected pcap, found pcapng; convert it with "editcap -F pcap IN OUT"');
  }
  const kind = magics[magic] ?? fail('expected a pcap file, found no magic number of one');
  const little = kind.endian === 'little';
  const head =
    reader.take(fileHeadBytes - magicBytes) ??
    fail('expected a pcap header of 24 bytes, found fewer');
  const view = new DataView(head.buffer, head.byteOffset);
  const link = view.getUint32(20 - magicBytes, little) & 0xffff;
  if (link !== linkNetlink) {
    return fail(`expected packets of link type 253 (netlink, of an nlmon device), found ${link}`);
  }
  return { endian: kind.endian, packets: packetsOf(reader, { ...kind, file }) };
}

function* packetsOf(
  reader: Reader,
  { endian, perMs, file }: { endian: Capture['endian']; perMs: number; file: string },
): Generator<Packet> {
  const little = endian === 'little';
  for (let nth = 1; ; nth += 1) {
    const fail = (what: string): never => {
      throw new TraceError(`${file}: packet ${nth}: ${what}`);
    };
    const head = reader.take(packetHeadBytes);
    if (head === undefined) {
      if (reader.left > 0) fail(`expected a header of 16 bytes, found ${reader.left}`);
      return;
    }
    const view = new DataView(head.buffer, head.byteOffset);
    const [seconds, fraction] = [view.getUint32(0, little), view.getUint32(4, little)];
    const [captured, length] = [view.getUint32(8, little), view.getUint32(12, little)];
    if (captured > packetMaxBytes)
      fail(`expected at most ${packetMaxBytes} bytes, it says ${captured}`);
    const bytes =
      reader.take(captured) ??
      fail(`expected ${captured} bytes, the file ends after ${reader.left}`);
    if (captured < length) {
      fail(
        `only ${captured} of ${length} bytes were captured; capture with a snap length of 65535`,
      );
    }
    if (captured < cookedBytes) fail(`expected a cooked header of 16 bytes, found ${captured}`);
    const cooked = new DataView(bytes.buffer, bytes.byteOffset);
    yield {
      nth,
      atMs: seconds * 1000 + fraction / perMs,
      family: cooked.getUint16(14),
      to: directions[cooked.getUint16(0)] ?? 'unknown',
      bytes: bytes.subarray(cookedBytes),
    };
  }
}

/** Takes pieces of a wanted length out of pieces of any length. */
class Reader {
  readonly #chunks: Iterator<Uint8Array>;
  #rest = new Uint8Array();

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** How many bytes are left when fewer than wanted were. */
  get left(): number {
    return this.#rest.length;
  }

  take(bytes: number): Uint8Array | undefined {
    while (this.#rest.length < bytes) {
      const next = this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}
