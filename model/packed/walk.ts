import type { Packed } from './packed.js';
import type { Symmetry } from './symmetry.js';

/**
 * The breadth-first walk over packed states.
 *
 * A state found is a number; its key and the number of the state it was found from are in three
 * growing arrays, which are queue, store and shortest paths in one. An open-addressing table of keys
 * tells what was seen. Every step that is possible is looked up in it, those that change nothing too.
 */

/** What a walk found. */
export interface Walk {
  readonly packed: Packed;
  /** How many states were found; with symmetry, one of each orbit. */
  readonly count: number;
  /** The keys of the states by number, in the order of discovery. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The number of the state from which each was found; the first has itself. */
  readonly parent: Int32Array;
  /** For each way the number of the first state in which it is possible, or -1. */
  readonly first: Int32Array;
  /** The number of steps; with symmetry, of the steps of all states of the orbits. */
  readonly transitions: number;
  /** The number of states, with symmetry of all states of the orbits. */
  readonly states: number;
  /** The number of the first state in which nothing at all is possible, or -1. */
  readonly deadlock: number;
  /** Whether everything was walked; false when the limit was reached. */
  readonly complete: boolean;
}

/** How far to walk, and whether to take one state of each orbit. */
export interface WalkOptions {
  readonly symmetry?: Symmetry;
  readonly statesMax: number;
}

/** Walks a system from its initial state. */
export function walk(packed: Packed, { symmetry, statesMax }: WalkOptions): Walk {
  const found = new Found();
  const first = new Int32Array(packed.edges.ways.length).fill(-1);
  const start = packed.pack(packed.system.initial);
  symmetry?.canonize(start[0], start[1]);
  found.add(symmetry?.low ?? start[0], symmetry?.high ?? start[1], 0);
  const expand =
    symmetry === undefined
      ? plainExpander(packed, found, first)
      : reducedExpander(packed, found, first, symmetry);
  let [states, transitions, deadlock, at] = [0, 0, -1, 0];
  for (; at < found.count && found.count <= statesMax; at += 1) {
    const degree = expand(at);
    const weight = symmetry?.orbitSize(found.low[at] ?? 0, found.high[at] ?? 0) ?? 1;
    states += weight;
    transitions += degree * weight;
    if (degree === 0 && deadlock < 0) deadlock = at;
  }
  const { count, low, high, parent } = found;
  const complete = at === count;
  const keys = { count, low, high, parent };
  return { packed, ...keys, first, states, transitions, deadlock, complete };
}

/** Adds what a state leads to, and returns how many steps it has. */
type Expander = (at: number) => number;

/** With symmetry it is finding representatives that takes the time. */
function reducedExpander(
  packed: Packed,
  found: Found,
  first: Int32Array,
  symmetry: Symmetry,
): Expander {
  let [at, degree] = [0, 0];
  const visit = (low: number, high: number, way: number): void => {
    degree += 1;
    if ((first[way] ?? 0) < 0) first[way] = at;
    // A step that changes nothing leads to the representative itself.
    if (low === found.low[at] && high === found.high[at]) return;
    symmetry.canonize(low, high);
    found.add(symmetry.low, symmetry.high, at);
  };
  return (state) => {
    [at, degree] = [state, 0];
    packed.successors(found.low[at] ?? 0, found.high[at] ?? 0, visit);
    return degree;
  };
}

/**
 * Without it every instruction counts: the look-ups of Packed.successors, written out over columns.
 * Every index is within its array by construction, which is what each `as number` says.
 */
