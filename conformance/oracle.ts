import type { Action, Command, Profile, RequirementId, Step } from '../model/index.js';
import { keyOfState, System } from '../model/index.js';
import type { Difference } from './compare.js';
import { compare, describe } from './compare.js';
import type { Settings } from './ledger.js';
import { Ledger } from './ledger.js';
import type { ExpectedEvent, Hypothesis, Prediction, Slot } from './prediction.js';
import type { Answer, Call } from './subject.js';
import { differencesOfView } from './view.js';

/**
 * The oracle: the set of model states that explain everything observed so far.
 *
 * Theory of operation. For each call the model says what may happen, from each state that is still
 * possible; the observation keeps those ways that it agrees with. When none is left, no conforming
 * implementation could have behaved like this, and the way that is nearest to the observation says
 * which rule was broken. What is free to choose (which context, which number, whether a MAY is done)
 * is several ways, and never judged. This is conformance in the sense of ioco with quiescence: the
 * answer to a call is the point at which everything demanded must have come.
 */

/** What is judged, beyond the settings of the case. */
export interface Terms {
  readonly profile: Profile;
  /** Whether a refusal must carry the profile's errno. */
  readonly strict: boolean;
  readonly capabilities: ReadonlySet<string>;
}

/** What the oracle says of one call. */
export type Judgement =
  | {
      readonly kind: 'explained';
      readonly steps: Prediction['steps'];
      readonly requirements: readonly RequirementId[];
    }
  | {
      readonly kind: 'unexplained';
      /** What was seen and what was allowed, difference by difference. */
      readonly differences: readonly Difference[];
      /** Every way that was open, in words. */
      readonly allowed: readonly string[];
    };

/** An oracle for one conversation. */
export class Oracle {
  readonly ledger: Ledger;
  readonly system: System;
  readonly #terms: Terms;
  #hypotheses: readonly Hypothesis[];

  constructor(settings: Settings, terms: Terms) {
    this.ledger = new Ledger(settings);
    this.#terms = terms;
    this.system = systemOf(settings, terms.profile);
    const slots = Array.from({ length: settings.contexts }, (): Slot => ({ freedBy: 'CTX-1' }));
    this.#hypotheses = [{ state: this.system.initial, slots }];
  }

  /** The requests that may still sleep, oldest first. */
  get sleeping(): readonly number[] {
    const slots = this.#hypotheses.flatMap((hypothesis) => hypothesis.slots);
    const requests = slots.flatMap(({ request }) => (request === undefined ? [] : [request]));
    return [...new Set(requests)].sort((a, b) => a - b);
  }

