import { isMet, stateAfter } from '../table.js';
import type { System } from '../system.js';
import type { Action, Condition, Move, Vector } from '../vector.js';
import type { Cluster, Layout } from './layout.js';

/**
 * The synchronisation vectors of a system as tables over packed states.
 *
 * For each cluster that a vector speaks of, its local values are tried once: which of them let it
 * happen, and what they become. Nearly every vector speaks of one or two clusters; those of the same
 * two are joined into one table, whose index is the two local values together and whose rows hold the
 * differences that the steps make to the key. Finding every step of a state is then a few look-ups,
 * without asking what cannot happen. The few vectors that speak of more clusters are tried one by one.
 */

/** A vector with the action that it is a way of. */
export interface Way {
  readonly action: Action;
  readonly vector: Vector;
}

/** The steps that speak of the same one or two clusters, by their local values. */
export interface Joint {
  readonly first: Cluster;
  readonly second: Cluster | undefined;
  /** Where the row of a pair of local values begins; the next one's beginning is its end. */
  readonly start: Int32Array;
  /** What a step changes in the words, as exclusive-or. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The number of the way that a step is. */
  readonly way: Int32Array;
}

/** What one vector makes of the local values of one cluster. */
interface Part {
  readonly cluster: Cluster;
  /** For each local value that lets it happen, what it becomes. */
  readonly next: ReadonlyMap<number, number>;
}

/** The same as a table: -1 for a local value that does not let it happen. */
interface PartTable {
  readonly cluster: Cluster;
  readonly next: Int32Array;
}

/** Everything that can happen in a system, for packed states. */
export interface Edges {
  readonly ways: readonly Way[];
  readonly joints: readonly Joint[];
  readonly others: readonly { readonly way: number; readonly parts: readonly PartTable[] }[];
}

const jointBitsMax = 22;

/** Works out the tables of a system. */
export function edgesOf(system: System, layout: Layout): Edges {
  const ways = system
    .actions()
    .flatMap((action) => system.vectors(action).map((vector): Way => ({ action, vector })));
  const grouped = new Map<string, { clusters: Cluster[]; members: Member[] }>();
  const others: { way: number; parts: readonly PartTable[] }[] = [];
  ways.forEach(({ vector }, way) => {
    const parts = partsOf(vector, layout);
    if (parts.some(({ next }) => next.size === 0)) return;
    const clusters = parts.map(({ cluster }) => cluster);
    const bits = clusters.reduce((sum, cluster) => sum + cluster.bits, 0);
    if (clusters.length > 2 || bits > jointBitsMax) {
      others.push({ way, parts: parts.map(tableOf) });
      return;
    }
    const first = clusters.length === 0 ? layout.clusters.slice(0, 1) : clusters;
    const key = first.map(({ name }) => name).join();
    const group = grouped.get(key) ?? { clusters: first, members: [] };
    group.members.push({ way, parts });
    grouped.set(key, group);
  });
  return { ways, joints: [...grouped.values()].map(join), others };
}

interface Member {
  readonly way: number;
  readonly parts: readonly Part[];
}

function tableOf({ cluster, next }: Part): PartTable {
  const table = new Int32Array(1 << cluster.bits).fill(-1);
  for (const [local, after] of next) table[local] = after;
  return { cluster, next: table };
}

function partsOf(vector: Vector, layout: Layout): Part[] {
  return layout.clusters.flatMap((cluster) => {
    const about = ({ at }: Condition | Move) =>
      cluster.parts.some(({ component }) => component.kind === at.kind && component.nth === at.nth);
    const when = vector.when.filter(about);
    const moves = vector.moves.filter(about);
    if (when.length === 0 && moves.length === 0) return [];
    const next = new Map<number, number>();
    for (const local of localsOf(cluster)) {
      const after = whatBecomes(local, cluster, when, moves);
      if (after !== undefined) next.set(local, after);
    }
    return [{ cluster, next }];
  });
}

/** Every local value of a cluster: each part in each of its states. */
export function localsOf({ parts }: Cluster): number[] {
  return parts.reduce<number[]>(
    (locals, { component, shift }) =>
      component.table.states.flatMap((_, state) => locals.map((local) => local | (state << shift))),
    [0],
  );
}

function whatBecomes(
  local: number,
  cluster: Cluster,
  when: readonly Condition[],
  moves: readonly Move[],
): number | undefined {
  const partOf = ({ at }: Condition | Move) =>
    cluster.parts.find(({ component }) => component.kind === at.kind && component.nth === at.nth);
  for (const condition of when) {
    const part = partOf(condition);
    if (part === undefined) return undefined;
    const state =
      part.component.table.states[(local >>> part.shift) & ((1 << part.bits) - 1)] ?? '';
    if (!isMet(state, condition)) return undefined;
  }
  let after = local;
  for (const move of moves) {
    const part = partOf(move);
    if (part === undefined) return undefined;
    const { table } = part.component;
    const mask = ((1 << part.bits) - 1) << part.shift;
    const state = stateAfter(table, (after & mask) >>> part.shift, move);
    if (state === undefined) return undefined;
    after = (after & ~mask) | (state << part.shift);
  }
  return after;
}

/** One table for all vectors that speak of the same one or two clusters. */
function join({ clusters, members }: { clusters: Cluster[]; members: Member[] }): Joint {
  const [first, second] = clusters;
  if (first === undefined) throw new Error('a joint without a cluster');
  const everywhere = (cluster: Cluster) =>
    new Map(localsOf(cluster).map((local) => [local, local]));
  const rows: { index: number; low: number; high: number; way: number }[] = [];
  for (const { way, parts } of members) {
    const nextOf = (cluster: Cluster) =>
      parts.find((part) => part.cluster === cluster)?.next ?? everywhere(cluster);
    for (const [a, afterA] of nextOf(first)) {
      for (const [b, afterB] of second === undefined ? [[0, 0] as const] : nextOf(second)) {
        const words = [0, 0];
        words[first.word] = (words[first.word] ?? 0) ^ ((a ^ afterA) << first.shift);
        if (second !== undefined) {
          words[second.word] = (words[second.word] ?? 0) ^ ((b ^ afterB) << second.shift);
        }
        rows.push({ index: a | (b << first.bits), low: words[0] ?? 0, high: words[1] ?? 0, way });
      }
    }
  }
  const size = 1 << (first.bits + (second?.bits ?? 0));
  const start = new Int32Array(size + 1);
  for (const { index } of rows) start[index + 1] = (start[index + 1] ?? 0) + 1;
  for (let at = 0; at < size; at += 1) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0);
  const filled = start.slice();
  const [low, high, way] = [rows, rows, rows].map(() => new Int32Array(rows.length));
  for (const row of rows) {
    const at = filled[row.index] ?? 0;
    filled[row.index] = at + 1;
    if (low !== undefined) low[at] = row.low;
    if (high !== undefined) high[at] = row.high;
    if (way !== undefined) way[at] = row.way;
  }
  const none = new Int32Array(0);
  return { first, second, start, low: low ?? none, high: high ?? none, way: way ?? none };
}
