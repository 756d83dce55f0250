import { getAdjacencyMap } from '@xstate/graph';
import type { AnyMachineSnapshot } from 'xstate';
import { initialTransition, transition } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { Bounds, DefectId, Profile, State } from '../../model/index.js';
import {
  calm,
  createSystemMachine,
  explore,
  keyOfState,
  Packed,
  profiles,
  seed,
  Symmetry,
  System,
  systemEvents,
  walk,
} from '../../model/index.js';

/** That the fast walk walks what the machines say. */

const disturbed = { ...calm, sendFails: true, signals: true };

function systemOf(profile: Profile, bounds: Bounds, broken: readonly DefectId[] = []): System {
  return new System(bounds, profile, { defects: broken, without: [], environment: disturbed });
}

const named = (name: string) => profiles[name] ?? seed;
const statesMax = 2_000_000;

/** A state of the joined machine as the bytes of the walk. */
function bytesOf(system: System, { value }: AnyMachineSnapshot): State {
  return Uint8Array.from(system.components, ({ kind, nth, table }) => {
    const name = (value as Record<string, string>)[`${kind}${nth}`] ?? '';
    return table.states.findIndex((state) => state.replaceAll('.', '-') === name);
  });
}

/** Every step as text, asked of the packed walk. */
function packedEdges(system: System): Set<string> {
  const packed = new Packed(system);
  const { count, low, high } = walk(packed, { statesMax });
  const edges = new Set<string>();
  for (let at = 0; at < count; at += 1) {
    const from = packed.unpack(low[at] ?? 0, high[at] ?? 0).join();
    packed.successors(low[at] ?? 0, high[at] ?? 0, (lowAfter, highAfter, way) => {
      const { action, vector } = packed.edges.ways[way] ?? {};
      const event = systemEventOf(system, action, vector);
      edges.add(`${from} ${event} ${packed.unpack(lowAfter, highAfter).join()}`);
    });
  }
  return edges;
}

type Way = Packed['edges']['ways'][number];

function systemEventOf(system: System, action?: Way['action'], vector?: Way['vector']): string {
  const event = systemEvents(system).find(
    (one) =>
      one.action === action && one.choice === vector?.choice && one.option === vector?.option,
  );
  return event?.type ?? '?';
}

/** Every step as text, asked of XState's own transition on the parallel machine. */
function xstateEdges(system: System): Set<string> {
  const machine = createSystemMachine(system);
  const events = systemEvents(system);
  const [first] = initialTransition(machine);
  const found = new Map<string, AnyMachineSnapshot>([[bytesOf(system, first).join(), first]]);
  const edges = new Set<string>();
  for (const [from, snapshot] of found) {
    for (const { type } of events) {
      // can() is false for a transition that changes nothing, which is a step all the same.
      if (machine.getTransitionData(snapshot as never, { type }).length === 0) continue;
      const [next]: [AnyMachineSnapshot, unknown] = transition(machine, snapshot as never, {
        type,
      }) as never;
      const to = bytesOf(system, next).join();
      edges.add(`${from} ${type} ${to}`);
      if (!found.has(to)) found.set(to, next);
    }
  }
  return edges;
}

