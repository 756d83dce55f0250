import type { Component } from '../components.js';
import type { State, System } from '../system.js';
import { BoundsError } from '../vector.js';

/**
 * A state as one key of two 32-bit words.
 *
 * Components that often move together stand together: a context with its owner and its task, a user's
 * daemon with its registrant and its queues. Such a *cluster* lies within one word, so that its part
 * of a state, its *local* value, is a shift and a mask away.
 */

/** A run of neighbouring bits in one of the two words. */
export interface Field {
  readonly word: 0 | 1;
  readonly shift: number;
  readonly bits: number;
}

/** Components that stand together; each has its bits within the cluster's. */
export interface Cluster extends Field {
  readonly name: string;
  readonly parts: readonly {
    readonly component: Component;
    readonly position: number;
    readonly shift: number;
    readonly bits: number;
  }[];
}

/** The bits of a key that a state can use: the top bit marks that there is a key. */
export const keyBitsMax = 63;

/** The bits of a cluster: its local values index tables. */
export const clusterBitsMax = 20;

/** How the states of a system are packed. */
export interface Layout {
  readonly clusters: readonly Cluster[];
  /** For each component of the system its place. */
  readonly fields: readonly Field[];
  readonly bits: number;
}

/**
 * Lays a system's components out.
 *
 * @throws BoundsError when they need more bits than a key has, with both numbers
 */
export function layoutOf(system: System): Layout {
  const groups = new Map<string, { component: Component; position: number }[]>();
  system.components.forEach((component, position) => {
    const name = clusterOf(component, system);
    groups.set(name, [...(groups.get(name) ?? []), { component, position }]);
  });
  const free = [32, keyBitsMax - 32];
  const fields: Field[] = [];
  const clusters = [...groups].map(([name, members]): Cluster => {
    const { parts, bits } = stack(members);
    const word = (free[0] ?? 0) >= bits ? 0 : 1;
    const shift = (word === 0 ? 32 : keyBitsMax - 32) - (free[word] ?? 0);
    free[word] = (free[word] ?? 0) - bits;
    for (const part of parts) {
      fields[part.position] = { word, shift: shift + part.shift, bits: part.bits };
    }
    return { name, word, shift, bits, parts };
  });
  const wide = clusters.find((cluster) => cluster.bits > clusterBitsMax);
  if (wide !== undefined) {
    throw new BoundsError(
      `a user with his queues needs ${wide.bits} bits; a table has ${clusterBitsMax}: choose fewer processes or shorter queues`,
    );
  }
  const bits = clusters.reduce((sum, cluster) => sum + cluster.bits, 0);
  if (free.some((left) => left < 0)) {
    const { contexts, users, processes, queue = 0 } = system.bounds;
    throw new BoundsError(
      `${contexts} contexts, ${users} users, ${processes} processes a user and queues of ${queue} need ${bits} bits in two words; a key has ${keyBitsMax}: choose smaller bounds`,
    );
  }
  return { clusters, fields, bits };
}

/** The number of bits that tell `count` things apart. */
function bitsFor(count: number): number {
  return count < 2 ? 0 : 32 - Math.clz32(count - 1);
}

function stack(members: readonly { component: Component; position: number }[]) {
  let bits = 0;
  const parts = members.map((member) => {
    const part = { ...member, shift: bits, bits: bitsFor(member.component.table.states.length) };
    bits += part.bits;
    return part;
  });
  return { parts, bits };
}

function clusterOf({ kind, nth }: Component, system: System): string {
  switch (kind) {
    case 'context':
    case 'owner':
    case 'task':
      return `context ${nth}`;
    case 'daemon':
    case 'registrant':
    case 'shadow':
      return `user ${nth}`;
    case 'queue':
      return `user ${Math.floor(nth / system.bounds.processes)}`;
    case 'orphan':
    case 'orphanage':
      return `orphan ${nth}`;
    case 'kernel':
    case 'mutex':
      return kind;
  }
}

/** A state as two words. The top bit of the second is always set. */
export function pack({ fields }: Layout, state: State): readonly [low: number, high: number] {
  const words = [0, 1 << 31];
  fields.forEach(({ word, shift }, position) => {
    words[word] = (words[word] ?? 0) | ((state[position] ?? 0) << shift);
  });
  return [words[0] ?? 0, words[1] ?? 0];
}

/** Two words as a state. */
export function unpack({ fields }: Layout, low: number, high: number): State {
  return Uint8Array.from(fields, ({ word, shift, bits }) => {
    const mask = bits === 32 ? -1 : (1 << bits) - 1;
    return ((word === 0 ? low : high) >>> shift) & mask;
  });
}
