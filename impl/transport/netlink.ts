import { reactor } from './reactor.js';
import type { Native } from './native.js';
import { inbox, taken } from './inbox.js';
import { errnoName, linux, native, netlinkAddress } from './native.js';
import type { Arrival, End } from './transport.js';
import { datagramBytesMax, refusedLength, toKernel, TransportUnavailable } from './transport.js';
import { sendErrnoOf } from './errno.js';

/**
 * Real AF_NETLINK sockets between processes.
 *
 * Theory of operation. The family that eCryptfs had is refused by today's kernels, so this is
 * protocol NETLINK_USERSOCK, which carries datagrams from any process to any. The kernel side listens on a port that all know;
 * processes get one from the system. Who sends is told by the system with each datagram
 * (SCM_CREDENTIALS); the port and the pid in the header of a message are what a sender likes to write.
 *
 * A port is no identity either: it is free again when its process is dead, and then anybody may take it
 * and get what is meant for the dead. So the kernel side holds a pidfd of each process that it is
 * going to write to, and looks before each send whether it still stands for somebody alive.
 * Known gap: a process that dies between its datagram and the opening of its pidfd, and whose pid and port are both taken
 * by another in that moment, is not noticed.
 *
 * Source: netlink(7), unix(7) on SCM_CREDENTIALS, pidfd_open(2).
 */

const userSocket = 2;
const bufferBytes = 2 * datagramBytesMax;

/** The end of the kernel side on a port; 0 takes one that is free. See `portOf`. */
export function listenNetlink({
  port,
}: {
  readonly port: number;
}): End & { readonly port: number } {
  return new NetlinkEnd(port, undefined);
}

/** The end of this process, which talks to the kernel side on a port. */
export function connectNetlink({ port }: { readonly port: number }): End {
  return new NetlinkEnd(0, port);
}

class NetlinkEnd implements End {
  readonly port: number;
  readonly #native: Native = native();
  readonly #fd: number;
  readonly #kernel: Buffer | undefined;
  readonly #read = this.#native.reader(inbox);
  /** The pidfds of those who are kept, by port. */
  readonly #kept = new Map<number, number>();
  #isOpen = true;

  /** @throws TransportUnavailable when there is no AF_NETLINK, or the port is taken */
  constructor(port: number, kernelPort: number | undefined) {
    const { family, type, socketFlags, option } = linux;
    const { socket, bind, setOption, portOf } = this.#native;
    this.#fd = must('opened', socket(family.netlink, type.raw | socketFlags, userSocket));
    this.#kernel = kernelPort === undefined ? undefined : netlinkAddress(kernelPort);
    try {
      must('set up', setOption(this.#fd, option.passCredentials, 1));
      must('set up', setOption(this.#fd, option.sendBuffer, bufferBytes));
      // Hundreds of short messages are to wait; what each takes is more than its bytes.
      must('set up', setOption(this.#fd, option.receiveBuffer, bufferBytes));
      must(`bound to port ${port}`, bind(this.#fd, netlinkAddress(port), 12));
      this.port = must('asked for its port', portOf(this.#fd));
      if (kernelPort === undefined) {
        // Without pidfds a dead process could not be told from who takes its port.
        const own = must('guarded by pidfds', this.#native.openPidfd(process.pid));
        this.#native.close(own);
      }
    } catch (error) {
      this.#native.close(this.#fd);
      throw error;
    }
  }

  send(to: number, bytes: Uint8Array): ReturnType<End['send']> {
    const refused = refusedLength(bytes);
    if (refused !== undefined || !this.#isOpen) return refused ?? 'ECONNREFUSED';
    if (to !== toKernel && !this.#lives(to)) return 'ECONNREFUSED';
    const address = to === toKernel ? this.#kernel : netlinkAddress(to);
    // The kernel side has no kernel side to write to.
    if (address === undefined) return 'ECONNREFUSED';
    return sendErrnoOf(this.#native.send(this.#fd, bytes, address));
  }

  receive(): Arrival | undefined {
    while (this.#isOpen) {
      const { length, isTruncated, port, pid, uid } = this.#read(this.#fd);
      if (length < 0) {
        const errno = errnoName(length);
        return errno === 'EAGAIN' ? undefined : { kind: 'error', errno };
      }
      // Who cannot be named is nobody to talk to; what is too long is no datagram of this transport.
      if (isTruncated || pid === 0) continue;
      return { kind: 'datagram', from: { uid, pid }, via: port, bytes: taken(length) };
    }
    return undefined;
  }

  whenReadable(wake: () => void): void {
    if (this.#isOpen) reactor().watch(this.#fd, wake);
  }

  keep(via: number, pid: number): boolean {
    this.forget(via);
    const pidfd = this.#native.openPidfd(pid);
    if (pidfd < 0) return false;
    this.#kept.set(via, pidfd);
    return true;
  }

  forget(via: number): void {
    const pidfd = this.#kept.get(via);
    if (pidfd === undefined) return;
    this.#native.close(pidfd);
    this.#kept.delete(via);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    reactor().unwatch(this.#fd);
    this.#native.close(this.#fd);
    for (const via of [...this.#kept.keys()]) this.forget(via);
  }

  /** Whether the process that was kept is alive; one that was not kept may be. */
  #lives(port: number): boolean {
    const pidfd = this.#kept.get(port);
    return pidfd === undefined || !this.#native.isReadable(pidfd);
  }
}

function must(what: string, result: number): number {
  if (result >= 0) return result;
  throw new TransportUnavailable(
    `a netlink socket could not be ${what} (${errnoName(result)}); what works instead: another port (--netlink) where it is or Unix sockets (--socket, --target channel)`,
  );
}
