import fc from 'fast-check';
import type { Command, Process, Profile, RequirementId } from '../../model/index.js';
import { printCommand, requirementsOf } from '../../model/index.js';
import type { Draw, Drawn } from './drawing.js';
import { draws, nameRequests, rulesDriven, weighted } from './drawing.js';
import type { Case, Setup, Suite } from './suite.js';
import { needsOf, suiteOf } from './suite.js';

/**
 * Suite `interleavings`: commands that overlap, judged by linearizability.
 *
 * Reason. A check that was right when it was made may be wrong when it is acted upon: two replies
 * both find the request pending, two requests take the same context, a time-out frees a context under
 * the reply that was just let in. No conversation in which one command waits for the other shows that.
 * So every two commands that can get into each other's way are written at once, in both orders, from
 * every small state in which they do, and the three that hand a context on under a reply; and random conversations have groups of two to four, races
 * mostly. An adapter with `concurrent` may mix them as it likes, as long as some order explains what
 * came; one without it works them off in the order of the lines, and is held to that.
 */
export function interleavingsSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'interleavings',
    description: 'commands that overlap: races of two and three, and random groups of up to four',
    parts: {
      'interleavings/': () => [
        ...raceCases(profile),
        ...kinds.flatMap((kind) => randomCases(kind, profile)),
      ],
    },
  });
}

const needed = ['virtualTime', 'payload'];

const first: Process = { user: 1, process: 1 };
const second: Process = { user: 1, process: 2 };
const stranger: Process = { user: 2, process: 1 };

const helo = (by: Process): Command => ({ do: 'helo', by });
const quit = (by: Process): Command => ({ do: 'quit', by });
const exit = (by: Process): Command => ({ do: 'exit', by });
const ask = (request: number, user = 1): Command => ({ do: 'request', request, user });
const answer = (by: Process, request: number): Command => {
  const own = { of: request, plus: 0 };
  return { do: 'reply', by, index: own, sequence: own };
};
const expire = (request: number): Command => ({ do: 'advance', request, lateMs: 0 });
const wake = (request: number): Command => ({ do: 'wake', request });

/** A small state, by the way that leads there, and what may be done in it. */
interface Scene {
  readonly name: string;
  readonly contexts: number;
  readonly before: readonly Command[];
  readonly racing: readonly Command[];
}

const daemons = [helo(first), helo(second), quit(first), exit(first)];
const requests = [ask(8), ask(9), ask(7, 2)];
const replies = [answer(first, 1), answer(second, 1), answer(stranger, 1)];

const scenes: readonly Scene[] = [
  {
    name: 'nobody',
    contexts: 1,
    before: [],
    racing: [helo(first), helo(second), quit(first), ask(8), helo(stranger)],
  },
  { name: 'idle', contexts: 1, before: [helo(first)], racing: [...daemons, ...requests] },
  {
    name: 'full',
    contexts: 1,
    before: [helo(first), ask(1)],
    racing: [...daemons, ask(8), ...replies, expire(1), wake(1)],
  },
  {
    name: 'one-left',
    contexts: 2,
    before: [helo(first), helo(stranger), ask(1)],
    racing: [...daemons, ...requests, ...replies, expire(1), wake(1)],
  },
  {
    name: 'two-wait',
    contexts: 2,
    before: [helo(first), ask(1), ask(2)],
    racing: [ask(8), answer(first, 1), answer(first, 2), expire(1), expire(2), wake(1), wake(2)],
  },
  {
    name: 'answered',
    contexts: 1,
    before: [helo(first), ask(1), answer(first, 1)],
    racing: [helo(second), ask(8), answer(first, 1), expire(1), wake(1)],
  },
  {
    name: 'expired',
    contexts: 1,
    before: [helo(first), ask(1), expire(1)],
    racing: [helo(second), ask(8), answer(first, 1), wake(1)],
  },
  {
    name: 'replaced',
    contexts: 2,
    before: [helo(first), ask(1), helo(second)],
    racing: [...daemons, quit(second), exit(second), ask(8), ...replies.slice(0, 2), expire(1)],
  },
  {
    name: 'dead',
    contexts: 2,
    before: [helo(first), ask(1), exit(first)],
    racing: [helo(first), helo(second), ask(8), ask(9), answer(second, 1), expire(1)],
  },
];

