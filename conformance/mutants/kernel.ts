import type { Answer } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import { errnoOf } from './errno.js';
import type { Has } from './faults.js';
import type { Habits, Refusal } from './habits.js';
import type { Making } from './making.js';
import { Outbox } from './outbox.js';
import type { Context } from './pool.js';
import { Pool } from './pool.js';
import { Post } from './post.js';
import type { Change, Registration, Sender } from './registry.js';
import { Registry } from './registry.js';
import type { Reply, Scene } from './reply.js';
import { contextNamed, refusalOf } from './reply.js';
import type { RequestCall, Sleeper } from './sleepers.js';
import { Sleepers } from './sleepers.js';

/**
 * A third kernel side, written to be broken: right without a fault, and wrong in one thing with one.
 *
 * A request takes a context out of the pool, its number and index go to the user's daemon, and a
 * sleeper waits on the context. A reply that passes the checks is put into the context; the sleeper
 * takes it when it looks, or finds its time gone, and gives the context back. A process that is
 * woken looks at once, unless the runner wants to say when. Faults are consulted where they bend.
 */

/** The kernel side of one case. */
export class Kernel {
  readonly pool: Pool;
  readonly #registry: Registry;
  readonly #making: Making;
  readonly #habits: Habits;
  readonly #has: Has;
  readonly #outbox = new Outbox();
  readonly #post: Post;
  readonly #sleepers: Sleepers;
  #latestUid = 0;
  readonly #heardMs = new Map<number, number>();
  #isLocked = false;

  constructor(making: Making) {
    const { habits, has } = making;
    this.#making = making;
    this.#habits = habits;
    this.#has = has;
    this.pool = new Pool(making.contexts, making.latest, habits, has);
    this.#registry = new Registry(habits, has);
    this.#post = new Post(making, this.pool, this.#registry, this.#outbox);
    this.#sleepers = new Sleepers(making, this.pool, this.#registry, this.#outbox, this.#post);
  }

  /** What a faulty reset leaves of the system before. */
  inherit(before: Kernel): void {
    this.#registry.inherit(before.#registry);
    this.#post.inherit(before.#post);
  }

