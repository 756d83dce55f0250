import type { Switches } from './defects.js';
import { narrate } from './narrate.js';
import { findLasso, regionEdgesMax } from './packed/lasso.js';
import { matcherOf } from './packed/match.js';
import { Symmetry } from './packed/symmetry.js';
import type { Walk } from './packed/walk.js';
import { pathTo, walk } from './packed/walk.js';
import { Packed } from './packed/packed.js';
import type { Profile } from './profiles.js';
import type { Always, Eventually, Property, Sometimes } from './properties.js';
import { isClaimed, properties } from './properties.js';
import type { State, Step } from './system.js';
import { System } from './system.js';
import type { Action, Bounds, Condition } from './vector.js';
import { at } from './vector.js';

/** Checks the properties of a model within bounds, and finds the shortest runs that break them. */

/** What is to be verified. */
export interface Question {
  readonly bounds: Bounds;
  readonly profile: Profile;
  readonly switches: Switches;
  /** Whether to walk one state of each orbit only. */
  readonly symmetry: boolean;
  /** Above so many states (orbits, with symmetry) the walk ends and nothing is said to hold. */
  readonly statesMax: number;
  /** The names of the properties; all that are claimed, if not given. */
  readonly only?: readonly string[];
}

/** What is known of a property. */
export interface Finding {
  readonly property: Property;
  readonly verdict: 'holds' | 'violated' | 'inconclusive';
  /** A shortest run that breaks it; for a *sometimes* that holds, that shows it. */
  readonly trace: readonly string[];
  /** Why it is inconclusive. */
  readonly why?: string;
}

/** What a verification found. */
export interface Verification {
  readonly system: System;
  readonly states: number;
  readonly transitions: number;
  /** Undefined where there are too many renumberings to count them. */
  readonly orbits: number | undefined;
  readonly complete: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Verifies.
 *
 * @throws RangeError when the bounds do not fit into a key
 */
export function verify(question: Question): Verification {
  const { bounds, profile, switches, statesMax, only } = question;
  const system = new System(bounds, profile, switches);
  const packed = new Packed(system);
  const symmetry = question.symmetry ? new Symmetry(packed) : undefined;
  const walked = walk(packed, { statesMax, ...(symmetry === undefined ? {} : { symmetry }) });
  const checker = new Checker(walked, symmetry, statesMax);
  const claimed = properties.filter((one) =>
    only === undefined ? isClaimed(one, system.rules) : only.includes(one.name),
  );
  const findings = claimed.map((property) => checker.check(property));
  const { states, transitions, complete } = walked;
  const orbits = symmetry === undefined ? representatives(walked) : walked.count;
  return { system, states, transitions, orbits, complete, findings };
}

/** How many of the states found are their orbits' representatives. */
function representatives({ packed, count, low, high }: Walk): number | undefined {
  if (!Symmetry.fits(packed)) return undefined;
  const symmetry = new Symmetry(packed);
  let found = 0;
  for (let at = 0; at < count; at += 1) {
    symmetry.canonize(low[at] ?? 0, high[at] ?? 0);
    if (symmetry.low === low[at] && symmetry.high === high[at]) found += 1;
  }
  return found;
}

/** Checks one property after the other on what a walk found. */
class Checker {
  readonly #walk: Walk;
  readonly #symmetry: Symmetry | undefined;
  readonly #statesMax: number;
  #plain: Walk | undefined;

  constructor(walked: Walk, symmetry: Symmetry | undefined, statesMax: number) {
    this.#walk = walked;
    this.#symmetry = symmetry;
    this.#statesMax = statesMax;
  }

  check(property: Property): Finding {
    const found = this.#find(property);
    const { rules } = this.#walk.packed.system;
    // Asked for all the same, it can be violated; that it is not says nothing.
    if (isClaimed(property, rules) || found.verdict === 'violated') return found;
    const why = `it is not claimed under profile ${rules.profile.name} within these bounds`;
    return { property, verdict: 'inconclusive', trace: [], why };
  }

  #find(property: Property): Finding {
    switch (property.kind) {
      case 'always':
        return this.#always(property);
      case 'sometimes':
        return this.#sometimes(property);
      case 'eventually':
        return this.#eventually(property);
    }
  }

