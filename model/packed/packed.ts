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
    for (const { way, parts } of this.edges.others) {
      let words: [number, number] | undefined = [low, high];
      for (const { cluster, next } of parts) {
        const local: number = (words[cluster.word] >>> cluster.shift) & maskOf(cluster.bits);
        const after = next.get(local);
        if (after === undefined) {
          words = undefined;
          break;
        }
        words[cluster.word] ^= (local ^ after) << cluster.shift;
      }
      if (words !== undefined) visit(words[0], words[1], way);
    }
  }
}

function maskOf(bits: number): number {
  return bits === 32 ? -1 : (1 << bits) - 1;
}

function rowOf({ first, second }: Joint, low: number, high: number): number {
  const a = ((first.word === 0 ? low : high) >>> first.shift) & maskOf(first.bits);
  if (second === undefined) return a;
  const b = ((second.word === 0 ? low : high) >>> second.shift) & maskOf(second.bits);
  return a | (b << first.bits);
}
