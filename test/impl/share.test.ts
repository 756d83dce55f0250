import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../impl/index.js';
import {
  Asker,
  DaemonSide,
  decodeReturn,
  Door,
  encodeCall,
  encodeNetlinkMessage,
  KernelSide,
  limited,
  ManualClock,
  MemoryTransport,
  toKernel,
} from '../../impl/index.js';

/** What one user can take from another at the door of a kernel side, and what a caller does about it. */

const bytes = (...values: number[]) => Uint8Array.from(values);
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const failed = (errno: string) => ({ kind: 'failed', errno });

interface SceneOptions {
  readonly contexts: number;
  readonly callsPerUser?: number;
  /** How many bytes wait at one end before a sender is refused. */
  readonly queueBytesMax?: number;
}

function scene({ contexts, callsPerUser, queueBytesMax = 212_992 }: SceneOptions) {
  const daemons = new MemoryTransport();
  const doors = new MemoryTransport({ queueBytesMax });
  const clock = new ManualClock();
  const side = new KernelSide({ end: daemons.listen(), clock, contexts, timeoutMs: 3000 });
  const door = new Door({ end: doors.listen(), side, callsPerUser, clock });
  /** A daemon that reads nothing, so that its user's requests stay where they are. */
  const silent = (uid: number) => {
    const end = daemons.connect({ uid, pid: uid });
    end.send(toKernel, encodeNetlinkMessage({ type: 'helo' }));
    side.drain();
    return end;
  };
  const serve = (uid: number) =>
    new DaemonSide({
      end: daemons.connect({ uid, pid: uid }),
      answer: (payload) => payload,
      kernelUids: [0],
      clock,
      renewMs: 0,
    });
  let pid = 1000;
  /** Calls by hand, each from a process of its own; returns how many the door or the core refused at once. */
  const call = (uid: number, times: number): string[] => {
    const ends = Array.from({ length: times }, () => doors.connect({ uid, pid: ++pid }));
    for (const end of ends) end.send(toKernel, encodeCall({ number: 1, payload: bytes(1) }));
    door.drain();
    return ends.flatMap((end) => {
      const arrival = end.receive();
      const said = arrival?.kind === 'datagram' ? decodeReturn(arrival.bytes) : undefined;
      return said?.outcome.kind === 'failed' ? [said.outcome.errno] : [];
    });
  };
  const asker = (uid: number, patienceMs = 10_000) =>
    new Asker({ end: doors.connect({ uid, pid: ++pid }), kernelUids: [0], clock, patienceMs });
  return { daemons, doors, clock, side, door, silent, serve, call, asker };
}

describe('the share of a user', () => {
  it('is 12 of 32 contexts while nobody else asks, however many processes the user has', () => {
    const { silent, call, side } = scene({ contexts: 32 });
    silent(1);
    expect(call(1, 100)).toEqual(Array.from({ length: 88 }, () => 'EAGAIN'));
    expect(side.contextsFree).toBe(20);
  });

  it('leaves a context to the next user while fewer users hog than a quarter of the contexts', () => {
    for (const contexts of [2, 4, 5, 8, 32, 33, 100]) {
      for (let hogs = 1; hogs < Math.max(2, Math.ceil(contexts / 4)); hogs += 1) {
        const { silent, call, side } = scene({ contexts });
        for (let uid = 1; uid <= hogs; uid += 1) {
          silent(uid);
          call(uid, contexts + 1);
        }
        expect(side.contextsFree).toBeGreaterThan(0);
        silent(99);
        expect(call(99, 1)).toEqual([]);
      }
    }
  });

  it('lets all 860 requests of another user through while one user takes all it can', async () => {
    const { silent, serve, call, asker, side } = scene({ contexts: 32 });
    silent(1);
    serve(2);
    side.drain();
    const bob = asker(2);
    const outcomes: Outcome[] = [];
    for (let nth = 0; nth < 860; nth += 1) {
      call(1, 2);
      outcomes.push(await bob.ask(bytes(nth & 0xff)));
    }
    expect(outcomes.filter(({ kind }) => kind === 'answered')).toHaveLength(860);
  });

  it('is free again when the requests of the user have ended', () => {
    const { silent, call, clock } = scene({ contexts: 4 });
    silent(1);
    expect(call(1, 4)).toEqual(['EAGAIN', 'EAGAIN']);
    clock.advance(3000);
    expect(call(1, 4)).toEqual(['EAGAIN', 'EAGAIN']);
    expect(call(2, 1)).toEqual(['ENOTCONN']);
  });

  it('can be set, and leaves the rules of the core as they are', () => {
    const { silent, call } = scene({ contexts: 4, callsPerUser: 3 });
    silent(1);
    silent(2);
    expect(call(1, 5)).toEqual(['EAGAIN', 'EAGAIN']);
    expect(call(2, 2)).toEqual(['ENOMEM']);
    expect(call(3, 1)).toEqual(['ENOTCONN']);
    for (const callsPerUser of [0, 1.5, -1]) {
      expect(() => scene({ contexts: 4, callsPerUser })).toThrow(
        `callsPerUser is ${callsPerUser}; use a whole number above 0`,
      );
    }
  });

  it('is not given back while a caller does not read its returns, for a second at most', () => {
    const { doors, door, clock } = scene({ contexts: 2, queueBytesMax: 1 });
    const slow = doors.connect({ uid: 1, pid: 7 });
    const ask = () => {
      slow.send(toKernel, encodeCall({ number: 1, payload: bytes(1) }));
      door.drain();
    };
    ask();
    ask();
    // The first return fills the queue of the caller, the second waits at the door.
    clock.advance(990);
    expect(slow.receive()?.kind).toBe('datagram');
    expect(slow.receive()).toBeUndefined();
    clock.advance(10);
    expect(slow.receive()?.kind).toBe('datagram');
    ask();
    ask();
    clock.advance(1010);
    expect(slow.receive()?.kind).toBe('datagram');
    clock.advance(5000);
    expect(slow.receive()).toBeUndefined();
  });
});

