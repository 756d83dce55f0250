import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Errno } from '../../impl/index.js';
import {
  Asker,
  connectChannel,
  DaemonSide,
  decodeCall,
  decodeReturn,
  Door,
  encodeCall,
  encodeReturn,
  KernelSide,
  listenChannel,
  ManualClock,
  MemoryTransport,
  toKernel,
} from '../../impl/index.js';
import { freshPath, removePaths, self, transports } from './transports.js';

/** The general service: who asks, the kernel side and the daemon, each with an end of its own. */

const bytes = (...values: number[]) => Uint8Array.from(values);
const alice = { uid: 1001, pid: 11 };
const bob = { uid: 1002, pid: 22 };
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('calls and returns', () => {
  it('are the same after they were bytes', () => {
    const call = { number: 2 ** 32 - 1, payload: bytes(1, 2) };
    expect(decodeCall(encodeCall(call))).toEqual(call);
    const errnos: Errno[] = [
      'EAGAIN', 'ENOMEM', 'EINVAL', 'ENOMSG', 'EBADMSG', 'EMSGSIZE', 'ENOTCONN', 'ETIMEDOUT', 'ECONNREFUSED',
    ]; // prettier-ignore
    for (const errno of errnos) {
      const failed = { number: 1, outcome: { kind: 'failed', errno } } as const;
      expect(decodeReturn(encodeReturn(failed))).toEqual(failed);
    }
    const answered = { number: 1, outcome: { kind: 'answered', payload: bytes() } } as const;
    expect(decodeReturn(encodeReturn(answered))).toEqual(answered);
  });

  it('are nothing else, however near', () => {
    const call = encodeCall({ number: 1, payload: bytes(1) });
    const answer = encodeReturn({ number: 1, outcome: { kind: 'failed', errno: 'EINVAL' } });
    for (const one of [call, answer]) {
      for (let length = 0; length < one.length; length += 1) {
        expect(decodeCall(one.subarray(0, length))).toBeUndefined();
        expect(decodeReturn(one.subarray(0, length))).toBeUndefined();
      }
      const longer = Uint8Array.from([...one, 0]);
      expect([decodeCall(longer), decodeReturn(longer)]).toEqual([undefined, undefined]);
    }
    expect([decodeCall(answer), decodeReturn(call)]).toEqual([undefined, undefined]);
    const unknown = answer.slice();
    unknown[16] = 250;
    expect(decodeReturn(unknown)).toBeUndefined();
  });
});

function scene() {
  const daemons = new MemoryTransport();
  const doors = new MemoryTransport();
  const clock = new ManualClock();
  const side = new KernelSide({ end: daemons.listen(), clock, contexts: 2, timeoutMs: 100 });
  const door = new Door({ end: doors.listen(), side });
  const serve = (from: typeof alice, mark: number) =>
    new DaemonSide({
      end: daemons.connect(from),
      answer: (payload) => Uint8Array.from([mark, ...payload]),
      kernelUids: [0],
      clock,
      renewMs: 0,
    });
  const asker = (from: typeof alice) =>
    new Asker({ end: doors.connect(from), kernelUids: [0], clock, patienceMs: 1000 });
  return { daemons, doors, clock, side, door, serve, asker };
}

