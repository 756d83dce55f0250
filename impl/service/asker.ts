import type { Clock } from '../clock.js';
import { machineClock } from '../clock.js';
import type { Outcome } from '../kernel/kernel-side.js';
import type { Errno } from '../kernel/kernel.js';
import type { End } from '../transport/transport.js';
import { sendOnce, toKernel } from '../transport/transport.js';
import { decodeReturn, encodeCall } from './call.js';

/**
 * A process that asks a kernel side which is another process. See door.ts.
 *
 * EAGAIN says that nothing was done and that asking again may help: the queue of the door or of the daemon is
 * full, or this user has its share of calls outstanding. Such calls wait here and are sent again, one every few
 * milliseconds and one whenever another call of this process is over, until the patience of each has run out.
 */

/** What asking needs. */
export interface AskerOptions {
  /** An end at the door of the kernel side. */
  readonly end: End;
  /** Whose returns are believed, by the uids that the transport vouches for. */
  readonly kernelUids: readonly number[];
  readonly clock?: Clock;
  /** How long a return is waited for, should the kernel side itself be gone: longer than its time-out. */
  readonly patienceMs?: number;
}

const patienceUsualMs = 10_000;
const retryMs = 2;

/** A call without a return. */
interface Waiting {
  readonly payload: Uint8Array;
  readonly over: (outcome: Outcome) => void;
}

/** Asks; as many calls at a time as one likes. */
export class Asker {
  readonly #end: End;
  readonly #kernelUids: ReadonlySet<number>;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #waiting = new Map<number, Waiting>();
  /** The numbers of calls that were refused with EAGAIN, the oldest first. */
  readonly #refused = new Set<number>();
  #isRetrying = false;
  #lastNumber = 0;

  constructor({
    end,
    kernelUids,
    clock = machineClock,
    patienceMs = patienceUsualMs,
  }: AskerOptions) {
    this.#end = end;
    this.#kernelUids = new Set(kernelUids);
    end.trust?.(this.#kernelUids);
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /**
   * Asks the daemon of one's own user. The payload must stay as it is until the outcome is there. ETIMEDOUT says
   * that the kernel side kept silent, EAGAIN that it refused the call until the patience had run out, and
   * ECONNRESET, over a channel alone, that it has closed the channel.
   */
  ask(payload: Uint8Array): Promise<Outcome> {
    this.#lastNumber = (this.#lastNumber + 1) % 2 ** 32;
    const number = this.#lastNumber;
    return new Promise((resolve) => {
      const callOff = this.#clock.after(this.#patienceMs, () => {
        const errno = this.#refused.has(number) ? 'EAGAIN' : 'ETIMEDOUT';
        this.#return(number, { kind: 'failed', errno });
      });
      const over = (outcome: Outcome) => {
        callOff();
        resolve(outcome);
      };
      this.#waiting.set(number, { payload, over });
      this.#send(number, payload);
      if (this.#waiting.size === 1) this.#listen();
    });
  }

  /** Ends it; who still waits gets ENOTCONN. */
  close(): void {
    this.#end.close();
    this.#failAll('ENOTCONN');
  }

  #failAll(errno: Errno): void {
    for (const number of [...this.#waiting.keys()]) this.#return(number, { kind: 'failed', errno });
  }

  #send(number: number, payload: Uint8Array): void {
    const errno = sendOnce(this.#end, toKernel, encodeCall({ number, payload }));
    if (errno === 'EAGAIN') this.#refuse(number);
    else if (errno !== undefined) this.#return(number, { kind: 'failed', errno });
  }

  /** Keeps a call until it may be sent again. */
  #refuse(number: number): void {
    if (!this.#waiting.has(number)) return;
    this.#refused.add(number);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isRetrying || this.#refused.size === 0) return;
    this.#isRetrying = true;
    this.#clock.after(retryMs, () => {
      this.#isRetrying = false;
      this.#retry();
      this.#retryLater();
    });
  }

  #retry(): void {
    const [number] = this.#refused;
    if (number === undefined) return;
    this.#refused.delete(number);
    const call = this.#waiting.get(number);
    if (call !== undefined) this.#send(number, call.payload);
  }

  #listen(): void {
    this.#end.whenReadable(() => {
      this.#read();
      if (this.#waiting.size > 0) this.#listen();
    });
  }

  #read(): void {
    for (;;) {
      const arrival = this.#end.receive();
      if (arrival === undefined) return;
      if (arrival.kind === 'gone') this.#failAll('ECONNRESET');
      if (arrival.kind !== 'datagram' || !this.#kernelUids.has(arrival.from.uid)) continue;
      const said = decodeReturn(arrival.bytes);
      if (said === undefined) continue;
      const { number, outcome } = said;
      if (outcome.kind === 'failed' && outcome.errno === 'EAGAIN') {
        this.#refuse(number);
        continue;
      }
      if (!this.#return(number, outcome)) arrival.bytes.fill(0);
      this.#retry();
    }
  }

  /** Ends a call; false when it is over already. */
  #return(number: number, outcome: Outcome): boolean {
    const call = this.#waiting.get(number);
    this.#waiting.delete(number);
    this.#refused.delete(number);
    call?.over(outcome);
    return call !== undefined;
  }
}
