import * as P from 'micro-packed';
import type { Layout, Reader } from './bytes.js';
import { joined, layout } from './bytes.js';

/**
 * A message between kernel side and daemon, whatever carries it.
 *
 * The numbers of the types are the same over netlink and on the device. Requests and responses
 * have a body: index u32, length of the data u32, the data, in the order of the host's numbers.
 *
 * Source: Linux 2.6.21 fs/ecryptfs/ecryptfs_kernel.h (the types, struct ecryptfs_message).
 */

/** The types of messages, as they stand on the wire. */
export const messageTypes = { helo: 100, quit: 101, request: 102, response: 103 } as const;

/** The name of a type. */
export type MessageType = keyof typeof messageTypes;

/** In which order the host's numbers have their bytes. */
export type Endian = 'little' | 'big';

/** A message. */
export type WireMessage =
  | { readonly type: 'helo' | 'quit' }
  | {
      readonly type: 'request' | 'response';
      readonly index: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    };

/** What stands before the data. */
export interface BodyHead {
  readonly index: number;
  readonly dataBytes: number;
}

/** Index and length of the data. */
export const bodyHeads: Readonly<Record<Endian, Layout<BodyHead>>> = {
  little: layout('message head', P.struct({ index: P.U32LE, dataBytes: P.U32LE })),
  big: layout('message head', P.struct({ index: P.U32BE, dataBytes: P.U32BE })),
};

/** How long that is. */
export const bodyHeadBytes = bodyHeads.little.sizeBytes;

/** The name of a type's number; undefined when it has none. */
export function messageTypeOf(number: number): MessageType | undefined {
  const names: readonly MessageType[] = ['helo', 'quit', 'request', 'response'];
  return names.find((name) => messageTypes[name] === number);
}

/** The body of a request or a response. */
export function encodeBody(
  { index, payload }: Extract<WireMessage, { readonly index: number }>,
  endian: Endian,
): Uint8Array {
  return joined(bodyHeads[endian].encode({ index, dataBytes: payload.length }), payload);
}

/** Reads a body, which is all that is left. */
export function readBody(
  reader: Reader,
  endian: Endian,
): { readonly index: number; readonly payload: Uint8Array } {
  const { index, dataBytes } = bodyHeads[endian].read(reader);
  if (dataBytes !== reader.left) {
    reader.fail(`${reader.left} as length of the data, which is what is left`, `${dataBytes}`);
  }
  return { index, payload: reader.take(dataBytes, 'data') };
}
