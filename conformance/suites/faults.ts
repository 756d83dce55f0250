import type { Command, Process, Profile, RequirementId } from '../../model/index.js';
import { calm, commandsOf, requirementsOf, System, tourOf } from '../../model/index.js';
import { spaced, spacedTimeoutMs } from './spaced.js';
import type { Case, Suite } from './suite.js';
import { needsOf, rulesOf, suiteOf } from './suite.js';

/**
 * Suite `faults`: what the world does to the kernel side, done by the runner.
 *
 * Reason. A message that fails on its way, a signal, a daemon that dies, a pid that is given to a
 * stranger: none of this is a word of the protocol, and all of it happens. A conversation that uses
 * every part of the protocol is held again with one such thing at every place, and the n-th message
 * failing for every n; a tour takes every kind of step of a small system with failing messages and
 * signals. What follows, above all the probe, shows whether something was lost.
 */
export function faultsSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'faults',
    description: 'failing messages, signals, deaths and reused pids, in every state',
    parts: {
      'faults/': () => [
        ...disturbedCases(profile),
        ...historyCases(profile),
        ...tourCases(profile),
      ],
    },
  });
}

const [d1, d2, d3, e1, e2]: readonly [Process, Process, Process, Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
  { user: 1, process: 3 },
  { user: 2, process: 1 },
  { user: 2, process: 2 },
];
const numbered = (of: number) => ({ index: { of, plus: 0 }, sequence: { of, plus: 0 } });
const reply = (by: Process, of: number): Command => ({ do: 'reply', by, ...numbered(of) });
const ask = (request: number, user: number): Command => ({ do: 'request', request, user });
const wake = (request: number): Command => ({ do: 'wake', request });

/**
 * Every part of the protocol once: two users, refused replies, an answer, a replacement, a time-out, a
 * full pool.
 */
const usual: readonly Command[] = [
  { do: 'helo', by: d1 },
  { do: 'helo', by: e1 },
  ask(1, 1),
  ask(2, 2),
  ask(3, 1),
  { do: 'reply', by: e1, index: { of: 2, plus: 0 }, sequence: { of: 2, plus: 1 } },
  reply(d1, 2),
  reply(d1, 1),
  wake(1),
  { do: 'helo', by: d1 },
  { do: 'helo', by: d2 },
  ask(4, 1),
  reply(d2, 4),
  wake(4),
  reply(e1, 2),
  wake(2),
  ask(5, 2),
  { do: 'advance', request: 5, lateMs: 0 },
  wake(5),
  { do: 'quit', by: d2 },
  ask(6, 1),
  { do: 'helo', by: d2 },
  ask(7, 1),
  reply(d2, 7),
  wake(7),
];

/** What the pid of a dead daemon is good for in a stranger's hands: nothing. */
const strangersTries: readonly Command[] = [
  ask(20, 1),
  ...[1, 4, 7, 20].flatMap((of): Command[] => [reply(e2, of), wake(of)]),
  { do: 'quit', by: e2 },
  { do: 'helo', by: e2 },
  ask(21, 2),
  ask(22, 1),
  reply(e2, 22),
  reply(e2, 21),
  wake(21),
  { do: 'advance', request: 22, lateMs: 0 },
  wake(20),
  wake(22),
  ask(23, 1),
  { do: 'helo', by: d1 },
  reply(d1, 23),
  wake(23),
];

/** What is put into the conversation at a place. */
type Disturbance = (place: number) => readonly Command[];

