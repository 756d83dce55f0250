import fc from 'fast-check';
import type { Answer, Call } from '../../conformance/index.js';
import { converse, ReferenceSubject, seed, suitesOf } from '../../conformance/index.js';

/**
 * Random conversations with one implementation, by two programs: ours, which judges every answer by
 * the model, and plain fast-check, which only carries them out. Each says how many commands it did.
 */

/** What a program did. */
export interface Done {
  readonly conversations: number;
  /** Commands that were carried out: those that were drawn but left out do not count. */
  readonly commands: number;
  /** Replies that were accepted: whoever draws numbers at random gets none. */
  readonly accepted: number;
}

const setup = { contexts: 2, users: 2, processes: 2, timeoutMs: 1000 } as const;
const drawsMax = 60;

/** Draws from the suite `adversary` and holds each conversation against the oracle. */
export async function oursOf(runs: number, seedOfRun: number): Promise<Done> {
  const suite = suitesOf(seed).find(({ name }) => name === 'adversary');
  const one = suite?.cases().find(({ id }) => id === 'adversary/two/held');
  if (one?.kind !== 'random') throw new Error('the suite has no case adversary/two/held');
  const subject = new ReferenceSubject();
  const { capabilities } = subject.claims;
  const settings = {
    ...setup,
    manualRead: false,
    time: 'virtual' as const,
    manualWake: true,
    payloadMax: 65_536,
    wideLabels: true,
  };
  const terms = { profile: seed, strict: true, capabilities, slackMs: 0 };
  const done = { conversations: 0, commands: 0, accepted: 0 };
  const property = fc.asyncProperty(one.conversations, async (commands) => {
    const held = await converse({ subject, settings, terms }, commands);
    done.conversations += 1;
    done.commands += held.trace.length;
    const replies = held.trace.filter(({ command }) => command.startsWith('reply'));
    done.accepted += replies.filter(({ observed }) => observed[0] === 'ok').length;
    return held.verdict === 'pass';
  });
  await fc.assert(property, { seed: seedOfRun, numRuns: runs });
  return done;
}

type Draw =
  | { readonly do: 'helo' | 'quit'; readonly uid: number; readonly pid: number }
  | { readonly do: 'exit'; readonly pid: number }
  | { readonly do: 'request'; readonly uid: number }
  | {
      readonly do: 'reply';
      readonly by: { readonly uid: number; readonly pid: number } | 'registered';
      readonly back: number;
      readonly plus: number;
    }
  | { readonly do: 'wake'; readonly back: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'inspect' };

