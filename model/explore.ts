import type { Step, System, State, Taken } from './system.js';
import { keyOfAction, keyOfState } from './system.js';
import type { Action } from './vector.js';
import { permutations, sequences } from './packed/symmetry.js';

/**
 * A plain breadth-first walk over a joined system, and its symmetric quotient.
 *
 * Contexts, users and a user's processes are interchangeable: two states that differ only in their
 * numbering are one *orbit*. Coverage counts orbits, so that an implementation that hands out its
 * contexts in another order covers the same things. The walk is for small bounds and has a limit.
 */

/** What a walk found. */
export interface Walk {
  /** Every state, in the order of discovery, under its key. */
  readonly states: ReadonlyMap<string, State>;
  /** How many steps there are, counting each (state, action, vector, outcome). */
  readonly transitions: number;
}

const statesMax = 200_000;

/**
 * Walks every reachable state.
 *
 * @throws RangeError when there are more than 200,000 states
 */
export function explore(system: System): Walk {
  const states = new Map([[keyOfState(system.initial), system.initial]]);
  const actions = system.actions();
  let transitions = 0;
  for (const state of states.values()) {
    for (const action of actions) {
      for (const step of system.steps(state, action)) {
        transitions += 1;
        const key = keyOfState(step.state);
        if (!states.has(key)) states.set(key, step.state);
      }
    }
    if (states.size > statesMax) {
      throw new RangeError(`more than ${statesMax} states; choose smaller bounds`);
    }
  }
  return { states, transitions };
}

/** One renumbering of contexts, users and processes: what a number becomes. */
interface Renumbering {
  readonly contexts: readonly number[];
  readonly users: readonly number[];
  readonly processes: readonly (readonly number[])[];
  /** For each byte of a state, where it goes and what its values become. */
  readonly bytes: readonly { readonly to: number; readonly values: readonly number[] }[];
}

/** The orbits of a system's states and steps under renumbering. */
export class Quotient {
  readonly system: System;
  readonly #renumberings: readonly Renumbering[];
  readonly #orbits = new Map<string, string>();
  readonly #edges = new WeakMap<Step, string>();
  readonly #images = new Map<string, readonly { state: string; by: Renumbering }[]>();

  constructor(system: System) {
    this.system = system;
    this.#renumberings = renumberings(system);
  }

  /** The name of a state's orbit. */
  orbit(state: State): string {
    const key = keyOfState(state);
    const known = this.#orbits.get(key);
    if (known !== undefined) return known;
    const made = this.#smallest(state)[0]?.state ?? key;
    this.#orbits.set(key, made);
    return made;
  }

  /** The name of the orbit of a step from a state. */
  edge(state: State, step: Step): string {
    const known = this.#edges.get(step);
    if (known !== undefined) return known;
    const action = this.#meant(state, step.action);
    const made = this.#smallest(state)
      .map(({ state: image, by }) => {
        const renamed = keyOfAction(renumberAction(action, by));
        return `${image}|${renamed}|${step.vector.name}|${keyOfState(renumber(step.state, by))}`;
      })
      .reduce((least, one) => (one < least ? one : least));
    this.#edges.set(step, made);
    return made;
  }

  /** A free context has no current number: whatever number a reply to it has is an older one. */
  #meant(state: State, action: Action): Action {
    if (action.do !== 'reply' || action.context === 'outside') return action;
    const context = { kind: 'context', nth: action.context } as const;
    return this.system.at(state, context) === 'free' ? { ...action, sequence: 'older' } : action;
  }

  /** Every orbit and every edge of the reachable system, and what its components do in it. */
  all(): {
    readonly orbits: ReadonlySet<string>;
    readonly edges: ReadonlySet<string>;
    readonly taken: readonly Taken[];
  } {
    const orbits = new Map([[this.orbit(this.system.initial), this.system.initial]]);
    const edges = new Set<string>();
    const taken = new Map<string, Taken>();
    const actions = this.system.actions();
    for (const state of orbits.values()) {
      for (const action of actions) {
        for (const step of this.system.steps(state, action)) {
          edges.add(this.edge(state, step));
          for (const one of step.taken) taken.set(`${one.kind} ${one.from} ${one.event}`, one);
          const orbit = this.orbit(step.state);
          if (!orbits.has(orbit)) orbits.set(orbit, step.state);
        }
      }
    }
    return { orbits: new Set(orbits.keys()), edges, taken: [...taken.values()] };
  }

  /** The images of a state that are smallest in their order, each with a renumbering to it. */
  #smallest(state: State): readonly { state: string; by: Renumbering }[] {
    const key = keyOfState(state);
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const images = this.#renumberings.map((by) => ({ state: keyOfState(renumber(state, by)), by }));
    const least = images.reduce((least, one) => (one.state < least ? one.state : least), key);
    const made = images.filter((one) => one.state === least);
    this.#images.set(key, made);
    return made;
  }
}

function renumber(state: State, by: Renumbering): State {
  const image = new Uint8Array(state.length);
  by.bytes.forEach(({ to, values }, from) => {
    image[to] = values[state[from] ?? 0] ?? 0;
  });
  return image;
}

function renumberAction(action: Action, by: Renumbering): Action {
  const user = (nth: number) => by.users[nth] ?? nth;
  const context = (nth: number) => by.contexts[nth] ?? nth;
  switch (action.do) {
    case 'helo':
    case 'quit':
    case 'exit':
    case 'read':
    case 'read-twice':
    case 'reply': {
      const process = by.processes[action.user]?.[action.process] ?? action.process;
      const renamed = { ...action, user: user(action.user), process };
      if (renamed.do !== 'reply' || renamed.context === 'outside') return renamed;
      return { ...renamed, context: context(renamed.context) };
    }
    case 'request':
      return { ...action, user: user(action.user) };
    case 'reuse-pid':
      return { ...action, user: user(action.user) };
    case 'expire':
    case 'look':
    case 'interrupt':
      return { ...action, context: context(action.context) };
    case 'orphan-expires':
    case 'orphan-looks':
      return action;
  }
}

function renumberings(system: System): Renumbering[] {
  const { contexts, users, processes } = system.bounds;
  const made: Renumbering[] = [];
  for (const byContext of permutations(contexts)) {
    for (const byUser of permutations(users)) {
      for (const byProcess of sequences(permutations(processes), users)) {
        made.push(renumbering(system, byContext, byUser, byProcess));
      }
    }
  }
  return made;
}

function renumbering(
  system: System,
  contexts: readonly number[],
  users: readonly number[],
  processes: readonly (readonly number[])[],
): Renumbering {
  const positionOf = (kind: string, nth: number) =>
    system.components.findIndex((one) => one.kind === kind && one.nth === nth);
  const bytes = system.components.map(({ kind, nth, table }) => {
    const byUser = kind === 'daemon' || kind === 'registrant';
    const to = positionOf(kind, (byUser ? users[nth] : contexts[nth]) ?? nth);
    const valueOf = kind === 'owner' ? users : kind === 'registrant' ? processes[nth] : undefined;
    const values = table.states.map((name, number) => {
      const value = /^is(\d+)$/.exec(name)?.[1];
      if (value === undefined || valueOf === undefined) return number;
      return table.states.indexOf(`is${valueOf[Number(value)] ?? value}`);
    });
    return { to, values };
  });
  return { contexts, users, processes, bytes };
}