/** Every two racing commands of every scene, in both orders. */
function raceCases(profile: Profile): Case[] {
  const pairs = scenes.flatMap((scene) =>
    [false, true].flatMap((manualWake) => {
      const racing = scene.racing.filter(({ do: verb }) => verb !== 'wake' || manualWake);
      const races = racing.flatMap((one) => racing.map((other) => [one, other] as const));
      // Held, only what touches a sleeper is another race.
      return races
        .filter((pair) => makesSense(pair) && (!manualWake || pair.some(touchesSleeper)))
        .map((pair) => raceCase(scene, pair, { manualWake, profile }));
    }),
  );
  const full = scenes.filter(({ name }) => name === 'full');
  const handed = ordersOf([answer(first, 1), expire(1), ask(8)]);
  const triples = full.flatMap((scene) =>
    handed.map((race) => raceCase(scene, race, { manualWake: false, profile })),
  );
  return [...pairs, ...triples];
}

function ordersOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length === 0) return [[]];
  return all.flatMap((one, nth) => ordersOf(all.toSpliced(nth, 1)).map((rest) => [one, ...rest]));
}

function touchesSleeper({ do: verb }: Command): boolean {
  return verb === 'wake' || verb === 'advance';
}

/** A request is made once, a process is woken once, and who dies does nothing else. */
function makesSense([one, other]: readonly [Command, Command]): boolean {
  const isSame = printCommand(one) === printCommand(other);
  if (isSame) return one.do === 'reply' || one.do === 'helo' || one.do === 'quit';
  const dies = [one, other].some(({ do: verb }) => verb === 'exit');
  if (!dies || !('by' in one) || !('by' in other)) return true;
  return one.by.user !== other.by.user || one.by.process !== other.by.process;
}

function raceCase(
  { name, contexts, before }: Scene,
  racing: readonly Command[],
  { manualWake, profile }: { readonly manualWake: boolean; readonly profile: Profile },
): Case {
  const [head, ...others] = racing;
  const group = others.map((one): Command => ({ ...one, overlaps: true }));
  const commands = [...before, ...(head === undefined ? [] : [head]), ...group];
  const setup: Setup = { contexts, users: 2, processes: 2, manualWake };
  const race = racing.map((command) => printCommand(command).replaceAll(' ', '.')).join('+');
  return {
    kind: 'script',
    id: `interleavings/${name}/${race}/${manualWake ? 'held' : 'plain'}`,
    setup,
    needs: [...new Set([...needed, ...needsOf(commands, setup)])],
    requirements: rulesOf(racing, profile),
    commands,
  };
}

const rules: Readonly<Partial<Record<Command['do'], readonly RequirementId[]>>> = {
  helo: ['REG-1', 'REG-2', 'REG-3', 'REG-11', 'REG-14'],
  quit: ['REG-6', 'REG-7', 'REG-8'],
  exit: ['REG-9', 'REG-10', 'REG-15'],
  request: ['CTX-2', 'CTX-3', 'CTX-4', 'REQ-1', 'REQ-2', 'REQ-4'],
  reply: ['REP-5', 'REP-6', 'REP-9', 'SLP-1', 'SLP-2'],
  advance: ['CTX-6', 'SLP-3', 'SLP-5'],
  wake: ['CTX-5', 'SLP-1', 'SLP-7'],
};

function rulesOf(commands: readonly Command[], profile: Profile): readonly RequirementId[] {
  const known = requirementsOf(profile.name).map(({ id }) => id);
  const meant = commands.flatMap(({ do: verb }) => rules[verb] ?? []);
  return [...new Set(meant)].filter((id) => known.includes(id));
}