describe('asking at the door', () => {
  it('reaches the daemon of the user who asks, whatever it says', async () => {
    const { serve, asker } = scene();
    serve(alice, 0xa);
    serve(bob, 0xb);
    await settled();
    const [one, other] = [asker({ ...alice, pid: 91 }), asker({ ...bob, pid: 92 })];
    const outcomes = await Promise.all([one.ask(bytes(1)), other.ask(bytes(2)), one.ask(bytes(3))]);
    expect(outcomes).toEqual([
      { kind: 'answered', payload: bytes(0xa, 1) },
      { kind: 'answered', payload: bytes(0xb, 2) },
      { kind: 'failed', errno: 'ENOMEM' },
    ]);
  });

  it('returns what the kernel side refuses, and a time-out', async () => {
    const { daemons, asker, clock, side } = scene();
    const one = asker(alice);
    expect(await one.ask(bytes(1))).toEqual({ kind: 'failed', errno: 'ENOTCONN' });
    // A daemon that registers and does not answer.
    const silent = daemons.connect(alice);
    silent.send(toKernel, Uint8Array.of(16, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    side.drain();
    const asked = one.ask(bytes(1));
    await settled();
    clock.advance(100);
    expect(await asked).toEqual({ kind: 'failed', errno: 'ENOMSG' });
  });

  it('has patience with a kernel side that keeps silent, to an end', async () => {
    const { doors, clock } = scene();
    const mute = doors.listen();
    const one = new Asker({ end: doors.connect(alice), kernelUids: [0], clock, patienceMs: 1000 });
    const asked = one.ask(bytes(1));
    // What comes by itself, and from whom one does not trust, is no return.
    const other = new Asker({ end: doors.connect(bob), kernelUids: [7], clock, patienceMs: 1000 });
    const mistrusted = other.ask(bytes(2));
    for (let arrival = mute.receive(); arrival?.kind === 'datagram'; arrival = mute.receive()) {
      mute.send(arrival.via, bytes(1, 2, 3));
      if (arrival.from.uid !== bob.uid) continue;
      const outcome = { kind: 'answered', payload: bytes(9) } as const;
      mute.send(arrival.via, encodeReturn({ number: 1, outcome }));
    }
    await settled();
    clock.advance(1000);
    expect(await asked).toEqual({ kind: 'failed', errno: 'ETIMEDOUT' });
    expect(await mistrusted).toEqual({ kind: 'failed', errno: 'ETIMEDOUT' });
  });

  it('is refused at a closed door, and ends with the one who asks', async () => {
    const { door, asker, serve, clock } = scene();
    serve(alice, 1);
    const one = asker(alice);
    door.close();
    expect(await one.ask(bytes(1))).toEqual({ kind: 'failed', errno: 'ECONNREFUSED' });
    const other = scene().asker(alice);
    const asked = other.ask(bytes(1));
    other.close();
    expect(await asked).toEqual({ kind: 'failed', errno: 'ENOTCONN' });
    clock.advance(5000);
  });

  it('owes a process that has ended nothing, and its successor neither', () => {
    const { side, daemons } = scene();
    const returns: number[] = [];
    const kept: string[] = [];
    const daemon = daemons.connect(alice);
    daemon.send(toKernel, Uint8Array.of(16, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    side.drain();
    const reads: number[] = [];
    const door = new Door({
      side,
      end: {
        send: (via) => {
          returns.push(via);
          return undefined;
        },
        receive: () => {
          const pid = reads.shift();
          if (pid === undefined) return undefined;
          const call = encodeCall({ number: pid, payload: bytes(pid) });
          return { kind: 'datagram', from: { ...alice, pid }, via: 5, bytes: call };
        },
        whenReadable: () => undefined,
        keep: (_, pid) => {
          kept.push(`keep ${pid}`);
          return true;
        },
        forget: () => kept.push('forget'),
        close: () => undefined,
      },
    });
    const deliver = (pid: number) => {
      reads.push(pid);
      door.drain();
    };
    deliver(1);
    deliver(2);
    // Both requests end; only the process that has the number now is returned to.
    side.close();
    expect(returns).toEqual([5]);
    expect(kept).toEqual(['keep 1', 'keep 2', 'forget']);
  });
});

/** So long nothing takes, however busy the machine is. */
const minuteMs = 60_000;

describe.each(transports)('the service over $name', ({ isMissing, ...transport }) => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });
  afterAll(removePaths);

  it.skipIf(isMissing)('answers hundreds of questions of several who ask at once', async () => {
    const [daemons, doors] = [transport.open(), transport.open()];
    const registered = new Promise<void>((resolve) => {
      const side = new KernelSide({
        end: daemons.listen(),
        contexts: 300,
        timeoutMs: minuteMs,
        heard: () => {
          resolve();
        },
      });
      const door = new Door({ end: doors.listen(), side });
      open.push(() => {
        side.close();
        door.close();
      });
    });
    const kernelUids = [0, self.uid];
    const answer = async (payload: Uint8Array) => {
      await Promise.resolve();
      return payload.toReversed();
    };
    const daemon = new DaemonSide({ end: daemons.connect(), answer, kernelUids });
    open.unshift(() => daemon.stop());
    await registered;
    const connected = () => {
      const asker = new Asker({ end: doors.connect(), kernelUids, patienceMs: minuteMs });
      open.push(() => {
        asker.close();
      });
      return asker;
    };
    const [one, other] = [connected(), connected()];
    const asked = Array.from({ length: 300 }, (_, nth) =>
      (nth % 2 === 0 ? one : other).ask(bytes(nth % 256, nth >> 8, 7)),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes).toEqual(
      outcomes.map((_, nth) => ({ kind: 'answered', payload: bytes(7, nth >> 8, nth % 256) })),
    );
  });
});

describe('a kernel side that is killed', () => {
  const isMissing = transports.some(({ name, isMissing }) => name === 'channel' && isMissing);

  it.skipIf(isMissing)('is noticed at once by whoever asks over a channel', async () => {
    const path = freshPath();
    const kernel = listenChannel({ path });
    const own = process.getuid?.() ?? 0;
    // A clock that stands still: only the end of the channel can end the call.
    const clock = new ManualClock();
    const asker = new Asker({ end: connectChannel({ path }), kernelUids: [own], clock });
    const asked = asker.ask(bytes(1));
    expect(kernel.receive()?.kind).toBe('datagram');
    kernel.close();
    expect(await asked).toEqual({ kind: 'failed', errno: 'ECONNRESET' });
    expect(await asker.ask(bytes(2))).toEqual({ kind: 'failed', errno: 'ECONNREFUSED' });
    asker.close();
  });

  it.skipIf(isMissing)('leaves a daemon that comes back to the next one', async () => {
    const path = freshPath();
    const own = process.getuid?.() ?? 0;
    const first = listenChannel({ path });
    const [clock, told] = [new ManualClock(), [] as string[]];
    const daemon = new DaemonSide({
      end: connectChannel({ path }),
      answer: (payload) => payload,
      kernelUids: [own],
      clock,
      told: (sentence) => told.push(sentence),
    });
    first.close();
    await vi.waitUntil(() => told.length > 0, { timeout: minuteMs });
    expect(told[0]).toContain('the kernel side closed the channel');
    const second = listenChannel({ path });
    clock.advance(1000);
    expect(second.receive()).toMatchObject({ kind: 'datagram', from: { uid: own } });
    expect(await daemon.stop()).toEqual({ kind: 'stopped' });
    second.close();
  });
});
