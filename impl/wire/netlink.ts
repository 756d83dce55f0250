import * as P from 'micro-packed';
import type { Layout } from './bytes.js';
import { copied, joined, layout, Reader } from './bytes.js';
import type { Endian, WireMessage } from './message.js';
import {
  bodyHeadBytes,
  bodyHeads,
  encodeBody,
  messageTypeOf,
  messageTypes,
  readBody,
} from './message.js';

/**
 * Messages as netlink datagrams.
 *
 * A datagram begins with a header of 16 bytes: length u32, which counts the header and what follows,
 * type u16, flags u16, sequence number u32, port u32; all in the order of the host's numbers. HELO and
 * QUIT are a header alone. Flags and port mean nothing: who sends is what the transport says.
 *
 * There are two readers. `decodeNetlinkMessage` is strict and reads what either side sends. The kernel
 * side's own, `decodeNetlink`, is as generous as the kernels were: one message of a datagram is looked
 * at, and whatever follows HELO and QUIT is passed over; but the data of a response is what is
 * left of the datagram, whatever the header says, and must be as long as it says.
 *
 * Source: RFC 3549 section 2.3.2; Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_send_netlink,
 * ecryptfs_receive_nl_message and ecryptfs_process_nl_response, with a test of the least length before
 * anything is read.
 */

interface Header {
  readonly lengthBytes: number;
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly port: number;
}

// Stryker disable next-line ObjectLiteral: without headers this file cannot be loaded, and no test runs
const headers: Readonly<Record<Endian, Layout<Header>>> = {
  little: layout(
    'netlink header',
    P.struct({
      lengthBytes: P.U32LE,
      type: P.U16LE,
      flags: P.U16LE,
      sequence: P.U32LE,
      port: P.U32LE,
    }),
  ),
  big: layout(
    'netlink header',
    P.struct({
      lengthBytes: P.U32BE,
      type: P.U16BE,
      flags: P.U16BE,
      sequence: P.U32BE,
      port: P.U32BE,
    }),
  ),
};

/** How long the header is. */
export const netlinkHeaderBytes = headers.little.sizeBytes;

/** What a header says besides the message. */
export interface NetlinkOptions {
  /** The order of the host's numbers; the low byte first where absent. */
  readonly endian?: Endian;
  /** The port that the kernel side addresses; a daemon leaves it 0. */
  readonly port?: number;
}

/** A message as a datagram. It holds the payload, which may be a secret: wipe it after use. */
export function encodeNetlinkMessage(
  message: WireMessage,
  { endian = 'little', port = 0 }: NetlinkOptions = {},
): Uint8Array {
  const body = 'index' in message ? encodeBody(message, endian) : new Uint8Array();
  const header = headers[endian].encode({
    lengthBytes: netlinkHeaderBytes + body.length,
    type: messageTypes[message.type],
    flags: 0,
    sequence: 'index' in message ? message.sequence : 0,
    port,
  });
  const datagram = joined(header, body);
  body.fill(0);
  return datagram;
}

/**
 * Reads a datagram that is exactly one message; its payload is a view.
 *
 * @throws DecodeError when it is not
 */
export function decodeNetlinkMessage(bytes: Uint8Array, endian: Endian = 'little'): WireMessage {
  const reader = new Reader(bytes);
  const { lengthBytes, type: number, sequence } = headers[endian].read(reader);
  if (lengthBytes !== bytes.length) {
    reader.fail(`${bytes.length} as length, which is what came`, `${lengthBytes}`, 0);
  }
  const type = messageTypeOf(number);
  if (type === undefined) return reader.fail('a type of 100 to 103', `${number}`, 4);
  if (type === 'request' || type === 'response') {
    return { type, sequence, ...readBody(reader, endian) };
  }
  reader.end(`a message of type ${number}`);
  return { type };
}

/** What a datagram says to the kernel side. */
export type Datagram =
  | { readonly kind: 'helo' | 'quit' }
  | {
      readonly kind: 'response';
      readonly index: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  /** It is no message for the kernel side; the sentence says why. */
  | { readonly kind: 'dropped'; readonly why: string };

/**
 * Reads a datagram as the kernel side does, on a host with the low byte first.
 *
 * @example
 * decodeNetlink(Uint8Array.of(1, 2)); // { kind: 'dropped', why: '2 bytes are less than a header of 16' }
 */
export function decodeNetlink(bytes: Uint8Array): Datagram {
  const { length } = bytes;
  if (length < netlinkHeaderBytes) {
    return dropped(`${length} bytes are less than a header of ${netlinkHeaderBytes}`);
  }
  const reader = new Reader(bytes);
  const { lengthBytes, type, sequence } = headers.little.read(reader);
  if (lengthBytes < netlinkHeaderBytes || lengthBytes > length) {
    return dropped(
      `the header states ${lengthBytes} bytes, of ${netlinkHeaderBytes} to the ${length} that came`,
    );
  }
  if (type === messageTypes.helo) return { kind: 'helo' };
  if (type === messageTypes.quit) return { kind: 'quit' };
  if (type !== messageTypes.response) return dropped(`nobody sends type ${type} to the kernel`);
  const responseBytesMin = netlinkHeaderBytes + bodyHeadBytes;
  if (length < responseBytesMin) {
    return dropped(`${length} bytes are less than a response of ${responseBytesMin}`);
  }
  const { index, dataBytes } = bodyHeads.little.read(reader);
  if (dataBytes !== reader.left) {
    return dropped(`the response states ${dataBytes} bytes of data, and has ${reader.left}`);
  }
  return {
    kind: 'response',
    index,
    sequence,
    payload: copied(bytes.subarray(responseBytesMin)),
  };
}

function dropped(why: string): Datagram {
  return { kind: 'dropped', why };
}
