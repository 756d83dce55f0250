import type { Action, Profile, Step } from '../../model/index.js';
import { commandsOf, System, tourOf } from '../../model/index.js';
import { spaced, spacedTimeoutMs } from './spaced.js';
import type { Case, Extent, Suite } from './suite.js';
import { needsOf, rulesOf, sizeOf, suiteOf } from './suite.js';

/**
 * Suite `tour`: every kind of step of the joined system at 2 contexts and 2 users, or as many as are asked for,
 * and 2 processes a user.
 *
 * Reason. The shortest ways to all states leave out most of the steps between them. A fault that sits
 * in one transition (a daemon that is replaced while one request is answered and another has expired)
 * needs that very step. The tour takes them all, in runs that are long enough to go through many
 * states without a reset between, and short enough to be read; what each leads to is shown by the
 * steps that follow and by the probe.
 */
export function tourSuite(profile: Profile, extent: Extent): Suite {
  const bounds = { ...usual, ...extent };
  const size = sizeOf(bounds);
  const folder = `tour/${size === sizeOf(usual) ? '' : `${size}/`}`;
  const part = (name: string, held: boolean) => ({
    [`${folder}${name}/`]: () => casesOf(new System(bounds, profile), `${folder}${name}`, held),
  });
  return suiteOf({
    name: 'tour',
    description: 'every kind of step at two contexts, two users and two processes per user',
    parts: { ...part('held', true), ...part('plain', false) },
  });
}

const usual = { contexts: 2, users: 2, processes: 2 };
const stepsMax = 80;

function casesOf(system: System, folder: string, held: boolean): Case[] {
  const { contexts, users, processes } = system.bounds;
  const before = warmUp(system);
  return tourOf(system, { looksAtOnce: !held, stepsMax }).map((tour, nth) => {
    const steps = [...before, ...tour];
    const all = spaced(commandsOf(steps) ?? [], steps);
    const commands = held ? all : all.filter((command) => command.do !== 'wake');
    const setup = { contexts, users, processes, manualWake: held, timeoutMs: spacedTimeoutMs };
    return {
      kind: 'script',
      id: `${folder}/${String(nth + 1).padStart(3, '0')}`,
      setup,
      needs: needsOf(commands, setup),
      requirements: rulesOf(steps),
      commands,
      spares: ['exit'],
    };
  });
}

/** Uses every context once, so that what was used before can be named; the state is the first again. */
function warmUp(system: System): Step[] {
  const daemon = { user: 0, process: 0 };
  const contexts = Array.from({ length: system.bounds.contexts }, (_, context) => context);
  const actions: Action[] = [
    { do: 'helo', ...daemon },
    ...contexts.map((): Action => ({ do: 'request', user: 0 })),
    ...contexts.flatMap((context): Action[] => [
      { do: 'reply', ...daemon, context, sequence: 'current' },
      { do: 'look', context },
    ]),
    { do: 'quit', ...daemon },
  ];
  return actions.reduce<Step[]>((steps, action) => {
    const [step] = system.steps(steps.at(-1)?.state ?? system.initial, action);
    return step === undefined ? steps : [...steps, step];
  }, []);
}
