import type { Outcome } from '../kernel/kernel-side.js';
import type { Errno } from '../kernel/kernel.js';
import { joined } from '../wire/bytes.js';

/**
 * The bytes of a call at the door of a kernel side, and of its return.
 *
 * In a kernel, who asks makes a system call. Where the kernel side is a process, who asks is another,
 * and there is a door of its own for it: no daemon writes there, and what is written to the daemons' door is never a call. A call
 * is a netlink header of 16 bytes with a type of our own and the caller's number as sequence number,
 * and the payload behind it; a return has an errno (u32, 0 for success) in between. All is in the
 * order of the low byte first.
 */

const headerBytes = 16;
const errnoBytes = 4;
const types = { call: 110, return: 111 };

/** Linux's numbers of what a call can be refused with. */
const numbers: Readonly<Record<Errno, number>> = {
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  ENOMSG: 42,
  EBADMSG: 74,
  EMSGSIZE: 90,
  ENOTCONN: 107,
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
};

/** A request of a process, with the number under which it wants to have the return. */
export interface CallMessage {
  readonly number: number;
  readonly payload: Uint8Array;
}

/** What became of a call. */
export interface ReturnMessage {
  readonly number: number;
  readonly outcome: Outcome;
}

/** A call as a datagram. It holds the payload, which may be a secret: wipe it after use. */
export function encodeCall({ number, payload }: CallMessage): Uint8Array {
  return framed(types.call, number, [payload]);
}

/** Reads a call; undefined when it is none. */
export function decodeCall(bytes: Uint8Array): CallMessage | undefined {
  return unframed(types.call, bytes);
}

/** A return as a datagram. It holds the payload, which may be a secret: wipe it after use. */
export function encodeReturn({ number, outcome }: ReturnMessage): Uint8Array {
  const isAnswered = outcome.kind === 'answered';
  const payload = isAnswered ? outcome.payload : new Uint8Array();
  const head = new Uint8Array(errnoBytes);
  new DataView(head.buffer).setUint32(0, isAnswered ? 0 : numbers[outcome.errno], true);
  return framed(types.return, number, [head, payload]);
}

/** Reads a return; undefined when it is none. */
export function decodeReturn(bytes: Uint8Array): ReturnMessage | undefined {
  const { number, payload: body } = unframed(types.return, bytes) ?? {};
  if (number === undefined || body === undefined || body.length < errnoBytes) return undefined;
  const value = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  if (value === 0) {
    return { number, outcome: { kind: 'answered', payload: body.subarray(errnoBytes) } };
  }
  const errno = errnoOf(value);
  return errno && body.length === errnoBytes
    ? { number, outcome: { kind: 'failed', errno } }
    : undefined;
}

function errnoOf(value: number): Errno | undefined {
  // The keys of the table are the names.
  const names = Object.keys(numbers) as Errno[];
  return names.find((name) => numbers[name] === value);
}

function framed(type: number, number: number, body: readonly Uint8Array[]): Uint8Array {
  const bytes = joined(new Uint8Array(headerBytes), ...body);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint32(8, number, true);
  return bytes;
}

function unframed(type: number, bytes: Uint8Array): CallMessage | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWhole = view.getUint32(0, true) === bytes.length && view.getUint16(4, true) === type;
  return isWhole
    ? { number: view.getUint32(8, true), payload: bytes.subarray(headerBytes) }
    : undefined;
}
