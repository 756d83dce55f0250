import type { Response } from '../properties.js';
import { keyOfAction } from '../system.js';
import { matcherOf } from './match.js';
import type { Walk } from './walk.js';
import { Index } from './walk.js';

/**
 * Looks for a run that stays in a region for ever although it is fair: a lasso.
 *
 * Weak fairness: an action that is possible from some point on without a break is taken again and
 * again. So a fair run that never leaves ends in a strongly connected part of the region in which each
 * fair action is impossible somewhere or taken somewhere; conversely such a part has a round trip that
 * visits all those places. The parts are found by Tarjan's algorithm (1972), without recursion.
 */

/** A run of the walk that stays for ever: what leads in, and what is repeated. */
export interface Lasso {
  /** The number of the state where the loop begins; the way there is the walk's. */
  readonly state: number;
  readonly loop: readonly Edge[];
}

/** A step of the walk: the numbers of the way and of the state after it. */
export interface Edge {
  readonly way: number;
  readonly to: number;
}

/** More steps within a region than this are not looked at. */
export const regionEdgesMax = 40_000_000;

/**
 * Looks for a lasso in a complete walk without symmetry; 'too-large' when the region has too many
 * steps.
 */
export function findLasso(walk: Walk, response: Response): Lasso | 'too-large' | undefined {
  const graph = regionOf(walk, response);
  if (graph === undefined) return 'too-large';
  const part = partsOf(graph);
  const all = (1 << response.fair.length) - 1;
  const met = new Map<number, number>();
  const edged = new Set<number>();
  for (let at = 0; at < graph.states.length; at += 1) {
    const own = part[at] ?? -1;
    let mask = ~(graph.possible[at] ?? 0) & all;
    for (let edge = graph.start[at] ?? 0; edge < (graph.start[at + 1] ?? 0); edge += 1) {
      if (part[graph.to[edge] ?? 0] !== own) continue;
      edged.add(own);
      mask |= graph.fairOf[graph.way[edge] ?? 0] ?? 0;
    }
    met.set(own, (met.get(own) ?? 0) | mask);
  }
  // States are in the order of discovery: the first has the shortest way to it.
  for (let at = 0; at < graph.states.length; at += 1) {
    const own = part[at] ?? -1;
    if (!edged.has(own) || met.get(own) !== all) continue;
    return { state: graph.states[at] ?? 0, loop: loopOf(graph, part, at, all) };
  }
  return undefined;
}

/** The part of the graph within a region; its states are numbered anew. */
interface Region {
  /** The walk's numbers of the states. */
  readonly states: readonly number[];
  readonly start: readonly number[];
  readonly to: readonly number[];
  readonly way: readonly number[];
  /** For each state, which fair actions are possible in it. */
  readonly possible: readonly number[];
  /** For each way, which fair action it is, as a mask. */
  readonly fairOf: Int32Array;
}

function regionOf(walk: Walk, { region, fair, handsOver }: Response): Region | undefined {
  const { packed } = walk;
  const isInside = matcherOf(packed, [[region]]);
  const fairKeys = fair.map(keyOfAction);
  const { ways } = packed.edges;
  const fairOf = Int32Array.from(ways, ({ action }) => {
    const nth = fairKeys.indexOf(keyOfAction(action));
    return nth === -1 ? 0 : 1 << nth;
  });
  const hands = ways.map(({ action, vector }) => handsOver?.(action, vector.choice) === true);
  const states: number[] = [];
  const index = new Index(walk);
  const local = new Int32Array(walk.count).fill(-1);
  for (let at = 0; at < walk.count; at += 1) {
    if (!isInside(...keyOf(walk, at))) continue;
    local[at] = states.length;
    states.push(at);
  }
  const [start, to, way, possible]: number[][] = [[0], [], [], []];
  for (const state of states) {
    let mask = 0;
    packed.successors(...keyOf(walk, state), (low, high, by) => {
      mask |= fairOf[by] ?? 0;
      const after = local[index.numberOf(low, high)] ?? -1;
      if (after === -1 || hands[by] === true) return;
      to?.push(after);
      way?.push(by);
    });
    start?.push(to?.length ?? 0);
    possible?.push(mask);
    if ((to?.length ?? 0) > regionEdgesMax) return undefined;
  }
  return {
    states,
    start: start ?? [],
    to: to ?? [],
    way: way ?? [],
    possible: possible ?? [],
    fairOf,
  };
}

