import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Arrival, End } from '../../impl/index.js';
import { datagramBytesMax, toKernel } from '../../impl/index.js';
import type { Spot } from './transports.js';
import { removePaths, self, transports } from './transports.js';

/** The contract of every transport: one suite for all. */

const bytes = (...values: number[]) => Uint8Array.from(values);
const open: End[] = [];
afterEach(() => {
  for (const end of open.splice(0)) end.close();
});
afterAll(removePaths);

const kept = (end: End): End => {
  open.push(end);
  return end;
};

function datagram(arrival: Arrival | undefined): Arrival & { kind: 'datagram' } {
  if (arrival?.kind === 'datagram') return arrival;
  throw new Error(`a datagram was expected, and ${JSON.stringify(arrival)} came`);
}

/** The next datagram, when it comes; without a clock. */
const next = (end: End) =>
  new Promise<Arrival & { kind: 'datagram' }>((resolve) => {
    const look = () => {
      const arrival = end.receive();
      if (arrival === undefined) end.whenReadable(look);
      else resolve(datagram(arrival));
    };
    look();
  });

function received(end: End): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let arrival = end.receive(); arrival !== undefined; arrival = end.receive()) {
    all.push(datagram(arrival).bytes);
  }
  return all;
}

describe.each(transports)('the transport $name', ({ isMissing, ...transport }) => {
  const spot = () => transport.open();
  const meet = (place: Spot = spot()) => ({
    place,
    kernel: kept(place.listen()),
    process: kept(place.connect()),
  });

  it.skipIf(isMissing)('says who sends, and brings an answer back to that process alone', () => {
    const { kernel, process, place } = meet();
    const other = kept(place.connect());
    expect(process.send(toKernel, bytes(1, 2, 3))).toBeUndefined();
    expect(other.send(toKernel, bytes(4))).toBeUndefined();
    const [first, second] = [datagram(kernel.receive()), datagram(kernel.receive())];
    expect([first.from, second.from]).toEqual([self, self]);
    expect([first, second].map((one) => [...one.bytes])).toEqual([[1, 2, 3], [4]]);
    expect(first.via).not.toBe(second.via);
    expect(kernel.send(second.via, bytes(5))).toBeUndefined();
    expect(received(other)).toEqual([bytes(5)]);
    expect(process.receive()).toBeUndefined();
  });

  it.skipIf(isMissing)('keeps datagrams apart and in order, and whole up to the longest', () => {
    const { kernel, process } = meet();
    const lengths = [1, 2, 1024, 70_000, 1, datagramBytesMax];
    const sent = lengths.map((length, nth) => new Uint8Array(length).fill(nth + 1));
    const came = sent.map((one) => {
      expect(process.send(toKernel, one)).toBeUndefined();
      return datagram(kernel.receive());
    });
    expect(came.map((one) => one.bytes.length)).toEqual(lengths);
    expect(came.every((one, nth) => one.bytes.every((byte) => byte === nth + 1))).toBe(true);
    const via = came[0]?.via ?? 0;
    for (const one of sent.slice(0, 3)) expect(kernel.send(via, one)).toBeUndefined();
    expect(received(process)).toEqual(sent.slice(0, 3));
  });

  it.skipIf(isMissing)('refuses what is empty or too long, and sends nothing of it', () => {
    const { kernel, process } = meet();
    expect(process.send(toKernel, bytes())).toBe('EINVAL');
    expect(process.send(toKernel, new Uint8Array(datagramBytesMax + 1))).toBe('EMSGSIZE');
    expect(kernel.receive()).toBeUndefined();
  });

  it.skipIf(isMissing)(
    'refuses the sender when the queue is full, and not when there is room again',
    () => {
      const { kernel, process } = meet();
      process.send(toKernel, bytes(1));
      const { via } = datagram(kernel.receive());
      const large = new Uint8Array(50_000);
      let sent = 0;
      while (sent < 1000 && kernel.send(via, large) === undefined) sent += 1;
      expect(kernel.send(via, large)).toBe('EAGAIN');
      expect(sent).toBeGreaterThan(1);
      expect(sent).toBeLessThan(100);
      expect(received(process)).toHaveLength(sent);
      expect(kernel.send(via, large)).toBeUndefined();
    },
  );

  it.skipIf(isMissing)(
    'refuses to send to a process that has ended, and loses what waited for it',
    () => {
      const { kernel, process, place } = meet();
      process.send(toKernel, bytes(1));
      const { via } = datagram(kernel.receive());
      expect(kernel.keep(via, self.pid)).toBe(true);
      kernel.send(via, bytes(2));
      process.close();
      expect(kernel.send(via, bytes(3))).toBe('ECONNREFUSED');
      expect(process.receive()).toBeUndefined();
      const successor = kept(place.connect());
      successor.send(toKernel, bytes(4));
      expect(received(successor)).toEqual([]);
      kernel.forget(via);
    },
  );

  it.skipIf(isMissing)(
    'refuses to send where there is no kernel side, and finds the next one',
    () => {
      const place = spot();
      const process = kept(place.connect());
      expect(process.send(toKernel, bytes(1))).toBe('ECONNREFUSED');
      const first = kept(place.listen());
      expect(process.send(toKernel, bytes(2))).toBeUndefined();
      expect(received(first)).toEqual([bytes(2)]);
      first.close();
      expect(process.send(toKernel, bytes(3))).toBe('ECONNREFUSED');
      const second = kept(place.listen());
      expect(process.send(toKernel, bytes(4))).toBeUndefined();
      expect(received(second)).toEqual([bytes(4)]);
      expect(process.receive()).toBeUndefined();
    },
  );

  it.skipIf(isMissing)('wakes once who waits to read, also for what is there already', async () => {
    const { kernel, process } = meet();
    const coming = next(kernel);
    process.send(toKernel, bytes(1));
    const { via, bytes: came } = await coming;
    expect([...came]).toEqual([1]);
    kernel.send(via, bytes(2));
    expect([...(await next(process)).bytes]).toEqual([2]);
    let wakes = 0;
    kernel.whenReadable(() => (wakes += 1));
    process.send(toKernel, bytes(3));
    process.send(toKernel, bytes(4));
    await next(kernel);
    await next(kernel);
    expect(wakes).toBeLessThanOrEqual(1);
  });

  it.skipIf(isMissing)('wakes a process whose kernel side is there only later', async () => {
    const place = spot();
    const process = kept(place.connect());
    const coming = next(process);
    expect(process.send(toKernel, bytes(1))).toBe('ECONNREFUSED');
    const kernel = kept(place.listen());
    process.send(toKernel, bytes(2));
    kernel.send((await next(kernel)).via, bytes(3));
    expect([...(await coming).bytes]).toEqual([3]);
  });

  it.skipIf(isMissing)('is quiet once it is closed, however often', () => {
    const { kernel, process } = meet();
    process.send(toKernel, bytes(1));
    kernel.close();
    kernel.close();
    expect([kernel.receive(), kernel.send(1, bytes(1))]).toEqual([undefined, 'ECONNREFUSED']);
    kernel.whenReadable(() => expect.unreachable());
    process.close();
    process.close();
    expect([process.receive(), process.send(toKernel, bytes(1))]).toEqual([
      undefined,
      'ECONNREFUSED',
    ]);
  });

  it.skipIf(isMissing)('knows nobody by a number that it never gave', () => {
    const { kernel } = meet();
    expect(kernel.send(0x7fff_fff0, bytes(1))).toBe('ECONNREFUSED');
  });

  it.skipIf(isMissing)('brings any bytes as they are', () => {
    const { kernel, process } = meet();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (any) => {
        expect(process.send(toKernel, any)).toBeUndefined();
        expect(received(kernel)).toEqual([any]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
