import { AdapterBroke } from '../subject.js';
import type { Has } from './faults.js';

/**
 * What bytes say: a datagram of netlink, or a packet that was written to the device.
 *
 * Netlink: length, type, flags, number and pid of the sender in 16 bytes, then index, data length and
 * data, all in the byte order of the host. Linux reads one message of a datagram and overlooks what
 * follows, but counts the bytes of a response in the datagram and not in its header.
 *
 * The device: a byte for the type, the number with its highest byte first, then the length of what
 * follows in one or two bytes, and again index, data length and data as the host has them.
 */

/** The order of the bytes of a number. */
export type Endian = 'little' | 'big';

/** What bytes are, once they are read. */
export type Wire =
  | { readonly kind: 'helo' | 'quit'; readonly pid: number }
  | {
      readonly kind: 'response';
      /** Who the header says has sent it; nobody should believe it. */
      readonly pid: number;
      readonly index: number;
      readonly seq: number;
      /** In hex. */
      readonly payload: string;
    }
  /** Bytes that mean nothing, and harm nobody. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed' };

const types = { helo: 100, quit: 101, request: 102, response: 103 };
const headerBytes = 16;
const bareBytes = 5;
const packetMax = 531;
/** Index and data length. */
const prefixBytes = 8;

/** Reads a datagram of netlink. */
export function readDatagram(bytes: Buffer, endian: Endian, has: Has): Wire {
  if (bytes.length === 0 && has('empty-datagram-crashes')) crash('a datagram without bytes');
  if (bytes.length < headerBytes) return { kind: 'malformed' };
  const length = u32(bytes, 0, endian);
  const lies = length < headerBytes || length > bytes.length;
  if (lies && !has('header-length-unasked')) return { kind: 'malformed' };
  const word = u16(bytes, 4, endian);
  const type = has('type-in-8-bits') ? word & 0xff : word;
  if (type === 0 && has('type-zero-crashes')) crash('a message of type 0');
  const pid = u32(bytes, 12, endian);
  if (type === types.helo) {
    const isLong = bytes.length > headerBytes && has('helo-with-bytes-dropped');
    return isLong ? { kind: 'malformed' } : { kind: 'helo', pid };
  }
  if (type === types.quit) return { kind: 'quit', pid };
  const isResponse = type === types.response;
  const isTaken = type === types.request && has('request-is-response');
  if (!isResponse && !isTaken) return { kind: 'malformed' };
  if (bytes.length === headerBytes + prefixBytes + 2 && has('two-bytes-dropped')) {
    return { kind: 'malformed' };
  }
  const numbers = has('raw-number-swapped') ? other(endian) : endian;
  const body = bytes.subarray(headerBytes, has('header-length-decides') ? length : undefined);
  return bodyOf(body, endian, { pid, seq: u32(bytes, 8, numbers) }, has);
}

/** Reads a packet that was written to the device. */
export function readPacket(bytes: Buffer, endian: Endian, has: Has): Wire {
  const count = bytes.length;
  if (count === 0) return { kind: 'nothing' };
  const isLong = count > packetMax && !has('packet-size-unlimited');
  if (count < bareBytes || isLong) return { kind: 'malformed' };
  if (count > bareBytes && packetBody(bytes, has) === undefined) return { kind: 'malformed' };
  const type = bytes[0];
  if (type === types.helo) return { kind: 'helo', pid: 0 };
  if (type === types.quit) return { kind: 'quit', pid: 0 };
  if (type === types.request && has('written-request-taken')) return { kind: 'nothing' };
  const body = count > bareBytes ? packetBody(bytes, has) : undefined;
  if (type !== types.response || body === undefined) return { kind: 'malformed' };
  const seq = u32(bytes, 1, has('packet-number-swapped') ? 'little' : 'big');
  return bodyOf(body, endian, { pid: 0, seq }, has);
}

/** What follows the length of a packet, if the length is right. */
function packetBody(bytes: Buffer, has: Has): Buffer | undefined {
  const [first = 0, second] = bytes.subarray(bareBytes);
  const isByte = first < 192 || (first > 223 && has('high-length-code-taken'));
  if (isByte) return first === bytes.length - 6 ? bytes.subarray(6) : undefined;
  if (first > 223 || has('long-length-refused')) return undefined;
  if (second === undefined) {
    if (has('six-bytes-crash')) crash('a packet that ends in its length');
    return undefined;
  }
  const length = (first - 192) * 256 + second + 192;
  return length === bytes.length - 7 ? bytes.subarray(7) : undefined;
}

/** Index, data length and data; their length must agree. */
function bodyOf(
  body: Buffer,
  endian: Endian,
  { pid, seq }: { readonly pid: number; readonly seq: number },
  has: Has,
): Wire {
  if (body.length < prefixBytes) {
    if (has('short-response-crashes')) crash('a response that ends too early');
    if (!has('short-response-taken')) return { kind: 'malformed' };
    const index = body.length < 4 ? 0 : u32(body, 0, endian);
    return { kind: 'response', pid, index, seq, payload: '' };
  }
  const data = body.subarray(prefixBytes);
  const length = u32(body, 4, endian);
  const isTrailed = data.length > length && has('trailing-bytes-taken');
  const isCut = data.length < length && has('missing-bytes-taken');
  const fits = data.length === length || isTrailed || isCut || has('packet-length-unasked');
  if (!fits) return { kind: 'malformed' };
  return { kind: 'response', pid, index: u32(body, 0, endian), seq, payload: data.toString('hex') };
}

function u16(bytes: Buffer, offset: number, endian: Endian): number {
  return endian === 'little' ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset);
}

function u32(bytes: Buffer, offset: number, endian: Endian): number {
  return endian === 'little' ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
}

function other(endian: Endian): Endian {
  return endian === 'little' ? 'big' : 'little';
}

function crash(what: string): never {
  throw new AdapterBroke('death', `the kernel went down over ${what}`);
}
