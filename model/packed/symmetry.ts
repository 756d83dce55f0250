import { nameOfQueue } from '../queue.machine.js';
import type { Cluster } from './layout.js';
import type { Packed } from './packed.js';
import { BoundsError } from '../vector.js';

/**
 * Symmetry: one state for all that differ only in how things are numbered.
 *
 * Contexts are interchangeable, so are users, a user's daemon processes, and orphans. Every renumbering
 * of users, processes and orphans is tried; under each, the contexts are put in the order of
 * what is true of them (their local values, and where they are named in queues and by orphans). Two
 * contexts that agree in all of that cannot be told apart, so their order is of no matter, and trying
 * every order of contexts is not needed. The least key of all is the *representative* of the orbit.
 */

/** Finds representatives, and how many states they stand for. */
export class Symmetry {
  /** The words of the representative that was asked for last. */
  low = 0;
  high = 0;
  readonly #renumberings: readonly Renumbering[];
  readonly #contexts: readonly Cluster[];
  readonly #places: Places;
  /** The number of renumberings, of contexts too. */
  readonly order: number;
  #locals: number[];
  #ranks: number[];
  /** How many renumberings lead from the last state to its representative. */
  #ways = 0;

  constructor(packed: Packed) {
    const { contexts } = packed.system.bounds;
    this.#renumberings = renumberingsOf(packed);
    this.#contexts = packed.layout.clusters.filter(({ name }) => name.startsWith('context '));
    this.#places = new Places(packed);
    this.order = this.#renumberings.length * factorial(contexts);
    this.#locals = new Array<number>(contexts).fill(0);
    this.#ranks = new Array<number>(contexts).fill(0);
  }

  /** Whether there are few enough renumberings to try them all. */
  static fits(packed: Packed): boolean {
    return renumberingCount(packed) <= renumberingsMax;
  }

  /** Finds the representative of a state; it is in `low` and `high`. */
  canonize(low: number, high: number): void {
    let [leastLow, leastHigh] = [0, 0];
    this.#ways = 0;
    for (const renumbering of this.#renumberings) {
      const ties = this.#image(renumbering, low, high);
      const isLess =
        this.#ways === 0 ||
        this.high < leastHigh ||
        (this.high === leastHigh && this.low < leastLow);
      if (isLess) {
        leastLow = this.low;
        leastHigh = this.high;
        this.#ways = ties;
      } else if (this.low === leastLow && this.high === leastHigh) {
        this.#ways += ties;
      }
    }
    this.low = leastLow;
    this.high = leastHigh;
  }

  /** How many states a state stands for, itself included. */
  orbitSize(low: number, high: number): number {
    this.canonize(low, high);
    return this.order / this.#ways;
  }

  /** The image of a state with its contexts in order; returns how many orders give the same. */
  #image(renumbering: Renumbering, low: number, high: number): number {
    const words: [number, number] = [0, 1 << 31];
    for (const { from, to, map } of renumbering.clusters) {
      const local = ((from.word === 0 ? low : high) >>> from.shift) & ((1 << from.bits) - 1);
      words[to.word] |= (map[local] ?? 0) << to.shift;
    }
    const [locals, ranks] = [this.#locals, this.#ranks];
    for (let nth = 0; nth < locals.length; nth += 1) {
      const from = this.#contexts[nth];
      if (from === undefined) break;
      const local = ((from.word === 0 ? low : high) >>> from.shift) & ((1 << from.bits) - 1);
      locals[nth] = renumbering.contextMap[local] ?? 0;
      ranks[nth] = nth;
    }
    const ties = this.#places.sort(locals, ranks, words);
    for (let nth = 0; nth < locals.length; nth += 1) {
      const to = this.#contexts[nth];
      if (to !== undefined) words[to.word] |= (locals[ranks[nth] ?? 0] ?? 0) << to.shift;
    }
    this.low = words[0];
    this.high = words[1];
    return ties;
  }
}

