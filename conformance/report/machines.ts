import type { ChartTransition, Marks, Profile, ProfileName, ReplyFact } from '../../model/index.js';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  profiles,
  seed,
  svgOf,
  taskMachine,
} from '../../model/index.js';
import type { Covered } from '../covered.js';
import { coverableOf, namesIn } from '../covered.js';

/** The component machines, coloured by what a run covered of them. */

/** A machine's picture, and in words what was not covered. */
export interface CoveredMachine {
  readonly name: string;
  readonly svg: string;
  readonly missed: readonly string[];
}

/** The four machines of a profile. What the profile does not let happen has no colour. */
export async function coveredMachines(
  covered: Covered,
  profileName: string,
): Promise<readonly CoveredMachine[]> {
  const profile = profiles[profileName as ProfileName] ?? seed;
  const all = coverableOf(profile, 'kernel');
  const names = [...all.states, ...all.transitions];
  const hit = new Set([
    ...namesIn(all.states, covered.states),
    ...namesIn(all.transitions, covered.transitions),
  ]);
  const machines = {
    context: contextMachine,
    task: taskMachine,
    daemon: daemonMachine,
    reply: createReplyMachine(profile),
  };
  const drawn = Object.entries(machines).map(async ([name, machine]) => {
    const own = names.filter((one) => one.startsWith(`${name} `));
    const coverage = { own, hit };
    const marks = name === 'reply' ? cascadeMarks(coverage, profile) : machineMarks(coverage);
    return {
      name,
      svg: await svgOf(machine, marks),
      missed: own.filter((one) => !hit.has(one)).map((one) => one.slice(name.length + 1)),
    };
  });
  return Promise.all(drawn);
}

interface Coverage {
  /** What of the machine can be covered, by name. */
  readonly own: readonly string[];
  readonly hit: ReadonlySet<string>;
}

/** `hit`, `part` of it, `missed`; nothing where nothing can be covered. */
function markOf(names: readonly string[], { hit }: Coverage): string {
  if (names.length === 0) return '';
  const count = names.filter((name) => hit.has(name)).length;
  if (count === names.length) return 'hit';
  return count === 0 ? 'missed' : 'part';
}

/** A state covers those inside it, and a transition of such a state is taken from any of them. */
function machineMarks(coverage: Coverage): Marks {
  const isAtOrIn = (path: string, from: string) => from === path || from.startsWith(`${path}.`);
  const named = coverage.own.map((name) => {
    const [, from = '', event] = name.split(' ');
    return { name, from, event };
  });
  const namesOf = (path: string, event?: string) =>
    named.filter((one) => one.event === event && isAtOrIn(path, one.from)).map(({ name }) => name);
  return {
    state: (path) => markOf(namesOf(path), coverage),
    arrow: (transitions) =>
      markOf(
        transitions.flatMap(({ from, event }) => {
          const names = namesOf(from, event);
          // From a state with others in it, it is enough to have been in any of them.
          const taken = names.filter((name) => coverage.hit.has(name));
          return (taken.length > 0 ? taken : names).slice(0, 1);
        }),
        coverage,
      ),
  };
}

/** A check is covered by its fact, and its two ways out by the fact being true and false. */
function cascadeMarks(coverage: Coverage, { checks }: Profile): Marks {
  const factOf = (path: string): ReplyFact | undefined =>
    checks.find(({ fact }) => path.toLowerCase() === `check${fact.toLowerCase()}`)?.fact;
  const own = (name: string) => coverage.own.filter((one) => one === `reply ${name}`);
  return {
    state: (path) => markOf(own(factOf(path) ?? path.replace(/^refused\./, '')), coverage),
    arrow: (transitions) =>
      markOf(
        transitions.flatMap(({ from, guard }: ChartTransition) => {
          const fact = factOf(from);
          return fact === undefined ? [] : own(`${fact} ${guard !== undefined}`);
        }),
        coverage,
      ),
  };
}