  helo(sender: Sender): Answer {
    this.#lock();
    this.#registry.see(sender);
    const { uid } = sender;
    const own = this.#sleepers.of(uid);
    if (this.#has('number-again-after-helo')) this.pool.restart();
    if (this.#has('restarts-on-helo')) this.#sleepers.restart(own);
    if (this.#has('helo-frees-contexts')) this.#sleepers.freeUnder(own);
    if (this.#has('helo-drops-requests')) this.#sleepers.fail(own);
    this.#heardMs.set(uid, this.#sleepers.nowMs);
    const old = this.#registry.of(uid);
    const change = this.#registry.helo(sender, own.length > 0);
    const isReplaced = old !== undefined && old.pid !== sender.pid && change.refusal === undefined;
    if (isReplaced) this.#post.replaced(old.pid, sender.pid);
    const daemon = this.#registry.of(uid);
    const pending = own.filter(({ context }) => context.state === 'pending');
    if (this.#has('helo-sends-again') && daemon !== undefined) {
      for (const sleeper of pending) this.#send(sleeper, daemon);
    }
    return this.#changed(change, old);
  }

  quit(sender: Sender): Answer {
    this.#lock();
    this.#registry.see(sender);
    const change = this.#registry.quit(sender);
    const own = this.#sleepers.of(sender.uid);
    if (change.refusal === undefined) {
      const drops = this.#has('quit-drops-requests') || this.#has('close-drops-requests');
      if (drops) this.#sleepers.fail(own);
      if (this.#has('quit-frees-contexts')) this.#sleepers.freeUnder(own);
      this.#dropQueueAtQuit(sender.pid);
    } else if (this.#has('lock-kept-by-quit')) {
      this.#isLocked = true;
    }
    return this.#changed(change);
  }

  exit(pid: number): Answer {
    const record = this.#registry.all.find((one) => one.pid === pid && one.isAlive);
    this.#registry.exit(pid);
    if (!this.#has('exit-keeps-queue')) {
      const unread = this.#post.drop(pid);
      if (this.#has('exit-frees-unread')) this.#freeUnder(unread);
    }
    if (record !== undefined && this.#has('death-drops-requests')) {
      this.#sleepers.fail(this.#sleepers.of(record.uid));
    }
    return this.#ok();
  }

  request(call: RequestCall): Answer {
    this.#lock();
    this.#sleepers.requests += 1;
    const { uid } = call;
    const daemon = this.#daemonOf(uid);
    const early = this.#earlyRefusal(call, daemon);
    if (early !== undefined) return this.#refuse(early);
    if (daemon === undefined) {
      if (this.#has('leaks-without-daemon')) this.pool.acquire();
      if (this.#has('accepts-without-daemon')) return this.#ok();
      return this.#refuse('request/no-daemon');
    }
    const { latest } = this.pool;
    const context = this.pool.acquire();
    if (context === undefined) return this.#full(call, daemon);
    // Linux 2.6.21 remembers whom a context served last, and also whom it could not serve.
    if (this.#habits.sender === 'process') context.uid = uid;
    if (!daemon.isAlive && !daemon.isUsurped && !this.#overlooksDeath(daemon)) {
      if (this.#habits.countsDeadSends) this.#post.fails();
      if (!this.#has('leaks-on-dead-daemon')) this.pool.release(context);
      return this.#refuse('request/dead-daemon');
    }
    if (this.#post.fails()) {
      if (this.#habits.reusesUnsentNumbers) this.pool.latest = latest;
      return this.#unsent(call, context, daemon);
    }
    context.uid = uid;
    context.recipient = daemon.pid;
    if (this.#has('restarts-on-request')) this.#sleepers.restart(this.#sleepers.all);
    this.#send(this.#sleepers.sleep(call, context), daemon);
    this.#latestUid = uid;
    return this.#ok();
  }

  reply(reply: Reply): Answer {
    this.#registry.see(reply);
    const scene = this.#scene;
    const context = contextNamed(reply, scene);
    if (context?.uid === undefined) this.#followOwner(context);
    const refusal = this.#lateRefusal(context) ?? refusalOf(reply, context, scene);
    if (refusal !== undefined || context === undefined) {
      return this.#refuseReply(refusal ?? 'reply/index', reply, context);
    }
    this.#sleepers.latestReply = reply.payload;
    context.bySuccessor = reply.pid !== context.recipient;
    if (context.state === 'free') return this.#ok();
    if (context.state === 'done' && this.#has('second-reply-noted')) return this.#ok();
    if (this.#sleepers.isLate(context) && this.#has('late-reply-lost')) return this.#ok();
    const oldest = this.#sleepers.all[0]?.context;
    const woken = this.#has('wakes-oldest') && oldest !== undefined ? [oldest] : [context];
    if (this.#has('wakes-everybody')) woken.push(...this.pool.contexts.filter(isPending));
    for (const one of new Set(woken)) this.#answer(one, reply.payload);
    if (this.#has('restarts-on-answer')) this.#sleepers.restart(this.#sleepers.all);
    return this.#ok();
  }

  /** A process reads the message that waits longest for it. */
  read(pid: number): Answer {
    const context = this.#post.read(pid);
    const sleepers = this.#sleepers.on(context);
    if (this.#has('restarts-on-read')) this.#sleepers.restart(sleepers);
    if (this.#has('read-gives-time')) this.#sleepers.spare(sleepers, 2);
    return this.#ok();
  }

  /** A signal reaches a process that sleeps. */
  interrupt(task: number): Answer {
    const sleeper = this.#sleepers.withTask(task);
    if (sleeper !== undefined) this.#sleepers.interrupt(sleeper);
    return this.#ok();
  }

  /** The nth message from now on will fail. */
  failSend(nth: number): Answer {
    this.#post.failSend(nth);
    return this.#ok();
  }

  /** A process was seen. */
  see(sender: Sender): void {
    this.#registry.see(sender);
  }

  /** Whether a process is the registered one of its user. */
  isRegistered(sender: Sender): boolean {
    return this.#registry.isRegistered(sender);
  }

  /** What a faulty device does with HELO. */
  registerAgain(sender: Sender): void {
    const record = this.#registry.of(sender.uid);
    if (record !== undefined) this.#registry.put({ ...record }, 'before');
  }

  /** It is so many milliseconds since the start. */
  reach(nowMs: number): void {
    this.#sleepers.advance(nowMs - this.#sleepers.nowMs);
  }

  /** Time passes. */
  advance(ms: number): Answer {
    this.#sleepers.advance(ms);
    return this.#ok();
  }

  /** A process looks. */
  wake(task: number): Answer {
    const sleeper = this.#sleepers.withTask(task);
    if (sleeper !== undefined) this.#sleepers.look(sleeper);
    return this.#ok();
  }

  /** Its inside. */
  inspect(): Answer {
    const daemons = this.#registry.all.map(({ uid, pid }) => ({ uid, pid }));
    return { events: this.#outbox.take(), result: { ...this.pool.view(), daemons } };
  }

  /** Nothing moves by itself here. */
  settle(): Answer {
    this.#post.settle();
    return this.#ok();
  }

  get #scene(): Scene {
    const { pool } = this;
    const latestUid = this.#latestUid;
    return { pool, registry: this.#registry, habits: this.#habits, has: this.#has, latestUid };
  }

  #lock(): void {
    if (this.#isLocked) throw new AdapterBroke('deadline', 'the call waits for a lock for ever');
  }

  /** A context that never served a request has no owner to follow. */
  #followOwner(context: Context | undefined): void {
    const fault = context === undefined ? 'crashes-outside' : 'crashes-on-unused';
    if (this.#has(fault))
      throw new AdapterBroke('death', 'the kernel followed a pointer to nowhere');
  }

  #daemonOf(uid: number): Registration | undefined {
    const idleMs = this.#sleepers.nowMs - (this.#heardMs.get(uid) ?? 0);
    const isIdle = idleMs > 10 * this.#making.timeoutMs;
    if (this.#has('idle-unregisters') && isIdle) this.#registry.drop(uid);
    this.#heardMs.set(uid, this.#sleepers.nowMs);
    const others = this.#has('serves-by-any-daemon') ? this.#registry.all : [];
    return this.#registry.of(uid) ?? others[0];
  }

  /** Refusals out of order, and of what nobody should refuse. */
  #earlyRefusal(
    { uid, payload }: RequestCall,
    daemon: Registration | undefined,
  ): Refusal | undefined {
    if (this.#has('full-before-daemon') && this.pool.isFull) return 'request/no-context';
    if (daemon === undefined) return undefined;
    if (this.#has('death-before-full') && !daemon.isAlive) return 'request/dead-daemon';
    if (this.#has('refuses-empty-request') && payload === '') return 'request/no-context';
    if (this.#has('wears-out-at-1000') && this.#sleepers.requests > 1000)
      return 'request/no-context';
    const sleeps = this.#sleepers.of(uid).length > 0;
    return this.#has('one-request-a-user') && sleeps ? 'request/no-context' : undefined;
  }

  #overlooksDeath(daemon: Registration): boolean {
    daemon.refusals += 1;
    if (this.#has('second-death-unnoticed') && daemon.refusals > 1) return true;
    return this.#has('death-unnoticed');
  }

  /** No context is free. */
  #full(call: RequestCall, daemon: Registration): Answer {
    if (this.#has('forgets-without-context')) return this.#ok();
    if (this.#has('full-pool-times-out')) {
      this.#sleepers.sleep(call, this.pool.phantom());
      return this.#ok();
    }
    if (this.#has('sends-when-full')) {
      const { payload } = call;
      const numbers = { index: 0, seq: this.pool.latest };
      this.#post.emit({ event: 'message', to: daemon.pid, type: 'request', ...numbers, payload });
    }
    return this.#refuse('request/no-context');
  }

  #send({ context, request }: Sleeper, daemon: Registration): void {
    this.#post.send({ context, request, daemon, nth: this.#sleepers.requests });
  }

  /** The transport could not hand the message of a request over. */
  #unsent(call: RequestCall, context: Context, daemon: Registration): Answer {
    if (this.#has('failed-send-sleeps')) {
      context.uid = call.uid;
      this.#sleepers.sleep(call, context);
      return this.#ok();
    }
    const oldest = this.#has('failed-send-frees-oldest') ? this.#sleepers.all[0] : undefined;
    const isSecond = this.#post.failures > 1 && this.#has('second-failure-leaks');
    if (oldest !== undefined) this.pool.release(oldest.context);
    else if (!isSecond && !this.#has('failed-send-leaks')) this.pool.release(context);
    if (this.#has('failed-send-takes-another')) this.pool.acquire();
    if (this.#has('failed-send-unregisters')) this.#registry.drop(call.uid);
    if (this.#has('failed-send-ends-others')) this.#sleepers.fail(this.#sleepers.of(call.uid));
    const { payload: request } = call;
    this.#post.sendFailed({ context, request, daemon, nth: this.#sleepers.requests });
    if (this.#has('failed-send-forgotten')) return this.#ok();
    return this.#refuse('request/send-failed');
  }

  /** On the device what waits for a process goes with its handle. */
  #dropQueueAtQuit(pid: number): void {
    const drops = this.#habits.quitDropsQueue && !this.#has('close-keeps-queue');
    if (!drops && !this.#has('quit-clears-queue')) return;
    const unread = this.#post.drop(pid);
    if (this.#has('close-frees-unread')) this.#freeUnder(unread);
  }

  #freeUnder(contexts: readonly (Context | undefined)[]): void {
    for (const context of contexts) this.#sleepers.freeUnder(this.#sleepers.on(context));
  }

  #lateRefusal(context: Context | undefined): Refusal | undefined {
    const isLate = context !== undefined && this.#sleepers.isLate(context);
    return isLate && this.#has('expired-takes-no-reply') ? 'reply/idle' : undefined;
  }

  #answer(context: Context, payload: string): void {
    context.state = 'done';
    context.reply = this.#has('returns-appended') ? context.replyBefore + payload : payload;
    const sleepers = this.#sleepers.on(context);
    if (this.#has('frees-on-reply')) this.pool.releaseTooEarly(context);
    const sleepsOn = this.#making.manualWake || this.#habits.returnsAtTimeout;
    if (sleepsOn || this.#has('wakes-nobody')) return;
    for (const sleeper of sleepers) this.#sleepers.look(sleeper);
  }

  #refuseReply(why: Refusal, { uid, payload }: Reply, context: Context | undefined): Answer {
    const sleepers = this.#sleepers.on(context);
    if (this.#has('restarts-on-refused-reply')) this.#sleepers.restart(sleepers);
    if (this.#has('refused-reply-ends-sleep')) this.#sleepers.fail(sleepers);
    if (context !== undefined) {
      if (why === 'reply/number') context.guesses += 1;
      if (this.#has('refused-reply-spoils') && context.state === 'pending') context.isSpoilt = true;
      if (this.#has('frees-on-refused-reply')) this.pool.releaseTooEarly(context);
      if (why === 'reply/answered' && this.#has('second-reply-overwrites')) context.reply = payload;
    }
    if (why === 'reply/number' && this.#has('wrong-reply-unregisters')) this.#registry.drop(uid);
    return this.#has('refusals-unreported') ? this.#ok() : this.#refuse(why);
  }

  /** @param old the registration before */
  #changed({ refusal, quits }: Change, old?: Registration): Answer {
    for (const to of quits) {
      if (this.#post.tellToQuit(to)) continue;
      if (this.#has('failed-quit-takes-context')) this.pool.acquire();
      const refuses = this.#has('failed-quit-refuses-helo');
      const keeps = refuses || this.#has('failed-quit-keeps-old');
      if (keeps && old !== undefined) this.#registry.put(old, 'alone');
      if (refuses) return this.#refuse('helo/not-now');
    }
    return refusal === undefined ? this.#ok() : this.#refuse(refusal);
  }

  #ok(): Answer {
    return { events: this.#outbox.take(), result: {} };
  }

  #refuse(why: Refusal): Answer {
    const errno = errnoOf(why, this.#habits, this.#has);
    return { events: this.#outbox.take(), error: { code: 'ERRNO', errno } };
  }
}

function isPending({ state }: Context): boolean {
  return state === 'pending';
}
