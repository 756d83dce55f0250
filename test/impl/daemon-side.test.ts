import { describe, expect, it } from 'vitest';
import type { Answer, DaemonSideOptions, End, WireMessage } from '../../impl/index.js';
import {
  DaemonSide,
  decodeNetlinkMessage,
  encodeNetlinkMessage,
  KernelSide,
  ManualClock,
  MemoryTransport,
} from '../../impl/index.js';

/** The daemon side, over a transport and a clock that the test moves. */

const bytes = (...values: number[]) => Uint8Array.from(values);
const alice = { uid: 1001, pid: 11 };
const echo: Answer = (payload) => payload;

/** Lets everything happen that needs no clock. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

type Own = Partial<DaemonSideOptions> & { readonly queueBytesMax?: number };

function scene({ queueBytesMax, ...own }: Own = {}) {
  const transport = new MemoryTransport(queueBytesMax === undefined ? {} : { queueBytesMax });
  const clock = new ManualClock();
  const told: string[] = [];
  const kernel = transport.listen();
  const daemon = new DaemonSide({
    end: transport.connect(alice),
    answer: echo,
    kernelUids: [0],
    clock,
    told: (sentence) => told.push(sentence),
    ...own,
  });
  /** What has come to the kernel side. */
  const heard = (end: End = kernel): WireMessage[] => {
    const arrival = end.receive();
    return arrival?.kind === 'datagram' ? [decodeNetlinkMessage(arrival.bytes), ...heard(end)] : [];
  };
  const via = 1;
  const send = (message: WireMessage, end: End = kernel) =>
    end.send(via, encodeNetlinkMessage(message));
  const ask = (index: number, ...payload: number[]) =>
    send({ type: 'request', index, sequence: 100 + index, payload: bytes(...payload) });
  return { transport, clock, told, kernel, daemon, heard, send, ask, via };
}

const response = (index: number, ...payload: number[]) => ({
  type: 'response', index, sequence: 100 + index, payload: bytes(...payload),
}); // prettier-ignore

