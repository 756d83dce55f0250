import type { Entries } from './entry.js';

/** Faults in reading a datagram of netlink. */
export const datagrams = {
  'short-response-taken': {
    rule: 'WIR-2',
    text: 'a response that ends before its data length is taken, and what is missing is zero',
    with: ['raw'],
  },
  'short-response-crashes': {
    rule: 'SYS-1',
    text: 'a response that ends before its data length brings the kernel down (D-10)',
    with: ['raw'],
  },
  'two-bytes-dropped': {
    rule: 'WIR-6',
    text: 'a response with two bytes of data is dropped',
    with: ['raw'],
  },
  'type-zero-crashes': {
    rule: 'SYS-1',
    text: 'a message of type 0 brings the kernel down',
    with: ['raw'],
  },
  'empty-datagram-crashes': {
    rule: 'SYS-1',
    text: 'a datagram without bytes brings the kernel down',
    with: ['raw'],
  },
  'header-pid-trusted': {
    rule: 'WIR-4',
    text: 'who sends is told by the pid that the header names',
    with: ['raw'],
  },
  'raw-sender-unasked': {
    rule: 'REP-5',
    text: 'the sender of a datagram is not compared',
    with: ['raw'],
  },
  'header-length-unasked': {
    rule: 'WIR-1',
    text: 'a datagram is read though its header claims a length that it has not',
    with: ['raw'],
  },
  'header-length-decides': {
    rule: 'WIR-2',
    text: 'what comes after the length that the header claims is overlooked in a response',
    with: ['raw'],
  },
  'trailing-bytes-taken': {
    rule: 'WIR-2',
    text: 'a response with more bytes than it says is accepted, and they are returned',
    with: ['raw'],
  },
  'missing-bytes-taken': {
    rule: 'WIR-2',
    text: 'a response with fewer bytes than it says is accepted',
    with: ['raw'],
  },
  'request-is-response': {
    rule: 'WIR-3',
    text: 'a message of the type of requests is taken for a response',
    with: ['raw'],
  },
  'type-in-8-bits': {
    rule: 'WIR-3',
    text: 'only the low 8 bits of the type of a message count',
    with: ['raw'],
  },
  'raw-number-swapped': {
    rule: 'WIR-6',
    text: 'the sequence number of a datagram is read in the other byte order',
    with: ['raw'],
  },
  'helo-with-bytes-dropped': {
    rule: 'WIR-5',
    text: 'HELO is dropped when bytes follow its header',
    with: ['raw'],
  },
} as const satisfies Entries;

/** Faults in reading a packet that was written to the device. */
export const packets = {
  'high-length-code-taken': {
    rule: 'WIR-7',
    text: 'a length code above 223 is taken for a length of one byte',
    profile: 'device-6',
    with: ['raw'],
  },
  'long-length-refused': {
    rule: 'WIR-6',
    text: 'a length of two bytes is refused',
    profile: 'device-6',
    with: ['raw'],
  },
  'packet-length-unasked': {
    rule: 'WIR-7',
    text: 'a response is taken though its data length is not what its packet length says',
    profile: 'device-6',
    with: ['raw'],
  },
  'packet-size-unlimited': {
    rule: 'WIR-7',
    text: 'a packet of more than 531 bytes is taken (D-16)',
    profile: 'device-6',
    with: ['raw'],
  },
  'packet-number-swapped': {
    rule: 'WIR-6',
    text: 'the sequence number of a packet is read with its lowest byte first',
    profile: 'device-6',
    with: ['raw'],
  },
  'six-bytes-crash': {
    rule: 'SYS-1',
    text: 'a packet of six bytes whose length has two brings the kernel down (D-17)',
    profile: 'device-6',
    with: ['raw'],
  },
  'written-refusal-hidden': {
    rule: 'REP-15',
    text: 'a refused reply that was written is reported as taken (D-15)',
    profile: 'device-6',
    with: ['raw'],
  },
  'written-request-taken': {
    rule: 'WIR-8',
    text: 'a packet of a type that nobody may write is reported as taken',
    profile: 'device-6',
    with: ['raw'],
  },
  'written-helo-registers': {
    rule: 'WIR-9',
    text: 'HELO that is written registers a second time: after a close the first is back (D-12)',
    profile: 'device-6',
    with: ['raw'],
  },
  'written-quit-closes': {
    rule: 'WIR-9',
    text: 'QUIT that is written unregisters the process',
    profile: 'device-6',
    with: ['raw'],
  },
  'written-without-handle': {
    rule: 'WIR-10',
    text: 'what is written without an open handle is taken',
    profile: 'device-6',
    with: ['raw'],
  },
} as const satisfies Entries;