  /** Whether a reply to a sleeping request was accepted already. */
  isAnswered(request: number): boolean {
    return this.#hypotheses.some(({ slots }) =>
      slots.some((slot) => slot.request === request && slot.reply !== undefined),
    );
  }

  /** The calls of a command, or undefined when it makes no sense now. */
  calls(command: Command): readonly Call[] | undefined {
    if (command.do === 'exit' && !this.#terms.capabilities.has('exit')) return undefined;
    if (command.do === 'inspect' && !this.#terms.capabilities.has('inspect')) return undefined;
    if (command.do === 'wake' && !this.sleeping.includes(command.request)) return undefined;
    if (command.do === 'advance' && !this.sleeping.includes(command.request)) return undefined;
    const slots = this.#hypotheses[0]?.slots ?? [];
    const unused = slots.findIndex(({ request }) => request === undefined);
    return this.ledger.calls(command, unused === -1 ? undefined : unused);
  }

  /** Judges the answer to one of the calls of a command, and learns from it. */
  judge(command: Command, call: Call, answer: Answer): Judgement {
    if (call.method === 'advance') this.ledger.nowMs += call.params.ms;
    if (call.method === 'inspect') return this.#judgeView(answer);
    const predictions = this.#hypotheses.flatMap((hypothesis) =>
      this.#predict(hypothesis, command, call, answer),
    );
    const { strict, capabilities } = this.#terms;
    const judged = predictions.map((prediction) => ({
      prediction,
      differences: compare(prediction, call, answer, {
        ledger: this.ledger,
        strict,
        profile: this.#terms.profile,
        capabilities,
      }),
    }));
    this.#learn(answer, judged);
    const explained = judged.filter(({ differences }) => differences.length === 0);
    const [first] = explained;
    if (first === undefined) {
      const nearest = judged.reduce((best, one) =>
        one.differences.length < best.differences.length ? one : best,
      );
      const allowed = judged.map(({ prediction }) => describe(prediction, this.ledger));
      return {
        kind: 'unexplained',
        differences: nearest.differences,
        allowed: [...new Set(allowed)],
      };
    }
    const after = new Map(
      explained.map(({ prediction }) => [keyOfHypothesis(prediction.after), prediction.after]),
    );
    this.#hypotheses = [...after.values()];
    const { steps, requirements } = first.prediction;
    return { kind: 'explained', steps, requirements };
  }

  #judgeView(answer: Answer): Judgement {
    const views = this.#hypotheses.map((hypothesis) => ({
      hypothesis,
      differences: differencesOfView(this.system, hypothesis, this.ledger, answer),
    }));
    const explained = views.filter(({ differences }) => differences.length === 0);
    if (explained.length === 0) {
      const differences = views[0]?.differences ?? [];
      return { kind: 'unexplained', differences, allowed: differences.map((one) => one.allowed) };
    }
    this.#hypotheses = explained.map(({ hypothesis }) => hypothesis);
    return { kind: 'explained', steps: [], requirements: ['INS-1'] };
  }

  #learn(answer: Answer, judged: { differences: Difference[] }[]): void {
    for (const event of answer.events) {
      if (event.event !== 'message' || event.type !== 'request') continue;
      const record = this.ledger.latest;
      if (record === undefined || record.index !== undefined) continue;
      if (this.ledger.learn(record, event.index, event.seq, event.to)) continue;
      for (const { differences } of judged) {
        differences.push({
          requirement: 'REQ-4',
          observed: `a message with index ${event.index} and sequence number ${event.seq}, a pair that was used before`,
          allowed: 'a pair of index and sequence number that is new',
        });
      }
    }
  }

  /** Every way that is open from a hypothesis. */
  #predict(
    hypothesis: Hypothesis,
    command: Command,
    call: Call,
    answer: Answer,
  ): readonly Prediction[] {
    const start: Prediction = {
      before: hypothesis,
      after: hypothesis,
      events: [],
      steps: [],
      requirements: [],
    };
    if (call.method === 'advance') return this.#expire(start);
    const action = this.#action(hypothesis, command, call);
    if (action === undefined) return [start];
    const all = this.#extend(start, action, command, call);
    // Of the contexts that may be chosen only the one that was chosen needs a look.
    const chosen = answer.events.find((event) => event.event === 'message' && 'index' in event);
    const index = chosen !== undefined && 'index' in chosen ? chosen.index : undefined;
    const same = all.filter(({ events }) =>
      events.every((event) => event.kind !== 'request' || event.index === index),
    );
    return (same.length > 0 ? same : all).flatMap((one) => this.#lookAtOnce(one));
  }

  /** The model's action for a command, in the numbers of a hypothesis. */
  #action(hypothesis: Hypothesis, command: Command, call: Call): Action | undefined {
    switch (command.do) {
      case 'helo':
      case 'quit':
      case 'exit':
        return { do: command.do, user: command.by.user - 1, process: command.by.process - 1 };
      case 'request':
        return { do: 'request', user: command.user - 1 };
      case 'reply': {
        if (call.method !== 'reply') return undefined;
        const { index, seq } = call.params;
        const { user, process } = command.by;
        const sender = { user: user - 1, process: process - 1 };
        if (index >= hypothesis.slots.length) {
          return { do: 'reply', ...sender, context: 'outside', sequence: 'current' };
        }
        const slot = hypothesis.slots[index];
        const served = slot?.request ?? slot?.lastRequest;
        const current = served !== undefined && this.ledger.request(served)?.sequence === seq;
        const sequence = current ? 'current' : 'older';
        return { do: 'reply', ...sender, context: index, sequence };
      }
      case 'wake': {
        const context = hypothesis.slots.findIndex(({ request }) => request === command.request);
        return context === -1 ? undefined : { do: 'look', context };
      }
      case 'advance':
      case 'pass':
      case 'inspect':
        return undefined;
    }
  }

  /** Lets every request expire whose time has run out, the oldest first. */
  #expire(start: Prediction): readonly Prediction[] {
    const { slots } = start.after;
    const due = slots
      .flatMap(({ request }, context) => {
        const deadlineMs =
          request === undefined ? undefined : this.ledger.request(request)?.deadlineMs;
        return deadlineMs !== undefined && deadlineMs <= this.ledger.nowMs
          ? [{ context, deadlineMs }]
          : [];
      })
      .sort((a, b) => a.deadlineMs - b.deadlineMs);
    return due.reduce<readonly Prediction[]>(
      (ways, { context }) =>
        ways.flatMap((way) => {
          const expired = this.#extend(way, { do: 'expire', context });
          return (expired.length === 0 ? [way] : expired).flatMap((one) => this.#lookAtOnce(one));
        }),
      [start],
    );
  }

  /** Unless the case says when a process looks, it looks as soon as there is something to see. */
  #lookAtOnce(way: Prediction): readonly Prediction[] {
    if (this.ledger.settings.manualWake) return [way];
    const context = way.after.slots.findIndex((slot, nth) => {
      if (slot.request === undefined) return false;
      const task = this.system.at(way.after.state, { kind: 'task', nth });
      return slot.reply !== undefined || task === 'sleeping.expired';
    });
    return context === -1 ? [way] : this.#extend(way, { do: 'look', context });
  }

  /** Adds an action to a way: one longer way for each step that the action may be. */
  #extend(way: Prediction, action: Action, command?: Command, call?: Call): Prediction[] {
    return this.system.steps(way.after.state, action).map((step) => {
      const { refusal, requirements } = step.vector;
      const extra = this.#extraRequirements(step, command);
      const events = this.#events(way.after, step);
      return {
        before: way.before,
        after: {
          state: step.state,
          slots: slotsAfter(way.after.slots, step, action, command, call),
        },
        events: [...way.events, ...events],
        steps: [...way.steps, { before: way.after.state, step }],
        requirements: [...way.requirements, ...requirements, ...extra],
        ...(refusal === undefined
          ? {}
          : { refusal: { why: refusal, errnos: this.#errnos(way.after, step, action) } }),
      };
    });
  }

  /** Rules that no vector shows by itself. */
  #extraRequirements(step: Step, command?: Command): RequirementId[] {
    if (step.vector.refusal !== undefined) return this.#terms.strict ? ['REP-11'] : [];
    if (step.vector.name !== 'reply/accepted' || command?.do !== 'reply') return [];
    const { index } = command;
    const record = typeof index === 'string' ? undefined : this.ledger.request(index.of);
    const sender = this.ledger.processName(this.ledger.pidOf(command.by));
    return record !== undefined && record.sentTo !== sender ? ['REP-10'] : [];
  }

  /**
   * The errnos that fit a refusal. A late reply by the registered daemon of the context's last user
   * meets no dispute between the versions: it is EINVAL.
   */
  #errnos(before: Hypothesis, step: Step, action: Action): readonly string[] {
    const why = step.vector.refusal;
    if (why === undefined) return [];
    const errnos = this.#terms.profile.errnos[why] ?? [];
    if (why !== 'reply/not-in-use' || action.do !== 'reply') return errnos;
    const registrant = { kind: 'registrant', nth: action.user } as const;
    const isDaemon = this.system.at(before.state, registrant) === `is${action.process}`;
    const slot = typeof action.context === 'number' ? before.slots[action.context] : undefined;
    const lastUser = slot?.lastUser ?? action.user;
    return isDaemon && lastUser === action.user ? errnos.slice(0, 1) : errnos;
  }

  #events({ state, slots }: Hypothesis, step: Step): ExpectedEvent[] {
    return step.effects.flatMap(({ kind, nth, action }): ExpectedEvent[] => {
      if (kind === 'daemon') {
        const registrant = this.system.at(state, { kind: 'registrant', nth });
        const process = Number(registrant.slice(2)) + 1;
        const to = this.ledger.pidOf({ user: nth + 1, process });
        const index = step.vector.choice ?? 0;
        const request = this.ledger.latest?.request ?? 0;
        if (action === 'deliverRequest') return [{ kind: 'request', to, request, index }];
        return [{ kind: 'quit', to, demanded: action === 'sendQuit' }];
      }
      const { request, reply } = slots[nth] ?? {};
      if (kind !== 'task' || request === undefined) return [];
      if (action === 'returnTimeout') return [{ kind: 'timeout', request }];
      return [{ kind: 'return', request, reply: reply ?? '' }];
    });
  }
}