describe('a daemon', () => {
  it('registers, answers each request once with its own numbers, and unregisters when it is stopped', async () => {
    const { daemon, heard, ask } = scene();
    expect(heard()).toEqual([{ type: 'helo' }]);
    ask(3, 7);
    ask(1, 8, 9);
    await settled();
    expect(heard()).toEqual([response(3, 7), response(1, 8, 9)]);
    expect(await daemon.stop()).toEqual({ kind: 'stopped' });
    expect(heard()).toEqual([{ type: 'quit' }]);
    expect(ask(4, 1)).toBe('ECONNREFUSED');
    expect(await daemon.stop()).toEqual({ kind: 'stopped' });
  });

  it('serves one request at a time, and finishes it before it stops', async () => {
    const open: (() => void)[] = [];
    const slow: Answer = (payload) =>
      new Promise((resolve) => {
        open.push(() => {
          resolve(payload);
        });
      });
    const { daemon, heard, ask } = scene({ answer: slow });
    heard();
    ask(1, 1);
    ask(2, 2);
    await settled();
    expect(open).toHaveLength(1);
    const stopped = daemon.stop();
    open[0]?.();
    expect(await stopped).toEqual({ kind: 'stopped' });
    expect(heard()).toEqual([response(1, 1), { type: 'quit' }]);
    expect(open).toHaveLength(1);
  });

  it('ends when it is told to quit, and says nothing more', async () => {
    const { daemon, heard, send } = scene();
    heard();
    send({ type: 'quit' });
    expect(await daemon.ended).toEqual({ kind: 'told' });
    expect(await daemon.stop()).toEqual({ kind: 'told' });
    expect(heard()).toEqual([]);
  });

  it('leaves what it makes nothing of unanswered, and goes on', async () => {
    const bad: Answer = (payload) => {
      if (payload[0] === 1) throw new RangeError('secret 42');
      return payload[0] === 2 ? undefined : payload;
    };
    const { heard, ask, send, kernel, via, told } = scene({ answer: bad });
    heard();
    ask(1, 1);
    ask(2, 2);
    kernel.send(via, bytes(1, 2, 3));
    send({ type: 'helo' });
    send({ type: 'response', index: 1, sequence: 1, payload: bytes(1) });
    ask(3, 3);
    await settled();
    expect(heard()).toEqual([response(3, 3)]);
    expect(told).toHaveLength(2);
    expect(told[0]).toBe('a request is left unanswered, since the handler threw RangeError');
    expect(told[1]).toMatch(/^a datagram was passed over: /);
  });

  it('listens to nobody but a kernel side of the uids that it trusts', async () => {
    const { heard, ask, send, daemon, told } = scene({ kernelUids: [1] });
    heard();
    ask(1, 1);
    send({ type: 'quit' });
    await settled();
    expect(heard()).toEqual([]);
    expect(told[0]).toBe('a datagram of uid 0 was passed over: it is no kernel side');
    expect(await daemon.stop()).toEqual({ kind: 'stopped' });
  });

  it('registers with a kernel side that comes later, or that was started anew', () => {
    const { transport, clock, heard, kernel } = scene();
    heard();
    kernel.close();
    clock.advance(5000);
    const anew = new KernelSide({ end: transport.listen(), clock });
    expect(anew.view().daemons).toEqual([]);
    clock.advance(1000);
    anew.drain();
    expect(anew.view().daemons).toEqual([alice]);
  });

  it('says HELO once where it is not to renew it, and no more once it has ended', async () => {
    const once = scene({ renewMs: 0 });
    once.clock.advance(100_000);
    expect(once.heard()).toEqual([{ type: 'helo' }]);
    const { daemon, clock, heard } = scene();
    await daemon.stop();
    clock.advance(100_000);
    expect(heard()).toEqual([{ type: 'helo' }, { type: 'quit' }]);
  });

  it('sends a response again that found the queue full, and gives it up after a second', async () => {
    const { heard, ask, clock, told } = scene({ queueBytesMax: 16, renewMs: 0 });
    ask(1, 1);
    await settled();
    clock.advance(10);
    await settled();
    expect(heard()).toEqual([{ type: 'helo' }]);
    clock.advance(10);
    await settled();
    expect(heard()).toEqual([response(1, 1)]);
    ask(1, 1);
    await settled();
    ask(2, 2);
    for (let tries = 0; tries < 110; tries += 1) {
      await settled();
      clock.advance(10);
    }
    expect(told).toEqual(['a response was given up: the queue of the kernel side stayed full']);
  });

  it('is refused a response when the kernel side is gone, and goes on', async () => {
    const { ask, kernel, told, transport, heard, send } = scene();
    ask(1, 1);
    kernel.close();
    await settled();
    expect(told).toEqual(['a response was refused with ECONNREFUSED']);
    const anew = transport.listen();
    send({ type: 'request', index: 5, sequence: 105, payload: bytes(5) }, anew);
    await settled();
    expect(heard(anew)).toEqual([response(5, 5)]);
  });
});

describe('receiving', () => {
  const request = encodeNetlinkMessage({
    type: 'request',
    index: 1,
    sequence: 1,
    payload: bytes(1),
  });
  const helo = encodeNetlinkMessage({ type: 'helo' });
  const failures = (count: number) => Array.from({ length: count }, () => 'ENOBUFS');

  function reading(reads: (string | Uint8Array)[]): { ended: Promise<unknown>; sent: number[] } {
    const sent: number[] = [];
    const end: End = {
      send: (_, { length }) => {
        sent.push(length);
        return undefined;
      },
      receive: () => {
        const read = reads.shift();
        if (read === undefined) return undefined;
        if (typeof read === 'string') return { kind: 'error', errno: read };
        return { kind: 'datagram', from: { uid: 0, pid: 1 }, via: 0, bytes: read };
      },
      whenReadable: () => undefined,
      keep: () => true,
      forget: () => undefined,
      close: () => undefined,
    };
    const options = { end, answer: echo, kernelUids: [0], clock: new ManualClock() };
    return { ended: new DaemonSide(options).ended, sent };
  }

  it('may fail eight times in a row, and not nine', async () => {
    const { ended, sent } = reading([
      ...failures(8),
      request,
      ...failures(8),
      helo,
      ...failures(9),
    ]);
    expect(await ended).toEqual({
      kind: 'failed',
      errno: 'EIO',
      why: 'receiving failed 9 times in a row, the last time with ENOBUFS',
    });
    expect(sent).toEqual([16, 25]);
  });
});
