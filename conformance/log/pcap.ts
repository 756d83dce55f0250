import type { Pieces } from './pieces.js';
import { Numbers } from './pieces.js';
import type { PcapKind, Records } from './record.js';

/**
 * Captures as libpcap writes them: a header of 24 bytes, then for each packet a header of 16 bytes and what was
 * captured of it. The numbers of the headers are in the order of the machine that captured.
 *
 * Source: the file format of pcap-savefile(5).
 */

const fileHeadBytes = 24;
/** Far above what a kernel sends to its daemon: a larger number is damage. */
const packetMaxBytes = 1 << 20;

/** The packets of a file, and its link type; undefined where its header is not whole. */
export function pcapRecords(
  pieces: Pieces,
  kind: PcapKind,
): { readonly link: number; readonly records: Records } | undefined {
  const head = pieces.take(fileHeadBytes);
  if (head === undefined) return undefined;
  const link = new Numbers(head, kind.endian).u32(20) & 0xffff;
  return { link, records: recordsOf(pieces, { ...kind, link }) };
}

function* recordsOf(
  pieces: Pieces,
  { endian, perMs, headBytes, link }: PcapKind & { readonly link: number },
): Records {
  for (let nth = 1; ; nth += 1) {
    const head = pieces.take(headBytes);
    if (head === undefined) {
      const { left } = pieces;
      if (left === 0) return undefined;
      const why = `the file ends in the header of packet ${nth}, after ${left} of ${headBytes} bytes`;
      return { kind: 'torn', why };
    }
    const numbers = new Numbers(head, endian);
    const [seconds, fraction] = [numbers.u32(0), numbers.u32(4)];
    const [captured, length] = [numbers.u32(8), numbers.u32(12)];
    if (captured > packetMaxBytes) {
      return { kind: 'damaged', why: `packet ${nth} states a length of ${captured} bytes` };
    }
    const bytes = pieces.take(captured);
    if (bytes === undefined) {
      const why = `the file ends in packet ${nth}, after ${pieces.left} of ${captured} bytes`;
      return { kind: 'torn', why };
    }
    const atMs = seconds * 1000 + fraction / perMs;
    yield { nth, atMs, link, endian, bytes, missingBytes: Math.max(0, length - captured) };
  }
}
