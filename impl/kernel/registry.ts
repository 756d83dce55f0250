/**
 * The registry of daemons: one association of uid and pid for each user.
 *
 * Nothing here knows whether a process lives. A daemon that dies leaves its association behind; it
 * is found out when a message cannot be delivered, and cleaned up when the user registers again.
 *
 * Source: Linux 2.6.21 fs/ecryptfs/messaging.c, ecryptfs_process_helo and ecryptfs_process_quit;
 * the mail of 2006, "There is a stale uid<->pid association in the hash table for that user".
 */

/** A process as the transport vouches for it; never what a message says of itself. */
export interface Credentials {
  readonly uid: number;
  readonly pid: number;
}

/** The daemons that are registered, at most one for each user. */
export class Registry {
  readonly #daemons = new Map<number, number>();

  /** Registers a process; returns the pid of the process that it replaces, if it is another. */
  register({ uid, pid }: Credentials): number | undefined {
    const before = this.#daemons.get(uid);
    this.#daemons.set(uid, pid);
    return before === pid ? undefined : before;
  }

  /** Removes the association if it is exactly this process's; says whether it was. */
  unregister({ uid, pid }: Credentials): boolean {
    return this.#daemons.get(uid) === pid && this.#daemons.delete(uid);
  }

  /** The pid registered for a user. */
  lookup(uid: number): number | undefined {
    return this.#daemons.get(uid);
  }

  /** Every association, in the order of registration. */
  view(): Credentials[] {
    return [...this.#daemons].map(([uid, pid]) => ({ uid, pid }));
  }
}
