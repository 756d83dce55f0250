import { answersIn } from '../overlap.js';
import type { Scheduler } from '../stage.js';
import { seededScheduler, Stage } from '../stage.js';
import type { Answer, Call, Claims, History, Outcome, Subject } from '../subject.js';
import { version } from '../version.js';
import type { FaultId } from './faults.js';

/**
 * A small kernel whose calls overlap, with one race at a time.
 *
 * Each call pauses wherever it has looked at something and has not yet acted on it. The right kernel
 * holds its two locks meanwhile, always taken in the same order; a fault lets go of them there, and
 * acts on what it saw before.
 */

/** How a kernel of this kind is made. */
export interface RacyOptions {
  /** The one fault that is switched on, if any. */
  readonly fault?: FaultId;
  /** Who goes first where calls overlap; seeded with 1, unless said otherwise. */
  readonly scheduler?: Scheduler;
}

type Of<Method extends Call['method']> = (Call & { readonly method: Method })['params'];

interface Context {
  readonly index: number;
  sequence: number;
  state: 'free' | 'pending' | 'done';
  task: number;
  uid: number;
  deadlineMs: number;
  isExpired: boolean;
  reply: string;
}

const ok: Outcome = { result: {} };
const refused = (errno: string): Outcome => ({ error: { code: 'ERRNO', errno } });
/** The locks, in the order in which they are taken. */
const [registry, pool] = ['registry', 'pool'] as const;

/** The kernel as a subject, in this process. */
export class RacySubject implements Subject {
  readonly claims: Claims = {
    name: 'msgctx-racy',
    version,
    role: 'kernel',
    profile: 'seed',
    capabilities: new Set([
      'virtualTime', 'results', 'payload', 'exit', 'manualWake', 'wideLabels', 'concurrent',
    ]), // prettier-ignore
    contextsMin: 1,
    contextsMax: 4096,
    payloadMax: 65_536,
    timeoutMinMs: 1,
    timeoutStepMs: 1,
    language: 'typescript',
  };
  readonly #fault: FaultId | undefined;
  readonly #scheduler: Scheduler;
  readonly #alone = seededScheduler(0);
  #contexts: readonly Context[] = [];
  #free: number[] = [];
  #daemons = new Map<number, number>();
  #dead = new Set<number>();
  #answered = new Set<number>();
  #sequence = 0;
  #nowMs = 0;
  #timeoutMs = 0;
  #manualWake = false;

  constructor({ fault, scheduler }: RacyOptions = {}) {
    this.#fault = fault;
    this.#scheduler = scheduler ?? seededScheduler(1);
  }

  async call(call: Call): Promise<Answer> {
    const history = await new Stage(this.#alone).play([call], this.#work);
    const [answer] = answersIn(history, 1).answers;
    if (answer === undefined) throw new TypeError(`${call.method} waits for itself`);
    return answer;
  }

  overlap(calls: readonly Call[]): Promise<History> {
    return new Stage(this.#scheduler).play(calls, this.#work);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  readonly #work = async (call: Call, stage: Stage, label: string): Promise<Outcome> => {
    const isTurned = this.#has('racy-lock-order') && call.method === 'request';
    const locks = isTurned ? [pool, registry] : [registry, pool];
    for (const lock of locks) {
      await stage.lock(lock);
      await stage.pause(`${label} has a lock`);
    }
    const answer = await this.#act(call, stage, label);
    for (const lock of locks) stage.unlock(lock);
    return answer;
  };

  #has(id: FaultId): boolean {
    return this.#fault === id;
  }

  /** The place between looking and acting. The right kernel keeps its locks there. */
  async #gap(ids: readonly FaultId[], stage: Stage, label: string): Promise<void> {
    const letsGo = ids.some((id) => this.#has(id));
    if (letsGo) for (const lock of [pool, registry]) stage.unlock(lock);
    await stage.pause(label);
    if (letsGo) for (const lock of [registry, pool]) await stage.lock(lock);
  }

  async #act(call: Call, stage: Stage, label: string): Promise<Outcome> {
    switch (call.method) {
      case 'reset':
        return this.#reset(call.params);
      case 'helo':
        return this.#helo(call.params, stage, label);
      case 'quit':
        return this.#quit(call.params, stage, label);
      case 'exit':
        this.#dead.add(call.params.pid);
        return ok;
      case 'request':
        return this.#request(call.params, stage, label);
      case 'reply':
        return this.#reply(call.params, stage, label);
      case 'wake':
        return this.#wake(call.params.task, stage);
      case 'advance':
        return this.#advance(call.params.ms, stage, label);
      case 'settle':
      case 'shutdown':
        return ok;
      case 'read':
      case 'raw':
      case 'interrupt':
      case 'failSend':
      case 'inspect':
        return { error: { code: 'UNSUPPORTED' } };
    }
  }

