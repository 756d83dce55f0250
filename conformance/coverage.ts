import type { Refusal, RequirementId, Role, State, Step, System } from '../model/index.js';
import {
  cascade,
  componentTable,
  Quotient,
  requirementsOf,
  System as Joined,
} from '../model/index.js';
import type { Profile } from '../model/index.js';

/**
 * What a run has covered: states and transitions of the component machines and of the joined system
 * at 2 contexts, 2 users and 2 processes a user (up to renumbering), refusals, requirements.
 *
 * A case at another capacity counts for the component machines, the refusals and the requirements.
 */

/** How many were hit, of how many there are. */
export type Hits = readonly [hit: number, all: number];

/** The four figures of a report. */
export interface CoverageFigures {
  readonly states: Hits;
  readonly transitions: Hits;
  readonly refusals: Hits;
  readonly requirements: Hits;
}

/** The bounds at which the joined system is counted. */
export const coverageBounds = { contexts: 2, users: 2, processes: 2 } as const;

const machines = ['context', 'task', 'daemon'] as const;

/** Collects what is taken, and counts it. */
export class Coverage {
  readonly #profile: Profile;
  readonly #role: Role;
  readonly #states = new Set<string>();
  readonly #transitions = new Set<string>();
  readonly #refusals = new Set<Refusal>();
  readonly #requirements = new Set<RequirementId>();
  readonly #quotient: Quotient;
  readonly #taken = new WeakSet<Step>();

  constructor(profile: Profile, role: Role = 'kernel') {
    this.#profile = profile;
    this.#role = role;
    this.#quotient = new Quotient(new Joined(coverageBounds, profile));
    for (const kind of machines) {
      this.#states.add(`${kind} ${componentTable(kind, coverageBounds).states[0] ?? ''}`);
    }
    this.#states.add(`system ${this.#quotient.orbit(this.#quotient.system.initial)}`);
  }

  /** One step that an implementation took. Systems remember their steps, so most have been seen. */
  take(system: System, before: State, step: Step): void {
    if (this.#taken.has(step)) return;
    this.#taken.add(step);
    for (const { kind, nth, from, event } of step.taken) {
      this.#transitions.add(`${kind} ${from} ${event}`);
      this.#states.add(`${kind} ${from}`);
      this.#states.add(`${kind} ${system.at(step.state, { kind, nth })}`);
    }
    const { checks, refusal } = step.vector;
    for (const { fact, holds } of checks?.asked ?? []) {
      this.#states.add(`reply ${fact}`);
      this.#transitions.add(`reply ${fact} ${holds}`);
    }
    if (checks !== undefined) this.#states.add(`reply ${checks.outcome}`);
    if (refusal !== undefined) this.#refusals.add(refusal);
    const { contexts, users, processes } = system.bounds;
    const counted = this.#quotient.system.bounds;
    if (
      contexts === counted.contexts &&
      users === counted.users &&
      processes === counted.processes
    ) {
      this.#states.add(`system ${this.#quotient.orbit(step.state)}`);
      this.#transitions.add(`system ${this.#quotient.edge(before, step)}`);
    }
  }

  /** Rules that were exercised. */
  exercise(ids: Iterable<RequirementId>): void {
    for (const id of ids) this.#requirements.add(id);
  }

  /** The figures so far. */
  figures(): CoverageFigures {
    const rules = requirementsOf(this.#profile.name, this.#role).length;
    const requirements: Hits = [this.#requirements.size, rules];
    // The model's states are a kernel's: of a daemon there are none to be covered.
    const none: Hits = [0, 0];
    if (this.#role === 'daemon') {
      return { states: none, transitions: none, refusals: none, requirements };
    }
    const all = this.#all();
    const among = (hit: ReadonlySet<string>, every: ReadonlySet<string>): Hits => [
      [...hit].filter((one) => every.has(one)).length,
      every.size,
    ];
    return {
      states: among(this.#states, all.states),
      transitions: among(this.#transitions, all.transitions),
      refusals: [this.#refusals.size, Object.keys(this.#profile.errnos).length],
      requirements,
    };
  }

  #all(): { states: ReadonlySet<string>; transitions: ReadonlySet<string> } {
    const states = new Set<string>();
    const transitions = new Set<string>();
    const { orbits, edges, taken } = this.#quotient.all();
    // Every state that a machine can be in is left again by something.
    for (const { kind, from, event } of taken) {
      if (!machines.some((one) => one === kind)) continue;
      states.add(`${kind} ${from}`);
      transitions.add(`${kind} ${from} ${event}`);
    }
    for (const { asked, outcome } of cascade(this.#profile)) {
      states.add(`reply ${outcome}`);
      for (const { fact, holds } of asked) {
        states.add(`reply ${fact}`);
        transitions.add(`reply ${fact} ${holds}`);
      }
    }
    for (const orbit of orbits) states.add(`system ${orbit}`);
    for (const edge of edges) transitions.add(`system ${edge}`);
    return { states, transitions };
  }
}
