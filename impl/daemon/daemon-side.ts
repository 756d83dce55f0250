import type { Clock } from '../clock.js';
import { machineClock } from '../clock.js';
import { Secret } from '../crypto/index.js';
import type { Arrival, End } from '../transport/transport.js';
import { sendOnce, toKernel } from '../transport/transport.js';
import type { WireMessage } from '../wire/index.js';
import { DecodeError, decodeNetlinkMessage, encodeNetlinkMessage } from '../wire/index.js';

/**
 * The daemon side of a request/reply service: a process that registers, answers and unregisters.
 *
 * Theory of operation. One request is served at a time; whatever comes meanwhile waits in the queue of the
 * transport, which is bounded and refuses the kernel side when it is full. A request is answered
 * once, with its own index and number. What is no message, or by somebody who is no
 * kernel side, is passed over. HELO is said again from time to time, which changes nothing for a kernel side that
 * knows the process, and registers it with one that was started anew.
 *
 * Source: ecryptfs-utils' daemon loop: a receive error counts, a request or HELO that was read sets the count back, and
 * above eight in a row the daemon gives up with EIO; QUIT ends it, and so does SIGTERM, after a QUIT of its own.
 */

/** A reply; a Secret is wiped when it was sent, other bytes stay as they are. */
export type Reply = Uint8Array | Secret;

/**
 * Makes the reply to a request; undefined leaves it unanswered, so that it times out. The payload is wiped when
 * the request was served: whoever wants to keep it copies it.
 */
export type Answer = (payload: Uint8Array) => Reply | undefined | Promise<Reply | undefined>;

/** How a daemon ended. */
export type DaemonEnding =
  /** The kernel side told it to quit: another process is its user's daemon now. */
  | { readonly kind: 'told' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly errno: 'EIO'; readonly why: string };

/** What a daemon needs. */
export interface DaemonSideOptions {
  readonly end: End;
  readonly answer: Answer;
  /** Whose kernel side it listens to, by the uids that the transport vouches for. */
  readonly kernelUids: readonly number[];
  readonly clock?: Clock;
  /** How often HELO is said again; 0 never. */
  readonly renewMs?: number;
  /** Is told in a sentence what was passed over or went wrong. */
  readonly told?: (sentence: string) => void;
}

/** More receive errors in a row than this, and the daemon ends. */
const errorsMax = 8;
const renewUsualMs = 1000;
/** A response finds the queue of the kernel side full: how often and in what distance it is sent again. */
const resends = 100;
const resendMs = 10;
/** So many messages are served before others get their turn. */
const serveAtOnce = 64;

/** A daemon. It registers when it is made. */
export class DaemonSide {
  /** Comes true when it is over, however it ended. */
  readonly ended: Promise<DaemonEnding>;
  readonly #options: Required<Omit<DaemonSideOptions, 'kernelUids'>>;
  readonly #kernelUids: ReadonlySet<number>;
  #end: (ending: DaemonEnding) => void = () => undefined;
  #errors = 0;
  #isServing = false;
  #isStopping = false;
  #isOver = false;
  #callOff: (() => void) | undefined;

  constructor({ kernelUids, ...options }: DaemonSideOptions) {
    this.#options = {
      clock: machineClock,
      renewMs: renewUsualMs,
      told: () => undefined,
      ...options,
    };
    this.#kernelUids = new Set(kernelUids);
    options.end.trust?.(this.#kernelUids);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#register();
    void this.#serve();
  }

  /** Ends it as soon as the request in hand is answered; says QUIT. */
  stop(): Promise<DaemonEnding> {
    this.#isStopping = true;
    if (!this.#isServing) this.#quit();
    return this.ended;
  }

  #register(): void {
    const { renewMs, clock } = this.#options;
    // Without a kernel side there is nobody to register with; there may be one the next time.
    this.#send({ type: 'helo' });
    if (renewMs === 0) return;
    this.#callOff = clock.after(renewMs, () => {
      this.#register();
    });
  }

  #quit(): void {
    if (this.#isOver) return;
    this.#send({ type: 'quit' });
    this.#over({ kind: 'stopped' });
  }

  #over(ending: DaemonEnding): void {
    this.#isOver = true;
    this.#callOff?.();
    this.#options.end.close();
    this.#end(ending);
  }

  /** Serves what waits, one after the other, and then waits for more. */
  async #serve(): Promise<void> {
    this.#isServing = true;
    for (let served = 0; served < serveAtOnce && !this.#isStopping; served += 1) {
      const arrival = this.#options.end.receive();
      if (arrival === undefined) break;
      await this.#take(arrival);
      // What was heard may have ended it, and ending it twice is no harm.
      if (this.#hasEnded()) return;
    }
    this.#isServing = false;
    if (this.#isStopping) this.#quit();
    else this.#options.end.whenReadable(() => void this.#serve());
  }

  async #take(arrival: Arrival): Promise<void> {
    const { told } = this.#options;
    if (arrival.kind === 'error') this.#fail(arrival.errno);
    else if (arrival.kind === 'gone')
      told(
        'the kernel side closed the channel: it has ended, or this user has too many channels; HELO is said again until there is one',
      );
    else if (this.#kernelUids.has(arrival.from.uid)) {
      await this.#hear(arrival.bytes);
      arrival.bytes.fill(0);
    } else told(`a datagram of uid ${arrival.from.uid} was passed over: it is no kernel side`);
  }

  /** A question of its own, since what was true before an await need not be. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  #fail(errno: string): void {
    this.#errors += 1;
    this.#options.told(`receiving failed with ${errno}, ${this.#errors} in a row`);
    if (this.#errors <= errorsMax) return;
    const why = `receiving failed ${this.#errors} times in a row, the last time with ${errno}`;
    this.#over({ kind: 'failed', errno: 'EIO', why });
  }

  async #hear(bytes: Uint8Array): Promise<void> {
    const message = this.#read(bytes);
    if (message === undefined) return;
    if (message.type === 'quit') {
      this.#over({ kind: 'told' });
      return;
    }
    // HELO is nothing to a daemon, and a response even less.
    if (message.type !== 'response') this.#errors = 0;
    if (message.type !== 'request') return;
    const { index, sequence } = message;
    const reply = await this.#answer(message.payload);
    if (reply === undefined) return;
    const respond = (payload: Uint8Array) =>
      this.#respond({ type: 'response', index, sequence, payload });
    await (reply instanceof Secret ? reply.use(respond) : respond(reply));
    if (reply instanceof Secret) reply.wipe();
  }

  #read(bytes: Uint8Array): WireMessage | undefined {
    try {
      return decodeNetlinkMessage(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#options.told(`a datagram was passed over: ${error.message}`);
      return undefined;
    }
  }

  /** One bad request must not end the service of the others. */
  async #answer(payload: Uint8Array): Promise<Reply | undefined> {
    try {
      return await this.#options.answer(payload);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'something';
      this.#options.told(`a request is left unanswered, since the handler threw ${name}`);
      return undefined;
    }
  }

  async #respond(message: WireMessage): Promise<void> {
    for (let tries = 0; tries <= resends; tries += 1) {
      const errno = this.#send(message);
      if (errno === undefined) return;
      if (errno !== 'EAGAIN') {
        this.#options.told(`a response was refused with ${errno}`);
        return;
      }
      await new Promise<void>((resolve) => this.#options.clock.after(resendMs, resolve));
    }
    this.#options.told('a response was given up: the queue of the kernel side stayed full');
  }

  #send(message: WireMessage): ReturnType<End['send']> {
    return sendOnce(this.#options.end, toKernel, encodeNetlinkMessage(message));
  }
}
