import type { KernelSide } from '../kernel/kernel-side.js';
import type { Credentials } from '../kernel/registry.js';
import type { End } from '../transport/transport.js';
import { decodeCall, encodeReturn } from './call.js';

/**
 * The door at which processes ask a kernel side that is another process.
 *
 * Whoever calls asks the daemon of its own user, who it is being said by the transport. Calls are not
 * queued here: more than there are contexts are refused by the kernel side at once.
 */

/** What a door needs: an end of its own, beside that of the daemons. */
export interface DoorOptions {
  readonly end: End;
  readonly side: Pick<KernelSide, 'ask' | 'drain'>;
}

/** A process that waits for returns. */
interface Caller {
  readonly via: number;
  readonly pid: number;
  calls: number;
}

const readAtOnce = 64;

/** A door. It is open until it is closed. */
export class Door {
  readonly #end: End;
  readonly #side: DoorOptions['side'];
  readonly #callers = new Map<number, Caller>();
  #isOpen = true;

  constructor({ end, side }: DoorOptions) {
    this.#end = end;
    this.#side = side;
    this.#listen();
  }

  /** Takes the calls that have come, up to a number; but first what daemons said, which may have come before. */
  drain(most = Number.POSITIVE_INFINITY): void {
    this.#side.drain(readAtOnce);
    for (let reads = 0; reads < most; reads += 1) {
      const arrival = this.#end.receive();
      if (arrival === undefined) return;
      if (arrival.kind === 'datagram') this.#call(arrival.from, arrival.via, arrival.bytes);
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
    const caller = call && this.#callerAt(via, pid);
    if (call === undefined || caller === undefined) return;
    const { number, payload } = call;
    caller.calls += 1;
    this.#side.ask({ uid, payload }, (outcome) => {
      // What is due to one process is not for another that has its number now.
      if (this.#callers.get(via) !== caller) return;
      // Whoever does not read its returns has to do without.
      this.#end.send(via, encodeReturn({ number, outcome }));
      caller.calls -= 1;
      if (caller.calls > 0) return;
      this.#callers.delete(via);
      this.#end.forget(via);
    });
  }

  #callerAt(via: number, pid: number): Caller | undefined {
    const known = this.#callers.get(via);
    if (known?.pid === pid) return known;
    this.#callers.delete(via);
    if (!this.#end.keep(via, pid)) return undefined;
    const caller = { via, pid, calls: 0 };
    this.#callers.set(via, caller);
    return caller;
  }
}