/** How large the system of a random conversation is. */
interface ConversationKind {
  readonly name: string;
  readonly setup: Omit<Setup, 'manualWake'>;
  readonly share: number;
}

const kinds: readonly ConversationKind[] = [
  { name: 'one', setup: { contexts: 1, users: 2, processes: 2 }, share: 0.5 },
  { name: 'two', setup: { contexts: 2, users: 2, processes: 2, timeoutMs: 1000 }, share: 0.5 },
  { name: 'five', setup: { contexts: 5, users: 3, processes: 3 }, share: 0.25 },
];

function randomCases({ name, setup, share }: ConversationKind, profile: Profile): Case[] {
  return [true, false].map((manualWake) => ({
    kind: 'random',
    id: `interleavings/${name}/${manualWake ? 'held' : 'plain'}`,
    setup: { ...setup, manualWake },
    needs: [...needed, ...(manualWake ? ['manualWake'] : [])],
    requirements: rulesDriven(profile),
    share,
    conversations: overlapping({ ...setup, manualWake }),
  }));
}

const groupsMax = 12;

/** Conversations of single commands and of groups that overlap, many of them races. */
export function overlapping(setup: Setup): fc.Arbitrary<readonly Command[]> {
  const { users, processes, manualWake: held } = setup;
  const draw = draws({ users, processes, exchanges: 0, held });
  const group = weighted<readonly Drawn[]>(
    [3, draw.map((one) => alone(one))],
    [2, fc.array(draw, { minLength: 2, maxLength: 4, size: 'max' }).map(together)],
    [6, race(setup)],
  );
  return fc
    .array(group, { minLength: 1, maxLength: groupsMax, size: 'max' })
    .map((groups) => nameRequests(groups.flat()));
}

const alone = (...all: readonly Draw[]): Drawn[] => all.map((draw) => ({ draw, overlaps: false }));
const together = (all: readonly Draw[]): Drawn[] =>
  all.map((draw, nth) => ({ draw, overlaps: nth > 0 }));

/** A group that gets into its own way, behind what makes it possible. */
function race({ users, processes, manualWake }: Setup): fc.Arbitrary<readonly Drawn[]> {
  const user = fc.integer({ min: 1, max: users });
  const nth = fc.integer({ min: 1, max: processes });
  const which = fc.integer({ min: 0, max: 9 });
  return fc.record({ user, one: nth, other: nth, which, turned: fc.boolean() }).map((drawn) => {
    const [by, other] = [drawn.one, drawn.other].map((process) => ({ user: drawn.user, process }));
    if (by === undefined || other === undefined) return [];
    const request: Draw = { do: 'request', user: drawn.user, bytes: undefined };
    const reply = (who: Process | 'registered' | 'recipient', back = 0): Draw => ({
      do: 'reply', by: who, back, index: 0, sequence: 0, otherBack: 1, bytes: undefined,
    }); // prettier-ignore
    const advance: Draw = { do: 'advance', back: 0, lateMs: 0 };
    const woken: Draw = { do: 'wake', back: 0 };
    const register: Draw = { do: 'helo', by };
    const asked = alone(register, request);
    const races: readonly (readonly [readonly Drawn[], readonly Draw[]])[] = [
      [asked, [reply('registered'), reply('registered')]],
      [asked, [reply('registered'), advance]],
      [asked, [reply('registered'), advance, request]],
      [asked, [reply('registered'), { do: 'helo', by: other }]],
      [[], [register, { do: 'helo', by: other }]],
      [alone(register), [{ do: 'quit', by }, request]],
      [alone(register), [request, request]],
      [asked, [reply('registered'), { do: 'exit', by: other }]],
      [
        [...asked, ...alone({ do: 'helo', by: other })],
        [reply('recipient'), reply(other)],
      ],
      [asked, manualWake ? [reply('registered'), woken, advance] : [advance, request, request]],
    ];
    const [before, racing] = races[drawn.which] ?? [[], []];
    return [...before, ...together(drawn.turned ? racing.toReversed() : racing)];
  });
}
