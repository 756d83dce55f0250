import type {
  Command,
  Process,
  Profile,
  RequirementId,
  State,
  System as Model,
} from '../model/index.js';
import { calm, System } from '../model/index.js';
import { amountOf } from './bytes.js';
import type { Difference, Measure } from './compare.js';
import { compare, describe } from './compare.js';
import type { Settings } from './ledger.js';
import { Ledger } from './ledger.js';
import { linearize } from './linear.js';
import type { Planned } from './overlap.js';
import { canOverlap } from './overlap.js';
import type { Hypothesis, Prediction, Slot } from './prediction.js';
import { distinct } from './prediction.js';
import { makesSense } from './sense.js';
import type { Answer, Call, History } from './subject.js';
import { isUnseen } from './subject.js';
import { differencesOfView } from './view.js';
import type { Moment } from './ways.js';
import { Ways } from './ways.js';

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
  /** How much later than its time-out a call may return where time is real, in milliseconds. */
  readonly slackMs: number;
}

/** When a call was written and answered, and the barrier after it, where time is real. */
export interface Stamps {
  readonly writtenMs: number;
  readonly answeredMs: number;
  readonly settleWrittenMs: number;
  readonly settledMs: number;
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
    }
  /** Too much is possible to be followed: not decided. */
  | { readonly kind: 'lost'; readonly why: string };

const hypothesesMax = 10_000;

/** An oracle for one conversation. */
export class Oracle {
  readonly ledger: Ledger;
  readonly system: Model;
  readonly #terms: Terms;
  readonly #ways: Ways;
  readonly #measure: Measure;
  #hypotheses: readonly Hypothesis[];

  /** @param known what another oracle knows already; nothing, unless said */
  constructor(
    settings: Settings,
    terms: Terms,
    ledger = new Ledger(settings),
    known?: readonly Hypothesis[],
  ) {
    this.ledger = ledger;
    this.#terms = terms;
    this.system = systemOf(settings, terms.profile);
    this.#ways = new Ways(this.system, this.ledger, terms.profile, terms.strict);
    const { strict, profile, capabilities } = terms;
    this.#measure = { ledger: this.ledger, strict, profile, capabilities };
    this.#hypotheses = known ?? [firstHypothesis(this.system, settings)];
  }

  /** Another oracle that knows the same, and goes its own way from now on. */
  fork(): Oracle {
    return new Oracle(this.ledger.settings, this.#terms, this.ledger.copy(), this.#hypotheses);
  }

  /** The states that explain everything observed so far. */
  get hypotheses(): readonly Hypothesis[] {
    return this.#hypotheses;
  }

  /** Keeps only the explanations for which something holds. Returns whether there are any. */
  suppose(holds: (hypothesis: Hypothesis) => boolean): boolean {
    this.#hypotheses = this.#hypotheses.filter(holds);
    return this.#hypotheses.length > 0;
  }

  /** Every state of the model that explains what was observed so far. */
  get states(): readonly State[] {
    return [...new Set(this.#hypotheses.map(({ state }) => state))];
  }

  /** The requests that may still sleep, oldest first. */
  get sleeping(): readonly number[] {
    const requests: number[] = [];
    for (const { slots } of this.#hypotheses) {
      for (const { request } of slots) {
        if (request !== undefined && !requests.includes(request)) requests.push(request);
      }
    }
    return requests.sort((a, b) => a - b);
  }

  /** The processes for which messages wait. */
  get waiting(): readonly Process[] {
    const { processes } = this.system.bounds;
    const queues = this.#hypotheses.flatMap(({ mail }) => mail.map(({ queue }) => queue));
    return [...new Set(queues)].map((nth) => ({
      user: Math.floor(nth / processes) + 1,
      process: (nth % processes) + 1,
    }));
  }

  /** The process that is registered for a user and alive, if it is known for sure. */
  daemonOf(user: number): Process | undefined {
    const names = this.#hypotheses.map(({ state }) => {
      const daemon = this.system.at(state, { kind: 'daemon', nth: user - 1 });
      if (daemon !== 'registered') return 'none';
      return this.system.at(state, { kind: 'registrant', nth: user - 1 });
    });
    const [name = 'none'] = new Set(names);
    if (name === 'none' || names.some((one) => one !== name)) return undefined;
    return { user, process: Number(name.slice(2)) + 1 };
  }

  /** Whether a reply to a sleeping request was accepted already. */
  isAnswered(request: number): boolean {
    return this.#hypotheses.some(({ slots }) =>
      slots.some((slot) => slot.request === request && slot.reply !== undefined),
    );
  }

