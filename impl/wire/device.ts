import * as P from 'micro-packed';
import { counted, joined, layout, Reader } from './bytes.js';
import { encodeLength, lengthMax, readLength } from './length.js';
import type { Endian, WireMessage } from './message.js';
import { bodyHeadBytes, encodeBody, messageTypeOf, messageTypes, readBody } from './message.js';

/**
 * Messages as they are written to the device and read from it: type u8 and sequence number u32 with
 * its high byte first, whatever the host; and with a request or a response its length, then the body
 * in the order of the host's numbers. HELO and QUIT are the five bytes alone.
 *
 * Source: Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read and ecryptfs_miscdev_write, with the
 * length compared with what is there before a byte of it is read.
 */

const head = layout('packet head', P.struct({ type: P.U8, sequence: P.U32BE }));

/** How long a packet without a body is. */
export const deviceHeadBytes = head.sizeBytes;
/** The longest packet that the kernels take: a Tag 67 reply with 512 encrypted bytes fits. */
export const deviceWriteMaxBytes = 531;

/** A message as a packet. It holds the payload, which may be a secret: wipe it after use. */
export function encodeDevicePacket(message: WireMessage, endian: Endian = 'little'): Uint8Array {
  const type = messageTypes[message.type];
  if (!('index' in message)) return head.encode({ type, sequence: 0 });
  const body = encodeBody(message, endian);
  const front = head.encode({ type, sequence: message.sequence });
  const packet = joined(front, encodeLength(body.length), body);
  body.fill(0);
  return packet;
}

/**
 * Reads a packet; its payload is a view.
 *
 * @throws DecodeError when the bytes are not exactly one packet
 */
export function decodeDevicePacket(bytes: Uint8Array, endian: Endian = 'little'): WireMessage {
  const reader = new Reader(bytes);
  const { type: number, sequence } = head.read(reader);
  const type = messageTypeOf(number);
  if (type === undefined) return reader.fail('a type of 100 to 103', `${number}`, 0);
  if (type === 'helo' || type === 'quit') {
    reader.end(`a packet of type ${number}`);
    return { type };
  }
  const bounds = { min: bodyHeadBytes, max: lengthMax, what: 'message' };
  const length = readLength(reader, bounds);
  if (length !== reader.left) reader.fail(`${counted(length)} of message`, counted(reader.left));
  return { type, sequence, ...readBody(reader, endian) };
}
