import { describe, expect, it } from 'vitest';
import type { Action, Answer, Call, State, Step } from '../../conformance/index.js';
import { profiles, seed, System } from '../../conformance/index.js';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { faults } from '../../conformance/mutants/faults.js';
import type { MutantOptions } from '../../conformance/mutants/subject.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';

/**
 * The kernel of the mutants beside the model, in random steps and without the oracle.
 *
 * After each step `inspect` says what became of contexts and registrations; of the states that the
 * model allows those stay that agree with it and with what was answered. There must always be one.
 */

const bounds = { contexts: 2, users: 2, processes: 2, queue: 3, quitMarkers: true } as const;
const environment = { sendFails: true, signals: true, pidReuse: true };
const timeoutMs = 1000;

interface Sleeper {
  readonly task: number;
  readonly context: number;
  readonly deadlineMs: number;
}

interface View {
  readonly contexts: readonly { readonly state: string; readonly seq: number }[];
  readonly daemons: readonly { readonly uid: number; readonly pid: number }[];
}

/** One conversation. */
class Talk {
  readonly steps = new Map<string, number>();
  readonly #system: System;
  readonly #subject: MutantSubject;
  readonly #pids = new Map<string, number>();
  /** The pid of the process that was registered when it died, by user. */
  readonly #dead = new Map<number, number>();
  readonly #heard: string[] = [];
  #states: readonly State[];
  #sleepers: Sleeper[] = [];
  #nowMs = 0;
  #tasks = 0;
  #nextPid = 10;
  #view: View = { contexts: [], daemons: [] };

  constructor(system: System, options: MutantOptions) {
    this.#system = system;
    this.#subject = new MutantSubject(options);
    this.#states = [this.#system.initial];
  }

  async begin(): Promise<void> {
    const manual = { manualRead: true, manualWake: true };
    const params = { contexts: bounds.contexts, timeoutMs, ...manual };
    await this.#subject.call({ method: 'reset', params });
    await this.#look();
  }

  /** Takes an action, if it makes sense now. */
  async act(action: Action): Promise<void> {
    const possible = this.#states.flatMap((state) => this.#system.steps(state, action));
    if (possible.length === 0 || this.#isFull() || !this.#canBe(action, possible)) return;
    const call = this.#callOf(action);
    if (call === undefined) return;
    if (action.do === 'request' && action.sendFails === true) {
      await this.#subject.call({ method: 'failSend', params: { nth: 1 } });
    }
    const answer = await this.#subject.call(call);
    const before = this.#view;
    await this.#look();
    this.#heard.push(`${JSON.stringify(call)} ${JSON.stringify(answer)}`);
    const fitting = possible.filter((step) => this.#agrees(step, answer, before));
    expect(
      fitting.map(({ vector }) => vector.name),
      this.#heard.join('\n'),
    ).not.toEqual([]);
    for (const name of new Set(fitting.map(({ vector }) => vector.name))) {
      this.steps.set(name, (this.steps.get(name) ?? 0) + 1);
    }
    const unique = new Map(fitting.map(({ state }) => [state.join(), state]));
    this.#states = [...unique.values()];
    this.#follow(action, answer);
  }

  /** The model's queues are bounded, and those of the kernel are not. */
  #isFull(): boolean {
    const names = this.#system.components.flatMap(({ kind, nth }) =>
      kind === 'queue' ? this.#states.map((state) => this.#system.at(state, { kind, nth })) : [],
    );
    return names.some((name) => name.split('+').length === bounds.queue);
  }

