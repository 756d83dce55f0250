/**
 * Reads what a process sends to the kernel side over netlink, on a host with the low byte first.
 *
 * A datagram begins with a header of 16 bytes: length u32, type u16, flags u16, sequence number u32,
 * port u32. A response has index u32, data length u32 and the data behind it. One message of a datagram
 * is looked at, and whatever follows HELO and QUIT is passed over; but the data of a response is what
 * is left of the datagram, and must be as long as it says. Flags and port mean nothing: who sends is
 * what the transport says.
 *
 * Source: RFC 3549 section 2.3.2; Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_receive_nl_message and
 * ecryptfs_process_nl_response, with a test of the least length before anything is read.
 */

const headerBytes = 16;
/** Index and data length. */
const prefixBytes = 8;
const types = { helo: 100, quit: 101, response: 103 };

/** What a datagram says. */
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
 * Reads a datagram.
 *
 * @example
 * decodeNetlink(Uint8Array.of(1, 2)); // { kind: 'dropped', why: '2 bytes are less than a header of 16' }
 */
export function decodeNetlink(bytes: Uint8Array): Datagram {
  const { length } = bytes;
  if (length < headerBytes) return dropped(`${length} bytes are less than a header of 16`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const stated = view.getUint32(0, true);
  if (stated < headerBytes || stated > length) {
    return dropped(`the header states ${stated} bytes, of 16 to the ${length} that came`);
  }
  const type = view.getUint16(4, true);
  if (type === types.helo) return { kind: 'helo' };
  if (type === types.quit) return { kind: 'quit' };
  if (type !== types.response) return dropped(`nobody sends type ${type} to the kernel`);
  const payloadFrom = headerBytes + prefixBytes;
  if (length < payloadFrom) return dropped(`${length} bytes are less than a response of 24`);
  const dataLength = view.getUint32(headerBytes + 4, true);
  if (dataLength !== length - payloadFrom) {
    return dropped(
      `the response states ${dataLength} bytes of data, and has ${length - payloadFrom}`,
    );
  }
  const [index, sequence] = [view.getUint32(headerBytes, true), view.getUint32(8, true)];
  return {
    kind: 'response',
    index,
    sequence,
    payload: new Uint8Array(bytes.subarray(payloadFrom)),
  };
}

function dropped(why: string): Datagram {
  return { kind: 'dropped', why };
}
