import type { Errno } from '../kernel/kernel.js';
import type { Credentials } from '../kernel/registry.js';
import { sendErrnoOf } from './errno.js';
import type { Native } from './native.js';
import { inbox, taken } from './inbox.js';
import { errnoName, linux, native } from './native.js';
import { reactor } from './reactor.js';
import type { ListeningSocket } from './socket-path.js';
import { listenAt, unixAddress } from './socket-path.js';
import type { Arrival, End } from './transport.js';
import { datagramBytesMax, refusedLength, toKernel, TransportUnavailable } from './transport.js';

/**
 * Control channels: one Unix socket between the kernel side and each process.
 *
 * Theory of operation. This is the design that the mail of 2006 weighed against netlink, "introduce
 * control channels and a protocol for creating and tearing down channels for the daemons". The
 * kernel side listens at a path; who connects has a channel of its own, which keeps the boundaries of
 * datagrams (SOCK_SEQPACKET). Who is at the other end is what the system noted when the channel was made (SO_PEERCRED), for
 * good: a process that changes its user or hands its descriptor on is still who it was. The death of a
 * process closes its channel, so that there is nothing to keep and no number that another could take.
 *
 * The end of a process connects when it first sends, and again when the kernel side has gone and come back.
 *
 * Source: unix(7), socket(7).
 */

const sendBufferBytes = 2 * datagramBytesMax;
/** Channels of one user, so that no user takes all the descriptors of the kernel side. */
const channelsOfUserMax = 64;
const closeOnExec = 0o2_000_000;
const readable = linux.event.in;

/** The end of the kernel side at a path, open to every user. */
export function listenChannel({ path }: { readonly path: string }): End {
  return new ChannelKernelEnd(path);
}

/** The end of this process, which talks to the kernel side at a path. */
export function connectChannel({ path }: { readonly path: string }): End {
  return new ChannelProcessEnd(path);
}

/** One channel, at the kernel side. */
interface Channel {
  readonly fd: number;
  /** A number that no other channel ever has, unlike that of its descriptor. */
  readonly via: number;
  readonly from: Credentials;
}

class ChannelKernelEnd implements End {
  readonly #native: Native = native();
  readonly #listener: ListeningSocket;
  /** Readable when any channel is, or when somebody wants one. */
  readonly #epoll: number;
  readonly #waiter = this.#native.waiter();
  readonly #read = this.#native.reader(inbox);
  readonly #channels = new Map<number, Channel>();
  readonly #ofDescriptor = new Map<number, Channel>();
  readonly #channelsOf = new Map<number, number>();
  #lastVia = 0;
  /** Descriptors that are readable, the next one last. */
  #ready: number[] = [];
  /** Whether newcomers wait until a descriptor is free. */
  #isFull = false;
  #isOpen = true;