const disturbances: Readonly<Record<string, Disturbance>> = {
  death: (place) => [{ do: 'exit', by: daemonAt(place) }, ask(20, 1)],
  'death-and-return': (place) => [
    { do: 'exit', by: daemonAt(place) },
    ask(20, 1),
    { do: 'helo', by: daemonAt(place) },
    ask(21, 1),
  ],
  'pid-reused': (place) => [
    { do: 'exit', by: daemonAt(place) },
    { do: 'reuse', by: e2, of: daemonAt(place) },
    ...strangersTries,
  ],
  // A new process of the same user has it: before its HELO nobody could tell the two apart.
  'pid-reused-at-home': (place) => [
    { do: 'exit', by: daemonAt(place) },
    ask(20, 1),
    { do: 'reuse', by: d3, of: daemonAt(place) },
    ...[1, 4, 7].flatMap((of): Command[] => [reply(d3, of), wake(of)]),
    ...[ask(21, 1), reply(d3, 21), wake(21), ask(22, 1), { do: 'quit', by: d3 } as const],
    ...[reply(d3, 22), ask(23, 1), { do: 'helo', by: d1 } as const],
  ],
  signals: () => [1, 2, 4, 5, 7].map((request): Command => ({ do: 'interrupt', request })),
};

const replacedAt = usual.findIndex((command) => command.do === 'helo' && command.by === d2);

function daemonAt(place: number): Process {
  return place > replacedAt ? d2 : d1;
}

/** More messages than this the conversation does not send. */
const messagesMax = 11;

/** The daemon dies while all sleep. */
const killed: readonly Command[] = usual.toSpliced(5, 0, { do: 'exit', by: d1 });

/** A barrier after every command: it changes nothing, whatever sleeps, waits or is to fail. */
function settled(commands: readonly Command[]): Command[] {
  return commands.flatMap((one): Command[] => [one, { do: 'settle' }]);
}

function disturbedCases(profile: Profile): Case[] {
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  const requirements = rules.filter((id) => own.has(id));
  const places = usual.map((_, nth) => nth + 1);
  const rows = [
    ...Object.entries(disturbances).flatMap(([name, disturb]) =>
      places.map((place) => ({
        id: `${name}/${String(place).padStart(2, '0')}`,
        contexts: name.startsWith('pid-reused') ? 6 : 2,
        commands: usual.toSpliced(place, 0, ...disturb(place)),
      })),
    ),
    ...Array.from({ length: messagesMax }, (_, nth) => ({
      id: `send/${String(nth + 1).padStart(2, '0')}`,
      contexts: 2,
      commands: [{ do: 'fail-send', nth: nth + 1 } as const, ...usual],
    })),
    { id: 'send/every', contexts: 2, commands: usual.flatMap((one): Command[] => [failNext, one]) },
    { id: 'barrier/death', contexts: 2, commands: settled(killed) },
    {
      id: 'barrier/failure',
      contexts: 2,
      commands: settled([{ do: 'fail-send', nth: 5 }, ...usual]),
    },
  ];
  return rows.flatMap(({ id, contexts, commands }) =>
    [true, false].map((held): Case => {
      const setup = { contexts, users: 2, processes: 3, manualWake: held };
      const some = held ? commands : commands.filter((command) => command.do !== 'wake');
      return {
        kind: 'script',
        id: `faults/${id}/${held ? 'held' : 'plain'}`,
        setup,
        needs: needsOf(some, setup),
        requirements,
        commands: some,
      };
    }),
  );
}

const strangers: readonly Process[] = [
  { user: 2, process: 2 },
  { user: 3, process: 1 },
  { user: 4, process: 1 },
];

/** What a stranger does to a request that he must not answer, and what the user's own daemon may. */
const triesOf = (by: Process, request: number): Command[] => [
  reply(by, request),
  { do: 'inspect' },
  { do: 'quit', by },
];

