import { TraceError } from '../usage.js';
import { linkTypes, netlinkOf } from './link.js';
import { pcapRecords } from './pcap.js';
import { pcapngRecords } from './pcapng.js';
import { Pieces } from './pieces.js';
import type { Packet, PcapKind, Records, Stop } from './record.js';

/** The netlink messages of a capture, whichever format it has and however it was captured. */

/** Whatever a capture has: a message, something of others, or nothing more. */
export type Captured =
  | ({ readonly kind: 'netlink' } & Packet)
  | { readonly kind: 'other'; readonly nth: number }
  | ({ readonly kind: 'stop'; readonly nth: number } & Pick<Stop, 'why'> & {
        readonly isTorn: boolean;
      });

const magicBytes = 4;
/** The first four bytes of a file, and what a fraction of a second is counted in there. */
const magics: Readonly<Record<string, PcapKind>> = {
  d4c3b2a1: { endian: 'little', perMs: 1e3, headBytes: 16 },
  a1b2c3d4: { endian: 'big', perMs: 1e3, headBytes: 16 },
  '4d3cb2a1': { endian: 'little', perMs: 1e6, headBytes: 16 },
  a1b23c4d: { endian: 'big', perMs: 1e6, headBytes: 16 },
  // The modified format of some old Linux distributions: 8 bytes more a packet.
  '34cdb2a1': { endian: 'little', perMs: 1e3, headBytes: 24 },
  a1b2cd34: { endian: 'big', perMs: 1e3, headBytes: 24 },
};
const magicOfPcapng = '0a0d0d0a';

function magicOf(first: Uint8Array): string {
  return Buffer.from(first.subarray(0, magicBytes)).toString('hex');
}

/** Whether a file begins as a capture does. */
export function isCapture(first: Uint8Array): boolean {
  const magic = magicOf(first);
  return magic === magicOfPcapng || Object.hasOwn(magics, magic);
}

/**
 * Reads a capture, packet by packet.
 *
 * @param file its name, for messages
 * @throws TraceError where it is no capture of something that carries netlink
 */
export function* readCapture(chunks: Iterable<Uint8Array>, file: string): Generator<Captured> {
  const pieces = new Pieces(chunks);
  const records = recordsOf(pieces, file);
  for (let nth = 1; ; nth += 1) {
    const next = records.next();
    if (next.done === true) {
      if (next.value !== undefined) {
        yield { kind: 'stop', nth, why: next.value.why, isTorn: next.value.kind === 'torn' };
      }
      return;
    }
    const { link, bytes, ...rest } = next.value;
    const carried = netlinkOf(link, bytes);
    if (carried === 'none') yield { kind: 'other', nth };
    else if (carried === 'short') {
      const why = `packet ${nth} was cut: ${bytes.length} of ${bytes.length + rest.missingBytes} bytes were captured`;
      yield { kind: 'stop', nth, why, isTorn: false };
      return;
    } else yield { kind: 'netlink', ...rest, ...carried };
  }
}

function recordsOf(pieces: Pieces, file: string): Records {
  const magic = magicOf(pieces.peek(magicBytes) ?? new Uint8Array());
  if (magic === magicOfPcapng) return pcapngRecords(pieces);
  const kind = magics[magic];
  if (kind === undefined) throw new TraceError(`${file}: expected a capture in pcap or pcapng`);
  const found = pcapRecords(pieces, kind);
  if (found === undefined) {
    throw new TraceError(`${file}: expected a pcap header of 24 bytes, found ${pieces.left}`);
  }
  if (netlinkOf(found.link, new Uint8Array()) === 'none') {
    const known = Object.values(linkTypes).join(', ');
    throw new TraceError(
      `${file}: expected packets that carry netlink (link type ${known}), found link type ${found.link}; capture on an nlmon device`,
    );
  }
  return found.records;
}