function plainExpander(packed: Packed, found: Found, first: Int32Array): Expander {
  const { joints } = packed.edges;
  const [start, low, high, way] = (['start', 'low', 'high', 'way'] as const).map((name) =>
    joints.map((joint) => joint[name]),
  ) as [Int32Array[], Int32Array[], Int32Array[], Int32Array[]];
  const placeA = joints.map(({ first: a }) => a);
  const placeB = joints.map(({ first: a, second = { ...a, bits: 0 } }) => second);
  const wordA = Int32Array.from(placeA, ({ word }) => word);
  const wordB = Int32Array.from(placeB, ({ word }) => word);
  const shiftA = Int32Array.from(placeA, ({ shift }) => shift);
  const shiftB = Int32Array.from(placeB, ({ shift }) => shift);
  const maskA = Int32Array.from(placeA, ({ bits }) => (1 << bits) - 1);
  const maskB = Int32Array.from(placeB, ({ bits }) => (1 << bits) - 1);
  const bitsA = Int32Array.from(placeA, ({ bits }) => bits);
  let [state, degree] = [0, 0];
  const visit = (lowAfter: number, highAfter: number, by: number): void => {
    degree += 1;
    if ((first[by] as number) < 0) first[by] = state;
    found.add(lowAfter, highAfter, state);
  };
  return (at) => {
    state = at;
    degree = 0;
    const l = found.low[at] as number;
    const h = found.high[at] as number;
    for (let nth = 0; nth < joints.length; nth += 1) {
      const a = ((wordA[nth] === 0 ? l : h) >>> (shiftA[nth] as number)) & (maskA[nth] as number);
      const b = ((wordB[nth] === 0 ? l : h) >>> (shiftB[nth] as number)) & (maskB[nth] as number);
      const row = a | (b << (bitsA[nth] as number));
      const starts = start[nth] as Int32Array;
      const lows = low[nth] as Int32Array;
      const highs = high[nth] as Int32Array;
      const ways = way[nth] as Int32Array;
      const end = starts[row + 1] as number;
      let step = starts[row] as number;
      degree += end - step;
      for (; step < end; step += 1) {
        const by = ways[step] as number;
        if ((first[by] as number) < 0) first[by] = at;
        found.add(l ^ (lows[step] as number), h ^ (highs[step] as number), at);
      }
    }
    packed.otherSuccessors(l, h, visit);
    return degree;
  };
}

/** The states found: a set of keys, and their arrays in the order of discovery. */
class Found {
  count = 0;
  low = new Int32Array(1 << 10);
  high = new Int32Array(1 << 10);
  parent = new Int32Array(1 << 10);
  /** Open addressing, two words a slot; the second is never 0 where there is a key. */
  #slots = new Int32Array(1 << 12);
  #mask = (1 << 12) - 2;

  /** Adds a key unless it is there. */
  add(low: number, high: number, parent: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hashOf(low, high) << 1) & mask;
    for (;;) {
      const there = slots[slot + 1];
      if (there === 0) break;
      if (there === high && slots[slot] === low) return;
      slot = (slot + 2) & mask;
    }
    slots[slot] = low;
    slots[slot + 1] = high;
    this.low[this.count] = low;
    this.high[this.count] = high;
    this.parent[this.count] = parent;
    this.count += 1;
    if (this.count === this.low.length) this.#lengthen();
    if (4 * this.count > mask) this.#rehash();
  }

  #lengthen(): void {
    const longer = (old: Int32Array) => {
      const made = new Int32Array(old.length * 2);
      made.set(old);
      return made;
    };
    this.low = longer(this.low);
    this.high = longer(this.high);
    this.parent = longer(this.parent);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 2;
    for (let at = 0; at < this.count; at += 1) {
      const [low, high] = [this.low[at] ?? 0, this.high[at] ?? 0];
      let slot = (hashOf(low, high) << 1) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      slots[slot] = low;
      slots[slot + 1] = high;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}

/** Numbers of states by their keys, for what needs to go from a step back to a state found. */
export class Index {
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor({ count, low, high }: Pick<Walk, 'count' | 'low' | 'high'>) {
    this.#low = low;
    this.#high = high;
    this.#mask = (1 << (33 - Math.clz32(count))) - 1;
    this.#slots = new Int32Array(this.#mask + 1).fill(-1);
    for (let at = 0; at < count; at += 1) {
      this.#slots[this.#slotOf(low[at] ?? 0, high[at] ?? 0)] = at;
    }
  }

  /** The number of a state, or -1. */
  numberOf(low: number, high: number): number {
    return this.#slots[this.#slotOf(low, high)] ?? -1;
  }

  /** The slot of a key, or the one that it would take. */
  #slotOf(low: number, high: number): number {
    let slot = hashOf(low, high) & this.#mask;
    for (;;) {
      const there = this.#slots[slot] ?? -1;
      if (there < 0 || (this.#low[there] === low && this.#high[there] === high)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }
}

/** Mixes both words (the finaliser of MurmurHash3). */
function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** The states on a shortest way to a state, from the initial one to it, by number. */
export function pathTo({ parent }: Walk, state: number): number[] {
  const path = [state];
  for (let at = state; at !== 0;) {
    at = parent[at] ?? 0;
    path.unshift(at);
  }
  return path;
}