function keyOf({ low, high }: Walk, at: number): [number, number] {
  return [low[at] ?? 0, high[at] ?? 0];
}

/** For each state the number of its strongly connected part. */
function partsOf({ states, start, to }: Region): Int32Array {
  const part = new Int32Array(states.length).fill(-1);
  const [order, least] = [new Int32Array(states.length).fill(-1), new Int32Array(states.length)];
  const [stack, path, next]: number[][] = [[], [], start.slice()];
  let [visited, parts] = [0, 0];
  const enter = (at: number): void => {
    order[at] = least[at] = visited;
    visited += 1;
    stack?.push(at);
    path?.push(at);
  };
  for (let root = 0; root < states.length; root += 1) {
    if (order[root] !== -1) continue;
    enter(root);
    for (let at = path?.at(-1); at !== undefined; at = path?.at(-1)) {
      const edge = next?.[at] ?? 0;
      if (edge < (start[at + 1] ?? 0)) {
        if (next !== undefined) next[at] = edge + 1;
        const after = to[edge] ?? 0;
        if (order[after] === -1) enter(after);
        else if (part[after] === -1) least[at] = Math.min(least[at] ?? 0, order[after] ?? 0);
        continue;
      }
      path?.pop();
      const before = path?.at(-1);
      if (before !== undefined) least[before] = Math.min(least[before] ?? 0, least[at] ?? 0);
      if (least[at] !== order[at]) continue;
      for (let one = stack?.pop(); one !== undefined; one = stack?.pop()) {
        part[one] = parts;
        if (one === at) break;
      }
      parts += 1;
    }
  }
  return part;
}

/** A round trip within a part that meets every fair action, taken or impossible. */
function loopOf(region: Region, part: Int32Array, from: number, all: number): Edge[] {
  const loop: Edge[] = [];
  let [at, missing] = [from, all & ~(~(region.possible[from] ?? 0) & all)];
  while (missing !== 0) {
    const wanted = missing;
    const trip = tripTo(region, part, at, (edge, to) => {
      const met = (region.fairOf[edge] ?? 0) | (~(region.possible[to] ?? 0) & all);
      return (met & wanted) !== 0;
    });
    for (const { way, to } of trip) {
      missing &= ~((region.fairOf[way] ?? 0) | (~(region.possible[to] ?? 0) & all));
      at = to;
    }
    loop.push(...trip);
  }
  if (at !== from || loop.length === 0) {
    loop.push(...tripTo(region, part, at, (_, to) => to === from));
  }
  return loop.map(({ way, to }) => ({ way, to: region.states[to] ?? 0 }));
}

/** The shortest trip within a part whose last step is as wanted. */
function tripTo(
  region: Region,
  part: Int32Array,
  from: number,
  isWanted: (way: number, to: number) => boolean,
): Edge[] {
  const cameBy = new Map<number, { at: number; way: number }>();
  const queue = [from];
  for (const at of queue) {
    for (let edge = region.start[at] ?? 0; edge < (region.start[at + 1] ?? 0); edge += 1) {
      const [to, way] = [region.to[edge] ?? 0, region.way[edge] ?? 0];
      if (part[to] !== part[from]) continue;
      if (isWanted(way, to)) {
        const trip = [{ way, to }];
        for (let back = at; back !== from;) {
          const came = cameBy.get(back);
          if (came === undefined) break;
          trip.unshift({ way: came.way, to: back });
          back = came.at;
        }
        return trip;
      }
      if (to === from || cameBy.has(to)) continue;
      cameBy.set(to, { at, way });
      queue.push(to);
    }
  }
  throw new Error('a strongly connected part has a trip between any two of its states');
}
