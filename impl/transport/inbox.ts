import { copied } from '../wire/index.js';
import { datagramBytesMax } from './transport.js';

/** One buffer for all sockets: what was read is taken out of it before anything else is read. */
export const inbox: Buffer = Buffer.alloc(datagramBytesMax);

/** Takes what was read out of the inbox, which holds nothing of it afterwards. */
export function taken(length: number): Uint8Array {
  const bytes = copied(inbox.subarray(0, length));
  inbox.fill(0, 0, length);
  return bytes;
}
