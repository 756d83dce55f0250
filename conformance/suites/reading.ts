import type { Bounds, Command, Process, Profile } from '../../model/index.js';
import { commandsOf, requirementsOf, System, tourOf } from '../../model/index.js';
import { eventCases } from './reading-events.js';
import { spaced, spacedTimeoutMs } from './spaced.js';
import type { Case, Suite } from './suite.js';
import { needsOf, rulesOf, suiteOf } from './suite.js';

/**
 * Suite `manual-read`: messages that wait in the daemon's queue.
 *
 * Reason. A daemon that is busy does not read at once. Meanwhile a request may time out, its context
 * may serve another request, the daemon may be replaced, quit or die: what it then reads, in which
 * order, and what becomes of the unread is a matter of its own, in which real kernels went wrong. The
 * tour takes every kind of step of the smallest systems with queues: one context and two processes with
 * messages to quit, and two contexts whose requests share a queue.
 */
export function readingSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'manual-read',
    description: 'messages that wait in the queue of a daemon, and the fate of unread ones',
    parts: {
      'manual-read/': () => [...scriptCases(profile), ...eventCases(profile)],
      ...Object.fromEntries(
        tours.map((tour) => [`manual-read/${tour.name}/`, () => casesOf(profile, tour)]),
      ),
    },
  });
}

const [d1, d2, e1, e2]: readonly [Process, Process, Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
  { user: 2, process: 1 },
  { user: 2, process: 2 },
];
const read = (by: Process): Command => ({ do: 'read', by });
const ask = (request: number, user: number): Command => ({ do: 'request', request, user });
const reply = (by: Process, of: number): Command => {
  const own = { of, plus: 0 };
  return { do: 'reply', by, index: own, sequence: own };
};

/** What is in no small system: two users' queues, a successor, and a pid that is used again. */
const scripts: Readonly<Record<string, readonly Command[]>> = {
  'two-users': [
    { do: 'helo', by: d1 },
    { do: 'helo', by: e1 },
    ask(1, 1),
    ask(2, 2),
    ask(3, 1),
    read(e1),
    read(d1),
    read(d1),
    ...[reply(d1, 3), reply(e1, 2), reply(d1, 1)],
  ],
  'read-after-successor-answered': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    ask(2, 1),
    read(d1),
    { do: 'helo', by: d2 },
    reply(d2, 1),
    read(d1),
    reply(d1, 2),
    reply(d2, 2),
    ask(3, 1),
    read(d2),
    read(d1),
    reply(d2, 3),
  ],
  'queue-dies-with-its-process': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    ask(2, 1),
    { do: 'exit', by: d1 },
    { do: 'helo', by: d2 },
    { do: 'reuse', by: e2, of: d1 },
    read(e2),
    { do: 'helo', by: e2 },
    read(e2),
    ask(3, 2),
    read(e2),
    read(e2),
    reply(e2, 3),
    { do: 'advance', request: 2, lateMs: 0 },
    ask(4, 1),
    read(d2),
    reply(d2, 4),
  ],
  'signal-to-an-unread-request': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    ask(2, 1),
    { do: 'interrupt', request: 1 },
    ...[read(d1), read(d1), reply(d1, 1), reply(d1, 2)],
    ask(3, 1),
    read(d1),
    reply(d1, 3),
  ],
  'failed-send-is-not-queued': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    { do: 'fail-send', nth: 1 },
    ask(2, 1),
    ask(3, 1),
    ...[read(d1), read(d1), read(d1), reply(d1, 1), reply(d1, 3)],
  ],
  'number-of-an-unread-request-is-guessed': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    ...[read(d1), reply(d1, 1)],
    ask(2, 1),
    ...[1, 2, 3, 77].map((plus): Command => ({
      do: 'reply',
      by: d1,
      index: { of: 1, plus: 0 },
      sequence: { of: 1, plus: plus * 1001 },
    })),
    ...[read(d1), reply(d1, 2)],
  ],
  'as-many-as-wait': [
    { do: 'helo', by: d1 },
    ...[ask(1, 1), ask(2, 1), { do: 'advance', request: 2, lateMs: 0 } as const],
    ...[ask(3, 1), ask(4, 1)],
    ...[read(d1), read(d1), read(d1), read(d1), read(d1)],
    ...[reply(d1, 3), reply(d1, 4)],
  ],
  'reading-late': [
    ...[{ do: 'helo', by: d1 } as const, ask(1, 1), ask(2, 1)],
    ...[{ do: 'advance', request: 1, lateMs: -1 } as const, read(d1)],
    ...[{ do: 'advance', request: 1, lateMs: 0 } as const, read(d1)],
    ...[{ do: 'advance', request: 2, lateMs: 0 } as const, reply(d1, 1), reply(d1, 2)],
    ...[ask(3, 1), read(d1), reply(d1, 3)],
  ],
  'a-barrier-keeps-what-waits': [
    ...[{ do: 'helo', by: d1 } as const, { do: 'helo', by: e1 } as const, ask(1, 1)],
    ...[ask(2, 2), { do: 'settle' } as const, { do: 'helo', by: d2 } as const],
    ...[{ do: 'settle' } as const, read(d1), { do: 'settle' } as const, read(d1), read(e1)],
    ...[reply(d2, 1), reply(e1, 2)],
  ],
  'revived-daemon': [
    { do: 'helo', by: d1 },
    ask(1, 1),
    { do: 'exit', by: d1 },
    { do: 'helo', by: d1 },
    read(d1),
    ask(2, 1),
    read(d1),
    reply(d1, 2),
  ],
};

