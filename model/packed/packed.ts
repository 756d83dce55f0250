import type { State, System } from '../system.js';
import type { Edges, Joint } from './edges.js';
import { edgesOf } from './edges.js';
import type { Layout } from './layout.js';
import { layoutOf, pack, unpack } from './layout.js';

/** A system whose states are keys of two words, and whose steps are table look-ups. */

/** A system made ready to be walked. */
export class Packed {
  readonly system: System;
  readonly layout: Layout;
  readonly edges: Edges;

  /** @throws RangeError when the states do not fit into a key */
  constructor(system: System) {
    this.system = system;
    this.layout = layoutOf(system);
    this.edges = edgesOf(system, this.layout);
  }

  /** A state's key. */
  pack(state: State): readonly [low: number, high: number] {
    return pack(this.layout, state);
  }

  /** A key's state. */
  unpack(low: number, high: number): State {
    return unpack(this.layout, low, high);
  }

  /** Calls back for each step from a state, with the state after it and the number of the way. */
  successors(
    low: number,
    high: number,
    visit: (low: number, high: number, way: number) => void,
  ): void {
    for (const joint of this.edges.joints) {
      const row = rowOf(joint, low, high);
      const end = joint.start[row + 1] ?? 0;
      for (let at = joint.start[row] ?? 0; at < end; at += 1) {
        visit(low ^ (joint.low[at] ?? 0), high ^ (joint.high[at] ?? 0), joint.way[at] ?? 0);
      }
    }
    this.otherSuccessors(low, high, visit);
  }

  /** The same for the ways that speak of more than two clusters. */
  otherSuccessors(
    low: number,
    high: number,
    visit: (low: number, high: number, way: number) => void,
  ): void {
    for (const { way, parts } of this.edges.others) {
      let lowAfter = low;
      let highAfter = high;
      let isPossible = true;
      for (const { cluster, next } of parts) {
        const word = cluster.word === 0 ? low : high;
        const local = (word >>> cluster.shift) & ((1 << cluster.bits) - 1);
        const after = next[local] ?? -1;
        isPossible = after >= 0;
        if (!isPossible) break;
        const change = (local ^ after) << cluster.shift;
        if (cluster.word === 0) lowAfter ^= change;
        else highAfter ^= change;
      }
      if (isPossible) visit(lowAfter, highAfter, way);
    }
  }
}

function rowOf({ first, second }: Joint, low: number, high: number): number {
  const a = ((first.word === 0 ? low : high) >>> first.shift) & ((1 << first.bits) - 1);
  if (second === undefined) return a;
  const b = ((second.word === 0 ? low : high) >>> second.shift) & ((1 << second.bits) - 1);
  return a | (b << first.bits);
}