/** Where contexts are named by other components, and how those are renumbered with them. */
class Places {
  readonly #fields: readonly {
    readonly cluster: Cluster;
    readonly shift: number;
    readonly bits: number;
    /** For each state and context, where it is named: 0 for nowhere. */
    readonly place: readonly (readonly number[])[];
    readonly rename: (order: readonly number[], state: number) => number;
  }[];
  readonly #keys: number[] = [];

  constructor(packed: Packed) {
    const { rules } = packed.system;
    const queues = rules.queueStates.map(nameOfQueue);
    this.#fields = packed.layout.clusters.flatMap((cluster) =>
      cluster.parts.flatMap(({ component, shift, bits }) => {
        const { states } = component.table;
        if (component.kind !== 'queue' && component.kind !== 'orphanage') return [];
        const contents = states.map((state) =>
          component.kind === 'queue'
            ? (rules.queueStates[queues.indexOf(state)] ?? [])
            : state === 'none'
              ? []
              : [Number(state.slice(2))],
        );
        const place = contents.map((entries) =>
          Array.from({ length: rules.bounds.contexts }, (_, nth) => entries.indexOf(nth) + 1),
        );
        const numbers = new Map(contents.map((entries, state) => [entries.join(), state]));
        const known = new Map<number, Int32Array>();
        const rename = (order: readonly number[], state: number): number => {
          const key = order.reduce((sum, one) => sum * order.length + one, 0);
          const made = known.get(key) ?? new Int32Array(states.length).fill(-1);
          known.set(key, made);
          if (made[state] === -1) {
            const renamed = (contents[state] ?? []).map((entry) =>
              typeof entry === 'number' ? order.indexOf(entry) : entry,
            );
            made[state] = numbers.get(renamed.join()) ?? 0;
          }
          return made[state] ?? 0;
        };
        return [{ cluster, shift: cluster.shift + shift, bits, place, rename }];
      }),
    );
  }

  /**
   * Sorts the contexts (`order` becomes the sorted order of their numbers) and renames them where they
   * are named in `words`. Returns how many orders give the same.
   */
  sort(locals: readonly number[], order: number[], words: [number, number]): number {
    const keys = this.#keys;
    for (let nth = 0; nth < locals.length; nth += 1) keys[nth] = locals[nth] ?? 0;
    for (const { cluster, shift, bits, place } of this.#fields) {
      const row = place[(words[cluster.word] >>> shift) & ((1 << bits) - 1)] ?? [];
      const base = (1 << bits) + 1;
      for (let nth = 0; nth < locals.length; nth += 1) {
        keys[nth] = (keys[nth] ?? 0) * base + (row[nth] ?? 0);
      }
    }
    const ties = sortBy(keys, order);
    for (const { cluster, shift, bits, rename } of this.#fields) {
      const mask = (1 << bits) - 1;
      const state = (words[cluster.word] >>> shift) & mask;
      if (state === 0) continue;
      words[cluster.word] &= ~(mask << shift);
      words[cluster.word] |= rename(order, state) << shift;
    }
    return ties;
  }
}

/** Sorts numbers by their keys, by insertion; returns how many orders are as good. */
function sortBy(keys: readonly number[], order: number[]): number {
  for (let at = 1; at < order.length; at += 1) {
    const one = order[at] ?? 0;
    const key = keys[one] ?? 0;
    let to = at;
    for (; to > 0 && (keys[order[to - 1] ?? 0] ?? 0) > key; to -= 1) order[to] = order[to - 1] ?? 0;
    order[to] = one;
  }
  let [ties, same] = [1, 1];
  for (let at = 1; at < order.length; at += 1) {
    same = keys[order[at] ?? 0] === keys[order[at - 1] ?? 0] ? same + 1 : 1;
    ties *= same;
  }
  return ties;
}

