import { printCommand } from '../model/index.js';
import type { Difference, Measure } from './compare.js';
import { compare, describe, nothing } from './compare.js';
import type { Planned } from './overlap.js';
import type { Hypothesis, Prediction } from './prediction.js';
import { distinct, keyOfHypothesis } from './prediction.js';
import type { Answer, History, Outcome, SubjectEvent } from './subject.js';
import type { Ways } from './ways.js';

/**
 * Linearizability of calls that overlapped: is there an order of them that explains what came?
 *
 * Theory of operation. Each call takes effect at one moment between its writing and its answer (Herlihy
 * and Wing, 1990), so one that was answered before another was written comes before it. A depth-first search
 * (Wing and Gong, 1993) takes the calls that may come next, one after the other, and goes on with
 * each way of the model that agrees with the call's answer and with events not yet explained. What was
 * tried already, the same calls done, the same events explained, from the same hypothesis, is not
 * tried again (Lowe, 2017).
 *
 * An event belongs to exactly one call, and was read between the writing of that call and its answer.
 * The events of one task, and those of one process, are explained in the order in which they were
 * read; other order is free. A call that was never answered may have taken effect or not, and some
 * of its events may be on their way still.
 */

/** Calls that overlapped, and what came of them. */
export interface Overlap {
  readonly planned: readonly Planned[];
  readonly history: History;
}

/** What a search needs to know. */
export interface Judging {
  readonly ways: Ways;
  readonly measure: Measure;
  readonly timeoutMs: number;
}

/** A call at its place in an order, with the answer and the events that are explained by it. */
export interface Placed {
  readonly planned: Planned;
  readonly prediction: Prediction;
  readonly answer: Answer;
}

/** Every hypothesis that is possible afterwards and one order that leads there, or why none is. */
export type Linearization =
  | {
      readonly kind: 'explained';
      readonly ends: readonly Hypothesis[];
      readonly order: readonly Placed[];
    }
  | {
      readonly kind: 'unexplained';
      /** What differs at the end of an order that explains the most. */
      readonly differences: readonly Difference[];
      /** What was allowed there, in words. */
      readonly allowed: readonly string[];
    };

/** Looks for every order of overlapping calls that some hypothesis explains. */
export function linearize(
  hypotheses: readonly Hypothesis[],
  overlap: Overlap,
  judging: Judging,
): Linearization {
  const search = new Search(overlap, judging);
  const order: readonly Placed[] = [];
  for (const hypothesis of hypotheses) search.visit({ hypothesis, order, explained: new Map() });
  return search.result;
}

/** A call with the places in the history at which it was written and answered. */
interface Operation {
  readonly planned: Planned;
  readonly from: number;
  readonly until: number;
  readonly outcome: Outcome | undefined;
}

interface Seen {
  readonly event: SubjectEvent;
  readonly at: number;
}

/** A beginning of an order. */
interface Node {
  readonly hypothesis: Hypothesis;
  readonly order: readonly Placed[];
  /** How many events of each lane are explained. */
  readonly explained: ReadonlyMap<string, number>;
}

/** How an order comes to its end. */
interface Failure {
  readonly differences: readonly Difference[];
  readonly allowed: readonly string[];
  readonly placed: number;
}

const allowedMax = 12;
const unlimited = Number.POSITIVE_INFINITY;

class Search {
  readonly #judging: Judging;
  readonly #operations: readonly Operation[];
  /** The events of each task and of each process, in the order in which they were read. */
  readonly #lanes = new Map<string, Seen[]>();
  readonly #tried = new Set<string>();
  readonly #ends: Hypothesis[] = [];
  #order: readonly Placed[] | undefined;
  #nearest: Failure | undefined;

  constructor({ planned, history }: Overlap, judging: Judging) {
    this.#judging = judging;
    this.#operations = planned.map((one, nth) => operationOf(one, nth, history));
    for (const [at, one] of history.entries()) {
      if (one.kind !== 'event') continue;
      const lane = laneOf(one.event);
      this.#lanes.set(lane, [...(this.#lanes.get(lane) ?? []), { event: one.event, at }]);
    }
  }

