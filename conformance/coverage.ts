import type { Profile, Refusal, RequirementId, Role, State, Step, System } from '../model/index.js';
import { componentTable, Quotient, System as Joined } from '../model/index.js';
import type { Covered } from './covered.js';
import { bitsOf, coverableOf, coverageBounds, machines } from './covered.js';

/**
 * Collects what a run covers: states and transitions of the component machines and of the joined
 * system at 2 contexts, 2 users and 2 processes a user (up to renumbering), refusals, requirements.
 *
 * A case at another capacity counts for the component machines, the refusals and the requirements.
 */
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

  /** What was covered so far. */
  get covered(): Covered {
    const all = coverableOf(this.#profile, this.#role);
    return {
      states: bitsOf(all.states, this.#states),
      transitions: bitsOf(all.transitions, this.#transitions),
      refusals: [...this.#refusals].sort(),
      requirements: [...this.#requirements].sort(),
    };
  }
}