/** Histories in which a pid is used again that is not, or no more, that of a registered daemon. */
const histories: Readonly<Record<string, (by: Process) => readonly Command[]>> = {
  'of-the-registered': (by) => [
    ...[ask(1, 1), { do: 'exit', by: d1 } as const, { do: 'reuse', by, of: d1 } as const],
    ...triesOf(by, 1),
    ask(2, 1),
    ...triesOf(by, 2),
    { do: 'helo', by: d2 },
    reply(d2, 1),
    ask(3, 1),
    reply(d2, 3),
  ],
  'of-a-replaced': (by) => [
    ask(1, 1),
    { do: 'helo', by: d2 },
    ask(2, 1),
    { do: 'exit', by: d1 },
    { do: 'reuse', by, of: d1 },
    ...triesOf(by, 1),
    ...triesOf(by, 2),
    ask(3, 1),
    ask(4, by.user),
    ...[reply(d2, 1), reply(d2, 2), reply(d2, 3)],
  ],
  'of-one-that-quit': (by) => [
    ask(1, 1),
    { do: 'quit', by: d1 },
    { do: 'exit', by: d1 },
    { do: 'reuse', by, of: d1 },
    ...triesOf(by, 1),
    { do: 'advance', request: 1, lateMs: 0 },
    ask(2, by.user),
    { do: 'helo', by: d2 },
    ask(3, 1),
    reply(d2, 3),
  ],
  'of-one-that-serves-no-more': (by) => [
    { do: 'helo', by },
    ask(1, by.user),
    { do: 'exit', by: d1 },
    { do: 'reuse', by: { user: by.user, process: 3 }, of: d1 },
    reply({ user: by.user, process: 3 }, 1),
    ask(2, 1),
    reply(by, 1),
  ],
};

/** Many contexts, signals at each of them and at every time, and failures in between. */
const crowded: readonly Command[] = [
  { do: 'helo', by: e1 },
  ...[1, 2, 3, 4, 5, 6, 7].map((request) => ask(request, request % 3 === 0 ? 2 : 1)),
  ...[7, 3, 1].map((request): Command => ({ do: 'interrupt', request })),
  { do: 'fail-send', nth: 2 },
  ...[8, 9, 10].map((request) => ask(request, 1)),
  { do: 'advance', request: 2, lateMs: -1 },
  { do: 'interrupt', request: 2 },
  { do: 'interrupt', request: 4 },
  ...[11, 12, 13].map((request) => ask(request, 2)),
  ...[5, 6, 8, 10].flatMap((of) => [reply(d1, of), reply(e1, of)]),
  { do: 'advance', request: 13, lateMs: 0 },
];

function historyCases(profile: Profile): Case[] {
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  const requirements = rules.filter((id) => own.has(id));
  const setup = { contexts: 7, users: 4, processes: 3, manualWake: false };
  const rows = [
    ...Object.entries(histories).flatMap(([name, history]) =>
      strangers.map((by) => ({ id: `pid/${name}/u${by.user}`, commands: history(by) })),
    ),
    { id: 'crowded', commands: crowded },
  ];
  return rows.map(({ id, commands }): Case => {
    const all: readonly Command[] = [{ do: 'helo', by: d1 }, ...commands];
    return {
      kind: 'script',
      id: `faults/${id}`,
      setup,
      needs: needsOf(all, setup).filter((word) => word !== 'inspect'),
      requirements,
      commands: all,
    };
  });
}

const failNext: Command = { do: 'fail-send', nth: 1 };

const rules: readonly RequirementId[] = [
  ...(['REQ-6', 'REQ-8', 'CTX-7', 'REG-5', 'REG-9', 'REG-11', 'REP-4', 'REP-5'] as const),
  ...(['SLP-2', 'SLP-8', 'SLP-9', 'REG-3', 'REG-15'] as const),
];

const bounds = { contexts: 2, users: 1, processes: 2 };

function tourCases(profile: Profile): Case[] {
  const environment = { ...calm, sendFails: true, signals: true };
  const system = new System(bounds, profile, { defects: [], without: [], environment });
  return [true, false].flatMap((held) =>
    tourOf(system, { looksAtOnce: !held, stepsMax: 80 }).map((steps, nth): Case => {
      const all = spaced(commandsOf(steps) ?? [], steps);
      const commands = held ? all : all.filter((command) => command.do !== 'wake');
      const setup = { ...bounds, manualWake: held, timeoutMs: spacedTimeoutMs };
      return {
        kind: 'script',
        id: `faults/tour/${held ? 'held' : 'plain'}/${String(nth + 1).padStart(3, '0')}`,
        setup,
        needs: needsOf(commands, setup),
        requirements: rulesOf(steps),
        commands,
      };
    }),
  );
}
