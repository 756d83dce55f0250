import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Credentials, End, Outcome } from '../../impl/index.js';
import {
  decodeNetlinkMessage,
  encodeNetlinkMessage,
  KernelSide,
  ManualClock,
  MemoryTransport,
  toKernel,
} from '../../impl/index.js';
import { removePaths, self, transports } from './transports.js';

/** The kernel side: promises that sleep, over a transport that the test holds in its hands. */

const bytes = (...values: number[]) => Uint8Array.from(values);
const alice = { uid: 1001, pid: 11 };
const bob = { uid: 1002, pid: 22 };
const helo = encodeNetlinkMessage({ type: 'helo' });
const quit = encodeNetlinkMessage({ type: 'quit' });

/** The next message that waits for a process. */
function messageOf(end: End) {
  const arrival = end.receive();
  if (arrival?.kind !== 'datagram') throw new Error('no message waits');
  return decodeNetlinkMessage(arrival.bytes);
}

/** Answers the request that waits. */
function answer(end: End, ...values: number[]): void {
  const message = messageOf(end);
  if (message.type !== 'request') throw new Error(`a request was expected, not ${message.type}`);
  const { index, sequence } = message;
  const payload = bytes(...values);
  end.send(toKernel, encodeNetlinkMessage({ type: 'response', index, sequence, payload }));
}

function scene(options: { contexts?: number; timeoutMs?: number; byWord?: true } = {}) {
  const { byWord, ...sizes } = options;
  const transport = new MemoryTransport(byWord ? { delivery: 'by word' } : {});
  const clock = new ManualClock();
  const heard: (string | undefined)[] = [];
  const side = new KernelSide({
    end: transport.listen(),
    clock,
    ...sizes,
    heard: (_, refusal) => heard.push(refusal),
  });
  const register = (from: Credentials) => {
    const end = transport.connect(from);
    end.send(toKernel, helo);
    transport.deliverAll();
    side.drain();
    return end;
  };
  return { transport, clock, side, heard, register };
}

const failed = (errno: string) => ({ kind: 'failed', errno });
const answered = (...values: number[]) => ({ kind: 'answered', payload: bytes(...values) });

describe('a request', () => {
  it('sleeps until the daemon of its user answers, and no longer', async () => {
    const { side, register } = scene();
    const [daemon, other] = [register(alice), register(bob)];
    const asked = side.request({ uid: alice.uid, payload: bytes(1, 2) });
    expect(other.receive()).toBeUndefined();
    answer(daemon, 3, 4);
    side.drain();
    expect(await asked).toEqual(answered(3, 4));
    expect(side.view().contexts.every(({ state }) => state === 'free')).toBe(true);
  });

  it('ends with ENOMSG when its time is up, with 32 contexts and 3 s by default', () => {
    const { side, clock, register } = scene();
    register(alice);
    expect(side.view().contexts).toHaveLength(32);
    const over: Outcome[] = [];
    side.ask({ uid: alice.uid, payload: bytes(1) }, (outcome) => over.push(outcome));
    clock.advance(2999);
    expect(over).toEqual([]);
    clock.advance(1);
    expect(over).toEqual([failed('ENOMSG')]);
  });

  it('is told its own deadline, whoever asked before and was answered', () => {
    const { side, clock, register } = scene({ timeoutMs: 100 });
    const daemon = register(alice);
    const over: string[] = [];
    const ask = (name: string) =>
      side.ask({ uid: alice.uid, payload: bytes(1) }, ({ kind }) => over.push(`${name} ${kind}`));
    ask('first');
    clock.advance(60);
    ask('second');
    answer(daemon, 9);
    side.drain();
    clock.advance(99);
    expect(over).toEqual(['first answered']);
    clock.advance(1);
    expect(over).toEqual(['first answered', 'second failed']);
  });

  it('is refused at once, as a value, where nothing can be done', async () => {
    const { side, register } = scene({ contexts: 1 });
    const ask = () => side.request({ uid: alice.uid, payload: bytes(1) });
    expect(await ask()).toEqual(failed('ENOTCONN'));
    const daemon = register(alice);
    void ask();
    expect(await ask()).toEqual(failed('ENOMEM'));
    answer(daemon, 1);
    side.drain();
    daemon.close();
    expect(await ask()).toEqual(failed('ECONNREFUSED'));
    register(alice);
    expect(await side.request({ uid: alice.uid, payload: new Uint8Array(200_000) })).toEqual(
      failed('EMSGSIZE'),
    );
  });

  it('is refused with EAGAIN while the daemon does not read, and loses no context by it', () => {
    const { side, register } = scene({ contexts: 32 });
    register(alice);
    const outcomes: Outcome[] = [];
    for (let nth = 0; nth < 10; nth += 1) {
      side.ask({ uid: alice.uid, payload: new Uint8Array(60_000) }, (one) => outcomes.push(one));
    }
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => failed('EAGAIN')));
    expect(side.view().contexts.filter(({ state }) => state === 'pending')).toHaveLength(4);
  });

  it('ends with ENOTCONN when the kernel side is closed, and is refused so afterwards', async () => {
    const { side, register } = scene();
    register(alice);
    const asked = side.request({ uid: alice.uid, payload: bytes(1) });
    side.close();
    side.close();
    expect(await asked).toEqual(failed('ENOTCONN'));
    expect(await side.request({ uid: alice.uid, payload: bytes(1) })).toEqual(failed('ENOTCONN'));
  });
});