  /** A send can fail only where one is tried, and deadlines come in the order of the requests. */
  #canBe(action: Action, possible: readonly Step[]): boolean {
    if (action.do === 'request' && action.sendFails === true) {
      return possible.every(({ vector }) => vector.name === 'request/send-failed');
    }
    if (action.do !== 'expire') return true;
    const next = this.#sleepers.find(({ deadlineMs }) => deadlineMs > this.#nowMs);
    return next?.context === action.context;
  }

  #pidOf(user: number, process: number): number {
    const key = `${user}.${process}`;
    const pid = this.#pids.get(key) ?? this.#nextPid++;
    this.#pids.set(key, pid);
    return pid;
  }

  #callOf(action: Action): Call | undefined {
    switch (action.do) {
      case 'helo':
      case 'quit': {
        const params = { uid: action.user, pid: this.#pidOf(action.user, action.process) };
        return { method: action.do, params };
      }
      case 'exit':
      case 'read': {
        const params = { pid: this.#pidOf(action.user, action.process) };
        return { method: action.do, params };
      }
      case 'request': {
        this.#tasks += 1;
        return { method: 'request', params: { task: this.#tasks, uid: action.user, payload: '' } };
      }
      case 'reuse-pid': {
        const pid = this.#dead.get(action.user);
        return pid === undefined
          ? undefined
          : { method: 'quit', params: { uid: 900 + action.user, pid } };
      }
      case 'reply':
        return this.#replyOf(action);
      case 'expire': {
        const due = this.#sleepers.find(({ context }) => context === action.context);
        return due && { method: 'advance', params: { ms: due.deadlineMs - this.#nowMs } };
      }
      case 'look':
      case 'interrupt': {
        const sleeper = this.#sleepers.find(({ context }) => context === action.context);
        const method = action.do === 'look' ? 'wake' : 'interrupt';
        return sleeper && { method, params: { task: sleeper.task } };
      }
      case 'orphan-expires':
      case 'orphan-looks':
      case 'read-twice':
        return undefined;
    }
  }

  #replyOf(action: Action & { do: 'reply' }): Call | undefined {
    const isStranger = action.guise === 'stranger';
    const usurped = this.#dead.get(action.user);
    if (isStranger && (usurped === undefined || !this.#mayBe(action.user, 'usurped'))) {
      return undefined;
    }
    const pid = isStranger ? (usurped ?? 0) : this.#pidOf(action.user, action.process);
    const index = action.context === 'outside' ? bounds.contexts : action.context;
    const current = this.#view.contexts[index]?.seq ?? 0;
    const seq = action.sequence === 'current' ? current : (current + 1000) >>> 0;
    const uid = isStranger ? 900 + action.user : action.user;
    return { method: 'reply', params: { uid, pid, index, seq, payload: '' } };
  }

  #mayBe(user: number, name: string): boolean {
    return this.#states.some((one) => this.#system.at(one, { kind: 'daemon', nth: user }) === name);
  }

  /** Whether a step of the model is what was seen. */
  #agrees({ action, vector, state }: Step, answer: Answer, before: View): boolean {
    const at = (kind: 'context' | 'daemon', nth: number) => this.#system.at(state, { kind, nth });
    const contexts = this.#view.contexts.every((one, nth) => one.state === at('context', nth));
    const daemons = [0, 1].every((user) => {
      const isThere = this.#view.daemons.some(({ uid }) => uid === user);
      return isThere === (at('daemon', user) !== 'unregistered');
    });
    if (!contexts || !daemons) return false;
    const { errnos, timeoutErrnos } = this.#system.profile;
    // The first use of a pid says nothing but that the process is there.
    const errno = action.do === 'reuse-pid' ? undefined : answer.error?.errno;
    const refusals: readonly (string | undefined)[] | undefined =
      vector.refusal === undefined ? [undefined] : errnos[vector.refusal];
    if (refusals?.includes(errno) !== true) return false;
    const [event, ...more] = answer.events;
    if (more.length > 0) return false;
    switch (vector.name) {
      case 'read/request':
      case 'read/ended': {
        if (event?.event !== 'message' || event.type !== 'request') return false;
        const now = before.contexts[event.index];
        const isCurrent = now?.state !== 'free' && now?.seq === event.seq;
        return vector.name === 'read/request'
          ? isCurrent && vector.option === `context ${event.index}`
          : !isCurrent;
      }
      case 'read/quit':
        return event?.event === 'message' && event.type === 'quit';
      case 'look/answered':
      case 'look/answered-late':
        return event?.event === 'complete' && event.errno === undefined;
      case 'look/timed-out':
        return event?.event === 'complete' && timeoutErrnos.includes(event.errno ?? '');
      case 'interrupt/ends':
        return event?.event === 'complete' && event.errno === 'EINTR';
      default:
        return event === undefined;
    }
  }

  async #look(): Promise<void> {
    const { result } = await this.#subject.call({ method: 'inspect', params: {} });
    // The kernel is ours, and shows its inside as the adapter protocol says.
    this.#view = result as unknown as View;
  }

  #follow(action: Action, answer: Answer): void {
    if (action.do === 'expire') {
      this.#nowMs = Math.max(
        this.#nowMs,
        ...this.#sleepers.flatMap(({ context, deadlineMs }) =>
          context === action.context ? [deadlineMs] : [],
        ),
      );
    }
    if (action.do === 'exit') {
      const pid = this.#pidOf(action.user, action.process);
      const isDaemon = this.#view.daemons.some((one) => one.pid === pid);
      if (isDaemon) this.#dead.set(action.user, pid);
      this.#pids.delete(`${action.user}.${action.process}`);
    }
    const over = answer.events.flatMap((event) => (event.event === 'complete' ? [event.task] : []));
    this.#sleepers = this.#sleepers.filter(({ task }) => !over.includes(task));
    if (action.do === 'request' && answer.error === undefined) {
      const taken = this.#view.contexts.findIndex(
        ({ state }, nth) =>
          state === 'pending' && !this.#sleepers.some(({ context }) => context === nth),
      );
      const deadlineMs = this.#nowMs + timeoutMs;
      this.#sleepers.push({ task: this.#tasks, context: taken, deadlineMs });
    }
  }

  /** Deadlines differ. */
  async tick(): Promise<void> {
    await this.#subject.call({ method: 'advance', params: { ms: 1 } });
    this.#nowMs += 1;
    const isDue = this.#sleepers.find(({ deadlineMs }) => deadlineMs === this.#nowMs);
    const ended = (state: State) =>
      this.#system.steps(state, { do: 'expire', context: isDue?.context ?? 0 });
    if (isDue !== undefined) {
      this.#states = this.#states.flatMap((state) => ended(state).map((step) => step.state));
    }
  }
}

