import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input, Output } from '../../impl/index.js';
import { Kernel, kernelDefaults, Pool, Registry } from '../../impl/index.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const alice = { uid: 1001, pid: 11 };
const bob = { uid: 1002, pid: 22 };
const ask = (task: number, uid = alice.uid): Input => ({
  kind: 'request',
  task,
  uid,
  payload: bytes(task),
});
const answer = (from: typeof alice, index: number, sequence: number): Input => ({
  kind: 'reply', from, index, sequence, payload: bytes(0xb0, index),
}); // prettier-ignore
const refused = (errno: string) => [{ kind: 'refused', errno }];

describe('the pool', () => {
  it('reuses the context that was released last, with a new number each time', () => {
    const pool = new Pool(2);
    const waiter = { task: 1, uid: 1, deadlineMs: 0 };
    const first = pool.acquire(waiter);
    const second = pool.acquire(waiter);
    expect([first?.index, first?.sequence, second?.index, second?.sequence]).toEqual([0, 1, 1, 2]);
    expect(pool.acquire(waiter)).toBeUndefined();
    if (first) pool.release(first);
    expect(pool.acquire(waiter)).toMatchObject({ index: 0, sequence: 3 });
  });

  it('releases a context once, however often it is told to', () => {
    const pool = new Pool(1);
    const one = pool.acquire({ task: 1, uid: 1, deadlineMs: 0 });
    if (one) pool.release(one);
    if (one) pool.release(one);
    expect(pool.acquire({ task: 2, uid: 1, deadlineMs: 0 })).toBeDefined();
    expect(pool.acquire({ task: 3, uid: 1, deadlineMs: 0 })).toBeUndefined();
  });

  it('shows what is pending and what is done, and numbers that were never used as 0', () => {
    const pool = new Pool(3);
    const waiter = { task: 1, uid: 1, deadlineMs: 0 };
    const first = pool.acquire(waiter);
    pool.acquire(waiter);
    if (first) pool.settle(first, bytes());
    expect(pool.view()).toEqual([
      { index: 0, sequence: 1, state: 'done' },
      { index: 1, sequence: 2, state: 'pending' },
      { index: 2, sequence: 0, state: 'free' },
    ]);
  });

  it('forgets the reply of the one who waited before', () => {
    const pool = new Pool(1);
    const waiter = { task: 1, uid: 1, deadlineMs: 0 };
    const first = pool.acquire(waiter);
    if (first) pool.settle(first, bytes(1));
    if (first) pool.release(first);
    expect(pool.acquire(waiter)).toEqual({ index: 0, sequence: 2, waiter, reply: undefined });
  });

  it('does nothing to a context that it does not have', () => {
    const waiter = { task: 1, uid: 1, deadlineMs: 0 };
    const foreign = { index: 1, sequence: 1, waiter, reply: undefined };
    const pool = new Pool(1);
    pool.settle(foreign, bytes(1));
    pool.release(foreign);
    expect(pool.view()).toEqual([{ index: 0, sequence: 0, state: 'free' }]);
    expect(pool.acquire(waiter)?.index).toBe(0);
    expect(pool.acquire(waiter)).toBeUndefined();
  });

  it.each([1, 65_536])('can have a size of %d', (size) => {
    expect(new Pool(size).size).toBe(size);
  });

  it.each([0, -1, 1.5, 65_537, Number.NaN])('refuses a size of %d', (size) => {
    expect(() => new Pool(size)).toThrow(`a pool of ${size} contexts is outside 1 to 65536`);
  });
});

describe('the registry', () => {
  it('keeps one process for each user and says whom a newcomer replaces', () => {
    const registry = new Registry();
    expect(registry.register(alice)).toBeUndefined();
    expect(registry.register(alice)).toBeUndefined();
    expect(registry.register({ ...alice, pid: 12 })).toBe(alice.pid);
    expect(registry.unregister(alice)).toBe(false);
    registry.register(bob);
    expect(registry.view()).toEqual([{ ...alice, pid: 12 }, bob]);
    expect(registry.unregister({ ...alice, pid: 12 })).toBe(true);
    expect(registry.unregister({ ...alice, pid: 12 })).toBe(false);
    expect(registry.lookup(alice.uid)).toBeUndefined();
  });
});

