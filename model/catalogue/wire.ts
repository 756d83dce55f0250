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
    text: 'A datagram that is shorter than a header, or whose header states a length that is below a header or above what came, is dropped without effect.',
    source: `${receive} (drops both); RFC 3549 section 2.3.2 (the length includes the header)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-2': {
    level: 'MUST',
    text: 'A RESPONSE that ends before its data length, or whose data length is not that of the data in its datagram, is dropped without effect.',
    source: `${response} (EINVAL, and logged; without a test of the minimum, which is mended)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-3': {
    level: 'MUST',
    text: 'A message of another type than HELO, QUIT and RESPONSE, REQUEST among them, is dropped without effect; a type has 16 bits.',
    source: `${receive} (unknown types are dropped); RFC 3549 section 2.3.2 (the type has 16 bits)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-4': {
    level: 'MUST',
    text: 'Who sends a message is told by the transport and never by the message: another process in its header changes nothing.',
    source: `${receive} (the credentials of the socket buffer); mail 2006 "the PID of the process that sent the message"`,
    profiles: netlink,
    elements: [],
  },
  'WIR-5': {
    level: 'MUST',
    text: 'HELO and QUIT count whatever their headers have for flags, sequence number and sender, and whatever follows the header in the datagram.',
    source: `${receive} (type and length decide, and one message of a datagram is looked at)`,
    profiles: netlink,
    elements: [],
  },
  'WIR-6': {
    level: 'MUST',
    text: "A well-formed RESPONSE is judged as a reply with the index, the sequence number and the data that its bytes say: in the host's order, but for the number on the device, whose high byte comes first.",
    source: `${response}; ${write}`,
    profiles: [...netlink, ...device],
    elements: [],
  },
  'WIR-7': {
    level: 'MUST',
    text: 'A write of a count that no packet has, with a length that has no code of one byte or two or is not that of what follows, or with a data length that disagrees, is refused and changes nothing.',
    source: `${write} (EINVAL)`,
    profiles: device,
    elements: [],
  },
  'WIR-8': {
    level: 'MUST',
    text: 'A write of another type than HELO, QUIT and RESPONSE, REQUEST among them, is refused and changes nothing.',
    source: `${write} (EINVAL; up to 3.3 reported as success)`,
    profiles: device,
    elements: [],
  },
  'WIR-9': {
    level: 'MUST',
    text: 'HELO, QUIT and nothing at all may be written, which changes nothing: a daemon registers by opening the device and unregisters by closing it.',
    source: `${write} (returns the count)`,
    profiles: device,
    elements: [],
  },
  'WIR-10': {
    level: 'MUST',
    text: 'A process that has not the device open can write nothing, well formed or not.',
    source: `${write} (a descriptor is needed: EBADF)`,
    profiles: device,
    elements: [],
  },
} as const satisfies Record<string, Entry>;