describe('the packed walk', () => {
  it.each([
    ['seed', 1, 1, 0, []],
    ['seed', 2, 1, 0, []],
    ['seed', 1, 2, 0, []],
    ['seed', 2, 2, 0, []],
    ['netlink-2.6.21', 2, 1, 0, []],
    ['device-2.6.26', 2, 1, 0, []],
    ['device-6', 2, 2, 0, []],
    ['seed', 1, 1, 1, []],
    ['device-6', 2, 1, 1, []],
    ['device-6', 1, 1, 1, ['D-3']],
    ['seed', 2, 1, 0, ['D-1', 'D-11']],
    ['seed', 1, 1, 0, ['D-2', 'D-5']],
  ] as const)(
    'takes the same steps as XState under %s with %i contexts, %i users, queues of %i and %o',
    (name, contexts, users, queue, broken) => {
      const tasks = contexts + (broken.length > 0 ? 1 : 0);
      const bounds = { contexts, users, processes: 2, queue, tasks };
      const system = systemOf(named(name), bounds, broken);
      const [ours, theirs] = [packedEdges(system), xstateEdges(system)];
      expect(ours.size).toBeGreaterThan(100);
      expect([...ours].filter((edge) => !theirs.has(edge))).toEqual([]);
      expect([...theirs].filter((edge) => !ours.has(edge))).toEqual([]);
    },
  );

  it('finds the states that XState finds by its own walk', () => {
    const system = systemOf(seed, { contexts: 2, users: 1, processes: 2 });
    const map = getAdjacencyMap(createSystemMachine(system), {
      events: systemEvents(system),
    });
    const packed = walk(new Packed(system), { statesMax });
    expect(packed.count).toBe(Object.keys(map).length);
  });

  it('takes the same steps as the plain walk', () => {
    for (const name of Object.keys(profiles)) {
      for (const bounds of [
        { contexts: 2, users: 1, processes: 2, queue: 2 },
        { contexts: 1, users: 2, processes: 2, queue: 1, quitMarkers: true },
      ]) {
        const system = systemOf(named(name), bounds);
        const plain = explore(system);
        const packed = new Packed(system);
        const { count, transitions, low, high } = walk(packed, { statesMax });
        expect([count, transitions]).toEqual([plain.states.size, plain.transitions]);
        for (let at = 0; at < count; at += 1) {
          const state = packed.unpack(low[at] ?? 0, high[at] ?? 0);
          expect(plain.states.has(keyOfState(state))).toBe(true);
        }
      }
    }
  });

  it('stops at its limit and says so', () => {
    const packed = new Packed(systemOf(seed, { contexts: 2, users: 2, processes: 2 }));
    expect(walk(packed, { statesMax: 1295 }).complete).toBe(false);
    expect(walk(packed, { statesMax: 1296 }).complete).toBe(true);
  });

  it('refuses bounds that do not fit into a key, with the numbers', () => {
    const large = systemOf(seed, { contexts: 12, users: 3, processes: 2 });
    expect(() => new Packed(large)).toThrow('need 84 bits in two words; a key has 63');
    const long = () => systemOf(seed, { contexts: 6, users: 1, processes: 1, queue: 4 });
    expect(long).toThrow('a queue of 4 messages of 6 contexts has more than 256 contents');
    const few = () => systemOf(seed, { contexts: 3, users: 1, processes: 1, tasks: 2 });
    expect(few).toThrow('2 tasks are fewer than 3 contexts');
    const packed = new Packed(systemOf(seed, { contexts: 1, users: 6, processes: 2 }));
    expect(() => new Symmetry(packed)).toThrow('46080 renumberings; symmetry takes 5000');
  });
});

describe('symmetry', () => {
  it.each([
    ['seed', { contexts: 1, users: 2, processes: 2 }, [], 144, 42],
    ['seed', { contexts: 2, users: 2, processes: 2 }, [], 1296, 210],
    ['seed', { contexts: 2, users: 3, processes: 2 }, [], 10816, 496],
    ['seed', { contexts: 3, users: 3, processes: 1 }, [], 59319, 2300],
    ['seed', { contexts: 3, users: 2, processes: 2 }, [], 11664, 750],
    ['netlink-2.6.21', { contexts: 2, users: 1, processes: 3, queue: 1 }, [], 4874, 605],
    ['seed', { contexts: 2, users: 2, processes: 1, queue: 2 }, [], 9121, 2352],
    ['device-6', { contexts: 3, users: 2, processes: 2, queue: 2 }, [], 35121, 1121],
    ['device-6', { contexts: 2, users: 1, processes: 2, queue: 2, tasks: 4 }, ['D-3'], 8075, 1416],
    ['seed', { contexts: 2, users: 2, processes: 2 }, ['D-11'], 8100, 825],
  ] as const)(
    'walks one state of each orbit under %s at %o with %o',
    (name, bounds, broken, states, orbits) => {
      const packed = new Packed(systemOf(named(name), bounds, broken));
      const plain = walk(packed, { statesMax });
      const symmetry = new Symmetry(packed);
      const reduced = walk(packed, { statesMax, symmetry });
      const representatives = new Set<string>();
      for (let at = 0; at < plain.count; at += 1) {
        symmetry.canonize(plain.low[at] ?? 0, plain.high[at] ?? 0);
        representatives.add(`${symmetry.low},${symmetry.high}`);
      }
      expect([plain.count, reduced.count]).toEqual([states, orbits]);
      expect(representatives.size).toBe(orbits);
      expect([reduced.states, reduced.transitions]).toEqual([plain.count, plain.transitions]);
    },
  );

  it('counts orbits as Burnside does, by every renumbering of every state', () => {
    for (const bounds of [
      { contexts: 2, users: 2, processes: 2 },
      { contexts: 1, users: 3, processes: 2 },
    ]) {
      const system = systemOf(seed, bounds);
      const packed = new Packed(system);
      const { count, low, high } = walk(packed, { statesMax });
      const symmetry = new Symmetry(packed);
      // Each state stands for 1/n of an orbit of n states.
      let orbits = 0;
      for (let at = 0; at < count; at += 1) {
        orbits += 1 / symmetry.orbitSize(low[at] ?? 0, high[at] ?? 0);
      }
      expect(Math.round(orbits)).toBe(walk(packed, { statesMax, symmetry }).count);
    }
  });
});