  /** @throws TransportUnavailable when the path cannot be listened at */
  constructor(path: string) {
    const { createEpoll, watch } = this.#native;
    this.#listener = listenAt(this.#native, path);
    try {
      this.#epoll = must(createEpoll(closeOnExec));
      must(watch(this.#epoll, this.#listener.fd, 'add', readable));
    } catch (error) {
      this.#listener.close();
      throw error;
    }
  }

  send(to: number, bytes: Uint8Array): ReturnType<End['send']> {
    const refused = refusedLength(bytes);
    if (refused !== undefined) return refused;
    const channel = this.#channels.get(to);
    return channel === undefined
      ? 'ECONNREFUSED'
      : sendErrnoOf(this.#native.send(channel.fd, bytes));
  }

  receive(): Arrival | undefined {
    if (!this.#isOpen) return undefined;
    if (this.#ready.length === 0) this.#look();
    for (;;) {
      const channel = this.#ofDescriptor.get(this.#ready.pop() ?? -1);
      if (channel === undefined) return undefined;
      const { length, isTruncated } = this.#read(channel.fd);
      if (length > 0 && !isTruncated) {
        const { from, via } = channel;
        return { kind: 'datagram', from, via, bytes: taken(length) };
      }
      // An end, an error, and what is too long for a datagram, end the channel.
      if (length >= 0 || errnoName(length) !== 'EAGAIN') this.#drop(channel);
    }
  }

  whenReadable(wake: () => void): void {
    if (this.#isOpen) reactor().watch(this.#epoll, wake);
  }

  keep(via: number): boolean {
    return this.#channels.has(via);
  }

  forget(): void {
    // A channel is there as long as its process wants it.
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    reactor().unwatch(this.#epoll);
    for (const channel of [...this.#channels.values()]) this.#drop(channel);
    this.#native.close(this.#epoll);
    this.#listener.close();
  }

  /** Asks the system which channels are readable, and takes in who wants one. */
  #look(): void {
    let fds = this.#waiter.now(this.#epoll);
    if (fds.includes(this.#listener.fd)) {
      this.#accept();
      fds = this.#waiter.now(this.#epoll);
    }
    // A newcomer's turn is the next time.
    this.#ready = fds.filter((fd) => fd !== this.#listener.fd).reverse();
  }

  #accept(): void {
    for (;;) {
      const fd = this.#native.accept(this.#listener.fd);
      if (fd < 0) {
        if (errnoName(fd) !== 'EAGAIN') this.#setFull(true);
        return;
      }
      const from = this.#native.peer(fd);
      const own = this.#channelsOf.get(from?.uid ?? 0) ?? 0;
      if (from === undefined || from.pid === 0 || own >= channelsOfUserMax) {
        this.#native.close(fd);
        continue;
      }
      this.#native.setOption(fd, linux.option.sendBuffer, sendBufferBytes);
      this.#native.watch(this.#epoll, fd, 'add', readable);
      this.#lastVia += 1;
      const channel = { fd, via: this.#lastVia, from };
      this.#channels.set(channel.via, channel);
      this.#ofDescriptor.set(fd, channel);
      this.#channelsOf.set(from.uid, own + 1);
    }
  }

  #drop({ fd, via, from }: Channel): void {
    this.#channels.delete(via);
    this.#ofDescriptor.delete(fd);
    const others = (this.#channelsOf.get(from.uid) ?? 1) - 1;
    if (others === 0) this.#channelsOf.delete(from.uid);
    else this.#channelsOf.set(from.uid, others);
    this.#native.close(fd);
    this.#setFull(false);
  }

  /** Without a free descriptor newcomers are not looked at: they would be there again at once. */
  #setFull(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#native.watch(this.#epoll, this.#listener.fd, 'change', isFull ? 0 : readable);
  }
}

/** The channel of a process, and who listens at its other end. */
interface Connection {
  readonly fd: number;
  readonly kernel: Credentials;
}

class ChannelProcessEnd implements End {
  readonly #native: Native = native();
  readonly #address: Buffer;
  readonly #read = this.#native.reader(inbox);
  #channel: Connection | undefined;
  /** Whose kernel sides may get what is sent; anybody's while nobody is named. */
  #trusted: ReadonlySet<number> | undefined;
  /** Who waits to read, also when the channel is made anew. */
  #wake: (() => void) | undefined;
  #isOpen = true;

  /** @throws TransportUnavailable when the path is too long for a socket */
  constructor(path: string) {
    this.#address = unixAddress(path);
  }

  send(to: number, bytes: Uint8Array): ReturnType<End['send']> {
    const refused = refusedLength(bytes);
    if (refused !== undefined) return refused;
    if (to !== toKernel || !this.#isOpen) return 'ECONNREFUSED';
    const errno = this.#sendNow(bytes);
    // A channel to a kernel side that has gone is no channel to the one that may have come.
    return errno === 'ECONNREFUSED' ? this.#sendNow(bytes) : errno;
  }

  receive(): Arrival | undefined {
    if (this.#channel !== undefined) {
      const { fd, kernel } = this.#channel;
      const { length, isTruncated } = this.#read(fd);
      if (length > 0 && !isTruncated) {
        return { kind: 'datagram', from: kernel, via: toKernel, bytes: taken(length) };
      }
      if (length < 0 && errnoName(length) === 'EAGAIN') return undefined;
      this.#disconnect();
      return { kind: 'gone' };
    }
    return undefined;
  }

  whenReadable(wake: () => void): void {
    if (!this.#isOpen) return;
    this.#wake = wake;
    const { fd } = this.#channel ?? {};
    if (fd !== undefined) reactor().watch(fd, this.#ring);
  }

  keep(): boolean {
    return true;
  }

  forget(): void {
    // The only peer is the kernel side.
  }

  trust(uids: ReadonlySet<number>): void {
    this.#trusted = uids;
    if (this.#channel !== undefined && !uids.has(this.#channel.kernel.uid)) this.#disconnect();
  }

  close(): void {
    this.#isOpen = false;
    this.#wake = undefined;
    this.#disconnect();
  }

  readonly #ring = (): void => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  #sendNow(bytes: Uint8Array): ReturnType<End['send']> {
    const channel = this.#channel ?? this.#connect();
    if (typeof channel === 'string') return channel;
    const errno = sendErrnoOf(this.#native.send(channel.fd, bytes));
    if (errno === 'ECONNREFUSED') this.#disconnect();
    return errno;
  }

  /** Makes the channel; EAGAIN says that too many others are about to connect. */
  #connect(): Connection | Errno {
    const { family, type, socketFlags, option } = linux;
    const fd = this.#native.socket(family.unix, type.seqpacket | socketFlags, 0);
    if (fd < 0) return 'ECONNREFUSED';
    this.#native.setOption(fd, option.sendBuffer, sendBufferBytes);
    const errno = sendErrnoOf(this.#native.connect(fd, this.#address, this.#address.length));
    const kernel = errno === undefined ? this.#native.peer(fd) : undefined;
    if (kernel === undefined || this.#trusted?.has(kernel.uid) === false) {
      this.#native.close(fd);
      return errno ?? 'ECONNREFUSED';
    }
    this.#channel = { fd, kernel };
    if (this.#wake !== undefined) reactor().watch(fd, this.#ring);
    return this.#channel;
  }

  #disconnect(): void {
    const { fd } = this.#channel ?? {};
    this.#channel = undefined;
    if (fd === undefined) return;
    reactor().unwatch(fd);
    this.#native.close(fd);
  }
}

function must(result: number): number {
  if (result >= 0) return result;
  throw new TransportUnavailable(
    `the kernel side cannot watch its channels (${errnoName(result)}); what works instead: netlink (--netlink, --target netlink)`,
  );
}