  #reset({ contexts, timeoutMs, manualWake }: Of<'reset'>): Outcome {
    this.#contexts = Array.from({ length: contexts }, (_, index) => ({
      index,
      sequence: 0,
      state: 'free',
      task: 0,
      uid: 0,
      deadlineMs: 0,
      isExpired: false,
      reply: '',
    }));
    this.#free = this.#contexts.map(({ index }) => index);
    this.#daemons = new Map();
    this.#dead = new Set();
    this.#answered = new Set();
    this.#sequence = 0;
    this.#nowMs = 0;
    this.#timeoutMs = timeoutMs;
    this.#manualWake = manualWake;
    return ok;
  }

  async #helo({ uid, pid }: Of<'helo'>, stage: Stage, label: string): Promise<Outcome> {
    const old = this.#daemons.get(uid);
    await this.#gap(['racy-helo'], stage, `${label} knows the old daemon`);
    this.#daemons.set(uid, pid);
    if (old !== undefined && old !== pid && !this.#dead.has(old)) {
      stage.emit({ event: 'message', to: old, type: 'quit' });
    }
    return ok;
  }

  async #quit({ uid, pid }: Of<'quit'>, stage: Stage, label: string): Promise<Outcome> {
    if (this.#daemons.get(uid) !== pid) return refused('EINVAL');
    await this.#gap(['racy-quit'], stage, `${label} is registered`);
    this.#daemons.delete(uid);
    return ok;
  }

  async #request(params: Of<'request'>, stage: Stage, label: string): Promise<Outcome> {
    const { task, uid, payload } = params;
    const seen = this.#daemons.get(uid);
    if (seen === undefined) return refused('ENOTCONN');
    if (this.#free.length === 0) return refused('ENOMEM');
    await this.#gap(['racy-full'], stage, `${label} may have a context`);
    const [index] = this.#free;
    await this.#gap(['racy-context'], stage, `${label} has chosen a context`);
    const context = this.#contexts[index ?? -1];
    // Somebody else took the last one.
    if (context === undefined) return ok;
    this.#take(context, { task, uid });
    const faults = ['racy-recipient', 'racy-death-leaks'] as const;
    await this.#gap(faults, stage, `${label} has a context`);
    const to = this.#has('racy-recipient') ? seen : this.#daemons.get(uid);
    if (to === undefined || this.#dead.has(to)) {
      if (!this.#has('racy-death-leaks')) this.#give(context);
      return refused(to === undefined ? 'ENOTCONN' : 'ECONNREFUSED');
    }
    const { index: place, sequence: seq } = context;
    stage.emit({ event: 'message', to, type: 'request', index: place, seq, payload });
    return ok;
  }

  #take(context: Context, asker: { readonly task: number; readonly uid: number }): void {
    this.#sequence += 1;
    const deadlineMs = this.#nowMs + this.#timeoutMs;
    const state = { state: 'pending', sequence: this.#sequence, deadlineMs, isExpired: false };
    Object.assign(context, asker, state);
    const place = this.#free.indexOf(context.index);
    if (place !== -1) this.#free.splice(place, 1);
  }

  #give(context: Context): void {
    context.state = 'free';
    this.#free.push(context.index);
  }

  async #reply(params: Of<'reply'>, stage: Stage, label: string): Promise<Outcome> {
    const refusal = this.#refusalOf(params);
    const context = this.#contexts[params.index];
    if (refusal !== undefined || context === undefined) return refused(refusal ?? 'EINVAL');
    const { task } = context;
    const faults = ['racy-second-reply', 'racy-late-reply', 'racy-reply-to-next'] as const;
    await this.#gap(faults, stage, `${label} is let in`);
    const now = this.#refusalOf(params);
    if (now !== undefined) {
      const isAnswered = this.#answered.has(task);
      if (isAnswered && this.#has('racy-second-reply')) return ok;
      if (!isAnswered && context.state === 'free' && this.#has('racy-late-reply')) return ok;
      const isAnother = context.task !== task && context.state === 'pending';
      if (!isAnother || !this.#has('racy-reply-to-next')) return refused(now);
    }
    Object.assign(context, { state: 'done', reply: params.payload });
    this.#answered.add(context.task);
    if (!this.#manualWake) this.#look(context, stage);
    return ok;
  }

  #refusalOf({ uid, pid, index, seq }: Of<'reply'>): string | undefined {
    const context = this.#contexts[index];
    if (context === undefined || context.state === 'free') return 'EINVAL';
    if (context.uid !== uid || this.#daemons.get(uid) !== pid) return 'EBADMSG';
    return context.state === 'done' || context.sequence !== seq ? 'EINVAL' : undefined;
  }

  #wake(task: number, stage: Stage): Outcome {
    const context = this.#contexts.find((one) => one.state !== 'free' && one.task === task);
    if (context !== undefined) this.#look(context, stage);
    return ok;
  }

  /** A process looks what became of its request. */
  #look(context: Context, stage: Stage): void {
    const { task, state, reply: payload, isExpired } = context;
    if (state === 'done') stage.emit({ event: 'complete', task, payload });
    else if (isExpired) stage.emit({ event: 'complete', task, errno: 'ENOMSG' });
    else return;
    this.#give(context);
  }

  async #advance(ms: number, stage: Stage, label: string): Promise<Outcome> {
    this.#nowMs += ms;
    const due = this.#contexts
      .filter((one) => one.state === 'pending' && one.deadlineMs <= this.#nowMs && !one.isExpired)
      .sort((a, b) => a.deadlineMs - b.deadlineMs)
      .map((context) => ({ context, task: context.task }));
    const faults = ['racy-expiry-again', 'racy-expiry-wins', 'racy-free-twice'] as const;
    await this.#gap(faults, stage, `${label} knows who is late`);
    for (const { context, task } of due) {
      if (context.state === 'pending' && context.task === task) {
        context.isExpired = true;
        if (!this.#manualWake) this.#look(context, stage);
        continue;
      }
      const isDone = context.state === 'done' && context.task === task;
      if (this.#has('racy-free-twice') && context.state === 'free') this.#free.push(context.index);
      if (this.#has('racy-expiry-again') && !isDone) {
        stage.emit({ event: 'complete', task, errno: 'ENOMSG' });
      }
      if (this.#has('racy-expiry-wins') && isDone) {
        Object.assign(context, { state: 'pending', isExpired: true });
      }
    }
    return ok;
  }
}