  /** The calls of a command, or undefined when it makes no sense now. */
  calls(command: Command): readonly Call[] | undefined {
    if (!this.#isPossible(command)) return undefined;
    const calls = this.ledger.calls(command, this.#unused);
    return command.do === 'request' && calls !== undefined
      ? [...calls, ...this.ledger.millisecond]
      : calls;
  }

  /** The calls of commands that overlap, one each; what makes no sense now is left out. */
  overlapping(commands: readonly Command[]): readonly Planned[] {
    const planned: Planned[] = [];
    for (const command of commands) {
      if (!canOverlap(command, planned) || !this.#isPossible(command)) continue;
      const [call] = this.ledger.calls(command, this.#unused) ?? [];
      if (call !== undefined) planned.push({ command, call });
    }
    return planned;
  }

  get #unused(): number | undefined {
    const slots = this.#hypotheses[0]?.slots ?? [];
    const unused = slots.findIndex(({ request }) => request === undefined);
    return unused === -1 ? undefined : unused;
  }

  #isPossible(command: Command): boolean {
    return makesSense(command, {
      hypotheses: this.#hypotheses,
      system: this.system,
      ledger: this.ledger,
      capabilities: this.#terms.capabilities,
    });
  }

  /** From when on a request may have ended, and when it must have, where time is real. */
  deadlinesOf(request: number): Moment {
    const slots = this.#hypotheses.flatMap((hypothesis) => hypothesis.slots);
    const own = slots.filter((slot) => slot.request === request);
    return {
      mayMs: Math.max(0, ...own.map(({ mayMs }) => mayMs ?? 0)),
      mustMs: Math.max(0, ...own.map(({ mustMs }) => mustMs ?? 0)),
    };
  }

  /** Judges the answer to one of the calls of a command, and learns from it. */
  judge(command: Command, call: Call, answer: Answer, stamps?: Stamps): Judgement {
    const moment: Moment | undefined = stamps && {
      mayMs: stamps.settledMs,
      mustMs: stamps.settleWrittenMs,
    };
    if (call.method === 'inspect') return this.#judgeView(command, call, answer, moment);
    const amount = amountOf(command, call, this.ledger.settings.wire);
    const judged: { prediction: Prediction; differences: Difference[] }[] = [];
    for (const hypothesis of this.#hypotheses) {
      const { mayMs, mustMs } = this.#deadlines(hypothesis, stamps);
      const { command: word, call: asked, wire } = amount;
      const exchange = { command: word, call: asked, wire, answer, mayMs, mustMs };
      for (const prediction of this.#ways.of(hypothesis, exchange, moment)) {
        judged.push({ prediction, differences: compare(prediction, call, answer, this.#measure) });
      }
    }
    const stale = this.#staleNumbers(answer);
    for (const { differences } of judged) differences.push(...stale);
    const explained = judged.filter(({ differences }) => differences.length === 0);
    const [first] = explained;
    if (first === undefined) return this.#unexplained(judged);
    this.#hypotheses = distinct(explained.map(({ prediction }) => prediction.after));
    if (this.#hypotheses.length > hypothesesMax) {
      return { kind: 'lost', why: `more than ${hypothesesMax} explanations are left after this` };
    }
    this.#learn(first.prediction, answer);
    const { steps, requirements } = first.prediction;
    return { kind: 'explained', steps, requirements };
  }

  /** When the time of a request is up that is made now. */
  #deadlines({ nowMs }: Hypothesis, stamps?: Stamps): Moment {
    const { timeoutMs } = this.ledger.settings;
    if (stamps === undefined) return { mayMs: nowMs + timeoutMs, mustMs: nowMs + timeoutMs };
    const { writtenMs, answeredMs } = stamps;
    return {
      mayMs: writtenMs + timeoutMs,
      mustMs: answeredMs + timeoutMs + this.#terms.slackMs,
    };
  }

  /** Judges calls that overlapped: some order of them must explain what came of them. */
  judgeOverlap(planned: readonly Planned[], history: History): Judgement {
    const events = history.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
    const differences = this.#staleNumbers({ events });
    const { timeoutMs } = this.ledger.settings;
    const judging = { ways: this.#ways, measure: this.#measure, timeoutMs };
    const found = linearize(this.#hypotheses, { planned, history }, judging);
    if (found.kind === 'unexplained') return found;
    if (differences.length > 0) {
      return { kind: 'unexplained', differences, allowed: differences.map((one) => one.allowed) };
    }
    this.#hypotheses = found.ends;
    for (const { prediction, answer } of found.order) this.#learn(prediction, answer);
    return {
      kind: 'explained',
      steps: found.order.flatMap(({ prediction }) => prediction.steps),
      requirements: found.order.flatMap(({ prediction }) => prediction.requirements),
    };
  }

  #unexplained(
    judged: readonly { prediction: Prediction; differences: Difference[] }[],
  ): Judgement {
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

  /** What it shows of its inside, which may be from before or after what happened meanwhile. */
  #judgeView(command: Command, call: Call, answer: Answer, moment?: Moment): Judgement {
    const views = this.#hypotheses.flatMap((hypothesis) => {
      const exchange = { command, call, wire: undefined, answer, mayMs: 0, mustMs: 0 };
      return this.#ways.of(hypothesis, exchange, moment).map((prediction) => {
        const { before, after } = prediction;
        const seen = [after, before].map((one) =>
          isUnseen(answer) ? [] : differencesOfView(this.system, one, this.ledger, answer),
        );
        const view = seen.find((differences) => differences.length === 0) ?? seen[0] ?? [];
        const differences = [...compare(prediction, call, answer, this.#measure), ...view];
        return { prediction, differences };
      });
    });
    const explained = views.filter(({ differences }) => differences.length === 0);
    const [first] = explained;
    if (first === undefined) {
      const differences = views[0]?.differences ?? [];
      return { kind: 'unexplained', differences, allowed: differences.map((one) => one.allowed) };
    }
    this.#hypotheses = distinct(explained.map(({ prediction }) => prediction.after));
    const { steps, requirements } = first.prediction;
    return { kind: 'explained', steps, requirements: [...requirements, 'INS-1'] };
  }

  /** A pair of numbers that was used before, whichever request it is for. */
  #staleNumbers({ events }: Pick<Answer, 'events'>): Difference[] {
    return events.flatMap((event, nth) => {
      if (event.event !== 'message' || event.type !== 'request') return [];
      // A message that comes twice is not a number that comes twice.
      const words = JSON.stringify(event);
      if (events.slice(0, nth).some((one) => JSON.stringify(one) === words)) return [];
      if (this.ledger.see(event.index, event.seq)) return [];
      return [
        {
          requirement: 'REQ-4' as const,
          observed: `a message with index ${event.index} and sequence number ${event.seq}, a pair that was used before`,
          allowed: 'a pair of index and sequence number that is new',
        },
      ];
    });
  }

  /** Learns what numbers the requests have whose messages were seen. */
  #learn({ events }: Prediction, answer: Answer): void {
    for (const expected of events) {
      if (expected.kind !== 'request') continue;
      const seen = answer.events.find((event) => 'index' in event && event.to === expected.to);
      if (seen === undefined || !('index' in seen)) continue;
      this.ledger.learn(expected.request, seen.index, seen.seq, seen.to);
    }
  }
}

/** All contexts are free, and no process is registered. */
function firstHypothesis({ initial }: System, { contexts, users }: Settings): Hypothesis {
  const slots = Array.from({ length: contexts }, (): Slot => ({ freedBy: 'CTX-1' }));
  const pids = Array.from({ length: users }, () => undefined);
  return { state: initial, slots, nowMs: 0, pids, mail: [], failsIn: undefined };
}

const systems = new Map<string, System>();

/** How many messages may wait for a process; what would not fit is not asked. */
function queueOf({ manualRead, contexts }: Settings): number {
  if (!manualRead) return 0;
  return contexts <= 2 ? 4 : 3;
}

/** Systems are the same for the same bounds, and remember their vectors. */
function systemOf(settings: Settings, profile: Profile): System {
  const { contexts, users, processes, manualRead } = settings;
  const queue = queueOf(settings);
  const key = `${profile.name} ${contexts} ${users} ${processes} ${queue}`;
  const bounds = { contexts, users, processes };
  const waiting = manualRead ? { queue, quitMarkers: profile.heloOfAnother === 'replaces' } : {};
  const environment = { ...calm, pidReuse: true };
  const known =
    systems.get(key) ??
    new System({ ...bounds, ...waiting }, profile, { defects: [], without: [], environment });
  systems.set(key, known);
  return known;
}
