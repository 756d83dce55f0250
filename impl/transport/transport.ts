import type { Errno } from '../kernel/kernel.js';
import type { Credentials } from '../kernel/registry.js';

/**
 * What every transport is: two kinds of ends that exchange datagrams, one of the kernel side and one
 * for each process that talks to it.
 *
 * Theory of operation. Nothing here waits. `send` takes a whole datagram or says at once why it
 * cannot; `receive` returns what is there or nothing; `whenReadable` calls once when `receive` is
 * worth another try. So whoever reads decides how much waits: what it does not take stays in the
 * queue of its socket, and a full queue refuses the sender. Who sent a datagram is what the system
 * vouches for (`from`), and is never read from the datagram itself.
 *
 * An end of the kernel side writes to a process by `via`, the number under which a datagram of that
 * process came in. The end of a process has one peer only, `toKernel`.
 */

/** The longest datagram of any transport, in bytes. */
export const datagramBytesMax = 131_072;

/** The only peer of a process. */
export const toKernel = 0;

/** What `receive` finds. */
export type Arrival =
  | {
      readonly kind: 'datagram';
      readonly from: Credentials;
      /** Where an answer to this sender goes. */
      readonly via: number;
      /** Belongs to whoever receives it, who wipes it if it holds a secret. */
      readonly bytes: Uint8Array;
    }
  /** Reading failed; reading again may not. */
  | { readonly kind: 'error'; readonly errno: string }
  /**
   * The kernel side has closed the channel of this process: it has ended, or has no more channels for this
   * user. The next `send` makes another channel. A transport without channels does not know.
   */
  | { readonly kind: 'gone' };

/** One end of a transport. */
export interface End {
  /**
   * Sends a datagram of 1 to `datagramBytesMax` bytes.
   *
   * @returns undefined when it is in the queue of the receiver; `ECONNREFUSED` when nobody is there,
   * `EAGAIN` when the queue is full, `EMSGSIZE` or `EINVAL` when it is too long or empty
   */
  send(to: number, bytes: Uint8Array): Errno | undefined;
  /** Takes what came first, or undefined when nothing is there. */
  receive(): Arrival | undefined;
  /** Calls once when something may be there to receive; a later call takes the place of an earlier. */
  whenReadable(wake: () => void): void;
  /**
   * Of the kernel side: makes sure that what is sent to `via` from now on reaches this process or
   * nobody; false when it is gone already. Lasts until `forget`.
   */
  keep(via: number, pid: number): boolean;
  /** Undoes `keep`. */
  forget(via: number): void;
  /**
   * Of a process: sends only to kernel sides of these users, where the transport knows who listens before it
   * sends. A channel does; netlink does not and has no such method.
   */
  trust?(uids: ReadonlySet<number>): void;
  /** Ends it. What was not received is lost, and whoever sends to it is refused. */
  close(): void;
}

/** A datagram that no transport takes, and the errno for it. */
export function refusedLength({ length }: Uint8Array): Errno | undefined {
  if (length === 0) return 'EINVAL';
  return length > datagramBytesMax ? 'EMSGSIZE' : undefined;
}

/**
 * A transport that this machine does not have, or that this process may not use. The message is one
 * sentence that says what works instead.
 */
export class TransportUnavailable extends Error {
  override readonly name = 'TransportUnavailable';
}

/** Sends a datagram that may hold a secret, and wipes it: each is sent once. */
export function sendOnce(
  end: Pick<End, 'send'>,
  to: number,
  datagram: Uint8Array,
): Errno | undefined {
  const errno = end.send(to, datagram);
  datagram.fill(0);
  return errno;
}