describe('a caller', () => {
  it('asks again when its share is used up, and all of a burst are answered in the end', async () => {
    const { serve, asker, side, clock } = scene({ contexts: 2 });
    serve(1);
    side.drain();
    const alice = asker(1);
    const asked = Promise.all(Array.from({ length: 50 }, (_, nth) => alice.ask(bytes(nth))));
    for (let turn = 0; turn < 200; turn += 1) {
      await settled();
      clock.advance(2);
    }
    expect(await asked).toEqual(
      Array.from({ length: 50 }, (_, nth) => ({ kind: 'answered', payload: bytes(nth) })),
    );
  });

  it('sends again while the queue of the door is full, and says EAGAIN when its patience is over', async () => {
    const { doors, serve, side, door, clock, asker } = scene({ contexts: 2, queueBytesMax: 20 });
    serve(1);
    side.drain();
    const flood = doors.connect({ uid: 2, pid: 9 });
    const fill = () => {
      while (flood.send(toKernel, new Uint8Array(30)) === undefined);
    };
    fill();
    const alice = asker(1, 1000);
    const asked = alice.ask(bytes(1));
    door.drain();
    clock.advance(10);
    await settled();
    clock.advance(10);
    expect(await asked).toEqual({ kind: 'answered', payload: bytes(1) });
    const mute = new MemoryTransport({ queueBytesMax: 20 });
    mute.listen();
    mute.connect({ uid: 2, pid: 9 }).send(toKernel, new Uint8Array(30));
    const end = mute.connect({ uid: 1, pid: 8 });
    const other = new Asker({ end, kernelUids: [0], clock, patienceMs: 1000 });
    const refused = other.ask(bytes(2));
    clock.advance(1000);
    expect(await refused).toEqual(failed('EAGAIN'));
  });

  it('learns at once that its channel is closed, and ends with what else its end says', async () => {
    const clock = new ManualClock();
    const arrivals = [{ kind: 'error', errno: 'ENOBUFS' } as const, { kind: 'gone' } as const];
    let wake: () => void = () => undefined;
    const end = {
      send: () => undefined,
      receive: () => arrivals.shift(),
      whenReadable: (ring: () => void) => (wake = ring),
      keep: () => true,
      forget: () => undefined,
      close: () => undefined,
    };
    const alice = new Asker({ end, kernelUids: [0], clock });
    const asked = Promise.all([alice.ask(bytes(1)), alice.ask(bytes(2))]);
    wake();
    expect(await asked).toEqual([failed('ECONNRESET'), failed('ECONNRESET')]);
  });
});

describe('complaints', () => {
  it('are told up to a number in each period, and the others are counted', () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const tell = limited((sentence) => told.push(sentence), {
      clock,
      perPeriod: 2,
      periodMs: 1000,
    });
    for (let nth = 1; nth <= 100_000; nth += 1) tell(`complaint ${nth}`);
    clock.advance(999);
    tell('late');
    expect(told).toEqual(['complaint 1', 'complaint 2']);
    clock.advance(1);
    tell('new');
    expect(told.slice(2)).toEqual(['99999 more messages were left out', 'new']);
  });
});
