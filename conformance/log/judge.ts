import type { Command, RequirementId } from '../../model/index.js';
import { candidatesOf } from '../candidates.js';
import type { Judgement, Oracle, Stamps } from '../oracle.js';
import { groupsOf, oneByOne } from '../overlap.js';
import type { Answer, Call, History, SubjectEvent } from '../subject.js';
import { isUnseen } from '../subject.js';
import type { Entry } from './entry.js';
import type { Observation } from './observed.js';
import { answerOf } from './observed.js';
import type { Scene, World } from './world.js';
import { firstWorld, keyOfMessage, readUnseen, refusedUnseen, sentUnseen } from './world.js';

/**
 * Holds lines of a log against accounts of what came before.
 *
 * The oracle judges. This file finds the calls that the words of a line stand for, gives the oracle what was
 * observed, and makes several accounts of one where nobody saw what a request got.
 */

/** Why a line cannot be explained, or why that is not decided. */
export interface Trouble {
  readonly isDecided: boolean;
  readonly entry: Entry;
  /** What was observed, and what was allowed. */
  readonly observed: string;
  readonly expected: string;
  readonly requirements: readonly RequirementId[];
  /** Every way that was open, in words. */
  readonly allowed: readonly string[];
  /** The states that explain everything before. */
  readonly candidates: () => readonly string[];
}

/** The accounts that explain a line, or why there are none. */
export type Judged =
  | { readonly kind: 'explained'; readonly worlds: readonly World[] }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

/** Takes lines apart into those that stand alone and groups that overlap. */
export function groupedLines(
  entries: readonly Entry[],
  { settings, terms }: Scene,
): readonly (readonly Entry[])[] {
  const commands = entries.map(({ command }) => command);
  let from = 0;
  return groupsOf(commands, settings, terms.capabilities).map((group) => {
    const lines = entries.slice(from, from + group.length);
    from += group.length;
    // The commands are the same, but the first of a group overlaps nothing.
    return lines.map((line, nth) => ({ ...line, command: group[nth] ?? line.command }));
  });
}

/** Judges a group of lines in one account, which is used up by it. */
export function judgeLines(world: World, lines: readonly Entry[], scene: Scene): Judged {
  const [first] = lines;
  if (first === undefined) return { kind: 'explained', worlds: [world] };
  const judge = new LineJudge(world, scene);
  return lines.length === 1 ? judge.alone(first) : judge.together(lines);
}

const silence: Answer = { events: [], result: {} };
const settle = { method: 'settle', params: {} } as const;
/** Where time is real and nobody looked at a clock, anything may have been over, and nothing need be. */
const anyTime = {
  writtenMs: 0,
  answeredMs: Infinity,
  settleWrittenMs: 0,
  settledMs: Infinity,
} as const satisfies Stamps;
/** Above this many answers that came in an unknown order not every order is tried. */
const orderedMax = 6;

class LineJudge {
  readonly #world: World;
  readonly #scene: Scene;

  constructor(world: World, scene: Scene) {
    this.#world = world;
    this.#scene = scene;
  }

