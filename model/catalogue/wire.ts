import type { Entry, ProfileName } from './entry.js';

const netlink: readonly ProfileName[] = ['seed', 'netlink-2.6.21'];
const device: readonly ProfileName[] = ['device-6'];
const write = 'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write';
const receive = 'Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_receive_nl_message';
const response = 'Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_process_nl_response';

/** The rules of the bytes that a process sends to the kernel side; no state of the model carries them. */
export const wire = {
  'WIR-1': {
    level: 'MUST',
    text: 'A datagram is dropped without effect if it is shorter than a header, or if the length in its header is below a header or above the datagram.',
    source: `${receive} (drops both); RFC 3549 section 2.3.2 (the length includes the header)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-2': {
    level: 'MUST',
    text: 'A RESPONSE is dropped without effect if it ends before its data length, or if its data length is not that of the data in its datagram.',
    source: `${response} (EINVAL, and logged; without a test of the minimum, which is mended)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-3': {
    level: 'MUST',
    text: 'A message whose type is not HELO, QUIT or RESPONSE is dropped without effect, also a REQUEST. A type has 16 bits.',
    source: `${receive} (unknown types are dropped); RFC 3549 section 2.3.2 (the type has 16 bits)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-4': {
    level: 'MUST',
    text: 'The transport alone says who sent a message: another process in the header changes nothing.',
    source: `${receive} (the credentials of the socket buffer); mail 2006 "the PID of the process that sent the message"`,
    profiles: netlink,
    elements: [],
  },
  'WIR-5': {
    level: 'MUST',
    text: 'HELO and QUIT are accepted whatever flags, sequence number and sender their header has, and whatever follows the header.',
    source: `${receive} (type and length decide, and one message of a datagram is looked at)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-6': {
    level: 'MUST',
    text: "A well-formed RESPONSE is judged as a reply with the index, the sequence number and the data in its bytes. They are in the host's order; on the device, the number has its high byte first.",
    source: `${response}; ${write}`,
    profiles: [...netlink, ...device],
    elements: [],
  },
  'WIR-7': {
    level: 'MUST',
    text: 'A write is refused and changes nothing if no packet has its size, if its length is not a code of one or two bytes or not that of what follows, or if its data length disagrees.',
    source: `${write} (EINVAL)`,
    profiles: device,
    elements: [],
  },
  'WIR-8': {
    level: 'MUST',
    text: 'A write whose type is not HELO, QUIT or RESPONSE is refused and changes nothing, also a REQUEST.',
    source: `${write} (EINVAL; up to 3.3 reported as success)`,
    profiles: device,
    elements: [],
  },
  'WIR-9': {
    level: 'MUST',
    text: 'A write of HELO, of QUIT or of nothing is accepted and changes nothing: a daemon registers by opening the device and unregisters by closing it.',
    source: `${write} (returns the count)`,
    profiles: device,
    elements: [],
  },
  'WIR-10': {
    level: 'MUST',
    text: 'A process that does not have the device open can write nothing, well-formed or not.',
    source: `${write} (a descriptor is needed: EBADF)`,
    profiles: device,
    elements: [],
  },
} as const satisfies Record<string, Entry>;