describe('a reply', () => {
  it('is lost, comes twice, late, in another order or broken, and no answer is ever mixed up', () => {
    const { transport, side, clock, register, heard } = scene({ byWord: true, timeoutMs: 100 });
    const daemon = register(alice);
    const over: string[] = [];
    const ask = (name: string, value: number) => {
      side.ask({ uid: alice.uid, payload: bytes(value) }, (outcome) => {
        over.push(`${name} ${'payload' in outcome ? String(outcome.payload) : outcome.errno}`);
      });
    };
    ask('a', 1);
    ask('b', 2);
    ask('c', 3);
    transport.overtake({ nth: 2 });
    transport.deliverAll();
    for (const value of [33, 11, 22]) answer(daemon, value);
    expect(transport.underWay.map(({ from, to }) => [from, to])).toEqual([
      [alice, undefined],
      [alice, undefined],
      [alice, undefined],
    ]);
    transport.duplicate(0);
    transport.corrupt({ nth: 1, at: 8 });
    transport.lose(2);
    transport.deliverAll();
    side.drain();
    // c is answered, once; the sequence number of the reply to a is another; the reply to b is lost.
    expect(over).toEqual(['c 33']);
    expect(heard).toEqual([undefined, undefined, 'EINVAL', 'EINVAL']);
    clock.advance(100);
    expect(over).toEqual(['c 33', 'a ENOMSG', 'b ENOMSG']);
  });

  it('that is late finds nobody, also when its context serves another', () => {
    const { transport, side, clock, register, heard } = scene({
      byWord: true,
      timeoutMs: 100,
      contexts: 1,
    });
    const daemon = register(alice);
    const over: Outcome[] = [];
    const ask = () => side.ask({ uid: alice.uid, payload: bytes(1) }, (one) => over.push(one));
    ask();
    transport.deliverAll();
    answer(daemon, 7);
    clock.advance(100);
    ask();
    transport.deliver();
    side.drain();
    expect(heard.at(-1)).toBe('EINVAL');
    transport.deliverAll();
    answer(daemon, 8);
    transport.deliverAll();
    side.drain();
    expect(over).toEqual([failed('ENOMSG'), answered(8)]);
  });
});

