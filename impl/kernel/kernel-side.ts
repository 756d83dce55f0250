import type { Clock } from '../clock.js';
import { machineClock } from '../clock.js';
import type { End } from '../transport/transport.js';
import { sendOnce } from '../transport/transport.js';
import type { Datagram } from '../wire/index.js';
import { decodeNetlink, encodeNetlinkMessage } from '../wire/index.js';
import type { Errno, Input, KernelOptions, KernelView, Message, Output } from './kernel.js';
import { Kernel, kernelDefaults } from './kernel.js';
import type { Credentials } from './registry.js';

/**
 * The kernel side of a request/reply service: the core, driven by a transport and a clock.
 *
 * Theory of operation. What comes in over the transport is read, becomes an input of the core, and what the core puts
 * out is performed before the next input. A call of `request` sleeps as a promise; it is over with
 * the payload of the reply or with an errno, which are values both. Payloads are bytes that nobody
 * here looks at: eCryptfs is one use of this.
 *
 * Payloads may be secrets. A datagram is wiped when it was sent or read, and so is a reply that is refused; the
 * payload of a question belongs to whoever asks, and that of an outcome to whoever gets it.
 *
 * A process is known to the core by its pid and to the transport by the number under which it
 * writes; the number is kept from HELO to QUIT, or until another process is registered instead.
 *
 * Source: the mail of 2006, "this would be a sort of request/reply mechanism that would involve a
 * userspace daemon"; Linux 2.6.24 fs/ecryptfs/messaging.c and netlink.c.
 */

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly payload: Uint8Array }
  | { readonly kind: 'failed'; readonly errno: Errno };

/** A request of a user, which is put to the daemon of that user. */
export interface Question {
  readonly uid: number;
  readonly payload: Uint8Array;
}

/** What a kernel side needs, and what it tells. */
export interface KernelSideOptions extends Partial<KernelOptions> {
  readonly end: End;
  readonly clock?: Clock;
  /** Is told what became of each datagram: nothing, an errno, or a sentence why it was dropped. */
  readonly heard?: (from: Credentials, refusal: string | undefined) => void;
  /** Is told that a sleeper was woken, and then has to let it `look`; by default it looks at once. */
  readonly woken?: (task: number) => void;
}

/** More errors in a row than this, and reading is given up. */
const errorsMax = 8;
/** So many datagrams are read before others get their turn. */
const readAtOnce = 64;

/** A process that registered, and its number in the transport. */
interface Reached {
  readonly pid: number;
  readonly via: number;
}

type Sleeper = (outcome: Outcome) => void;

/** The kernel side. See the file head. */
export class KernelSide {
  readonly #end: End;
  readonly #clock: Clock;
  readonly #kernel: Kernel;
  readonly #heard: NonNullable<KernelSideOptions['heard']>;
  readonly #woken: NonNullable<KernelSideOptions['woken']>;
  readonly #sleepers = new Map<number, Sleeper>();
  /** How the daemon of each user is reached. */
  readonly #reached = new Map<number, Reached>();
  #lastTask = 0;
  #errors = 0;
  #callOff: (() => void) | undefined;
  #isOpen = true;

  constructor(options: KernelSideOptions) {
    const { end, clock = machineClock, heard = () => undefined, woken } = options;
    const { contexts = kernelDefaults.contexts, timeoutMs = kernelDefaults.timeoutMs } = options;
    this.#end = end;
    this.#clock = clock;
    this.#kernel = new Kernel({ contexts, timeoutMs });
    this.#heard = heard;
    this.#woken =
      woken ??
      ((task) => {
        this.look(task);
      });
    this.#listen();
  }

  /** Asks the daemon of a user, and sleeps until it has answered or the time is up. */
  request(question: Question): Promise<Outcome> {
    return new Promise((resolve) => {
      this.ask(question, resolve);
    });
  }

  /** The same with a callback, which may be called before this returns; returns the number of the task. */
  ask({ uid, payload }: Question, over: (outcome: Outcome) => void): number {
    this.#lastTask += 1;
    const task = this.#lastTask;
    if (!this.#isOpen) {
      over({ kind: 'failed', errno: 'ENOTCONN' });
      return task;
    }
    this.#sleepers.set(task, over);
    const refusal = this.#take({ kind: 'request', task, uid, payload });
    if (refusal === undefined) this.#setAlarm();
    else this.#resume(task, { kind: 'failed', errno: refusal });
    return task;
  }

  /** Lets a sleeper look what became of its request; it may well find nothing and sleep on. */
  look(task: number): void {
    this.#take({ kind: 'look', task });
  }