const weighted = <T>(...choices: (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** The mix of the suite: the same kinds of command, each as often. */
function draws(): fc.Arbitrary<Draw> {
  const does = <T extends string>(word: T) => fc.constant(word);
  const uid = fc.constantFrom(1001, 1002);
  const pid = fc.constantFrom(11, 12, 21, 22);
  const by = weighted<(Draw & { do: 'reply' })['by']>(
    [8, fc.constant('registered')],
    [3, fc.record({ uid, pid })],
  );
  const back = fc.nat(3);
  const plus = weighted<number>([6, fc.constant(0)], [3, fc.integer({ min: -9, max: 9 })]);
  return weighted<Draw>(
    [5, fc.record({ do: does('helo'), uid, pid })],
    [1, fc.record({ do: does('quit'), uid, pid })],
    [2, fc.record({ do: does('exit'), pid })],
    [8, fc.record({ do: does('request'), uid })],
    [9, fc.record({ do: does('reply'), by, back, plus })],
    [5, fc.record({ do: does('wake'), back })],
    [2, fc.record({ do: does('advance'), ms: fc.constantFrom(1, 999, 1000, 3000) })],
    [1, fc.record({ do: does('inspect') })],
  );
}

/** What the yardstick remembers: who registered, who asked, and the messages it saw; no rule. */
interface Seen {
  readonly registered: Map<number, number>;
  /** The user of each request. */
  readonly users: number[];
  readonly messages: { readonly uid: number; readonly index: number; readonly seq: number }[];
}

/** The call of a draw, or undefined when it makes no sense yet. */
function callOf(draw: Draw, seen: Seen): Call | undefined {
  switch (draw.do) {
    case 'helo':
    case 'quit':
      return { method: draw.do, params: { uid: draw.uid, pid: draw.pid } };
    case 'exit':
      return { method: 'exit', params: { pid: draw.pid } };
    case 'request': {
      const params = { task: seen.users.length + 1, uid: draw.uid, payload: 'a0000001' };
      return { method: 'request', params };
    }
    case 'reply': {
      const message = seen.messages.at(-1 - draw.back);
      if (message === undefined) return undefined;
      const { uid: asker, index, seq } = message;
      const { by, plus } = draw;
      const registered = { uid: asker, pid: seen.registered.get(asker) ?? 11 };
      const { uid, pid } = by === 'registered' ? registered : by;
      const params = { uid, pid, index, seq: (seq + plus) >>> 0, payload: 'b0000001' };
      return { method: 'reply', params };
    }
    case 'wake': {
      const task = seen.users.length - draw.back;
      return task < 1 ? undefined : { method: 'wake', params: { task } };
    }
    case 'advance':
      return { method: 'advance', params: { ms: draw.ms } };
    case 'inspect':
      return { method: 'inspect', params: {} };
  }
}

/** A command as the documentation of fast-check writes one. */
class Yardstick implements fc.AsyncCommand<Seen, ReferenceSubject> {
  readonly #draw: Draw;
  readonly #done: { commands: number; accepted: number };

  constructor(draw: Draw, done: { commands: number; accepted: number }) {
    this.#draw = draw;
    this.#done = done;
  }

  check(seen: Readonly<Seen>): boolean {
    return callOf(this.#draw, seen) !== undefined;
  }

  async run(seen: Seen, real: ReferenceSubject): Promise<void> {
    const call = callOf(this.#draw, seen);
    if (call === undefined) return;
    const answer = await real.call(call);
    this.#done.commands += 1;
    if (call.method === 'helo') seen.registered.set(call.params.uid, call.params.pid);
    if (call.method === 'request') seen.users.push(call.params.uid);
    if (call.method === 'reply' && answer.error === undefined) this.#done.accepted += 1;
    notice(seen, answer);
  }

  toString(): string {
    return JSON.stringify(this.#draw);
  }
}

function notice(seen: Seen, answer: Answer): void {
  if (answer.error !== undefined && answer.error.code !== 'ERRNO') {
    throw new Error(`the answer was ${answer.error.code}`);
  }
  for (const event of answer.events) {
    if (event.event === 'message' && event.type === 'request') {
      const { index, seq } = event;
      seen.messages.push({ uid: seen.users.at(-1) ?? 0, index, seq });
    }
  }
}

/** Draws commands by `fc.commands` and carries them out by `fc.asyncModelRun`. */
export async function theirsOf(runs: number, seedOfRun: number): Promise<Done> {
  const done = { conversations: 0, commands: 0, accepted: 0 };
  const commands = fc.commands([draws().map((draw) => new Yardstick(draw, done))], {
    maxCommands: drawsMax,
    size: 'max',
  });
  const property = fc.asyncProperty(commands, async (drawn) => {
    done.conversations += 1;
    const real = new ReferenceSubject();
    const { contexts, timeoutMs } = setup;
    const params = { contexts, timeoutMs, manualRead: false, manualWake: true };
    await real.call({ method: 'reset', params });
    const model: Seen = { registered: new Map(), users: [], messages: [] };
    await fc.asyncModelRun(() => ({ model, real }), drawn);
  });
  await fc.assert(property, { seed: seedOfRun, numRuns: runs });
  return done;
}
