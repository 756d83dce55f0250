import type { Sleepers } from './clock.js';
import { clockAllows, sleepersAfter } from './clock.js';
import { Quotient } from './explore.js';
import type { State, Step, System } from './system.js';
import { keyOfState } from './system.js';

/**
 * A tour: runs that together take every kind of step of a system.
 *
 * Two steps are of one kind if they differ only in how contexts, users and processes are numbered. The
 * runs are those that a conversation can cause: where a request may take any free context it takes the
 * lowest, and time passes for the oldest sleeper first, since one clock runs for all. From where it
 * stands the tour takes whatever kind is still missing there, and else goes the shortest way to the
 * nearest place where one is missing. It is greedy, so it is short, but not the shortest.
 */

/** How to tour. */
export interface TourOptions {
  /** Whether sleepers look by themselves as soon as there is something to see. */
  readonly looksAtOnce: boolean;
  /** The most steps of one run. */
  readonly stepsMax: number;
}

/** Where a tour stands: a state, and which contexts have sleepers with time left, oldest first. */
interface Place {
  readonly state: State;
  readonly order: Sleepers;
  /** Filled when the place is first visited. */
  exits?: readonly Exit[];
}

interface Exit {
  readonly step: Step;
  readonly to: string;
  readonly kind: string;
}

/** The runs of a tour, each from the initial state. */
export function tourOf(system: System, options: TourOptions): readonly (readonly Step[])[] {
  const map = new TourMap(system, options.looksAtOnce);
  const missing = map.kinds();
  const runs: Step[][] = [];
  while (missing.size > 0) {
    const run: Step[] = [];
    let at = map.start;
    for (;;) {
      const way = wayToMissing(map, at, missing);
      if (way === undefined || (run.length > 0 && run.length + way.length > options.stepsMax))
        break;
      for (const { step, to, kind } of way) {
        run.push(step);
        missing.delete(kind);
        at = to;
      }
    }
    if (run.length === 0)
      throw new Error(`a kind of step cannot be reached: ${[...missing].join()}`);
    runs.push(run);
  }
  return runs;
}

/** The shortest way from a place whose last step is of a kind that is missing. */
function wayToMissing(
  map: TourMap,
  from: string,
  missing: ReadonlySet<string>,
): readonly Exit[] | undefined {
  const cameBy = new Map<string, { from: string; exit: Exit }>();
  const queue = [from];
  for (const at of queue) {
    for (const exit of map.exits(at)) {
      if (missing.has(exit.kind)) {
        const way = [exit];
        for (let back = at; back !== from;) {
          const came = cameBy.get(back);
          if (came === undefined) break;
          way.unshift(came.exit);
          back = came.from;
        }
        return way;
      }
      if (exit.to === from || cameBy.has(exit.to)) continue;
      cameBy.set(exit.to, { from: at, exit });
      queue.push(exit.to);
    }
  }
  return undefined;
}

/** The places of a system, and what leads from one to the other. */
class TourMap {
  readonly start: string;
  readonly #system: System;
  readonly #looksAtOnce: boolean;
  readonly #quotient: Quotient;
  readonly #places = new Map<string, Place>();

  constructor(system: System, looksAtOnce: boolean) {
    this.#system = system;
    this.#looksAtOnce = looksAtOnce;
    this.#quotient = new Quotient(system);
    this.start = this.#visit(system.initial, []);
  }

  /** Every kind of step that can be reached. */
  kinds(): Set<string> {
    const kinds = new Set<string>();
    for (const at of this.#places.keys()) for (const { kind } of this.exits(at)) kinds.add(kind);
    return kinds;
  }

  exits(at: string): readonly Exit[] {
    const place = this.#places.get(at);
    if (place === undefined) throw new Error('a tour goes from place to place');
    place.exits ??= this.#steps(place).map((step) => ({
      step,
      kind: this.#quotient.edge(place.state, step),
      to: this.#visit(step.state, sleepersAfter(place.order, step)),
    }));
    return place.exits;
  }

  #visit(state: State, order: Sleepers): string {
    const key = `${keyOfState(state)}|${order.join()}`;
    if (!this.#places.has(key)) this.#places.set(key, { state, order });
    return key;
  }

  #steps({ state, order }: Place): readonly Step[] {
    const due = this.#looksAtOnce ? this.#somethingToSee(state) : undefined;
    return this.#system.actions().flatMap((action) => {
      if (due !== undefined && !(action.do === 'look' && action.context === due)) return [];
      if (!clockAllows(order, action)) return [];
      const steps = this.#system.steps(state, action);
      const lowest = Math.min(...steps.map(({ vector }) => vector.choice ?? 0));
      return steps.filter(({ vector }) => (vector.choice ?? 0) === lowest);
    });
  }

  /** The first context whose sleeper has something to see. */
  #somethingToSee(state: State): number | undefined {
    const { contexts } = this.#system.bounds;
    const all = Array.from({ length: contexts }, (_, nth) => nth);
    return all.find(
      (nth) =>
        this.#system.at(state, { kind: 'context', nth }) === 'done' ||
        this.#system.at(state, { kind: 'task', nth }) === 'sleeping.expired',
    );
  }
}
