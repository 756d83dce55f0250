import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { TransportUnavailable } from './transport.js';

/**
 * The system calls that Node does not offer: sockets of AF_NETLINK, credentials, epoll, pidfds.
 *
 * They are called through koffi, an optional dependency. Each function here returns what the call
 * returned, or the negated errno. Structures are laid out by hand for Linux on 64-bit hosts with the low byte
 * first: msghdr, iovec, cmsghdr, ucred, sockaddr_nl, sockaddr_un, epoll_event.
 *
 * Source: the manual pages recvmsg(2), netlink(7), unix(7), epoll(7), pidfd_open(2).
 */

const require = createRequire(import.meta.url);
const elsewhere = 'the memory transport works everywhere (msgctx run --target memory)';

/** Constants of Linux, from its uapi headers. */
export const linux = {
  family: { unix: 1, netlink: 16 },
  type: { raw: 3, seqpacket: 5 },
  /** SOCK_CLOEXEC and SOCK_NONBLOCK. */
  socketFlags: 0o2_004_000,
  /** SOL_SOCKET. */
  level: 1,
  option: { sendBuffer: 7, receiveBuffer: 8, passCredentials: 16, peerCredentials: 17 },
  event: { in: 1, hangup: 0x10, oneShot: 1 << 30 },
} as const;

const flag = { dontWait: 0x40, noSignal: 0x4000, truncated: 0x20 };
const scmCredentials = 2;
const pidfdOpenCall = 434;
/** PR_SET_DUMPABLE and RLIMIT_CORE. */
const setDumpable = 4;
const coreLimit = 4;
const nonBlocking = 0o2_004_000;
/** epoll_event is packed on x64 and nowhere else. */
const eventBytes = process.arch === 'x64' ? 12 : 16;
const eventDataAt = eventBytes - 8;
const eventsMax = 64;

type Call = (...values: unknown[]) => number;
type CallLater = Call & { readonly async: (...values: unknown[]) => void };

/** The part of koffi that is used. */
interface Koffi {
  load(path: null): { func(declaration: string): CallLater };
  errno(): number;
  address(value: Buffer): bigint;
}

/** What a datagram that was read looks like; `length` is negative, an errno, when nothing was read. */
export interface Read {
  length: number;
  isTruncated: boolean;
  /** Where it came from, as a port of netlink. */
  port: number;
  pid: number;
  uid: number;
}

/** The system calls; made by `native`. */
export type Native = ReturnType<typeof bindAll>;

let bound: Native | undefined;

/**
 * The system calls, loaded at the first use.
 *
 * @throws TransportUnavailable where there are none
 */
export function native(): Native {
  bound ??= bindAll(loadKoffi());
  return bound;
}

function loadKoffi(): Koffi {
  if (process.platform !== 'linux') {
    throw new TransportUnavailable(
      `netlink and channel need Linux, and this is ${process.platform}; ${elsewhere}`,
    );
  }
  if (!['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)) {
    throw new TransportUnavailable(
      `netlink and channel need a 64-bit host with the low byte first, and this is ${process.arch}; ${elsewhere}`,
    );
  }
  try {
    // koffi is what package.json pins; its functions have the shape above.
    return require('koffi') as Koffi;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new TransportUnavailable(
      `koffi, which netlink and channel need for their system calls, could not be loaded (${reason}); npm install koffi brings it, and ${elsewhere}`,
    );
  }
}

/** The name of a negated errno: EAGAIN for -11. */
export function errnoName(result: number): string {
  return getSystemErrorName(result);
}

/** Makes a function that returns what a system call returns, or its negated errno. */
type Make = (declaration: string) => Call;

function bindAll(koffi: Koffi) {
  const lib = koffi.load(null);
  const made: Make = (declaration) => {
    const call = lib.func(declaration);
    return (...values) => {
      const result = call(...values);
      return result < 0 ? -koffi.errno() : result;
    };
  };
  const waitNow = made('int epoll_wait(int, void *, int, int)');
  const waitLater = lib.func('int epoll_wait(int, void *, int, int)');
  const receive = made('long recvmsg(int, void *, int)');
  return {
    ...socketCalls(made),
    ...eventCalls(made),
    ...memoryCalls(made),
    ...fileCalls(made),
    close: made('int close(int)'),
    waiter: () => waiter(waitNow, waitLater),
    reader: (bytes: Buffer) => reader(bytes, receive, koffi),
  };
}

function socketCalls(made: Make) {
  const accept = made('int accept4(int, void *, void *, int)');
  const getOption = made('int getsockopt(int, int, int, void *, void *)');
  const setOption = made('int setsockopt(int, int, int, void *, unsigned int)');
  const getName = made('int getsockname(int, void *, void *)');
  const send = made('long sendto(int, void *, unsigned long, int, void *, unsigned int)');
  const sendFlags = flag.dontWait | flag.noSignal;
  return {
    bind: made('int bind(int, void *, unsigned int)'),
    connect: made('int connect(int, void *, unsigned int)'),
    listen: made('int listen(int, int)'),
    socket: made('int socket(int, int, int)'),
    accept: (fd: number) => accept(fd, null, null, nonBlocking),
    setOption: (fd: number, option: number, value: number) =>
      setOption(fd, linux.level, option, word(value), 4),
    /** The credentials of who connected or listens at the other end of a Unix socket. */
    peer: (fd: number) => {
      const peer = Buffer.alloc(12);
      const result = getOption(fd, linux.level, linux.option.peerCredentials, peer, word(12));
      return result < 0 ? undefined : { pid: peer.readInt32LE(0), uid: peer.readUInt32LE(4) };
    },
    /** The port to which a netlink socket was bound. */
    portOf: (fd: number) => {
      const address = netlinkAddress(0);
      const result = getName(fd, address, word(address.length));
      return result < 0 ? result : address.readUInt32LE(4);
    },
    send: (fd: number, bytes: Uint8Array, address?: Buffer) =>
      send(fd, bytes, bytes.length, sendFlags, address ?? null, address?.length ?? 0),
  };
}

function eventCalls(made: Make) {
  const control = made('int epoll_ctl(int, int, int, void *)');
  const eventfd = made('int eventfd(unsigned int, int)');
  const poll = made('int poll(void *, unsigned long, int)');
  const syscall = made('long syscall(long, int, unsigned int)');
  const write = made('long write(int, void *, unsigned long)');
  const polled = Buffer.alloc(8);
  return {
    createEpoll: made('int epoll_create1(int)'),
    createEvent: () => eventfd(0, nonBlocking),
    raiseEvent: (fd: number) => write(fd, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), 8),
    /** A descriptor that stands for this process and no other, readable when it is dead. */
    openPidfd: (pid: number) => syscall(pidfdOpenCall, pid, 0),
    /** Whether a descriptor is readable now. */
    isReadable: (fd: number) => {
      polled.writeInt32LE(fd, 0);
      polled.writeInt32LE(linux.event.in, 4);
      return poll(polled, 1, 0) > 0;
    },
    watch: (epoll: number, fd: number, how: 'add' | 'change' | 'remove', events: number) => {
      const event = Buffer.alloc(eventBytes);
      event.writeUInt32LE(events >>> 0, 0);
      event.writeInt32LE(fd, eventDataAt);
      return control(epoll, { add: 1, remove: 2, change: 3 }[how], fd, event);
    },
  };
}

