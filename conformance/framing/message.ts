/**
 * The words of a message between kernel and daemon, and how its bytes may be spoilt.
 *
 * The framings beside this file turn them into bytes and back; they are written apart from every
 * implementation, so that no mistake is made twice.
 */

/** How an adapter frames what it takes as raw bytes. */
export interface Framing {
  readonly framing: 'netlink' | 'device';
  /** In which order the bytes of the host's numbers stand. */
  readonly endian: 'little' | 'big';
}

/** The types of messages; the numbers are the same in both framings. */
export const messageTypes = { helo: 100, quit: 101, request: 102, response: 103 } as const;

/** A message to be framed; without `data` it is a bare one, and its index is not said. */
export interface Framed {
  /** The number of its type. */
  readonly type: number;
  readonly index: number;
  readonly sequence: number;
  readonly data?: Uint8Array;
  /** What a netlink header says of its sender, which nobody may believe; 0 where absent. */
  readonly pid?: number;
  /** The flags of a netlink header, which mean nothing; 0 where absent. */
  readonly flags?: number;
}

/** In which way a message is not what it should be; the numbers are added to the right ones. */
export interface Damage {
  /** Bytes that are missing at its end, or too many there. */
  readonly size?: number;
  /** What is wrong with the length that its head states. */
  readonly length?: number;
  /** What is wrong with the length of the data that its body states. */
  readonly data?: number;
  /** On the device the one byte that stands for the length, or its form of five bytes. */
  readonly code?: LengthCode;
}

/** What stands where a packet has its length. */
export type LengthCode = number | 'five';

/** What a kernel side must make of some bytes. */
export type Meaning =
  | { readonly kind: 'helo' | 'quit' }
  | {
      readonly kind: 'response';
      readonly index: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  /** They are let go, and nothing happens; `why` says in which way they are wrong, if they are. */
  | { readonly kind: 'nothing'; readonly why: 'header' | 'response' | 'type' | 'ignored' }
  /** Who wrote them is told that they are wrong. */
  | { readonly kind: 'refused'; readonly why: 'length' | 'type' };

const word32 = 2 ** 32;
/** Whatever follows a message that is too long; neither 0 nor the sign of anything. */
const fillByte = 0x5a;

/** A number of 32 bits in the host's order. */
export function word(value: number, endian: Framing['endian']): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, endian === 'little');
  return new Uint8Array(view.buffer);
}

/** The same framing on a host of the other order. */
export function swappedOrder({ framing, endian }: Framing): Framing {
  return { framing, endian: endian === 'little' ? 'big' : 'little' };
}

/** A number that is spoilt; numbers wrap at 2^32. */
export function spoilt(value: number, by = 0): number {
  return (((value + by) % word32) + word32) % word32;
}

/** Puts bytes at the end, or takes some away. */
export function resized(bytes: Uint8Array, change = 0): Uint8Array {
  const changed = new Uint8Array(Math.max(0, bytes.length + change)).fill(fillByte);
  changed.set(bytes.subarray(0, changed.length));
  return changed;
}