function chance(from: number): (below: number) => number {
  let number = from;
  return (below) => {
    number = (Math.imul(number, 1_664_525) + 1_013_904_223) >>> 0;
    return (number >>> 8) % below;
  };
}

/** Holds so many conversations, and gives the names of the steps that were taken. */
async function hold(options: MutantOptions, conversations: number): Promise<ReadonlySet<string>> {
  const steps = new Set<string>();
  const draw = chance(7);
  const profile = profiles[options.profile ?? 'seed'] ?? seed;
  const system = new System(bounds, profile, { defects: [], without: [], environment });
  const actions = system.actions();
  const kinds = [...new Set(actions.map((action) => action.do))];
  for (let nth = 0; nth < conversations; nth += 1) {
    const talk = new Talk(system, options);
    await talk.begin();
    for (let step = 0; step < 60; step += 1) {
      const kind = kinds[draw(kinds.length)];
      const some = actions.filter((action) => action.do === kind);
      const action = some[draw(some.length)];
      if (action !== undefined) await talk.act(action);
      await talk.tick();
    }
    for (const name of talk.steps.keys()) steps.add(name);
  }
  return steps;
}

describe('the kernel of the mutants', () => {
  it.each<[string, MutantOptions, vectors: number]>([
    ['seed', {}, 34],
    ['seed', { habits: { unread: 'withdrawn', signals: 'ignored', quitsOnRenewal: true } }, 32],
    ['seed', { habits: { order: 'random', remembersLastUser: true } }, 32],
    ['netlink-2.6.21', { profile: 'netlink-2.6.21' }, 32],
    ['device-6', { profile: 'device-6' }, 25],
  ])('does what profile %s allows: %j', async (_, options, vectors) => {
    const steps = await hold(options, 100);
    expect([...steps].sort()).toHaveLength(vectors);
  });

  it.each<FaultId>([
    'queue-newest-first',
    'helo-moves-queue',
    'ended-renumbered',
    'failed-send-frees-oldest',
    'interrupt-beats-reply',
    'ignores-user',
    'netlink-asks-for-user',
    'netlink-withdraws',
    'device-leaves-unread',
    'device-asks-for-sender',
  ])('does with fault %s what the model does not allow', async (fault) => {
    const profile = faults.find(({ id }) => id === fault)?.profile ?? 'seed';
    await expect(hold({ fault, profile }, 100)).rejects.toMatchObject({ name: 'AssertionError' });
  });
});
