import type { Clock } from '../clock.js';
import { machineClock } from '../clock.js';
import type { KernelSide, Outcome } from '../kernel/kernel-side.js';
import type { Credentials } from '../kernel/registry.js';
import type { End } from '../transport/transport.js';
import { decodeCall, encodeReturn } from './call.js';

/**
 * The door at which processes ask a kernel side that is another process.
 *
 * Whoever calls asks the daemon of its own user, and the transport says who that is. Calls do not wait here:
 * what cannot be asked now is refused at once.
 *
 * Each user has a share, however many processes it has, so that a user whose daemon never answers does not
 * take all contexts. By default the first call of a user is let in, and a further one while the user has fewer
 * calls outstanding than contexts are free, less a quarter of all contexts, which is kept for first calls. So one
 * user gets 12 of 32 contexts, and as long as fewer users take all they can than a quarter of the contexts,
 * a context is free for the next user. Beyond its share a user gets EAGAIN. Where no context is free at all,
 * the core refuses the call itself (ENOMEM): its rules are the protocol's and know no shares.
 *
 * Payloads may be secrets: calls and returns are wiped when they were handed on.
 */

/** What a door needs: an end of its own, beside that of the daemons. */
export interface DoorOptions {
  readonly end: End;
  readonly side: Pick<KernelSide, 'ask' | 'drain' | 'contexts' | 'contextsFree'>;
  /** How many calls of one user may be outstanding; by default as the file head says. */
  readonly callsPerUser?: number | undefined;
  readonly clock?: Clock;
}

/** A process that waits for returns. */
interface Caller {
  readonly via: number;
  readonly uid: number;
  readonly pid: number;
  calls: number;
}

const readAtOnce = 64;
/** One context in so many is kept for users without a call. */
const keptPart = 4;
/** A return finds the queue of the caller full: how often and in what distance it is sent again. */
const resends = 100;
const resendMs = 10;

/** A door. It is open until it is closed. */
export class Door {
  readonly #end: End;
  readonly #side: DoorOptions['side'];
  readonly #clock: Clock;
  readonly #callsPerUser: number | undefined;
  readonly #callers = new Map<number, Caller>();
  /** Calls that are outstanding, of each user who has any. */
  readonly #callsOf = new Map<number, number>();
  #isOpen = true;

  /** @throws RangeError when the share of a user is not a whole number above 0 */
  constructor({ end, side, callsPerUser, clock = machineClock }: DoorOptions) {
    if (callsPerUser !== undefined && (!Number.isInteger(callsPerUser) || callsPerUser < 1)) {
      throw new RangeError(`callsPerUser is ${callsPerUser}; use a whole number above 0`);
    }
    this.#end = end;
    this.#side = side;
    this.#clock = clock;
    this.#callsPerUser = callsPerUser;
    this.#listen();
  }

  /** Takes the calls that have come, up to a number; but first what daemons said, which may have come before. */
  drain(most = Number.POSITIVE_INFINITY): void {
    this.#side.drain(readAtOnce);
    for (let reads = 0; reads < most; reads += 1) {
      const arrival = this.#end.receive();
      if (arrival === undefined) return;
      if (arrival.kind !== 'datagram') continue;
      this.#call(arrival.from, arrival.via, arrival.bytes);
      arrival.bytes.fill(0);
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#end.close();
  }

  #listen(): void {
    this.#end.whenReadable(() => {
      this.drain(readAtOnce);
      if (this.#isOpen) this.#listen();
    });
  }

  #call({ uid, pid }: Credentials, via: number, bytes: Uint8Array): void {
    const call = decodeCall(bytes);
    const caller = call && this.#callerAt(via, { uid, pid });
    if (call === undefined || caller === undefined) return;
    const { number, payload } = call;
    const isLetIn = this.#hasShareLeft(uid);
    caller.calls += 1;
    this.#callsOf.set(uid, (this.#callsOf.get(uid) ?? 0) + 1);
    const over = (outcome: Outcome) => {
      const bytesBack = encodeReturn({ number, outcome });
      if (outcome.kind === 'answered') outcome.payload.fill(0);
      this.#return(caller, bytesBack);
    };
    if (isLetIn) this.#side.ask({ uid, payload }, over);
    else over({ kind: 'failed', errno: 'EAGAIN' });
  }

  #hasShareLeft(uid: number): boolean {
    const calls = this.#callsOf.get(uid) ?? 0;
    if (this.#callsPerUser !== undefined) return calls < this.#callsPerUser;
    const { contexts, contextsFree } = this.#side;
    const keptForFirst = Math.floor(contexts / keptPart);
    return contextsFree === 0 || calls === 0 || calls < contextsFree - keptForFirst;
  }

  /** Sends a return; a caller that reads none for a second has to do without. */
  #return(caller: Caller, bytes: Uint8Array, tries = 0): void {
    // What is due to one process is not for another that has its number now.
    const isThere = this.#callers.get(caller.via) === caller;
    const errno = isThere ? this.#end.send(caller.via, bytes) : undefined;
    if (errno === 'EAGAIN' && tries < resends && this.#isOpen) {
      this.#clock.after(resendMs, () => {
        this.#return(caller, bytes, tries + 1);
      });
      return;
    }
    bytes.fill(0);
    this.#settle(caller, isThere);
  }

  #settle(caller: Caller, isThere: boolean): void {
    const { uid, via } = caller;
    caller.calls -= 1;
    const calls = (this.#callsOf.get(uid) ?? 1) - 1;
    if (calls === 0) this.#callsOf.delete(uid);
    else this.#callsOf.set(uid, calls);
    if (caller.calls > 0 || !isThere) return;
    this.#callers.delete(via);
    this.#end.forget(via);
  }

  #callerAt(via: number, { uid, pid }: Credentials): Caller | undefined {
    const known = this.#callers.get(via);
    if (known?.pid === pid && known.uid === uid) return known;
    this.#callers.delete(via);
    if (!this.#end.keep(via, pid)) return undefined;
    const caller = { via, uid, pid, calls: 0 };
    this.#callers.set(via, caller);
    return caller;
  }
}
