/**
 * The words of a datagram to the kernel side, and how it may be spoilt.
 *
 * The framings beside this file turn them into bytes and back; they are written apart from every
 * implementation, so that no mistake is made twice.
 */

/** The types of messages; the numbers are the same in both framings. */
export const typeNumbers = { helo: 100, quit: 101, request: 102, response: 103 } as const;

/** The name of a type of message. */
export type TypeName = keyof typeof typeNumbers;

/** What a datagram says. */
export interface Datagram {
  /** The number of its type. */
  readonly type: number;
  readonly seq: number;
  /** What a request or a response carries. */
  readonly body?: { readonly index: number; readonly payload: Uint8Array };
}

/** In which way a datagram is not what it should be; the numbers are added to the right ones. */
export interface Damage {
  /** Bytes that are missing at its end, or too many there. */
  readonly size?: number;
  /** What is wrong with the length that its head states. */
  readonly length?: number;
  /** What is wrong with the length of the data that its body states. */
  readonly data?: number;
}

/** In which order the bytes of a number stand. */
export type Endian = 'little' | 'big';

/** What a kernel side must make of some bytes. */
export type Meaning =
  | { readonly kind: 'helo' | 'quit' }
  | {
      readonly kind: 'response';
      readonly index: number;
      readonly seq: number;
      readonly payload: Uint8Array;
    }
  /** They are let go, and nothing happens. */
  | { readonly kind: 'nothing' }
  /** Who wrote them is told that they are wrong. */
  | { readonly kind: 'refused' };

/** Puts bytes at the end, or takes some away. */
export function resized(bytes: Uint8Array, change: number): Uint8Array {
  const resized = new Uint8Array(Math.max(0, bytes.length + change)).fill(fillByte);
  resized.set(bytes.subarray(0, resized.length));
  return resized;
}

/** Whatever follows a message that is too long; neither 0 nor the sign of anything. */
const fillByte = 0x5a;