/** What keeps the memory of this process from others. */
function memoryCalls(made: Make) {
  const control = made(
    'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
  );
  const setLimit = made('int setrlimit(int, void *)');
  return {
    /** No other process of this user may read the memory, and no core is written. */
    setUndumpable: () => control(setDumpable, 0, 0, 0, 0),
    forbidCore: () => setLimit(coreLimit, Buffer.alloc(16)),
  };
}

/** What Node lacks for files. */
function fileCalls(made: Make) {
  const attribute = made('long fgetxattr(int, const char *, void *, unsigned long)');
  return {
    /** Reads an extended attribute of an open file; how many bytes it has. */
    attribute: (fd: number, name: string, into: Uint8Array) =>
      attribute(fd, name, into, into.length),
  };
}

/** Waits on an epoll descriptor; one waiter waits once at a time. */
function waiter(now: Call, later: CallLater) {
  const events = Buffer.alloc(eventBytes * eventsMax);
  const ready = (count: number) =>
    Array.from({ length: Math.max(0, count) }, (_, nth) =>
      events.readInt32LE(nth * eventBytes + eventDataAt),
    );
  return {
    /** The descriptors that are ready now. */
    now: (epoll: number): readonly number[] => ready(now(epoll, events, eventsMax, 0)),
    /** Calls with the descriptors that are ready when some are, or after a time with none. */
    later: (epoll: number, ms: number, wake: (fds: readonly number[]) => void): void => {
      later.async(epoll, events, eventsMax, ms, (_: unknown, count: number) => {
        wake(ready(count));
      });
    },
  };
}

/** Where each structure of a read begins in the one piece of memory that holds them all. */
const at = { header: 0, vector: 56, address: 72, control: 88, end: 152 };
const addressBytes = 12;

/** Reads datagrams into a buffer, with the credentials of who sent them. */
function reader(bytes: Buffer, receive: Call, koffi: Koffi): (fd: number) => Read {
  // What is written here as an address is nothing that keeps memory from being freed: it is one piece, which the
  // reader keeps by using it, and `bytes` is kept below.
  const memory = Buffer.alloc(at.end);
  const base = koffi.address(memory);
  memory.writeBigUInt64LE(base + BigInt(at.address), at.header);
  memory.writeBigUInt64LE(base + BigInt(at.vector), at.header + 16);
  memory.writeBigUInt64LE(1n, at.header + 24);
  memory.writeBigUInt64LE(base + BigInt(at.control), at.header + 32);
  memory.writeBigUInt64LE(koffi.address(bytes), at.vector);
  memory.writeBigUInt64LE(BigInt(bytes.length), at.vector + 8);
  const read = { bytes, length: 0, isTruncated: false, port: 0, pid: 0, uid: 0 };
  return (fd) => {
    memory.writeUInt32LE(addressBytes, at.header + 8);
    memory.writeUInt32LE(at.end - at.control, at.header + 40);
    read.length = receive(fd, memory, flag.dontWait);
    read.isTruncated = (memory.readUInt32LE(at.header + 48) & flag.truncated) !== 0;
    read.port = memory.readUInt32LE(at.address + 4);
    const isTold =
      memory.readUInt32LE(at.header + 40) >= 28 &&
      memory.readInt32LE(at.control + 8) === linux.level &&
      memory.readInt32LE(at.control + 12) === scmCredentials;
    // The process 0 is nobody: who is not told of, or of another namespace.
    read.pid = isTold ? memory.readInt32LE(at.control + 16) : 0;
    read.uid = isTold ? memory.readUInt32LE(at.control + 20) : 0;
    return read;
  };
}

/** A sockaddr_nl with a port. */
export function netlinkAddress(port: number): Buffer {
  const address = Buffer.alloc(12);
  address.writeUInt16LE(linux.family.netlink, 0);
  address.writeUInt32LE(port, 4);
  return address;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}
