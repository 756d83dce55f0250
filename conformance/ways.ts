import type { Action, Command, Profile, RequirementId, Step, System } from '../model/index.js';
import { refusalOfWrite, taken } from './bytes.js';
import type { Exchange } from './consequences.js';
import { eventsOf, hypothesisAfter, sends } from './consequences.js';
import type { Ledger } from './ledger.js';
import type { ExpectedEvent, Hypothesis, Prediction, Slot } from './prediction.js';
import type { Answer } from './subject.js';
import { isUnseen } from './subject.js';

/**
 * Every way that the model leaves open to an implementation for one call.
 *
 * A way is the step that the call asks for, with what happens by itself around it: a sleeper whose
 * time is up, a sleeper that looks. What must happen is on every way. What may happen, since nobody
 * knows to the millisecond when, is on a way only where the observation shows it, which keeps the
 * ways few.
 */

/** Up to when time has passed: events may have come until the one, and must have by the other. */
export interface Moment {
  readonly mayMs: number;
  readonly mustMs: number;
}

/** The ways of one profile in one system. */
export class Ways {
  readonly #system: System;
  readonly #ledger: Ledger;
  readonly #profile: Profile;
  readonly #strict: boolean;

  constructor(system: System, ledger: Ledger, profile: Profile, strict: boolean) {
    this.#system = system;
    this.#ledger = ledger;
    this.#profile = profile;
    this.#strict = strict;
  }

  /** Every way from a hypothesis; `moment` is absent where time is virtual. */
  of(before: Hypothesis, exchange: Exchange, moment?: Moment): readonly Prediction[] {
    const { call } = exchange;
    const nowMs = before.nowMs + (call.method === 'advance' ? call.params.ms : 0);
    const after = nowMs === before.nowMs ? before : { ...before, nowMs };
    const until = moment ?? { mayMs: nowMs, mustMs: nowMs };
    const start: Prediction = { before, after, events: [], steps: [], requirements: [] };
    const ways: Prediction[] = [];
    for (const early of this.#early(start, exchange, until)) {
      for (const acted of this.#act(early, exchange)) {
        ways.push(...this.#settled(acted, exchange, until));
      }
    }
    return ways;
  }

  /** What may have happened by itself before the call was worked off. */
  #early(start: Prediction, exchange: Exchange, until: Moment): readonly Prediction[] {
    // Before a call that asks for nothing is the same as after it.
    const isIdle = exchange.call.method === 'advance' || exchange.call.method === 'settle';
    if (isIdle || this.#isPunctual(start.after, until)) return [start];
    const ways = [start];
    for (const [context, slot] of start.after.slots.entries()) {
      if (slot.request === undefined) continue;
      if (!isUnseen(exchange.answer) && !returns(exchange.answer, slot.request)) continue;
      for (const way of [...ways]) {
        ways.push(...this.#returning(way, context, exchange, until));
      }
    }
    return ways;
  }

  /** Whether nothing can happen but at once. */
  #isPunctual({ nowMs }: Hypothesis, { mayMs, mustMs }: Moment): boolean {
    return mayMs === nowMs && mustMs === nowMs && !this.#isLazy;
  }

  /** The ways in which the sleeper on a context returns by itself, if there are any. */
  #returning(
    way: Prediction,
    context: number,
    exchange: Exchange,
    { mayMs }: Moment,
  ): Prediction[] {
    const slot = way.after.slots[context];
    if (slot?.request === undefined) return [];
    const { manualWake } = this.#ledger.settings;
    const look: Action = { do: 'look', context };
    if (slot.reply !== undefined) return manualWake ? [] : this.extend(way, look, exchange);
    if ((slot.mayMs ?? Infinity) > mayMs) return [];
    const expired = this.extend(way, { do: 'expire', context }, exchange);
    return manualWake ? expired : expired.flatMap((one) => this.extend(one, look, exchange));
  }

