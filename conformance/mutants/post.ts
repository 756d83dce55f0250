import type { Has } from './faults.js';
import type { Outbox } from './outbox.js';
import { carried } from './payload.js';
import type { Context, Pool } from './pool.js';
import type { Message } from './queues.js';
import { Queues } from './queues.js';
import type { Registration, Registry } from './registry.js';
import type { Making } from './making.js';

/**
 * The transport: how messages get to processes.
 *
 * A message comes at once, or, where the runner says who reads when, waits in the queue of its
 * process. Every message is counted, since the runner may have chosen one to fail.
 */

/** A request on its way. */
export interface Sending {
  readonly context: Context;
  /** The bytes, in hex. */
  readonly request: string;
  readonly daemon: Registration;
  /** Which request it is since the start. */
  readonly nth: number;
}

/** The messages of a system. */
export class Post {
  /** How many messages failed. */
  failures = 0;
  readonly #making: Making;
  readonly #has: Has;
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #outbox: Outbox;
  readonly #queues: Queues;
  readonly #failing = new Set<number>();
  #counted = 0;
  #latestRequest = '';

  constructor(making: Making, pool: Pool, registry: Registry, outbox: Outbox) {
    this.#making = making;
    this.#has = making.has;
    this.#pool = pool;
    this.#registry = registry;
    this.#outbox = outbox;
    this.#queues = new Queues(making.has);
  }

  /** The nth message from now on will fail. */
  failSend(nth: number): void {
    this.#failing.add(this.#counted + nth);
  }

  /** Nothing moves any more. */
  settle(): void {
    if (this.#has('failure-gone-with-barrier')) this.#failing.clear();
  }

  /** What a faulty reset leaves of the system before. */
  inherit(before: Post): void {
    if (this.#has('reset-keeps-unread')) this.#queues.inherit(before.#queues);
    if (!this.#has('reset-keeps-failures')) return;
    for (const nth of before.#failing) this.#failing.add(nth - before.#counted);
  }

  /** Counts a message, and says whether it fails. */
  fails(): boolean {
    this.#counted += 1;
    const isChosen = this.#failing.delete(this.#counted);
    const sticks = this.#has('failure-sticks') && this.failures > 0;
    if (isChosen || sticks) this.failures += 1;
    return isChosen || sticks;
  }

  /** Sends the message of a request. */
  send(sending: Sending): void {
    const { daemon, request, nth } = sending;
    const message = this.#messageOf(sending);
    this.#latestRequest = request;
    if (this.#has('sends-nothing')) return;
    if (this.#has('loses-33rd-message') && nth === 33) return;
    if (this.#has('sends-late')) {
      this.#outbox.delay(message);
      return;
    }
    this.emit(message);
    if (this.#has('sends-twice')) this.emit(message);
    if (!this.#has('sends-to-everybody')) return;
    for (const { pid } of this.#registry.all) {
      if (pid !== daemon.pid) this.emit({ ...message, to: pid });
    }
  }

  /** What a failed send sends all the same. */
  sendFailed(sending: Sending): void {
    if (this.#has('failed-send-sent')) this.emit(this.#messageOf(sending));
    if (this.#has('failed-send-sent-later')) this.#outbox.delay(this.#messageOf(sending));
  }

  /** Tells a process to quit. Returns false when it could not be told. */
  tellToQuit(pid: number): boolean {
    const message = { event: 'message', to: pid, type: 'quit' } as const;
    if (this.fails()) {
      if (this.#has('failed-quit-waits')) this.#queues.push(message);
      return false;
    }
    if (this.#has('quit-unqueued')) this.#outbox.emit(message);
    else this.emit(message);
    return true;
  }

  /** A message comes, or waits. */
  emit(message: Message): void {
    if (this.#making.manualRead) this.#queues.push(message);
    else this.#outbox.emit(message);
  }

  /** A process reads. Returns the context whose message it was. */
  read(pid: number): Context | undefined {
    const message = this.#queues.take(pid);
    if (message === undefined) return undefined;
    if (message.type === 'quit') {
      this.#outbox.emit(message);
      return undefined;
    }
    const context = this.#pool.contexts[message.index];
    const seq = this.#has('ended-renumbered') ? (context?.seq ?? 0) : message.seq;
    const payload = this.#has('read-newest-bytes') ? this.#latestRequest : message.payload;
    this.#outbox.emit({ ...message, seq, payload });
    const isOver = context?.state === 'free' || context?.seq !== message.seq;
    if (isOver && this.#has('ended-read-leaks')) this.#pool.acquire();
    if (context?.state === 'free' && this.#has('ended-read-revives')) context.state = 'pending';
    return isOver ? undefined : context;
  }

  /** Whether the message of a context's request waits. */
  isUnread({ index, seq }: Context): boolean {
    return this.#queues.holds(index, seq);
  }

  /** A request has ended; its message may wait still. */
  ended({ index, seq }: Context): void {
    const leaves = this.#making.habits.unread === 'delivered' && !this.#has('netlink-withdraws');
    const stays = leaves || this.#has('device-leaves-unread');
    if (!stays || this.#has('ended-clears-queue')) this.#queues.withdraw(index, seq);
  }

  /** What waits for a process is gone. Returns the contexts of the requests among it. */
  drop(pid: number): readonly (Context | undefined)[] {
    return this.#queues.drop(pid).flatMap((one) => {
      const context = one.type === 'request' ? this.#pool.contexts[one.index] : undefined;
      return one.type === 'request' && context?.seq === one.seq ? [context] : [];
    });
  }

  /** One daemon has replaced another. */
  replaced(old: number, successor: number): void {
    const clears = this.#has('helo-clears-queue');
    const moves = this.#has('helo-moves-queue');
    const taken = clears || moves ? this.#queues.drop(old) : [];
    for (const message of moves ? taken : []) this.#queues.push({ ...message, to: successor });
  }

  #messageOf({ context, request, daemon }: Sending): Message & { type: 'request' } {
    const index = this.#has('message-index-zero') ? 0 : context.index;
    return {
      event: 'message',
      to: this.#addressee(daemon),
      type: 'request',
      index: this.#has('index-from-one') ? index + 1 : index,
      seq: this.#has('message-number-in-8-bits') ? context.seq & 0xff : context.seq,
      payload: carried(request, this.#latestRequest, this.#has),
    };
  }

  #addressee({ uid, pid }: Registration): number {
    const ever = this.#registry.ever();
    const living = this.#registry.all.filter(({ isAlive }) => isAlive);
    const isThird = living[2]?.pid === pid && this.#has('three-users-mixed');
    if (isThird) return living[1]?.pid ?? pid;
    if (this.#has('sends-to-first')) return ever[0]?.pid ?? pid;
    if (this.#has('sends-to-latest')) return ever.at(-1)?.pid ?? pid;
    if (this.#has('sends-to-predecessor')) return this.#registry.ever(uid)[0]?.pid ?? pid;
    return pid;
  }
}