describe('a registration', () => {
  it('tells the old daemon to quit, and reaches the new one', () => {
    const { side, register } = scene();
    const old = register(alice);
    const young = register({ ...alice, pid: 12 });
    expect(messageOf(old)).toEqual({ type: 'quit' });
    side.ask({ uid: alice.uid, payload: bytes(1) }, () => undefined);
    expect(old.receive()).toBeUndefined();
    expect(messageOf(young)).toMatchObject({ type: 'request', payload: bytes(1) });
  });

  it('that is said again changes nothing but how the process is reached', () => {
    const { side, register, heard } = scene();
    register(alice).close();
    const again = register(alice);
    register(alice);
    expect(heard).toEqual([undefined, undefined, undefined]);
    expect(again.receive()).toBeUndefined();
    expect(side.view().daemons).toEqual([alice]);
  });

  it('brings nothing to a process of another user that has the pid of a dead daemon', async () => {
    const { side, register } = scene();
    register(alice).close();
    const stranger = register({ uid: bob.uid, pid: alice.pid });
    expect(await side.request({ uid: alice.uid, payload: bytes(1) })).toEqual(
      failed('ECONNREFUSED'),
    );
    expect(stranger.receive()).toBeUndefined();
  });

  it('ends with QUIT, of the daemon itself only', async () => {
    const { side, register, transport, heard } = scene();
    const daemon = register(alice);
    const stranger = transport.connect({ ...alice, pid: 12 });
    stranger.send(toKernel, quit);
    side.drain();
    expect(side.view().daemons).toEqual([alice]);
    daemon.send(toKernel, quit);
    daemon.send(toKernel, bytes(1, 2, 3));
    side.drain();
    expect(heard).toEqual([undefined, 'EINVAL', undefined, '3 bytes are less than a header of 16']);
    expect(await side.request({ uid: alice.uid, payload: bytes(1) })).toEqual(failed('ENOTCONN'));
  });
});

describe('reading', () => {
  const failing = (reads: (string | Uint8Array)[], ends: string[]): End => ({
    send: () => undefined,
    receive: () => {
      const read = reads.shift();
      if (read === undefined) return undefined;
      if (typeof read === 'string') return { kind: 'error', errno: read };
      return { kind: 'datagram', from: alice, via: 1, bytes: read };
    },
    whenReadable: () => undefined,
    keep: () => true,
    forget: () => undefined,
    close: () => ends.push('closed'),
  });

  it('goes on after errors, and is given up above eight in a row', () => {
    const ends: string[] = [];
    const eight = Array.from({ length: 8 }, () => 'ENOBUFS');
    const side = new KernelSide({ end: failing([...eight, helo, ...eight], ends) });
    side.drain();
    expect([side.view().daemons, ends]).toEqual([[alice], []]);
    const other = new KernelSide({ end: failing([...eight, 'EIO', helo], ends) });
    other.drain();
    expect([other.view().daemons, ends]).toEqual([[], ['closed']]);
  });

  it('refuses to register a process that has died meanwhile', () => {
    const end = { ...failing([helo], []), keep: () => false };
    const side = new KernelSide({ end });
    side.drain();
    expect(side.view().daemons).toEqual([]);
  });
});

describe.each(transports)('over $name', ({ isMissing, ...transport }) => {
  const ends: { close(): void }[] = [];
  let side: KernelSide;
  afterEach(() => {
    for (const end of ends.splice(0)) end.close();
  });
  afterAll(removePaths);

  it.skipIf(isMissing)('reads by itself, and returns to who asked', async () => {
    const place = transport.open();
    const registered = new Promise<void>((resolve) => {
      ends.push(
        (side = new KernelSide({
          end: place.listen(),
          heard: () => {
            resolve();
          },
        })),
      );
    });
    const daemon = place.connect();
    ends.push(daemon);
    daemon.send(toKernel, helo);
    await registered;
    const asked = side.request({ uid: self.uid, payload: bytes(5) });
    answer(daemon, 6);
    expect(await asked).toEqual(answered(6));
  });
});