  /** Does what the call asks for. */
  #act(way: Prediction, exchange: Exchange): readonly Prediction[] {
    const { command, wire } = exchange;
    if (wire !== undefined) {
      const refusal = refusalOfWrite(wire, way.after, this.#system);
      const isTaken = refusal === undefined || command.do === 'reply';
      const ways = isTaken ? this.#do(way, exchange) : [{ ...way, refusal }];
      return ways.map((one) => taken(one, wire));
    }
    if (command.do === 'fail-send') {
      return [{ ...way, after: { ...way.after, failsIn: command.nth } }];
    }
    if (command.do === 'reuse') return this.#usurp(way, command, exchange);
    const refused = command.do === 'request' ? this.#refusedByTheDead(way, command.user - 1) : [];
    return [...this.#do(way, exchange), ...refused];
  }

  /**
   * Where the pid of a dead daemon belongs to a stranger the request reaches him, if the pid is all that
   * the transport knows; the seed also lets a kernel know that its daemon is dead.
   */
  #refusedByTheDead(way: Prediction, user: number): Prediction[] {
    const isUsurped = this.#system.at(way.after.state, { kind: 'daemon', nth: user }) === 'usurped';
    if (!isUsurped || this.#profile.name !== 'seed') return [];
    const why = 'request/dead-daemon';
    const errnos = this.#profile.errnos[why] ?? [];
    const requirements: RequirementId[] = ['REQ-6', 'CTX-9'];
    return [{ ...way, refusal: { why, errnos }, requirements }];
  }

  /** A dead daemon's pid comes to life as another process, which shows itself by a QUIT. */
  #usurp(way: Prediction, { by, of }: Command & { do: 'reuse' }, exchange: Exchange) {
    const user = of.user - 1;
    const { state, pids } = way.after;
    const isStale = this.#system.at(state, { kind: 'daemon', nth: user }) === 'stale';
    const isStranger = by.user !== of.user;
    const usurps = isStranger && isStale && pids[user] === this.#ledger.pidOf(by);
    const ways = usurps ? this.extend(way, { do: 'reuse-pid', user }, exchange) : [way];
    return ways.flatMap((one) => this.#do(one, exchange));
  }

  #do(way: Prediction, exchange: Exchange): readonly Prediction[] {
    const actions = this.#actions(way.after, exchange);
    if (actions.length === 0) return [way];
    // Of the contexts that may be chosen only the one that was chosen needs a look.
    const message = exchange.answer.events.find((event) => 'index' in event);
    const chosen = message !== undefined && 'index' in message ? message.index : undefined;
    const likely = actions.flatMap((action) => this.#counted(way, action, exchange, chosen));
    if (likely.length > 0 || chosen === undefined) return likely;
    return actions.flatMap((action) => this.#counted(way, action, exchange));
  }

  /** Whatever must have happened by now, and what may have where it was seen. */
  #settled(way: Prediction, exchange: Exchange, until: Moment): readonly Prediction[] {
    const { manualWake } = this.#ledger.settings;
    let ways: readonly Prediction[] = [way];
    for (const { context, demanded } of this.#due(way.after, until)) {
      ways = ways.flatMap((one) => {
        const expired = this.extend(one, { do: 'expire', context }, exchange);
        if (demanded) return expired.length === 0 ? [one] : expired;
        if (manualWake) return [one, ...expired];
        const { request } = one.after.slots[context] ?? {};
        if (request !== undefined && returns(exchange.answer, request)) return expired;
        return isUnseen(exchange.answer) ? [one, ...expired] : [one];
      });
    }
    return manualWake ? ways : ways.flatMap((one) => this.#lookAll(one, exchange, until.mustMs));
  }

  /** The contexts whose sleepers have, or may have, their time up, the oldest first. */
  #due({ state, slots }: Hypothesis, { mayMs, mustMs }: Moment) {
    const due: { context: number; at: number; demanded: boolean }[] = [];
    for (let context = 0; context < slots.length; context += 1) {
      const slot = slots[context];
      if (slot?.request === undefined || (slot.mayMs ?? Infinity) > mayMs) continue;
      if (this.#task(state, context) === 'sleeping.expired') continue;
      const { mustMs: at = Infinity } = slot;
      due.push({ context, at, demanded: (slot.mustMs ?? 0) <= mustMs });
    }
    return due.sort((a, b) => a.at - b.at);
  }

  /** Everybody looks who has something to see; `asleep` are those of whom it was said that they do not. */
  #lookAll(
    way: Prediction,
    exchange: Exchange,
    mustMs: number,
    asleep: readonly number[] = [],
  ): readonly Prediction[] {
    const { answer } = exchange;
    const mayWait = ({ mustMs: ownMs = 0 }: Slot) => this.#isLazy && ownMs > mustMs;
    const context = way.after.slots.findIndex((slot, nth) => {
      if (slot.request === undefined || asleep.includes(nth)) return false;
      if (this.#task(way.after.state, nth) === 'sleeping.expired') return true;
      if (slot.reply === undefined) return false;
      return !mayWait(slot) || isUnseen(answer) || returns(answer, slot.request);
    });
    const slot = way.after.slots[context];
    if (slot === undefined || slot.request === undefined) return [way];
    const looked = this.extend(way, { do: 'look', context }, exchange).flatMap((one) =>
      this.#lookAll(one, exchange, mustMs, asleep),
    );
    // Whether it returned, nobody saw.
    const isOpen = isUnseen(answer) && slot.reply !== undefined && mayWait(slot);
    if (!isOpen || returns(answer, slot.request)) return looked;
    return [...looked, ...this.#lookAll(way, exchange, mustMs, [...asleep, context])];
  }

  /** Whether an answered sleeper may sleep on until its time is up. */
  get #isLazy(): boolean {
    return this.#profile.accepted === 'may return as late as the time-out';
  }

  #task(state: Hypothesis['state'], nth: number): string {
    return this.#system.at(state, { kind: 'task', nth });
  }

  /** The model's actions for a call, in the numbers of a hypothesis; several if a number is unknown. */
  #actions(hypothesis: Hypothesis, { command, call }: Exchange): readonly Action[] {
    // The millisecond after a request asks for nothing.
    if (call.method === 'advance') return [];
    const of = (request: number) => hypothesis.slots.findIndex((slot) => slot.request === request);
    switch (command.do) {
      case 'request': {
        const sendFails = hypothesis.failsIn === 1 ? ({ sendFails: true } as const) : {};
        return [{ do: 'request', user: command.user - 1, ...sendFails }];
      }
      case 'reply':
        return this.#replies(hypothesis, command, call);
      case 'wake':
      case 'interrupt': {
        const context = of(command.request);
        if (context === -1) return [];
        if (command.do === 'interrupt') return [{ do: 'interrupt', context }];
        // A signal that came before may be what the process sees.
        return hypothesis.slots[context]?.isSignalled === true
          ? [
              { do: 'look', context },
              { do: 'interrupt', context },
            ]
          : [{ do: 'look', context }];
      }
      case 'helo':
      case 'quit':
      case 'exit':
      case 'read':
        return [{ do: command.do, user: command.by.user - 1, process: command.by.process - 1 }];
      case 'reuse': {
        const word = command.by.user === command.of.user ? 'helo' : 'quit';
        return [{ do: word, user: command.by.user - 1, process: command.by.process - 1 }];
      }
      case 'raw':
      case 'advance':
      case 'pass':
      case 'fail-send':
      case 'inspect':
      case 'settle':
      case 'reset':
        return [];
    }
  }