  get #limit(): string {
    return `the limit of ${this.#statesMax} states was reached`;
  }

  #always(property: Property & Always): Finding {
    const trace = this.#counterexample(property.never);
    if (trace !== undefined) return { property, verdict: 'violated', trace };
    const why = !this.#walk.complete
      ? this.#limit
      : this.#firstOf(property.occasion) === undefined
        ? `within these bounds no step gives it an occasion (${property.occasion.join(', ')})`
        : undefined;
    if (why !== undefined) return { property, verdict: 'inconclusive', trace: [], why };
    return { property, verdict: 'holds', trace: [] };
  }

  #counterexample(never: Always['never']): readonly string[] | undefined {
    const { system } = this.#walk.packed;
    if (never === 'deadlock') {
      const { deadlock } = this.#walk;
      return deadlock < 0 ? undefined : narrate(this.#runTo(deadlock));
    }
    if ('states' in never) {
      const state = this.#firstState(never.states(system.rules));
      return state === undefined ? undefined : narrate(this.#runTo(state));
    }
    if ('marks' in never) {
      const isMarked = ({ vector }: Pick<Step, 'vector'>) =>
        vector.marks?.some((mark) => never.marks.includes(mark)) === true;
      const state = this.#firstWay(isMarked);
      return state === undefined ? undefined : this.#runWith(state, isMarked);
    }
    const calls = system.actions().filter((action) => never.unanswered.includes(action.do));
    const stuck = this.#unanswered(calls);
    if (stuck === undefined) return undefined;
    const { action } = stuck;
    const step = {
      action,
      vector: { name: 'never returns', when: [], moves: [], requirements: [] },
    };
    const run = this.#runTo(stuck.state);
    // Only what is told of a step is needed of the last one.
    return narrate([...run, step as unknown as Step]);
  }

  /** The first state in which one of the calls has no answer, though the kernel is up. */
  #unanswered(calls: readonly Action[]): { state: number; action: Action } | undefined {
    const { packed, count, low, high } = this.#walk;
    const kernel = { at: at('kernel', 0), in: ['crashed'] };
    const isDown = this.#exists(kernel) ? matcherOf(packed, [[kernel]]) : () => false;
    const callOf = Int32Array.from(packed.edges.ways, ({ action }) => calls.indexOf(action));
    const answeredIn = new Int32Array(calls.length).fill(-1);
    for (let state = 0; state < count; state += 1) {
      let answered = 0;
      packed.successors(low[state] ?? 0, high[state] ?? 0, (_, __, way) => {
        const call = callOf[way] ?? -1;
        if (call < 0 || answeredIn[call] === state) return;
        answeredIn[call] = state;
        answered += 1;
      });
      if (answered === calls.length || isDown(low[state] ?? 0, high[state] ?? 0)) continue;
      const action = calls.find((_, nth) => answeredIn[nth] !== state);
      if (action !== undefined) return { state, action };
    }
    return undefined;
  }

  #sometimes(property: Property & Sometimes): Finding {
    const { reached } = property;
    const isWanted = ({ vector }: Pick<Step, 'vector'>) =>
      'steps' in reached && reached.steps.includes(vector.name);
    const { rules } = this.#walk.packed.system;
    const state =
      'steps' in reached ? this.#firstOf(reached.steps) : this.#firstState(reached.states(rules));
    if (state !== undefined) {
      const trace =
        'steps' in reached ? this.#runWith(state, isWanted) : narrate(this.#runTo(state));
      return { property, verdict: 'holds', trace };
    }
    const canSay = property.applies?.(rules) ?? true;
    return this.#walk.complete && canSay
      ? { property, verdict: 'violated', trace: [] }
      : { property, verdict: 'inconclusive', trace: [], why: this.#limit };
  }

  #eventually(property: Property & Eventually): Finding {
    const { packed } = this.#walk;
    this.#plain ??=
      this.#symmetry === undefined ? this.#walk : walk(packed, { statesMax: this.#statesMax });
    const plain = this.#plain;
    if (!plain.complete) {
      const why = `without symmetry, ${this.#limit}`;
      return { property, verdict: 'inconclusive', trace: [], why };
    }
    for (const response of property.leaves(packed.system.rules)) {
      const lasso = findLasso(plain, response);
      if (lasso === 'too-large') {
        const why = `the limit of ${regionEdgesMax} steps to look for a loop in was reached`;
        return { property, verdict: 'inconclusive', trace: [], why };
      }
      if (lasso === undefined) continue;
      const stem = runTo(plain, lasso.state, undefined);
      const steps = lasso.loop.reduce<Step[]>(
        (run, { way }) => [...run, stepOf(packed, stateAfter(packed, [...stem, ...run]), way)],
        [],
      );
      const lines = narrate([...stem, ...steps]);
      const trace = [
        ...lines.slice(0, stem.length),
        'and then for ever:',
        ...lines.slice(stem.length),
      ];
      return { property, verdict: 'violated', trace };
    }
    return { property, verdict: 'holds', trace: [] };
  }

  /** The first state in which a way of one of these names, or of one of these rules, is possible. */
  #firstOf(names: readonly string[]): number | undefined {
    return this.#firstWay(
      ({ vector }) =>
        names.includes(vector.name) || vector.requirements.some((rule) => names.includes(rule)),
    );
  }

  #firstWay(isWanted: (way: Pick<Step, 'vector'>) => boolean): number | undefined {
    const { packed, first } = this.#walk;
    const found = packed.edges.ways.flatMap((way, nth) => {
      const state = first[nth] ?? -1;
      return state >= 0 && isWanted(way) ? [state] : [];
    });
    return found.length === 0 ? undefined : found.reduce((least, one) => Math.min(least, one));
  }

  #firstState(patterns: readonly (readonly Condition[])[]): number | undefined {
    const { packed, count, low, high } = this.#walk;
    const possible = patterns.filter((pattern) => pattern.every((one) => this.#exists(one)));
    if (possible.length === 0) return undefined;
    const matches = matcherOf(packed, possible);
    for (let state = 0; state < count; state += 1) {
      if (matches(low[state] ?? 0, high[state] ?? 0)) return state;
    }
    return undefined;
  }

  /** Whether the system has the component that a condition speaks of. */
  #exists({ at: { kind, nth } }: Condition): boolean {
    const { components } = this.#walk.packed.system;
    return components.some((one) => one.kind === kind && one.nth === nth);
  }

  #runTo(state: number): Step[] {
    return runTo(this.#walk, state, this.#symmetry);
  }

  /** A run to a state and one step more, of a wanted kind. */
  #runWith(state: number, isWanted: (step: Step) => boolean): readonly string[] {
    const { system } = this.#walk.packed;
    const run = this.#runTo(state);
    const here = run.at(-1)?.state ?? system.initial;
    const steps = system.actions().flatMap((action) => system.steps(here, action));
    return narrate([...run, ...steps.filter(isWanted).slice(0, 1)]);
  }
}

