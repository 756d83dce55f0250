import { getAdjacencyMap } from '@xstate/graph';
import { describe, expect, it } from 'vitest';
import type { Action, Bounds, State } from '../../model/index.js';
import { queueStates } from '../../model/queue.machine.js';
import {
  BoundsError,
  createSystemMachine,
  explore,
  keyOfAction,
  keyOfState,
  Quotient,
  seed,
  System,
  systemEvents,
} from '../../model/index.js';

const bounds = (contexts: number, users: number): Bounds => ({ contexts, users, processes: 2 });
const system = (contexts: number, users: number) => new System(bounds(contexts, users), seed);

/** Takes actions one after the other; of several steps the first. */
function after(joined: System, ...actions: Action[]): State {
  return actions.reduce((state, action) => {
    const step = joined.steps(state, action)[0];
    expect(step, keyOfAction(action)).toBeDefined();
    return step?.state ?? state;
  }, joined.initial);
}

const helo = (user: number, process: number): Action => ({ do: 'helo', user, process });
const reply = (process: number, context: number | 'outside', user = 0): Action & { do: 'reply' } => ({
  do: 'reply', user, process, context, sequence: 'current',
}); // prettier-ignore

interface Place {
  readonly state: { readonly value: unknown };
}

describe('the joined system', () => {
  it.each([
    [1, 1, 20, 284, 15, 149],
    [2, 1, 100, 1943, 45, 555],
    [1, 2, 144, 3936, 42, 771],
    [2, 2, 1296, 47_544, 210, 4887],
  ])(
    'has at %i contexts and %i users %i states, %i steps, %i orbits, %i kinds of step',
    (n, u, states, steps, orbits, edges) => {
      const joined = system(n, u);
      const walk = explore(joined);
      expect([walk.states.size, walk.transitions]).toEqual([states, steps]);
      const all = new Quotient(joined).all();
      expect([all.orbits.size, all.edges.size]).toEqual([orbits, edges]);
    },
  );

  it.each([
    [1, 1],
    [2, 1],
    [1, 2],
  ])('is at %i contexts and %i users the same as XState walks the parallel machine', (n, u) => {
    const joined = system(n, u);
    const events = systemEvents(joined);
    const valueOf = (state: State) => {
      const entries = joined.components.map(({ kind, nth }) => [
        `${kind}${nth}`,
        joined.at(state, { kind, nth }).replaceAll('.', '-'),
      ]);
      return JSON.stringify(Object.fromEntries(entries));
    };
    const ours = new Set<string>();
    for (const state of explore(joined).states.values()) {
      for (const { action, choice, type } of events) {
        const enabled = joined
          .steps(state, action)
          .filter(({ vector }) => vector.choice === choice);
        expect(enabled.length).toBeLessThanOrEqual(1);
        const to = enabled[0]?.state ?? state;
        ours.add(`${valueOf(state)} ${type} ${valueOf(to)}`);
      }
    }
    // The types of @xstate/graph do not reach through a machine that was made from data.
    const map = getAdjacencyMap(createSystemMachine(joined), {
      events,
      serializeState: ({ value }) => JSON.stringify(value) as never,
    }) as unknown as Record<
      string,
      Place & { transitions: Record<string, Place & { event: { type: string } }> }
    >;
    const theirs = new Set(
      Object.values(map).flatMap(({ state, transitions }) =>
        Object.values(transitions).map(
          ({ event, state: to }) =>
            `${JSON.stringify(state.value)} ${event.type} ${JSON.stringify(to.value)}`,
        ),
      ),
    );
    expect([...theirs].sort()).toEqual([...ours].sort());
  });

  it('lets exactly one thing happen for each action, but for the choice of a context', () => {
    const joined = system(2, 2);
    for (const state of explore(joined).states.values()) {
      for (const action of joined.actions()) {
        const names = new Set(joined.steps(state, action).map(({ vector }) => vector.name));
        const needed = action.do === 'expire' || action.do === 'look' ? [0, 1] : [1];
        expect(needed, keyOfAction(action)).toContain(names.size);
      }
    }
  });

  it('names the reason of each refusal', () => {
    const joined = system(1, 2);
    const why = (state: State, action: Action) => joined.steps(state, action)[0]?.vector.refusal;
    const asked = after(joined, helo(0, 0), { do: 'request', user: 0 });
    expect(why(joined.initial, { do: 'request', user: 0 })).toBe('request/no-daemon');
    expect(why(asked, { do: 'request', user: 0 })).toBe('request/no-context');
    const dead = after(joined, helo(0, 0), { do: 'exit', user: 0, process: 0 });
    expect(why(dead, { do: 'request', user: 0 })).toBe('request/dead-daemon');
    expect(why(asked, reply(0, 'outside'))).toBe('reply/bad-index');
    expect(why(joined.initial, reply(0, 0))).toBe('reply/not-in-use');
    expect(why(asked, reply(0, 0, 1))).toBe('reply/other-user');
    expect(why(asked, reply(1, 0))).toBe('reply/other-process');
    expect(why(asked, { ...reply(0, 0), sequence: 'older' })).toBe('reply/wrong-sequence');
    const left = after(
      joined,
      helo(0, 0),
      { do: 'request', user: 0 },
      { do: 'quit', user: 0, process: 0 },
    );
    expect(why(left, reply(0, 0))).toBe('reply/no-daemon');
    const done = after(joined, helo(0, 0), { do: 'request', user: 0 }, reply(0, 0));
    expect(why(done, reply(0, 0))).toBe('reply/not-pending');
  });

  it('lets the successor of a daemon answer, and not the daemon that it replaced', () => {
    const joined = system(1, 1);
    const replaced = after(joined, helo(0, 0), { do: 'request', user: 0 }, helo(0, 1));
    expect(joined.steps(replaced, reply(1, 0))[0]?.vector.name).toBe('reply/accepted');
    expect(joined.steps(replaced, reply(0, 0))[0]?.vector.refusal).toBe('reply/other-process');
  });

  it('never changes anything when it refuses', () => {
    const joined = system(2, 2);
    for (const state of explore(joined).states.values()) {
      for (const action of joined.actions()) {
        for (const step of joined.steps(state, action)) {
          if (step.vector.refusal === undefined) continue;
          expect(keyOfState(step.state)).toBe(keyOfState(state));
        }
      }
    }
  });

  it('refuses bounds that a byte cannot number', () => {
    expect(() => new System({ contexts: 0, users: 1, processes: 1 }, seed)).toThrow(
      '0 contexts is outside 1 to 4096',
    );
    expect(() => new System({ contexts: 1, users: 201, processes: 1 }, seed)).toThrow(
      '201 users is outside 1 to 200',
    );
  });

  it('takes just those queues whose contents a byte can number', () => {
    for (const contexts of [1, 2, 3, 4, 5]) {
      for (const queue of [1, 2, 3, 4, 5]) {
        const contents = queueStates(contexts, queue, true).length;
        const bounds = { contexts, users: 1, processes: 1, queue, quitMarkers: true };
        const made = () => new System(bounds, seed).bounds;
        if (contents > 256) expect(made, `${contexts} ${queue}`).toThrow(BoundsError);
        else expect(made()).toEqual(bounds);
      }
    }
  });
});
