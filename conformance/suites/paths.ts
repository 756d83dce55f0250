import type { Bounds, Command, Path, Profile, Step } from '../../model/index.js';
import { commandsOf, componentPaths, loopsOf, System, systemPaths } from '../../model/index.js';
import type { Case, Suite } from './suite.js';
import { needsOf, rulesOf, sizeOf, suiteOf } from './suite.js';

/**
 * Suite `paths`: every state of the smallest systems, and what must not change it.
 *
 * Reason. The shortest way to each state is the shortest conversation that can show a fault there,
 * so this suite comes first and its failures are easy to read. @xstate/graph gives the paths: of
 * each component machine every transition, of the reply cascade every end, of the joined systems up
 * to 2 contexts and 2 users every state (up to renumbering). In each state of a joined system
 * everything is then tried that must leave it as it is: above all, every reply that must be refused.
 */
export function pathsSuite(profile: Profile): Suite {
  return suiteOf({
    name: 'paths',
    description:
      'shortest conversations to every state of the machines and of the smallest systems',
    parts: {
      'paths/machine.': () => componentCases(profile),
      ...Object.fromEntries(
        systemBounds.map((bounds) => [
          `paths/${sizeOf(bounds)}.`,
          () => systemCases(new System(bounds, profile)),
        ]),
      ),
    },
  });
}

const componentBounds: Bounds = { contexts: 1, users: 2, processes: 2 };
const systemBounds: readonly Bounds[] = [
  { contexts: 1, users: 1, processes: 2 },
  { contexts: 2, users: 1, processes: 2 },
  { contexts: 1, users: 2, processes: 2 },
  { contexts: 2, users: 2, processes: 2 },
];

function componentCases(profile: Profile): Case[] {
  const system = new System(componentBounds, profile);
  return componentPaths(system).flatMap((path) =>
    casesOf(system, `machine.${path.name}`, path, []),
  );
}

function systemCases(system: System): Case[] {
  return systemPaths(system).flatMap((path) =>
    casesOf(system, `${sizeOf(system.bounds)}.${path.name}`, path, loopsOf(system, path.state)),
  );
}

/**
 * A path becomes up to two cases: `held`, in which the suite says when a sleeper looks, and `plain`,
 * in which it looks at once; the latter where no state on the way needs a sleeper to be held.
 */
function casesOf(system: System, name: string, path: Path, loops: readonly Step[]): Case[] {
  const way = commandsOf(path.steps);
  const all = commandsOf([...path.steps, ...loops]);
  if (way === undefined || all === undefined) return [];
  const steps = [...path.steps, ...loops];
  const exits = way.some((command) => command.do === 'exit');
  const held = caseOf(system, `paths/${name}/held`, true, steps, all, exits);
  const awake = (one: Command) => one.do !== 'wake';
  if (holdsSleepers(system, path)) return [held];
  return [held, caseOf(system, `paths/${name}/plain`, false, steps, all.filter(awake), exits)];
}

/** Whether a path ends with a sleeper that has something to see and has not looked. */
function holdsSleepers(system: System, { state }: Path): boolean {
  return Array.from({ length: system.bounds.contexts }, (_, nth) => nth).some(
    (nth) =>
      system.at(state, { kind: 'context', nth }) === 'done' ||
      system.at(state, { kind: 'task', nth }) === 'sleeping.expired',
  );
}

function caseOf(
  system: System,
  id: string,
  manualWake: boolean,
  steps: readonly Step[],
  commands: readonly Command[],
  exits: boolean,
): Case {
  const { contexts, users } = system.bounds;
  // The smallest of them wait for their time-outs, if they must.
  const waits = contexts === 1 && (users === 1 || id.startsWith('paths/machine.'));
  const setup = { ...system.bounds, users: 2, manualWake, waits };
  return {
    kind: 'script',
    id,
    setup,
    // A death among the loops can be left out where the adapter has none; on the way it cannot.
    needs: needsOf(commands, setup).filter((word) => word !== 'exit' || exits),
    requirements: rulesOf(steps),
    commands,
  };
}