/** A run of the system whose states are, up to renumbering, those on the way to a state found. */
function runTo(walked: Walk, state: number, symmetry: Symmetry | undefined): Step[] {
  const { packed, low, high } = walked;
  const { system } = packed;
  const run: Step[] = [];
  for (const number of pathTo(walked, state).slice(1)) {
    const here = run.at(-1)?.state ?? system.initial;
    const step = system
      .actions()
      .flatMap((action) => system.steps(here, action))
      .find(({ state: after }) => {
        const key = packed.pack(after);
        symmetry?.canonize(key[0], key[1]);
        const found = symmetry === undefined ? key : [symmetry.low, symmetry.high];
        return found[0] === low[number] && found[1] === high[number];
      });
    if (step === undefined) throw new Error('a state that was found has a step that leads to it');
    run.push(step);
  }
  return run;
}

function stateAfter({ system }: Packed, run: readonly Step[]): State {
  return run.at(-1)?.state ?? system.initial;
}

function stepOf({ system, edges }: Packed, state: State, way: number): Step {
  const wanted = edges.ways[way];
  const steps = wanted === undefined ? [] : system.steps(state, wanted.action);
  const step = steps.find(({ vector }) => vector === wanted?.vector);
  if (step === undefined) throw new Error('a step of a lasso is possible');
  return step;
}