  get result(): Linearization {
    if (this.#order !== undefined) {
      return { kind: 'explained', ends: distinct(this.#ends), order: this.#order };
    }
    const { differences, allowed } = this.#nearest ?? { differences: [], allowed: [] };
    return { kind: 'unexplained', differences, allowed: allowed.slice(0, allowedMax) };
  }

  visit(node: Node): void {
    const key = this.#keyOf(node);
    if (this.#tried.has(key)) return;
    this.#tried.add(key);
    const left = this.#operations.filter((one) => !isPlaced(one, node));
    if (left.every(({ outcome }) => outcome === undefined)) this.#end(node);
    const soonest = Math.min(...left.map(({ until }) => until));
    for (const operation of left) {
      // What was answered before this was written comes first.
      if (operation.from < soonest) this.#place(operation, node);
    }
  }

  #keyOf({ hypothesis, order, explained }: Node): string {
    const placed = this.#operations.map(({ planned }) =>
      order.some((one) => one.planned === planned),
    );
    const counts = [...this.#lanes.keys()].map((lane) => explained.get(lane) ?? 0);
    return [placed.map(Number).join(''), counts.join(), keyOfHypothesis(hypothesis)].join(' ');
  }

  /** Every call that was answered has its place: is every event explained as well? */
  #end(node: Node): void {
    const over = [...this.#lanes.keys()].flatMap((lane) => this.#left(lane, node));
    if (over.length === 0) {
      this.#ends.push(node.hypothesis);
      this.#order ??= node.order;
      return;
    }
    const differences = over.flatMap((seen) => this.#unexplained(seen, node));
    this.#fail({ differences, allowed: [nameOf(node.order)], placed: node.order.length });
  }

  /** An event that no call explains, held against the one that comes nearest to it. */
  #unexplained({ event, at }: Seen, { order }: Node): Difference[] {
    const within = order.filter(({ planned }) => {
      const operation = this.#operations.find((one) => one.planned === planned);
      return operation !== undefined && operation.from < at && at < operation.until;
    });
    // A call that returned once already returned twice, whoever made it do so.
    const returned = ({ answer }: Placed) =>
      event.event === 'complete' && answer.events.some((one) => laneOf(one) === laneOf(event));
    const nearest = order.find(returned) ?? within.at(-1) ?? order.at(-1);
    if (nearest === undefined) return [];
    const { planned, prediction, answer } = nearest;
    const seen = { ...answer, events: [...answer.events, event] };
    return this.#differences(planned, prediction, seen);
  }

  #left(lane: string, { explained }: Node): readonly Seen[] {
    return (this.#lanes.get(lane) ?? []).slice(explained.get(lane) ?? 0);
  }

  /** Gives a call the next place, in every way that agrees with what came. */
  #place(operation: Operation, node: Node): void {
    const { planned, outcome } = operation;
    const { hypothesis } = node;
    const deadlineMs = hypothesis.nowMs + this.#judging.timeoutMs;
    for (const events of this.#assumed(this.#candidates(operation, node))) {
      const answer: Answer = { ...outcome, events };
      const { command, call } = planned;
      const times = { mayMs: deadlineMs, mustMs: deadlineMs };
      const exchange = { command, call, wire: undefined, answer, ...times };
      for (const prediction of this.#judging.ways.of(hypothesis, exchange)) {
        for (const taken of takings(prediction, events))
          this.#try(operation, prediction, taken, node);
      }
    }
  }

  #try(
    { planned, outcome }: Operation,
    prediction: Prediction,
    events: readonly SubjectEvent[],
    node: Node,
  ): void {
    const answer: Answer = { ...(outcome ?? outcomeOf(prediction)), events };
    const differences = this.#differences(planned, prediction, answer).filter(
      // What comes of a call that has not returned may still be on its way.
      ({ observed }) => outcome !== undefined || !observed.endsWith(nothing),
    );
    const order = [...node.order, { planned, prediction, answer }];
    if (differences.length > 0) {
      const allowed = `${nameOf(order)} -> ${describe(prediction, this.#judging.measure.ledger)}`;
      this.#fail({ differences, allowed: [allowed], placed: node.order.length });
      return;
    }
    const explained = new Map(node.explained);
    for (const lane of events.map(laneOf)) explained.set(lane, (explained.get(lane) ?? 0) + 1);
    this.visit({ hypothesis: prediction.after, order, explained });
  }

  #differences(planned: Planned, prediction: Prediction, answer: Answer): Difference[] {
    const name = printCommand(planned.command).replace('& ', '');
    return compare(prediction, planned.call, answer, this.#judging.measure).map((one) => ({
      ...one,
      observed: `${name}: ${one.observed}`,
    }));
  }

  /** The events that a call may explain next: the first of each lane that came while it was open. */
  #candidates(operation: Operation, node: Node): readonly SubjectEvent[] {
    const heads = [...this.#lanes.keys()].flatMap((lane) => this.#left(lane, node).slice(0, 1));
    const open = heads
      .filter(({ at }) => operation.from < at && at < operation.until)
      .map(({ event }) => event);
    const { call } = operation.planned;
    if (call.method !== 'request') return open.filter((event) => !isRequest(event));
    const own = (event: SubjectEvent) => 'index' in event && event.payload === call.params.payload;
    // A message with the bytes of nobody may be its own, altered; one with those of another is not.
    const isForeign = (event: SubjectEvent) => isRequest(event) && this.#asks(event);
    const message = open.find(own) ?? open.find((event) => isRequest(event) && !isForeign(event));
    return open.filter((event) => !isRequest(event) || event === message);
  }

  /** Whether a message carries the bytes of one of the requests. */
  #asks(event: SubjectEvent): boolean {
    return this.#operations.some(
      ({ planned: { call } }) =>
        call.method === 'request' && 'index' in event && call.params.payload === event.payload,
    );
  }

  /** Where a process may return some time after its reply, each that returned may do so later. */
  #assumed(events: readonly SubjectEvent[]): readonly (readonly SubjectEvent[])[] {
    const { accepted } = this.#judging.measure.profile;
    if (accepted !== 'may return as late as the time-out') return [events];
    return events.reduce<readonly (readonly SubjectEvent[])[]>(
      (all, event) =>
        event.event === 'complete'
          ? [...all.map((some) => [...some, event]), ...all]
          : all.map((some) => [...some, event]),
      [[]],
    );
  }

  /** Keeps what is to be said of the orders that explain the most. */
  #fail(failure: Failure): void {
    const best = this.#nearest;
    const ahead =
      best === undefined
        ? 1
        : failure.placed - best.placed || best.differences.length - failure.differences.length;
    if (best === undefined || ahead > 0) this.#nearest = failure;
    else if (failure.placed === best.placed) {
      const allowed = [...new Set([...best.allowed, ...failure.allowed])];
      this.#nearest = { ...best, allowed };
    }
  }
}

