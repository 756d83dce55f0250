import type { Command, Process, Profile, RequirementId } from '../../model/index.js';
import { requirementsOf } from '../../model/index.js';
import type { Case } from './suite.js';
import { needsOf } from './suite.js';

/**
 * Of suite `manual-read`, one event while several messages wait.
 *
 * Two messages wait for one user's daemon and two for another's. Then one thing happens, before any is
 * read or after one is, and all the others are read, in their order, and answered. What ends, is taken
 * or is thrown away must be the message that is meant, and no other.
 */

const [d1, d2, e1, e2]: readonly [Process, Process, Process, Process] = [
  { user: 1, process: 1 },
  { user: 1, process: 2 },
  { user: 2, process: 1 },
  { user: 2, process: 2 },
];
const helo = (by: Process): Command => ({ do: 'helo', by });
const read = (by: Process): Command => ({ do: 'read', by });
const ask = (request: number, user: number): Command => ({ do: 'request', request, user });
const pass: Command = { do: 'pass', ms: 100 };
const reply = (by: Process, of: number, number = of): Command => ({
  do: 'reply',
  by,
  index: { of, plus: 0 },
  sequence: { of: number, plus: 0 },
});
const wake = (request: number): Command => ({ do: 'wake', request });

/** r1 and r2 are of one user, r4 of another; each has a deadline of its own. */
const begin: readonly Command[] = [
  ...[helo(d1), helo(e1), ask(1, 1), pass, ask(4, 2), pass, ask(2, 1)],
];

/** A third message of the first user, so many as the model has room for in a queue. */
const third: readonly Command[] = [pass, ask(3, 1)];

/** The events that may send him a message: they need that room. */
const sending: ReadonlySet<string> = new Set([
  ...['renewal', 'replacement', 'replacement-not-told', 'death-of-another'],
]);

/** What happens; numbers of requests whose message nobody read cannot be named, and are left out. */
const events: Readonly<Record<string, readonly Command[]>> = {
  reply: [reply(d1, 1), wake(1)],
  'refused-reply': [reply(d1, 1, 4), reply(e1, 1), reply(d2, 1)],
  renewal: [helo(d1)],
  replacement: [helo(d2)],
  'replacement-not-told': [{ do: 'fail-send', nth: 1 }, helo(d2)],
  'registration-elsewhere': [helo(e2)],
  quit: [{ do: 'quit', by: d1 }, helo(d1)],
  'quit-elsewhere': [{ do: 'quit', by: e1 }],
  'refused-quit': [{ do: 'quit', by: d2 }],
  death: [{ do: 'exit', by: d1 }],
  'death-elsewhere': [{ do: 'exit', by: e1 }],
  'death-of-another': [helo(d2), { do: 'exit', by: d2 }],
  'first-expires': [{ do: 'advance', request: 1, lateMs: 0 }, wake(1)],
  'two-expire': [{ do: 'advance', request: 4, lateMs: 0 }, wake(1), wake(4)],
  'signal-first': [{ do: 'interrupt', request: 1 }, wake(1)],
  'signal-middle': [{ do: 'interrupt', request: 2 }, wake(2)],
  'signal-last': [{ do: 'interrupt', request: 3 }, wake(3)],
  'signal-elsewhere': [{ do: 'interrupt', request: 4 }, wake(4)],
  'no-context': [ask(5, 2), ask(6, 2)],
  barrier: [{ do: 'settle' }, { do: 'inspect' }],
};

const end: readonly Command[] = [
  ...[read(d1), read(d1), read(e1), read(d1), read(d1), read(d2), read(e1), read(e2)],
  ...[3, 2, 1].flatMap((of) => [reply(d1, of), reply(d2, of), wake(of)]),
  ...[reply(e1, 4), reply(e2, 4), wake(4)],
];

const rules: readonly RequirementId[] = ['QUE-1', 'QUE-2', 'QUE-3', 'REQ-1', 'REQ-2'];

/** Every event, at both places, with sleepers held and not. */
export function eventCases(profile: Profile): Case[] {
  const own = new Set(requirementsOf(profile.name).map(({ id }) => id));
  const places = { 'before-reading': [], 'after-reading-one': [read(d1)] };
  return Object.entries(events).flatMap(([name, happens]) =>
    Object.entries(places).flatMap(([place, first]) =>
      [true, false].map((held): Case => {
        const all = [...begin, ...(sending.has(name) ? [] : third), ...first, ...happens, ...end];
        const commands = held ? all : all.filter((command) => command.do !== 'wake');
        const setup = {
          ...{ contexts: 4, users: 2, processes: 2, manualRead: true, manualWake: held },
        };
        return {
          kind: 'script',
          id: `manual-read/event/${name}/${place}/${held ? 'held' : 'plain'}`,
          setup,
          needs: needsOf(commands, setup).filter((word) => word !== 'inspect'),
          requirements: rules.filter((id) => own.has(id)),
          commands,
        };
      }),
    ),
  );
}
