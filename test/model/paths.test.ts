import { getShortestPaths } from '@xstate/graph';
import { describe, expect, it } from 'vitest';
import {
  commandsOf,
  componentPaths,
  createSystemMachine,
  keyOfState,
  loopsOf,
  parseCommand,
  printCommand,
  seed,
  System,
  systemEvents,
  systemPaths,
} from '../../model/index.js';

describe('paths', () => {
  it('reach every orbit of the smallest systems, by conversations that one clock allows', () => {
    for (const [contexts, users, orbits] of [
      [1, 1, 15],
      [2, 1, 45],
      [1, 2, 42],
    ] as const) {
      const system = new System({ contexts, users, processes: 2 }, seed);
      const paths = systemPaths(system);
      expect(paths.length).toBe(orbits);
      expect(new Set(paths.map(({ name }) => name)).size).toBe(orbits);
      for (const path of paths) {
        const steps = [...path.steps, ...loopsOf(system, path.state)];
        expect(commandsOf(steps), path.name).toBeDefined();
      }
    }
  });

  it('are the shortest paths that XState finds in the system machine', () => {
    for (const [contexts, users] of [
      [1, 1],
      [2, 1],
      [1, 2],
    ] as const) {
      const system = new System({ contexts, users, processes: 2 }, seed);
      const events = systemEvents(system);
      const found = getShortestPaths(createSystemMachine(system), {
        // The events of the machine are plain types; ours carry the action beside the type.
        events: events as never,
        serializeState: ({ value }) => JSON.stringify(value) as never,
      });
      const lengths = new Map<string, number>();
      for (const { steps } of found) {
        let state = system.initial;
        for (const { event } of steps) {
          const known = events.find(({ type }) => type === event.type);
          if (known === undefined) continue; // xstate.init
          const step = system
            .steps(state, known.action)
            .find(({ vector }) => vector.choice === known.choice);
          expect(step, event.type).toBeDefined();
          state = step?.state ?? state;
        }
        lengths.set(
          keyOfState(state),
          steps.filter(({ event }) => event.type !== 'xstate.init').length,
        );
      }
      const paths = systemPaths(system);
      expect(paths.length).toBeGreaterThan(10);
      for (const { name, steps, state } of paths) {
        const isShortest = steps.length === lengths.get(keyOfState(state));
        expect(isShortest, name).toBe(true);
      }
    }
  });

  it('take every transition of the component machines and every end of the cascade', () => {
    const paths = componentPaths(new System({ contexts: 1, users: 2, processes: 2 }, seed));
    const said = paths.map(({ name, steps }) => {
      const commands = commandsOf(steps)?.map(printCommand) ?? [];
      return `${name}: ${commands.join(', ')}`;
    });
    expect(said).toMatchInlineSnapshot(`
      [
        "context.free.ACQUIRE: helo u1.d1, request r1 u1",
        "context.pending.ACCEPT: helo u1.d1, request r1 u1, reply u1.d1 r1",
        "context.pending.EXPIRE: helo u1.d1, request r1 u1, advance r1, wake r1",
        "context.pending.SEND_FAILED: helo u1.d1, exit u1.d1, request r1 u1",
        "context.done.RELEASE: helo u1.d1, request r1 u1, reply u1.d1 r1, wake r1",
        "task.running.ASK: helo u1.d1, request r1 u1",
        "task.sleeping.waiting.LOOK_REPLY: helo u1.d1, request r1 u1, reply u1.d1 r1, wake r1",
        "task.sleeping.waiting.EXPIRE: helo u1.d1, request r1 u1, advance r1",
        "task.sleeping.waiting.LOOK_NOTHING: helo u1.d1, request r1 u1, wake r1",
        "task.sleeping.expired.LOOK_REPLY: helo u1.d1, request r1 u1, reply u1.d1 r1, advance r1, wake r1",
        "task.sleeping.expired.LOOK_EXPIRED: helo u1.d1, request r1 u1, advance r1, wake r1",
        "daemon.unregistered.REGISTER: helo u1.d1",
        "daemon.unregistered.LOOKUP_FAILS: request r1 u1",
        "daemon.registered.SEND: helo u1.d1, request r1 u1",
        "daemon.registered.RENEW: helo u1.d1, helo u1.d1",
        "daemon.registered.REPLACE: helo u1.d1, helo u1.d2",
        "daemon.registered.UNREGISTER: helo u1.d1, quit u1.d1",
        "daemon.registered.DIE: helo u1.d1, exit u1.d1",
        "daemon.stale.SEND_FAILS: helo u1.d1, exit u1.d1, request r1 u1",
        "daemon.stale.RECLAIM: helo u1.d1, exit u1.d1, helo u1.d1",
        "reply.bad-index: reply u1.d1 outside seq=1",
        "reply.not-in-use: reply u1.d1 unused seq=1",
        "reply.no-daemon: helo u1.d1, request r1 u1, quit u1.d1, reply u1.d1 r1",
        "reply.other-user: helo u1.d1, request r1 u1, reply u2.d1 r1",
        "reply.other-process: helo u1.d1, request r1 u1, reply u1.d2 r1",
        "reply.not-pending: helo u1.d1, request r1 u1, reply u1.d1 r1, reply u1.d1 r1",
        "reply.wrong-sequence: helo u1.d1, request r1 u1, reply u1.d1 r1 seq=r1-1",
        "reply.accepted: helo u1.d1, request r1 u1, reply u1.d1 r1",
      ]
    `);
  });

  it('say every command in a way that is read back', () => {
    const paths = componentPaths(new System({ contexts: 1, users: 2, processes: 2 }, seed));
    for (const { steps } of paths) {
      for (const command of commandsOf(steps) ?? []) {
        expect(parseCommand(printCommand(command))).toEqual(command);
      }
    }
  });
});
