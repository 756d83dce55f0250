import type { Call } from '../subject.js';
import { errnoOf } from './errno.js';
import type { Has } from './faults.js';
import type { Making } from './making.js';
import type { Outbox } from './outbox.js';
import { returned } from './payload.js';
import type { Context, Pool } from './pool.js';
import type { Post } from './post.js';
import type { Registry } from './registry.js';

/**
 * The processes that wait for a reply, and the time that they have.
 *
 * A sleeper looks only at the state of its context, as in Linux: it takes the reply that is there,
 * or finds its time gone, or sleeps on. Whoever leaves gives the context back.
 */

/** A process that waits for a reply. */
export interface Sleeper {
  readonly task: number;
  readonly uid: number;
  readonly request: string;
  readonly context: Context;
  deadlineMs: number;
  /** It has looked, found nothing, and will not be woken. */
  isLost: boolean;
}

/** The parameters of a request. */
export type RequestCall = (Call & { method: 'request' })['params'];

/** Everybody who sleeps. */
export class Sleepers {
  nowMs = 0;
  /** How many requests there were. */
  requests = 0;
  latestReply = '';
  readonly #making: Making;
  readonly #has: Has;
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #outbox: Outbox;
  readonly #post: Post;
  readonly #all = new Map<number, Sleeper>();
  /** Calls that have returned, and will again. */
  #ghosts: { readonly task: number; readonly deadlineMs: number }[] = [];
  #timeouts = 0;

  constructor(making: Making, pool: Pool, registry: Registry, outbox: Outbox, post: Post) {
    this.#making = making;
    this.#has = making.has;
    this.#pool = pool;
    this.#registry = registry;
    this.#outbox = outbox;
    this.#post = post;
  }

