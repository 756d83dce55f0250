import type { Answer } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import { errnoOf } from './errno.js';
import type { Has } from './faults.js';
import type { Habits, Refusal } from './habits.js';
import { Outbox } from './outbox.js';
import { carried } from './payload.js';
import type { Context } from './pool.js';
import { Pool } from './pool.js';
import type { Change, Registration, Sender } from './registry.js';
import { Registry } from './registry.js';
import type { Reply, Scene } from './reply.js';
import { contextNamed, refusalOf } from './reply.js';
import type { Making, RequestCall, Sleeper } from './sleepers.js';
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
  readonly #sleepers: Sleepers;
  #latestUid = 0;
  #latestRequest = '';
  readonly #heardMs = new Map<number, number>();
  #isLocked = false;

  constructor(making: Making) {
    const { habits, has } = making;
    this.#making = making;
    this.#habits = habits;
    this.#has = has;
    this.pool = new Pool(making.contexts, making.latest, habits, has);
    this.#registry = new Registry(habits, has);
    this.#sleepers = new Sleepers(making, this.pool, this.#registry, this.#outbox);
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
    const change = this.#registry.helo(sender, own.length > 0);
    const daemon = this.#registry.of(uid);
    const pending = own.filter(({ context }) => context.state === 'pending');
    if (this.#has('helo-sends-again') && daemon !== undefined) {
      for (const sleeper of pending) this.#send(sleeper, daemon);
    }
    return this.#changed(change);
  }

  quit(sender: Sender): Answer {
    this.#lock();
    this.#registry.see(sender);
    const change = this.#registry.quit(sender);
    const own = this.#sleepers.of(sender.uid);
    if (change.refusal === undefined) {
      if (this.#has('quit-drops-requests')) this.#sleepers.fail(own);
      if (this.#has('quit-frees-contexts')) this.#sleepers.freeUnder(own);
    } else if (this.#has('lock-kept-by-quit')) {
      this.#isLocked = true;
    }
    return this.#changed(change);
  }

  exit(pid: number): Answer {
    const record = this.#registry.all.find((one) => one.pid === pid);
    this.#registry.exit(pid);
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
    const context = this.pool.acquire();
    if (context === undefined) return this.#full(call, daemon);
    if (!daemon.isAlive && !this.#overlooksDeath(daemon)) {
      if (!this.#has('leaks-on-dead-daemon')) this.pool.release(context);
      return this.#refuse('request/dead-daemon');
    }
    context.uid = uid;
    context.recipient = daemon.pid;
    if (this.#has('restarts-on-request')) this.#sleepers.restart(this.#sleepers.all);
    this.#send(this.#sleepers.sleep(call, context), daemon);
    this.#latestUid = uid;
    this.#latestRequest = call.payload;
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
      this.#outbox.emit({ event: 'message', to: daemon.pid, type: 'request', ...numbers, payload });
    }
    return this.#refuse('request/no-context');
  }

  #send({ context, request }: Sleeper, daemon: Registration): void {
    if (this.#has('sends-nothing')) return;
    if (this.#has('loses-33rd-message') && this.#sleepers.requests === 33) return;
    const index = this.#has('message-index-zero') ? 0 : context.index;
    const message = {
      event: 'message',
      to: this.#addressee(daemon),
      type: 'request',
      index: this.#has('index-from-one') ? index + 1 : index,
      seq: this.#has('message-number-in-8-bits') ? context.seq & 0xff : context.seq,
      payload: carried(request, this.#latestRequest, this.#has),
    } as const;
    if (this.#has('sends-late')) {
      this.#outbox.delay(message);
      return;
    }
    this.#outbox.emit(message);
    if (this.#has('sends-twice')) this.#outbox.emit(message);
    if (!this.#has('sends-to-everybody')) return;
    for (const { pid } of this.#registry.all) {
      if (pid !== daemon.pid) this.#outbox.emit({ ...message, to: pid });
    }
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

  #lateRefusal(context: Context | undefined): Refusal | undefined {
    const isLate = context !== undefined && this.#sleepers.isLate(context);
    return isLate && this.#has('expired-takes-no-reply') ? 'reply/idle' : undefined;
  }

  #answer(context: Context, payload: string): void {
    context.state = 'done';
    context.reply = this.#has('returns-appended') ? context.replyBefore + payload : payload;
    const sleepers = this.#sleepers.on(context);
    if (this.#has('frees-on-reply')) this.pool.releaseTooEarly(context);
    if (this.#making.manualWake || this.#has('wakes-nobody')) return;
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

  #changed({ refusal, quits }: Change): Answer {
    for (const to of quits) this.#outbox.emit({ event: 'message', to, type: 'quit' });
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
