import type { Errno } from '../kernel/kernel.js';
import type { Credentials } from '../kernel/registry.js';
import { copied } from '../wire/index.js';
import type { Arrival, End } from './transport.js';
import { refusedLength, toKernel } from './transport.js';

/**
 * A transport inside one process, in which nothing happens by itself.
 *
 * Theory of operation. A datagram that was sent is *under way* until it is delivered; then it waits in the queue of
 * its receiver. Delivered is at once, or by the word of the test, who may also lose, duplicate,
 * corrupt and overtake what is under way, and lets a datagram wait as long as it likes. A process is
 * whoever connects, under the credentials that are given: nobody else can vouch here.
 */

/** How a transport in memory behaves. */
export interface MemoryOptions {
  /** Who delivers: `at once` nobody needs to, `by word` the test does. */
  readonly delivery?: 'at once' | 'by word';
  /** How many bytes wait at one end before a sender is refused. */
  readonly queueBytesMax?: number;
}

/** A datagram that was sent and not delivered yet. */
export interface UnderWay {
  readonly from: Credentials;
  /** Who gets it; absent for the kernel side. */
  readonly to?: Credentials;
  readonly bytes: Uint8Array;
}

/** The kernel side's own credentials. */
const kernelCredentials: Credentials = { uid: 0, pid: 0 };
const queueBytesUsual = 212_992;

interface Flight extends UnderWay {
  readonly box: Box;
  readonly via: number;
}

/** A kernel side and processes in memory. */
export class MemoryTransport {
  readonly #isByWord: boolean;
  readonly #queueBytesMax: number;
  #flights: Flight[] = [];
  #kernel: Box | undefined;
  readonly #processes = new Map<number, Box>();
  #lastVia = toKernel;
  #failsIn = 0;

  constructor({ delivery = 'at once', queueBytesMax = queueBytesUsual }: MemoryOptions = {}) {
    this.#isByWord = delivery === 'by word';
    this.#queueBytesMax = queueBytesMax;
  }

  /** The end of the kernel side; one that was there before is closed. */
  listen(): End {
    this.#kernel?.close();
    const box = this.#box(kernelCredentials, (to, bytes) => {
      const receiver = this.#processes.get(to);
      return this.#send({ from: kernelCredentials, receiver, via: toKernel, bytes });
    });
    box.whenClosed = () => {
      if (this.#kernel === box) this.#kernel = undefined;
    };
    this.#kernel = box;
    return box;
  }

  /** The end of a process. */
  connect(from: Credentials): End {
    this.#lastVia += 1;
    const via = this.#lastVia;
    const box = this.#box(from, (to, bytes) => {
      const receiver = to === toKernel ? this.#kernel : undefined;
      return this.#send({ from, receiver, via, bytes });
    });
    box.whenClosed = () => {
      this.#processes.delete(via);
    };
    this.#processes.set(via, box);
    return box;
  }

  /** What is under way, in the order in which it was sent. */
  get underWay(): readonly UnderWay[] {
    return this.#flights;
  }

  /** Delivers one datagram that is under way; by default the oldest. */
  deliver(nth = 0): void {
    const [flight] = this.#flights.splice(nth, 1);
    flight?.box.put({ kind: 'datagram', from: flight.from, via: flight.via, bytes: flight.bytes });
  }

  /** Delivers everything, the oldest first, also what is sent because of it. */
  deliverAll(): void {
    while (this.#flights.length > 0) this.deliver();
  }

  /** Loses a datagram that is under way. */
  lose(nth = 0): void {
    this.#flights.splice(nth, 1);
  }

  /** Sends a datagram that is under way once more, behind all the others. */
  duplicate(nth = 0): void {
    const flight = this.#flights[nth];
    if (flight !== undefined) this.#flights.push({ ...flight, bytes: flight.bytes.slice() });
  }

  /** Lets a datagram that is under way overtake those before it, up to a place. */
  overtake({ nth, place = 0 }: { readonly nth: number; readonly place?: number }): void {
    const [flight] = this.#flights.splice(nth, 1);
    if (flight !== undefined) this.#flights.splice(place, 0, flight);
  }

  /** Inverts bits of one byte of a datagram that is under way. */
  corrupt({ nth = 0, at, bits = 0xff }: Corruption): void {
    const flight = this.#flights[nth];
    if (flight === undefined) return;
    const bytes = flight.bytes.slice();
    bytes[at] = (bytes[at] ?? 0) ^ bits;
    this.#flights[nth] = { ...flight, bytes };
  }

  /** Lets a datagram of the kernel side fail for want of memory: the next one for 1. */
  failNth(nth: number): void {
    this.#failsIn = nth;
  }

  #box(own: Credentials, send: End['send']): Box {
    return new Box(own, this.#queueBytesMax, send);
  }

  #send({ from, receiver, via, bytes }: Sending): Errno | undefined {
    const refused = refusedLength(bytes);
    if (refused !== undefined) return refused;
    if (via === toKernel && this.#failsIn > 0) {
      this.#failsIn -= 1;
      if (this.#failsIn === 0) return 'ENOMEM';
    }
    if (receiver === undefined) return 'ECONNREFUSED';
    if (!receiver.hasRoom) return 'EAGAIN';
    const to = receiver === this.#kernel ? {} : { to: receiver.own };
    this.#flights.push({ from, ...to, bytes: copied(bytes), box: receiver, via });
    if (!this.#isByWord) this.deliver();
    return undefined;
  }
}

/** Which byte of which datagram is altered, and how. */
export interface Corruption {
  readonly nth?: number;
  readonly at: number;
  readonly bits?: number;
}

interface Sending {
  readonly from: Credentials;
  readonly receiver: Box | undefined;
  readonly via: number;
  readonly bytes: Uint8Array;
}

/** One end: the queue of what was delivered to it. */
class Box implements End {
  readonly own: Credentials;
  whenClosed: () => void = () => undefined;
  readonly #queueBytesMax: number;
  readonly #send: End['send'];
  readonly #queue: (Arrival & { kind: 'datagram' })[] = [];
  #queuedBytes = 0;
  #wake: (() => void) | undefined;
  #isOpen = true;

  constructor(own: Credentials, queueBytesMax: number, send: End['send']) {
    this.own = own;
    this.#queueBytesMax = queueBytesMax;
    this.#send = send;
  }

  /** Whether a sender is let in, as sockets do it: by what waits already. */
  get hasRoom(): boolean {
    return this.#queuedBytes < this.#queueBytesMax;
  }

  put(arrival: Arrival & { kind: 'datagram' }): void {
    if (!this.#isOpen) return;
    this.#queue.push(arrival);
    this.#queuedBytes += arrival.bytes.length;
    this.#ring();
  }

  send(to: number, bytes: Uint8Array): Errno | undefined {
    return this.#isOpen ? this.#send(to, bytes) : 'ECONNREFUSED';
  }

  receive(): Arrival | undefined {
    const arrival = this.#queue.shift();
    this.#queuedBytes -= arrival?.bytes.length ?? 0;
    return arrival;
  }

  whenReadable(wake: () => void): void {
    this.#wake = wake;
    if (this.#queue.length > 0) this.#ring();
  }

  keep(): boolean {
    // A number is never used again here: nobody can take the place of another.
    return true;
  }

  forget(): void {
    // See keep.
  }

  close(): void {
    this.#isOpen = false;
    this.#wake = undefined;
    this.#queue.length = 0;
    this.whenClosed();
  }

  /** Wakes who waits, but not in the middle of what somebody else does. */
  #ring(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) queueMicrotask(wake);
  }
}