  /** All of them, the oldest first. */
  get all(): readonly Sleeper[] {
    return [...this.#all.values()];
  }

  withTask(task: number): Sleeper | undefined {
    return this.#all.get(task);
  }

  /** Those of a user. */
  of(uid: number): Sleeper[] {
    return this.all.filter((one) => this.#registry.isSameUser(one.uid, uid));
  }

  /** Those who wait on a context: one, if nothing is wrong. */
  on(context: Context | undefined): Sleeper[] {
    return this.all.filter((one) => one.context === context);
  }

  /** A process goes to sleep on a context. */
  sleep({ task, uid, payload }: RequestCall, context: Context): Sleeper {
    const { timeoutMs } = this.#making;
    const time = this.#has('time-in-16-bits') ? timeoutMs & 0xffff : timeoutMs;
    const exactMs = this.nowMs + time;
    const deadlineMs = this.#has('expires-in-seconds')
      ? Math.floor(exactMs / 1000) * 1000
      : exactMs;
    const sleeper = { task, uid, request: payload, context, deadlineMs, isLost: false };
    this.#all.set(task, sleeper);
    return sleeper;
  }

  /** Whether the time of a context's request is up, and its sleeper has not looked. */
  isLate(context: Context): boolean {
    return this.on(context).some((one) => this.#isOver(one));
  }

  /** Time passes. */
  advance(ms: number): void {
    this.nowMs += ms;
    for (const { task, deadlineMs } of this.#ghosts) {
      if (deadlineMs <= this.nowMs) this.#complete(task);
    }
    this.#ghosts = this.#ghosts.filter(({ deadlineMs }) => deadlineMs > this.nowMs);
    const { all } = this;
    const due = all.filter((one) => this.#isOver(one));
    if (this.#making.manualWake) {
      if (this.#has('frees-at-expiry')) this.freeUnder(due.filter(isWaiting));
      return;
    }
    if (this.#has('expires-all') && due.length > 0) this.fail(all);
    else if (this.#has('expires-newest')) this.fail(all.slice(all.length - due.length));
    else for (const sleeper of this.#oneByOne(due)) this.look(sleeper);
  }

  /** A reply that is there is taken, whatever the time; else the time decides. */
  look(sleeper: Sleeper): void {
    const { context, isLost } = sleeper;
    const isOver = this.#isOver(sleeper);
    const beaten = isOver && this.#has('time-beats-reply');
    if (context.state === 'done' && !beaten && !(isLost && !isOver)) this.#return(sleeper);
    else if (isOver) this.#timeOut(sleeper);
    else if (this.#has('look-ends-sleep')) this.fail([sleeper]);
    else if (this.#has('look-loses-place')) sleeper.isLost = true;
    else if (this.#has('restarts-on-look')) this.restart([sleeper]);
  }

  /** A signal reaches a process that sleeps: it returns, unless its reply is there or its time gone. */
  interrupt(sleeper: Sleeper): void {
    if (this.#isOver(sleeper)) return;
    if (this.#has('interrupt-restarts')) {
      this.restart([sleeper]);
      return;
    }
    const isDone = sleeper.context.state === 'done' && !this.#has('interrupt-beats-reply');
    const ends = this.#has('netlink-signal-ends') || this.#has('device-signal-ends');
    if (isDone || (this.#making.habits.signals === 'ignored' && !ends)) return;
    const other = this.all.find((one) => one !== sleeper);
    if (this.#has('interrupt-frees-only')) this.freeUnder([sleeper]);
    else if (this.#has('interrupt-ends-all')) for (const one of this.all) this.#endBySignal(one);
    else this.#endBySignal(this.#has('interrupt-wakes-another') ? (other ?? sleeper) : sleeper);
  }

  /** Makes calls return an error, and frees their contexts. */
  fail(sleepers: readonly Sleeper[]): void {
    for (const { task, context } of sleepers) {
      this.#end(task, context);
      this.#complete(task);
      this.#pool.release(context);
    }
  }

  /** Frees contexts, and tells nobody. */
  freeUnder(sleepers: readonly Sleeper[]): void {
    for (const { context } of sleepers) {
      if (context.state !== 'free') this.#pool.release(context);
    }
  }

  /** Gives sleepers their whole time again. */
  restart(sleepers: readonly Sleeper[]): void {
    for (const sleeper of sleepers) sleeper.deadlineMs = this.nowMs + this.#making.timeoutMs;
  }

  /** Gives sleepers so many milliseconds at least. */
  spare(sleepers: readonly Sleeper[], ms: number): void {
    for (const sleeper of sleepers) {
      sleeper.deadlineMs = Math.max(sleeper.deadlineMs, this.nowMs + ms);
    }
  }

  /** A process sleeps no longer. */
  #end(task: number, context: Context): void {
    this.#all.delete(task);
    this.#post.ended(context);
  }

  #endBySignal({ task, context }: Sleeper): void {
    this.#end(task, context);
    const result = this.#has('interrupt-returns-empty') ? { payload: '' } : { errno: 'EINTR' };
    const event = { event: 'complete', task, ...result } as const;
    this.#outbox.emit(event);
    if (this.#has('interrupt-returns-twice')) this.#outbox.emit(event);
    if (this.#has('interrupt-keeps-context')) return;
    if (this.#has('interrupt-keeps-guessed') && context.guesses > 0) return;
    this.#pool.release(context);
    if (this.#has('interrupt-frees-twice')) this.#pool.release(context);
    if (this.#has('interrupted-takes-reply')) context.state = 'pending';
  }

  #return({ task, request, context, deadlineMs }: Sleeper): void {
    this.#end(task, context);
    this.#timeouts = 0;
    const own = this.#has('returns-latest-reply') ? this.latestReply : (context.reply ?? '');
    const payload = returned(this.#has('returns-request') ? request : own, this.#has);
    const failed = payload === '' && this.#has('empty-reply-is-error');
    const event = {
      event: 'complete',
      task,
      ...(failed ? { errno: 'EIO' } : { payload }),
    } as const;
    if (this.#has('returns-late')) this.#outbox.delay(event);
    else this.#outbox.emit(event);
    if (this.#has('returns-twice')) this.#outbox.emit(event);
    if (this.#has('expires-answered')) this.#ghosts.push({ task, deadlineMs });
    const leaks =
      this.#has('leaks-on-answer') ||
      (this.#has('leaks-on-late-answer') && deadlineMs <= this.nowMs) ||
      (this.#has('leaks-after-300') && this.requests > 300) ||
      (this.#has('successor-answer-leaks') && context.bySuccessor);
    if (leaks || this.#has('frees-on-reply')) return;
    this.#pool.release(context);
    if (this.#has('frees-twice-on-answer')) this.#pool.release(context);
  }

  #timeOut({ task, uid, context }: Sleeper): void {
    this.#end(task, context);
    this.#timeouts += 1;
    const kept = this.#has('keeps-old-reply') ? context.reply : undefined;
    const payload = this.#has('expires-with-success') ? '' : kept;
    if (payload === undefined) this.#complete(task);
    else this.#outbox.emit({ event: 'complete', task, payload });
    if (this.#has('timeout-unregisters')) this.#registry.drop(uid);
    if (this.#has('number-back-on-timeout')) this.#pool.latest = context.seq - 1;
    const leaks =
      this.#has('leaks-on-timeout') ||
      (this.#has('leaks-on-wrong-number') && context.guesses > 0) ||
      (this.#has('context-7-leaks') && context.index === 7) ||
      (this.#has('usurped-timeout-leaks') && this.#registry.of(uid)?.isUsurped === true) ||
      (this.#has('third-timeout-leaks') && this.#timeouts % 3 === 0);
    if (leaks || (this.#has('frees-at-expiry') && this.#making.manualWake)) return;
    this.#pool.release(context);
    if (this.#has('frees-twice-on-timeout')) this.#pool.release(context);
  }

  #isOver({ deadlineMs, context }: Sleeper): boolean {
    if (this.#has('expires-never')) return false;
    if (this.#has('unread-expires-never') && this.#post.isUnread(context)) return false;
    if (this.#has('expires-early')) return this.nowMs >= deadlineMs - 1;
    if (this.#has('expires-late')) return this.nowMs > deadlineMs;
    if (this.#has('expires-at-twice')) return this.nowMs >= deadlineMs + this.#making.timeoutMs;
    return this.nowMs >= deadlineMs;
  }

  /** The order in which sleepers whose time is up look. */
  #oneByOne(due: readonly Sleeper[]): readonly Sleeper[] {
    if (this.#has('expires-one-at-a-time')) return due.slice(0, 1);
    if (this.#has('same-time-one-expires')) {
      const times = due.map(({ deadlineMs }) => deadlineMs);
      return due.filter(({ deadlineMs }, nth) => times.indexOf(deadlineMs) === nth);
    }
    return this.#making.habits.expiresBackwards ? due.toReversed() : due;
  }

  #complete(task: number): void {
    this.#outbox.emit({
      event: 'complete',
      task,
      errno: errnoOf('time-out', this.#making.habits, this.#has),
    });
  }
}

function isWaiting({ context }: Sleeper): boolean {
  return context.state === 'pending';
}