/** One renumbering of users, processes and orphans. */
interface Renumbering {
  /** What becomes of the local value of a context. */
  readonly contextMap: Int32Array;
  /** Every other cluster: where it goes and what its local values become. */
  readonly clusters: readonly {
    readonly from: Cluster;
    readonly to: Cluster;
    readonly map: Int32Array;
  }[];
}

const renumberingsMax = 5000;

function renumberingCount({ system, layout }: Packed): number {
  const { users, processes } = system.bounds;
  const orphans = layout.clusters.filter(({ name }) => name.startsWith('orphan ')).length;
  return factorial(users) * factorial(processes) ** users * factorial(orphans);
}

function renumberingsOf(packed: Packed): Renumbering[] {
  const { bounds } = packed.system;
  const { clusters } = packed.layout;
  const context = clusters.find(({ name }) => name === 'context 0');
  const orphans = clusters.filter(({ name }) => name.startsWith('orphan ')).length;
  if (context === undefined) return [];
  const count = renumberingCount(packed);
  if (count > renumberingsMax) {
    throw new BoundsError(
      `${bounds.users} users with ${bounds.processes} processes have ${count} renumberings; symmetry takes ${renumberingsMax}: choose smaller bounds or no symmetry`,
    );
  }
  const cluster = (name: string) => clusters.find((one) => one.name === name) ?? context;
  return permutations(bounds.users).flatMap((users) =>
    sequences(permutations(bounds.processes), bounds.users).flatMap((processes) =>
      permutations(orphans).map((byOrphan): Renumbering => ({
        contextMap: mapOf(context, { users, processes: [] }),
        clusters: [
          ...users.map((to, from) => ({
            from: cluster(`user ${from}`),
            to: cluster(`user ${to}`),
            map: mapOf(cluster(`user ${from}`), { users, processes: processes[from] ?? [] }),
          })),
          ...byOrphan.map((to, from) => {
            const here = cluster(`orphan ${from}`);
            return { from: here, to: cluster(`orphan ${to}`), map: mapOf(here, nothing) };
          }),
          ...clusters
            .filter(({ name }) => name === 'kernel' || name === 'mutex')
            .map((one) => ({ from: one, to: one, map: mapOf(one, nothing) })),
        ],
      })),
    ),
  );
}

const nothing = { users: [], processes: [] };

/** What becomes of the local values of a cluster; contexts that it names keep their numbers. */
function mapOf(
  { parts, bits }: Cluster,
  by: { readonly users: readonly number[]; readonly processes: readonly number[] },
): Int32Array {
  const map = new Int32Array(1 << bits);
  const queues = parts.filter(({ component }) => component.kind === 'queue');
  for (let local = 0; local < map.length; local += 1) {
    let image = 0;
    for (const part of parts) {
      const { kind, table } = part.component;
      const state = (local >>> part.shift) & ((1 << part.bits) - 1);
      const values = kind === 'owner' ? by.users : by.processes;
      const isRegister = kind === 'owner' || kind === 'registrant' || kind === 'shadow';
      const to = kind === 'queue' ? queues[by.processes[queues.indexOf(part)] ?? 0] : part;
      // A register's state is none or the number of its value plus one.
      const value = isRegister && state > 0 && state < table.states.length;
      image |= (value ? (values[state - 1] ?? 0) + 1 : state) << (to?.shift ?? 0);
    }
    map[local] = image;
  }
  return map;
}

function factorial(count: number): number {
  return count < 2 ? 1 : count * factorial(count - 1);
}

/** Every order of the numbers 0 to count-1. */
export function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, place) => shorter.toSpliced(place, 0, count - 1)),
  );
}

/** Every sequence of a length of some choices. */
export function sequences<T>(choices: readonly T[], length: number): T[][] {
  if (length === 0) return [[]];
  return sequences(choices, length - 1).flatMap((before) =>
    choices.map((choice) => [...before, choice]),
  );
}
