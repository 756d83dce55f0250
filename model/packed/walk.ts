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
  let [states, transitions, at, degree, deadlock] = [0, 0, 0, 0, -1];
  const visit = (low: number, high: number, way: number): void => {
    degree += 1;
    if ((first[way] ?? 0) < 0) first[way] = at;
    if (symmetry === undefined) {
      found.add(low, high, at);
      return;
    }
    // A step that changes nothing leads to the representative itself.
    if (low === found.low[at] && high === found.high[at]) return;
    symmetry.canonize(low, high);
    found.add(symmetry.low, symmetry.high, at);
  };
  for (; at < found.count && found.count <= statesMax; at += 1) {
    const [low, high] = [found.low[at] ?? 0, found.high[at] ?? 0];
    degree = 0;
    packed.successors(low, high, visit);
    const weight = symmetry?.orbitSize(low, high) ?? 1;
    states += weight;
    transitions += degree * weight;
    if (degree === 0 && deadlock < 0) deadlock = at;
  }
  const { count, low, high, parent } = found;
  const complete = at === count;
  const keys = { count, low, high, parent };
  return { packed, ...keys, first, states, transitions, deadlock, complete };
}

/** The states found: a set of keys, and their arrays in the order of discovery. */
class Found {
  count = 0;
  low = new Int32Array(1 << 10);
  high = new Int32Array(1 << 10);
  parent = new Int32Array(1 << 10);
  /** Open addressing, two words a slot; the second is never 0 where there is a key. */
  #slots = new Int32Array(1 << 12);
  #mask = (1 << 11) - 1;

  /** Adds a key unless it is there. */
  add(low: number, high: number, parent: number): void {
    const slots = this.#slots;
    let slot = hashOf(low, high) & this.#mask;
    for (;;) {
      const there = slots[2 * slot + 1] ?? 0;
      if (there === 0) break;
      if (there === high && slots[2 * slot] === low) return;
      slot = (slot + 1) & this.#mask;
    }
    slots[2 * slot] = low;
    slots[2 * slot + 1] = high;
    if (this.count === this.low.length) this.#lengthen();
    this.low[this.count] = low;
    this.high[this.count] = high;
    this.parent[this.count] = parent;
    this.count += 1;
    if (2 * this.count > this.#mask) this.#rehash();
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
    this.#mask = this.#mask * 2 + 1;
    const slots = new Int32Array((this.#mask + 1) * 2);
    for (let at = 0; at < this.count; at += 1) {
      const [low, high] = [this.low[at] ?? 0, this.high[at] ?? 0];
      let slot = hashOf(low, high) & this.#mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & this.#mask;
      slots[2 * slot] = low;
      slots[2 * slot + 1] = high;
    }
    this.#slots = slots;
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
