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

/** A step from one place to another, by the key of the latter. */
interface Way {
  readonly step: Step;
  readonly to: string;
}

interface Exit extends Way {
  readonly kind: string;
}

/** What leads on from each place, the first one first. */
type TourMap = ReadonlyMap<string, readonly Exit[]>;

const placesMax = 20_000;

/**
 * The runs of a tour, each from the initial state.
 *
 * @throws RangeError when there are more than 20,000 places, which a state and the order of its sleepers make
 */
export function tourOf(system: System, options: TourOptions): readonly (readonly Step[])[] {
  const map = mapOf(system, options.looksAtOnce);
  const [start = ''] = map.keys();
  const missing = new Set([...map.values()].flatMap((exits) => exits.map(({ kind }) => kind)));
  const runs: Step[][] = [];
  while (missing.size > 0) {
    const run: Step[] = [];
    let at = start;
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
    for (const exit of map.get(at) ?? []) {
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

/** Walks all places first, so that a system that is too large is refused before its kinds of steps are told apart. */
function mapOf(system: System, looksAtOnce: boolean): TourMap {
  const places = new Map<string, Place>();
  const visit = (state: State, order: Sleepers) => {
    const key = `${keyOfState(state)}|${order.join()}`;
    if (!places.has(key)) places.set(key, { state, order });
    return key;
  };
  visit(system.initial, []);
  const ways = new Map<string, readonly Way[]>();
  for (const [key, place] of places) {
    const wayOf = (step: Step) => ({
      step,
      to: visit(step.state, sleepersAfter(place.order, step)),
    });
    ways.set(key, stepsAt(system, place, looksAtOnce).map(wayOf));
    if (places.size > placesMax) {
      throw new RangeError(`more than ${placesMax} states; choose smaller bounds`);
    }
  }
  const quotient = new Quotient(system);
  const map = new Map<string, readonly Exit[]>();
  for (const [key, { state }] of places) {
    const kindOf = ({ step }: Way) => quotient.edge(state, step);
    map.set(key, ways.get(key)?.map((way) => ({ ...way, kind: kindOf(way) })) ?? []);
  }
  return map;
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