function slotsAfter(
  slots: readonly Slot[],
  step: Step,
  action: Action,
  command?: Command,
  call?: Call,
): readonly Slot[] {
  const change = (nth: number, slot: Slot) => slots.with(nth, slot);
  switch (step.vector.name) {
    case 'request/sent':
      if (command?.do !== 'request') return slots;
      return change(step.vector.choice ?? 0, {
        request: command.request,
        freedBy: 'CTX-1',
        lastUser: command.user - 1,
      });
    case 'reply/accepted': {
      if (action.do !== 'reply' || action.context === 'outside' || call?.method !== 'reply') {
        return slots;
      }
      const slot = slots[action.context];
      return slot === undefined
        ? slots
        : change(action.context, { ...slot, reply: call.params.payload });
    }
    case 'request/dead-daemon':
      return slots.map((slot) =>
        slot.request === undefined ? { ...slot, lastUser: 'unsure' } : slot,
      );
    case 'look/answered':
    case 'look/answered-late':
    case 'look/timed-out': {
      if (action.do !== 'look') return slots;
      const { lastUser, request } = slots[action.context] ?? {};
      return change(action.context, {
        freedBy: step.vector.name === 'look/timed-out' ? 'CTX-6' : 'CTX-5',
        ...(lastUser === undefined ? {} : { lastUser }),
        ...(request === undefined ? {} : { lastRequest: request }),
      });
    }
    default:
      return slots;
  }
}

function keyOfHypothesis({ state, slots }: Hypothesis): string {
  return `${keyOfState(state)}${slots.map(({ request, reply }) => `${request ?? ''}:${reply ?? ''}`).join()}`;
}

const systems = new Map<string, System>();

/** Systems are the same for the same bounds, and remember their vectors. */
function systemOf({ contexts, users, processes }: Settings, profile: Profile): System {
  const key = `${profile.name} ${contexts} ${users} ${processes}`;
  const known = systems.get(key) ?? new System({ contexts, users, processes }, profile);
  systems.set(key, known);
  return known;
}
