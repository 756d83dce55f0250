import type { Clock } from '../clock.js';
import { machineClock } from '../clock.js';
import type { Outcome } from '../kernel/kernel-side.js';
import type { End } from '../transport/transport.js';
import { toKernel } from '../transport/transport.js';
import { decodeReturn, encodeCall } from './call.js';

/** A process that asks a kernel side which is another process. See door.ts. */

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

/** Asks; as many calls at a time as one likes. */
export class Asker {
  readonly #end: End;
  readonly #kernelUids: ReadonlySet<number>;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
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

  /** Asks the daemon of one's own user; ETIMEDOUT says that the kernel side kept silent. */
  ask(payload: Uint8Array): Promise<Outcome> {
    this.#lastNumber = (this.#lastNumber + 1) % 2 ** 32;
    const number = this.#lastNumber;
    const errno = this.#end.send(toKernel, encodeCall({ number, payload }));
    if (errno !== undefined) return Promise.resolve({ kind: 'failed', errno });
    return new Promise((resolve) => {
      const callOff = this.#clock.after(this.#patienceMs, () => {
        this.#return(number, { kind: 'failed', errno: 'ETIMEDOUT' });
      });
      this.#waiting.set(number, (outcome) => {
        callOff();
        resolve(outcome);
      });
      if (this.#waiting.size === 1) this.#listen();
    });
  }

  /** Ends it; who still waits gets ENOTCONN. */
  close(): void {
    this.#end.close();
    for (const number of [...this.#waiting.keys()]) {
      this.#return(number, { kind: 'failed', errno: 'ENOTCONN' });
    }
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
      if (arrival.kind === 'error' || !this.#kernelUids.has(arrival.from.uid)) continue;
      const said = decodeReturn(arrival.bytes);
      if (said !== undefined) this.#return(said.number, said.outcome);
    }
  }

  #return(number: number, outcome: Outcome): void {
    const over = this.#waiting.get(number);
    this.#waiting.delete(number);
    over?.(outcome);
  }
}
