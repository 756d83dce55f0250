import type { Bounds, Profile } from '../../model/index.js';
import { commandsOf, System, tourOf } from '../../model/index.js';
import { spaced, spacedTimeoutMs } from './spaced.js';
import type { Case, Suite } from './suite.js';
import { needsOf, rulesOf } from './suite.js';

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
  return {
    name: 'manual-read',
    description: 'messages that wait in the queue of a daemon, and what becomes of the unread',
    cases: () => tours.flatMap((tour) => casesOf(profile, tour)),
  };
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