describe('the kernel core', () => {
  it('has the defaults of the Linux module', () => {
    expect(kernelDefaults).toEqual({ contexts: 32, timeoutMs: 3000 });
    expect(new Kernel().view().contexts.length).toBe(32);
  });

  it('wakes the sleeper on a reply, and gives it the bytes when it looks', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    expect(kernel.handle(ask(7), 0)).toEqual([
      {
        kind: 'send',
        to: alice,
        message: { type: 'request', index: 0, sequence: 1, payload: bytes(7) },
      },
    ]);
    expect(kernel.handle(answer(alice, 0, 1), 5)).toEqual([{ kind: 'wake', task: 7 }]);
    expect(kernel.view().contexts).toEqual([{ index: 0, state: 'done', sequence: 1 }]);
    expect(kernel.handle({ kind: 'look', task: 7 }, 5)).toEqual([
      { kind: 'resume', task: 7, payload: bytes(0xb0, 0) },
    ]);
    expect(kernel.handle({ kind: 'look', task: 7 }, 5)).toEqual([]);
  });

  it('wakes each sleeper once when its time is up, in the order of the deadlines', () => {
    const kernel = new Kernel({ contexts: 3, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    kernel.handle(ask(2), 10);
    expect(kernel.nextDeadlineMs).toBe(100);
    expect(kernel.handle({ kind: 'tick' }, 99)).toEqual([]);
    expect(kernel.handle({ kind: 'tick' }, 110)).toEqual([
      { kind: 'wake', task: 1 },
      { kind: 'wake', task: 2 },
    ]);
    expect(kernel.handle({ kind: 'tick' }, 110)).toEqual([]);
    expect(kernel.nextDeadlineMs).toBeUndefined();
    expect(kernel.handle({ kind: 'look', task: 1 }, 110)).toEqual([
      { kind: 'resume', task: 1, errno: 'ENOMSG' },
    ]);
  });

  it('tells a daemon to quit when another process of its user registers, and nobody else', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    const helo = (from: typeof alice) => kernel.handle({ kind: 'helo', from }, 0);
    expect([helo(alice), helo(alice), helo(bob)]).toEqual([[], [], []]);
    expect(helo({ ...alice, pid: 12 })).toEqual([
      { kind: 'send', to: alice, message: { type: 'quit' } },
    ]);
    expect(kernel.view().daemons).toEqual([{ ...alice, pid: 12 }, bob]);
  });

  it('lets only the registered daemon unregister', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    const quit = (from: typeof alice) => kernel.handle({ kind: 'quit', from }, 0);
    kernel.handle({ kind: 'helo', from: alice }, 0);
    expect(quit({ ...alice, pid: 12 })).toEqual(refused('EINVAL'));
    expect(quit(alice)).toEqual([]);
    expect(quit(alice)).toEqual(refused('EINVAL'));
  });

  it('refuses to ask where nobody is registered or no context is free, and loses none by it', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    expect(kernel.handle(ask(1), 0)).toEqual(refused('ENOTCONN'));
    kernel.handle({ kind: 'helo', from: alice }, 0);
    expect(kernel.handle(ask(2), 0)).toMatchObject([{ message: { index: 0, sequence: 1 } }]);
    expect(kernel.handle(ask(3), 0)).toEqual(refused('ENOMEM'));
    kernel.handle({ kind: 'look', task: 2 }, 100);
    expect(kernel.handle(ask(4), 100)).toMatchObject([{ message: { index: 0, sequence: 2 } }]);
  });

  it('lets each process look for its own request, and gives it up at its deadline, not before', () => {
    const kernel = new Kernel({ contexts: 2, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    kernel.handle(ask(2), 0);
    expect(kernel.handle({ kind: 'look', task: 2 }, 99)).toEqual([]);
    expect(kernel.handle({ kind: 'look', task: 2 }, 100)).toEqual([
      { kind: 'resume', task: 2, errno: 'ENOMSG' },
    ]);
    expect(kernel.view().contexts.map(({ state }) => state)).toEqual(['pending', 'free']);
    expect(kernel.handle({ kind: 'look', task: 3 }, 100)).toEqual([]);
  });

  it('wakes by deadline where a context that was free again holds the later one', () => {
    const kernel = new Kernel({ contexts: 2, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    kernel.handle(ask(2), 10);
    kernel.handle(answer(alice, 0, 1), 20);
    kernel.handle({ kind: 'look', task: 1 }, 20);
    kernel.handle(ask(3), 30);
    expect(kernel.view().contexts.map(({ sequence }) => sequence)).toEqual([3, 2]);
    expect(kernel.nextDeadlineMs).toBe(110);
    expect(kernel.handle({ kind: 'tick' }, 500)).toEqual([
      { kind: 'wake', task: 2 },
      { kind: 'wake', task: 3 },
    ]);
  });

  it('wakes a process again when it asks again under the same number', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    for (const nowMs of [0, 200]) {
      kernel.handle(ask(1), nowMs);
      expect(kernel.handle({ kind: 'tick' }, nowMs + 100)).toEqual([{ kind: 'wake', task: 1 }]);
      expect(kernel.handle({ kind: 'look', task: 1 }, nowMs + 100)).toHaveLength(1);
    }
  });

  it('lets a reply win over the time that has passed', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    kernel.handle({ kind: 'tick' }, 200);
    expect(kernel.handle(answer(alice, 0, 1), 200)).toEqual([{ kind: 'wake', task: 1 }]);
    expect(kernel.handle({ kind: 'look', task: 1 }, 900)).toMatchObject([
      { payload: bytes(0xb0, 0) },
    ]);
  });

  it('refuses each wrong reply with the errno of its check', () => {
    const kernel = new Kernel({ contexts: 2, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle({ kind: 'helo', from: bob }, 0);
    kernel.handle(ask(1), 0);
    expect(kernel.handle(answer(alice, 2, 1), 1)).toEqual(refused('EINVAL'));
    expect(kernel.handle(answer(alice, 1, 1), 1)).toEqual(refused('EINVAL'));
    expect(kernel.handle(answer(bob, 0, 1), 1)).toEqual(refused('EBADMSG'));
    expect(kernel.handle(answer({ ...alice, pid: 12 }, 0, 1), 1)).toEqual(refused('EBADMSG'));
    // The pid of the daemon under the uid of another user.
    expect(kernel.handle(answer({ ...alice, uid: bob.uid }, 0, 1), 1)).toEqual(refused('EBADMSG'));
    expect(kernel.handle(answer(alice, 0, 2), 1)).toEqual(refused('EINVAL'));
    kernel.handle({ kind: 'quit', from: alice }, 1);
    expect(kernel.handle(answer(alice, 0, 1), 1)).toEqual(refused('EBADMSG'));
    kernel.handle({ kind: 'helo', from: alice }, 1);
    kernel.handle(answer(alice, 0, 1), 1);
    expect(kernel.handle(answer(alice, 0, 1), 1)).toEqual(refused('EINVAL'));
  });

  it('gives the context back when the message could not be sent, and only that one', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    const message = { type: 'request', index: 0, sequence: 1, payload: bytes() } as const;
    const failed = { kind: 'send-failed', message, errno: 'ECONNREFUSED' } as const;
    expect(kernel.handle(failed, 0)).toEqual(refused('ECONNREFUSED'));
    expect(kernel.view().contexts[0]?.state).toBe('free');
    expect(kernel.nextDeadlineMs).toBeUndefined();
    expect(kernel.handle(failed, 0)).toEqual([]);
    kernel.handle(ask(2), 0);
    expect(kernel.handle(failed, 0)).toEqual([]);
    expect(kernel.view().contexts[0]?.state).toBe('pending');
  });

  it('refuses a question of a task that sleeps, woken by the time or not', () => {
    const kernel = new Kernel({ contexts: 2, timeoutMs: 100 });
    kernel.handle({ kind: 'helo', from: alice }, 0);
    kernel.handle(ask(1), 0);
    expect(kernel.handle(ask(1), 1)).toEqual(refused('EINVAL'));
    kernel.handle({ kind: 'tick' }, 100);
    expect(kernel.handle(ask(1), 100)).toEqual(refused('EINVAL'));
    expect(kernel.view().contexts.map(({ state }) => state)).toEqual(['pending', 'free']);
    kernel.handle({ kind: 'look', task: 1 }, 100);
    expect(kernel.handle(ask(1), 100)).toHaveLength(1);
  });

  it('gives the same outputs for the same inputs', () => {
    const process = fc.constantFrom(alice, { ...alice, pid: 12 }, bob);
    const input: fc.Arbitrary<Input> = fc.oneof(
      fc.record({ kind: fc.constantFrom('helo' as const, 'quit' as const), from: process }),
      fc.tuple(fc.nat(20), fc.constantFrom(1001, 1002)).map(([task, uid]) => ask(task, uid)),
      fc.tuple(process, fc.nat(3), fc.nat(9)).map(([from, index, seq]) => answer(from, index, seq)),
      fc.nat(20).map((task) => ({ kind: 'look' as const, task })),
      fc.constant({ kind: 'tick' as const }),
    );
    const outputsOf = (inputs: readonly Input[]): Output[][] => {
      const kernel = new Kernel({ contexts: 2, timeoutMs: 5 });
      return inputs.map((one, nowMs) => kernel.handle(one, nowMs));
    };
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        expect(outputsOf(inputs)).toEqual(outputsOf(inputs));
      }),
      { seed: 1 },
    );
  });
});