  #replies(
    { state, slots, pids }: Hypothesis,
    { by }: Command & { do: 'reply' },
    call: Exchange['call'],
  ): readonly Action[] {
    if (call.method !== 'reply') return [];
    const { index, seq, pid } = call.params;
    const sender = { do: 'reply', user: by.user - 1, process: by.process - 1 } as const;
    const slot = slots[index];
    if (slot === undefined) return [{ ...sender, context: 'outside', sequence: 'current' }];
    const owner = this.#system.at(state, { kind: 'owner', nth: index });
    const user = owner === 'none' ? -1 : Number(owner.slice(2));
    // Who has the pid of a dead daemon passes for it wherever the pid is all that is looked at.
    const usurps =
      user !== -1 &&
      user !== sender.user &&
      pids[user] === pid &&
      this.#system.at(state, { kind: 'daemon', nth: user }) === 'usurped';
    const as = usurps ? ({ do: 'reply', user, process: 0, guise: 'stranger' } as const) : sender;
    const isUnseen = slot.request !== undefined && slot.sequence === undefined;
    // A number that nobody was told yet can be guessed.
    const mayBe = isUnseen && !this.#ledger.hasPair(index, seq);
    const sequences = mayBe
      ? (['current', 'older'] as const)
      : ([slot.sequence === seq ? 'current' : 'older'] as const);
    return sequences.map((sequence) => ({ ...as, context: index, sequence }));
  }

  /** Adds an action, and counts the messages until the one that is to fail. */
  #counted(way: Prediction, action: Action, exchange: Exchange, chosen?: number): Prediction[] {
    const { failsIn } = way.after;
    const ways = this.extend(way, action, exchange, chosen);
    if (failsIn === undefined) return ways;
    return ways.flatMap((one): Prediction[] => {
      const step = one.steps.at(-1)?.step;
      const sending = step === undefined ? 'not' : sends(step);
      if (sending === 'not') return [one];
      const left = failsIn === 1 ? undefined : failsIn - 1;
      const sent = { ...one, after: { ...one.after, failsIn: left } };
      const told = failsIn === 1 ? without(sent, isQuit) : demanding(sent);
      return sending === 'surely' ? [told] : [told, without(one, isQuit)];
    });
  }

  /** Adds an action to a way: one longer way for each step that the action may be. */
  extend(way: Prediction, action: Action, exchange: Exchange, chosen?: number): Prediction[] {
    const before = way.after;
    return this.#system.steps(before.state, action, chosen).map((step) => {
      const { refusal, requirements } = step.vector;
      const taking = { system: this.#system, ledger: this.#ledger, before, step, exchange };
      return {
        before: way.before,
        after: hypothesisAfter(taking),
        events: joined(way.events, eventsOf(taking)),
        steps: joined(way.steps, [{ before: before.state, step }]),
        requirements: joined(
          joined(way.requirements, requirements),
          this.#extraRequirements(step, exchange.command),
        ),
        ...(way.refusal === undefined ? {} : { refusal: way.refusal }),
        ...(refusal === undefined
          ? {}
          : { refusal: { why: refusal, errnos: this.#errnos(before, step, action) } }),
      };
    });
  }

  /** Rules that no vector shows by itself. */
  #extraRequirements(step: Step, command: Command): RequirementId[] {
    if (step.vector.refusal !== undefined) return this.#strict ? ['REP-11'] : [];
    if (step.vector.name !== 'reply/accepted' || command.do !== 'reply') return [];
    const { index } = command;
    const record =
      typeof index === 'object' && 'of' in index ? this.#ledger.request(index.of) : undefined;
    const sender = this.#ledger.processName(this.#ledger.pidOf(command.by));
    return record !== undefined && record.sentTo !== sender ? ['REP-10'] : [];
  }

  /**
   * The errnos that fit a refusal. A late reply by the registered daemon of the context's last user
   * meets no dispute between the versions: it is EINVAL.
   */
  #errnos(before: Hypothesis, step: Step, action: Action): readonly string[] {
    const why = step.vector.refusal;
    if (why === undefined) return [];
    const known = this.#profile.errnos[why] ?? [];
    // A send that is to fail finds nobody there: either reason is true.
    const errnos =
      before.failsIn === 1 && why === 'request/dead-daemon' ? [...known, 'ENOMEM'] : known;
    if (why !== 'reply/not-in-use' || action.do !== 'reply') return errnos;
    const registrant = { kind: 'registrant', nth: action.user } as const;
    const isDaemon = this.#system.at(before.state, registrant) === `is${action.process}`;
    const slot = typeof action.context === 'number' ? before.slots[action.context] : undefined;
    const lastUser = slot?.lastUser ?? action.user;
    return isDaemon && lastUser === action.user ? errnos.slice(0, 1) : errnos;
  }
}

/** Both lists, one after the other; most are empty. */
function joined<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}

/** Whether the call of a request returned. */
function returns({ events }: Answer, request: number): boolean {
  return events.some((event) => event.event === 'complete' && event.task === request);
}

function isQuit({ kind }: ExpectedEvent): boolean {
  return kind === 'quit';
}

function without(way: Prediction, which: (event: ExpectedEvent) => boolean): Prediction {
  return { ...way, events: way.events.filter((event) => !which(event)) };
}

/** What may come has come. */
function demanding(way: Prediction): Prediction {
  const events = way.events.map((event) =>
    event.kind === 'quit' ? { ...event, demanded: true } : event,
  );
  return { ...way, events };
}
