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
}

/** A step from one place to another, and which kind of step it is; places and kinds are numbered. */
interface Exit {
  readonly step: Step;
  readonly to: number;
  readonly kind: number;
}

/** The exits of each place; place 0 is the start. */
type TourMap = readonly (readonly Exit[])[];

const placesMax = 20_000;

/**
 * The runs of a tour, each from the initial state.
 *
 * @throws RangeError when there are more than 20,000 places, which a state and the order of its sleepers make
 */
export function tourOf(system: System, options: TourOptions): readonly (readonly Step[])[] {
  const map = mapOf(system, options.looksAtOnce);
  const missing = new Missing(map);
  const runs: Step[][] = [];
  while (missing.count > 0) {
    const run: Step[] = [];
    let at = 0;
    for (;;) {
      const reach = run.length === 0 ? Infinity : options.stepsMax - run.length;
      const path = missing.pathFrom(at, reach);
      if (path === undefined) break;
      for (const { step, to, kind } of path) {
        run.push(step);
        missing.take(kind);
        at = to;
      }
    }
    if (run.length === 0)
      throw new Error(`the tour cannot reach ${missing.count} of the kinds of step`);
    runs.push(run);
  }
  return runs;
}

/** The kinds of step that a tour has not taken yet, and the shortest path to one of them. */
class Missing {
  /** How many kinds are missing. */
  count: number;
  readonly #map: TourMap;
  readonly #isMissing: Uint8Array;
  /** The first exit to each next place, which is all that a search needs. */
  readonly #onward: readonly (readonly Exit[])[];
  /** For each place how many of its exits are of a missing kind. */
  readonly #left: Uint32Array;
  readonly #placesOf: number[][];
  /** The search that visited a place last, from where it came, and by which exit. */
  readonly #visited: Uint32Array;
  readonly #from: Uint32Array;
  readonly #by: Exit[] = [];
  #search = 0;

  constructor(map: TourMap) {
    this.#map = map;
    this.#onward = map.map((exits) => {
      const seen = new Set<number>();
      return exits.filter(({ to }) => !seen.has(to) && seen.add(to));
    });
    this.#left = Uint32Array.from(map, (exits) => exits.length);
    this.#placesOf = [];
    for (const [place, exits] of map.entries())
      for (const { kind } of exits) (this.#placesOf[kind] ??= []).push(place);
    this.count = this.#placesOf.length;
    this.#isMissing = new Uint8Array(this.count).fill(1);
    this.#visited = new Uint32Array(map.length);
    this.#from = new Uint32Array(map.length);
  }

  /** Counts a kind as taken. */
  take(kind: number): void {
    if (this.#isMissing[kind] !== 1) return;
    this.#isMissing[kind] = 0;
    this.count -= 1;
    for (const place of this.#placesOf[kind] ?? [])
      this.#left[place] = (this.#left[place] ?? 0) - 1;
  }

  /** The shortest path from a place whose last step is of a missing kind, of at most `reach` steps. */
  pathFrom(start: number, reach: number): readonly Exit[] | undefined {
    this.#search += 1;
    this.#visited[start] = this.#search;
    let places = [start];
    for (let steps = 1; steps <= reach && places.length > 0; steps += 1) {
      const next: number[] = [];
      for (const at of places) {
        if ((this.#left[at] ?? 0) > 0) return this.#pathTo(start, at);
        for (const exit of this.#onward[at] ?? []) {
          if (this.#visited[exit.to] === this.#search) continue;
          this.#visited[exit.to] = this.#search;
          this.#from[exit.to] = at;
          this.#by[exit.to] = exit;
          next.push(exit.to);
        }
      }
      places = next;
    }
    return undefined;
  }

  /** The path to a place, and from there the first exit of a missing kind. */
  #pathTo(start: number, end: number): readonly Exit[] {
    const path = (this.#map[end] ?? [])
      .filter(({ kind }) => this.#isMissing[kind] === 1)
      .slice(0, 1);
    for (let at = end; at !== start; at = this.#from[at] ?? start) {
      const exit = this.#by[at];
      if (exit !== undefined) path.unshift(exit);
    }
    return path;
  }
}

/** Walks all places first, so that a system that is too large is refused before its kinds of step are compared. */
function mapOf(system: System, looksAtOnce: boolean): TourMap {
  const places: Place[] = [];
  const numbers = new Map<string, number>();
  const visit = (state: State, order: Sleepers): number => {
    const key = `${keyOfState(state)}|${order.join()}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, places.length);
    return places.push({ state, order }) - 1;
  };
  visit(system.initial, []);
  const ways: (readonly { readonly step: Step; readonly to: number }[])[] = [];
  for (const place of places) {
    ways.push(
      stepsAt(system, place, looksAtOnce).map((step) => ({
        step,
        to: visit(step.state, sleepersAfter(place.order, step)),
      })),
    );
    if (places.length > placesMax) {
      throw new RangeError(`more than ${placesMax} states; choose smaller bounds`);
    }
  }
  const quotient = new Quotient(system);
  const kinds = new Map<string, number>();
  const kindOf = (state: State, step: Step): number => {
    const name = quotient.edge(state, step);
    const kind = kinds.get(name) ?? kinds.size;
    kinds.set(name, kind);
    return kind;
  };
  return places.map(({ state }, place) =>
    (ways[place] ?? []).map(({ step, to }) => ({ step, to, kind: kindOf(state, step) })),
  );
}

function stepsAt(system: System, { state, order }: Place, looksAtOnce: boolean): readonly Step[] {
  const due = looksAtOnce ? somethingToSee(system, state) : undefined;
  return system.actions().flatMap((action) => {
    if (due !== undefined && !(action.do === 'look' && action.context === due)) return [];
    if (!clockAllows(order, action)) return [];
    const steps = system.steps(state, action);
    const lowest = Math.min(...steps.map(({ vector }) => vector.choice ?? 0));
    return steps.filter(({ vector }) => (vector.choice ?? 0) === lowest);
  });
}

/** The first context whose sleeper has something to see. */
function somethingToSee(system: System, state: State): number | undefined {
  const all = Array.from({ length: system.bounds.contexts }, (_, nth) => nth);
  return all.find(
    (nth) =>
      system.at(state, { kind: 'context', nth }) === 'done' ||
      system.at(state, { kind: 'task', nth }) === 'sleeping.expired',
  );
}