function operationOf(planned: Planned, nth: number, history: History): Operation {
  const at = (kind: 'call' | 'answer') =>
    history.findIndex((one) => one.kind === kind && one.nth === nth);
  const until = at('answer');
  const answered = history[until];
  const outcome = answered?.kind === 'answer' ? answered.answer : undefined;
  return { planned, from: at('call'), until: until === -1 ? unlimited : until, outcome };
}

function isPlaced({ planned }: Operation, { order }: Node): boolean {
  return order.some((one) => one.planned === planned);
}

/** Order is significant among the events of one task, and of one process. */
function laneOf(event: SubjectEvent): string {
  return event.event === 'complete' ? `task ${event.task}` : `pid ${event.to}`;
}

function isRequest(event: SubjectEvent): boolean {
  return event.event === 'message' && event.type === 'request';
}

/** The events that a prediction may explain; what may come but need not is explained or left. */
function takings(
  { events: expected }: Prediction,
  candidates: readonly SubjectEvent[],
): readonly (readonly SubjectEvent[])[] {
  let all: readonly (readonly SubjectEvent[])[] = [[]];
  for (const one of expected) {
    const event = candidates.find((seen) => {
      if (one.kind === 'request') return isRequest(seen);
      if (one.kind === 'quit') return laneOf(seen) === `pid ${one.to}` && !isRequest(seen);
      return seen.event === 'complete' && seen.task === one.request;
    });
    if (event === undefined) continue;
    const isOptional = one.kind === 'quit' && !one.demanded;
    const taken = all.map((some) => (some.includes(event) ? some : [...some, event]));
    all = isOptional ? [...taken, ...all] : taken;
  }
  return all;
}

/** The answer that a call would have had, had it returned. */
function outcomeOf({ refusal }: Prediction): Outcome {
  if (refusal === undefined) return { result: {} };
  const [errno = 'EINVAL'] = refusal.errnos;
  return { error: { code: 'ERRNO', errno } };
}

/** An order in words. */
function nameOf(order: readonly Placed[]): string {
  return order
    .map(({ planned }) => printCommand(planned.command).replace('& ', ''))
    .join(', then ');
}