function scriptCases(profile: Profile): Case[] {
  // With two contexts four messages can wait.
  const usual = { contexts: 2, users: 2, processes: 2, manualRead: true, manualWake: false };
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  const rules = (['QUE-1', 'QUE-2', 'QUE-3', 'REQ-1', 'REQ-2'] as const).filter((id) =>
    own.has(id),
  );
  return Object.entries(scripts).map(([name, commands]): Case => {
    // Where time is real nobody comes just before a time-out.
    const isExact = commands.some((one) => one.do === 'advance' && one.lateMs < 0);
    const setup = isExact ? { ...usual, waits: false } : usual;
    return {
      kind: 'script',
      id: `manual-read/${name}`,
      setup,
      needs: needsOf(commands, setup),
      requirements: rules,
      commands,
    };
  });
}

interface Tour {
  readonly name: string;
  readonly bounds: Bounds;
  /** Whether messages to quit wait too, where the profile has them. */
  readonly quits: boolean;
  readonly held: boolean;
}

const one: Bounds = { contexts: 1, users: 1, processes: 2, queue: 2 };
const two: Bounds = { contexts: 2, users: 1, processes: 1, queue: 3 };

const tours: readonly Tour[] = [
  { name: '1x2/plain', bounds: one, quits: true, held: false },
  { name: '2x1/plain', bounds: two, quits: false, held: false },
  { name: '2x1/held', bounds: two, quits: false, held: true },
];

const stepsMax = 80;

function casesOf(profile: Profile, { name, bounds, quits, held }: Tour): Case[] {
  const quitMarkers = quits && profile.heloOfAnother === 'replaces';
  const system = new System({ ...bounds, quitMarkers }, profile);
  return tourOf(system, { looksAtOnce: !held, stepsMax }).map((steps, nth): Case => {
    const all = spaced(commandsOf(steps) ?? [], steps);
    const commands = held ? all : all.filter((command) => command.do !== 'wake');
    const setup = { ...bounds, manualRead: true, manualWake: held, timeoutMs: spacedTimeoutMs };
    return {
      kind: 'script',
      id: `manual-read/${name}/${String(nth + 1).padStart(3, '0')}`,
      setup,
      needs: needsOf(commands, setup),
      requirements: rulesOf(steps),
      commands,
    };
  });
}