  /** Reads what has come, up to a number of datagrams; says whether it stopped at that number. */
  drain(most = Number.POSITIVE_INFINITY): boolean {
    for (let reads = 0; reads < most; reads += 1) {
      const arrival = this.#end.receive();
      if (arrival === undefined) return false;
      if (arrival.kind === 'datagram') {
        this.#errors = 0;
        this.#hear(arrival.from, arrival.via, arrival.bytes);
        continue;
      }
      this.#errors += 1;
      if (this.#errors > errorsMax) {
        this.close();
        return false;
      }
    }
    return true;
  }

  /** Wakes those whose time is up; the clock does that by itself. */
  tick(): void {
    this.#take({ kind: 'tick' });
    this.#setAlarm();
  }

  /** How many requests can sleep at a time. */
  get contexts(): number {
    return this.#kernel.contexts;
  }

  /** How many more can sleep now. */
  get contextsFree(): number {
    return this.#kernel.contextsFree;
  }

  /** The inside, for tests and for those who administer. */
  view(): KernelView {
    return this.#kernel.view();
  }

  /** Ends it: whoever sleeps gets ENOTCONN, and nobody is reached any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#callOff?.();
    this.#end.close();
    for (const task of [...this.#sleepers.keys()]) {
      this.#resume(task, { kind: 'failed', errno: 'ENOTCONN' });
    }
  }

  #listen(): void {
    this.#end.whenReadable(() => {
      this.drain(readAtOnce);
      if (this.#isOpen) this.#listen();
    });
  }

  #hear(from: Credentials, via: number, bytes: Uint8Array): void {
    const said = decodeNetlink(bytes);
    if (said.kind === 'dropped') {
      this.#heard(from, said.why);
      return;
    }
    if ('payload' in said) this.#reply(from, said, bytes);
    else if (said.kind === 'helo') this.#helo(from, via);
    else this.#quit(from);
  }

  /** What a reply holds may be a secret: nothing of it stays here but what a sleeper gets. */
  #reply(from: Credentials, said: Datagram & { kind: 'response' }, bytes: Uint8Array): void {
    bytes.fill(0);
    const refusal = this.#take({ ...said, kind: 'reply', from });
    if (refusal !== undefined) said.payload.fill(0);
    this.#heard(from, refusal);
  }

  /** Notes how a process is reached; one that died meanwhile does not register. */
  #helo(from: Credentials, via: number): void {
    const { uid, pid } = from;
    // Who has the number of another was not there together with it.
    if (this.#reached.get(uid)?.via === via) this.#lose(uid);
    if (!this.#end.keep(via, pid)) return;
    const refusal = this.#take({ kind: 'helo', from });
    this.#lose(uid);
    this.#reached.set(uid, { pid, via });
    this.#heard(from, refusal);
  }

  #quit(from: Credentials): void {
    const refusal = this.#take({ kind: 'quit', from });
    if (refusal === undefined) this.#lose(from.uid);
    this.#heard(from, refusal);
  }

  #lose(uid: number): void {
    const { via } = this.#reached.get(uid) ?? {};
    this.#reached.delete(uid);
    if (via !== undefined) this.#end.forget(via);
  }

  /** Gives the core one input and performs what it puts out; returns the errno when it refuses. */
  #take(input: Input): Errno | undefined {
    let refusal: Errno | undefined;
    for (const output of this.#kernel.handle(input, this.#clock.nowMs())) {
      refusal = this.#perform(output) ?? refusal;
    }
    return refusal;
  }

  #perform(output: Output): Errno | undefined {
    switch (output.kind) {
      case 'refused':
        return output.errno;
      case 'wake':
        this.#woken(output.task);
        return undefined;
      case 'resume':
        this.#resume(
          output.task,
          'errno' in output
            ? { kind: 'failed', errno: output.errno }
            : { kind: 'answered', payload: output.payload },
        );
        return undefined;
      case 'send':
        return this.#send(output.to, output.message);
    }
  }

  #send({ uid, pid }: Credentials, message: Message): Errno | undefined {
    const reached = this.#reached.get(uid);
    const errno =
      reached?.pid === pid
        ? sendOnce(this.#end, reached.via, encodeNetlinkMessage(message))
        : 'ECONNREFUSED';
    // A QUIT that finds nobody is forgotten: who would end is gone already.
    if (errno === undefined || message.type === 'quit') return undefined;
    return this.#take({ kind: 'send-failed', message, errno });
  }

  #resume(task: number, outcome: Outcome): void {
    const sleeper = this.#sleepers.get(task);
    this.#sleepers.delete(task);
    sleeper?.(outcome);
  }

  /** One alarm at a time, for whoever's time is up first. */
  #setAlarm(): void {
    if (this.#callOff !== undefined || !this.#isOpen) return;
    const deadlineMs = this.#kernel.nextDeadlineMs;
    if (deadlineMs === undefined) return;
    this.#callOff = this.#clock.after(Math.max(0, deadlineMs - this.#clock.nowMs()), () => {
      this.#callOff = undefined;
      this.tick();
    });
  }
}