  alone(entry: Entry): Judged {
    const { oracle } = this.#world;
    const { command, observed } = entry;
    const calls = oracle.calls(command);
    if (calls === undefined) return this.#senseless(entry);
    const broken = observed.find(({ broke }) => broke !== undefined);
    if (broken !== undefined) return this.#broke(entry, broken);
    if (observed.some(({ error }) => error?.code === 'UNSUPPORTED')) {
      return this.#undecided(entry, 'the implementation has no such thing');
    }
    if (command.do === 'reset') return this.#reset(entry);
    if (this.#scene.settings.time !== 'virtual') return this.#inTime(entry, calls[0]);
    if (observed.length > Math.max(1, calls.length)) {
      return this.#undecided(entry, `${observed.length} answers to ${calls.length} calls`);
    }
    const answers = calls.map((_, nth) => this.#answer(entry, nth));
    const late = observed.flatMap((one) => answerOf({ ...one, events: [] }, oracle.ledger).events);
    const [call] = calls;
    const seen = answers[0] ?? silence;
    const isLost = isUnseen(seen) && seen.events.every(({ event }) => event !== 'message');
    if (command.do === 'request' && call?.method === 'request' && isLost) {
      const sent = sentUnseen(this.#world, command, call, { events: seen.events });
      const refused = refusedUnseen(this.#world, command, call);
      const worlds = [...sent, ...refused].filter((one) =>
        calls.slice(1).every((ms) => explains(one.oracle, ms, { events: [] })),
      );
      return worlds.length > 0 ? { kind: 'explained', worlds } : this.#senseless(entry);
    }
    if (command.do === 'read' && call?.method === 'read' && isLost) {
      const worlds = readUnseen(this.#world, command.by, call.params.pid);
      return worlds.length > 0 ? { kind: 'explained', worlds } : this.#senseless(entry);
    }
    for (const [nth, one] of calls.entries()) {
      const found = this.#conclude(oracle.judge(command, one, answers[nth] ?? silence), entry);
      if (found.kind === 'trouble') return found;
    }
    if (late.length === 0) return this.#explained();
    const events = { events: late, result: {} };
    return this.#conclude(oracle.judge({ do: 'settle' }, settle, events), entry);
  }

  /** What an answer says; of what nobody saw nothing, and where nothing was said nothing came. */
  #answer(entry: Entry, nth: number): Answer {
    const { observed } = entry;
    const one = observed[nth];
    const { oracle, told } = this.#world;
    if (one !== undefined) {
      const answer = answerOf({ ...one, late: [] }, oracle.ledger);
      if (told.length === 0) return answer;
      const isTold = (event: SubjectEvent) => told.includes(keyOfMessage(entry, event) ?? '');
      return { ...answer, events: answer.events.filter((event) => !isTold(event)) };
    }
    return nth === 0 || observed.every((seen) => isUnseen(seen)) ? { events: [] } : silence;
  }

  #inTime(entry: Entry, call: Call | undefined): Judged {
    const { oracle } = this.#world;
    const { atMs, sinceMs = atMs ?? 0, command, observed } = entry;
    const [first = { events: [], late: [] }] = observed;
    const answer = answerOf(first, oracle.ledger);
    const stamps: Stamps =
      atMs === undefined
        ? anyTime
        : { writtenMs: sinceMs, answeredMs: atMs, settleWrittenMs: sinceMs, settledMs: atMs };
    return this.#conclude(oracle.judge(command, call ?? settle, answer, stamps), entry);
  }

  #reset(entry: Entry): Judged {
    const [{ events, error } = silence] = entry.observed;
    if (events.length > 0 || error !== undefined) {
      const observed = error === undefined ? 'events' : 'an error';
      return this.#trouble(entry, { observed, expected: 'ok, and no event' }, ['CTX-1']);
    }
    return { kind: 'explained', worlds: [firstWorld(this.#scene)] };
  }

  together(lines: readonly Entry[]): Judged {
    const { oracle } = this.#world;
    const planned = oracle.overlapping(lines.map(({ command }) => command));
    const [first] = lines;
    if (first === undefined) return this.#explained();
    if (planned.length !== lines.length) return this.#senseless(first);
    const found = this.#overlapped(lines, planned);
    if (found.kind === 'trouble') return found;
    const hangs = lines.find(({ observed }) => observed.some(({ broke }) => broke !== undefined));
    const [broken] = hangs?.observed ?? [];
    if (hangs !== undefined && broken !== undefined) return this.#broke(hangs, broken);
    if (lines.every(({ command }) => command.do !== 'request')) return found;
    const last = lines.at(-1) ?? first;
    const answer = last.observed[1];
    for (const call of oracle.ledger.millisecond) {
      const seen = answer === undefined ? silence : answerOf(answer, oracle.ledger);
      const passed = this.#conclude(oracle.judge({ do: 'pass', ms: 1 }, call, seen), last);
      if (passed.kind === 'trouble') return passed;
    }
    return found;
  }

  #overlapped(lines: readonly Entry[], planned: ReturnType<Oracle['overlapping']>): Judged {
    const { oracle } = this.#world;
    const [first] = lines;
    if (first === undefined) return this.#explained();
    const { ledger } = oracle;
    const answers = lines.map(({ observed: [one] }) =>
      one === undefined || one.broke !== undefined || isUnseen(one)
        ? undefined
        : answerOf({ ...one, late: [] }, ledger),
    );
    const late = lines.flatMap(({ observed }) =>
      observed.flatMap((one) => answerOf({ ...one, events: [] }, ledger).events),
    );
    const isConcurrent = this.#scene.terms.capabilities.has('concurrent');
    let found: Judged = this.#explained();
    for (const history of historiesOf(answers, isConcurrent)) {
      const events = late.map((event) => ({ kind: 'event', event }) as const);
      found = this.#conclude(oracle.judgeOverlap(planned, [...history, ...events]), first);
      if (found.kind === 'explained') return found;
    }
    return found;
  }

  #explained(): Judged {
    return { kind: 'explained', worlds: [this.#world] };
  }

  #conclude(judgement: Judgement, entry: Entry): Judged {
    if (judgement.kind === 'explained') return this.#explained();
    if (judgement.kind === 'lost') return this.#undecided(entry, judgement.why);
    const { differences, allowed } = judgement;
    const observed = [...new Set(differences.map((one) => one.observed))].join('; ');
    const expected = [...new Set(differences.map((one) => one.allowed))].join('; ');
    const rules = [...new Set(differences.map((one) => one.requirement))];
    return this.#trouble(entry, { observed, expected }, rules, allowed);
  }

  #broke(entry: Entry, { broke = '' }: Observation): Judged {
    const rules: RequirementId[] = broke === 'no answer' ? ['REQ-9'] : [];
    return this.#trouble(entry, { observed: broke, expected: 'an answer' }, rules);
  }

  #senseless(entry: Entry): Judged {
    return this.#undecided(entry, 'the model says nothing of this command here');
  }

  #undecided(entry: Entry, observed: string): Judged {
    const trouble = { isDecided: false, entry, observed, expected: '', requirements: [] };
    return { kind: 'trouble', trouble: { ...trouble, allowed: [], candidates: this.#candidates } };
  }

  #trouble(
    entry: Entry,
    { observed, expected }: { readonly observed: string; readonly expected: string },
    requirements: readonly RequirementId[],
    allowed: readonly string[] = [expected],
  ): Judged {
    const trouble = { isDecided: true, entry, observed, expected, requirements, allowed };
    return { kind: 'trouble', trouble: { ...trouble, candidates: this.#candidates } };
  }

  readonly #candidates = (): readonly string[] => candidatesOf(this.#world.oracle);
}

/** Whether an oracle goes on after a call for nothing. */
function explains(oracle: Oracle, call: Call, answer: Answer): boolean {
  const idle: Command = { do: 'pass', ms: 1 };
  return oracle.judge(idle, call, answer).kind === 'explained';
}

/** How overlapping calls may have been written and read: of answers in an unknown order, every order. */
function* historiesOf(
  answers: readonly (Answer | undefined)[],
  isConcurrent: boolean,
): Generator<History> {
  const seen = answers.flatMap((answer, nth) => (answer === undefined ? [] : [{ answer, nth }]));
  if (!isConcurrent && seen.length === answers.length) {
    yield oneByOne(seen.map(({ answer }) => answer));
    return;
  }
  const calls = answers.map((_, nth) => ({ kind: 'call', nth }) as const);
  const orders = isConcurrent && seen.length <= orderedMax ? ordersOf(seen) : [seen];
  for (const order of orders) {
    const read = order.flatMap(({ answer: { events, ...answer }, nth }): History => [
      ...events.map((event) => ({ kind: 'event', event }) as const),
      { kind: 'answer', nth, answer },
    ]);
    yield [...calls, ...read];
  }
}

function* ordersOf<T>(all: readonly T[]): Generator<readonly T[]> {
  if (all.length === 0) yield [];
  for (const [nth, one] of all.entries()) {
    for (const rest of ordersOf(all.toSpliced(nth, 1))) yield [one, ...rest];
  }
}
