import { describe, expect, it } from 'vitest';
import type { Message } from '../../impl/index.js';
import { drive, Kernel, MemoryTransport } from '../../impl/index.js';

const request = (index: number): Message => ({
  type: 'request',
  index,
  sequence: 1,
  payload: Uint8Array.from([index]),
});
const alice = { uid: 1001, pid: 11 };

describe('the memory transport', () => {
  it('keeps the messages of each process apart, oldest first', () => {
    const transport = new MemoryTransport();
    transport.open(11);
    transport.open(22);
    for (const [pid, index] of [[11, 1], [22, 2], [11, 3]] as const) {
      expect(transport.send(pid, request(index))).toBeUndefined();
    } // prettier-ignore
    expect([transport.receive(11), transport.receive(11)]).toEqual([request(1), request(3)]);
    expect([transport.receive(11), transport.receive(22)]).toEqual([undefined, request(2)]);
  });

  it('leaves the queue of a process that lives alone when it comes to life again', () => {
    const transport = new MemoryTransport();
    transport.open(11);
    transport.send(11, request(1));
    transport.open(11);
    expect(transport.receive(11)).toEqual(request(1));
  });

  it('takes nothing for a process that is dead, and forgets what was in its queue', () => {
    const transport = new MemoryTransport();
    expect(transport.receive(11)).toBeUndefined();
    expect(transport.send(11, request(1))).toBe('ECONNREFUSED');
    transport.open(11);
    transport.send(11, request(1));
    transport.close(11);
    expect(transport.send(11, request(2))).toBe('ECONNREFUSED');
    transport.open(11);
    expect(transport.receive(11)).toBeUndefined();
  });
});

describe('driving a kernel', () => {
  it('sends what it has to send, and returns the rest', () => {
    const kernel = new Kernel({ contexts: 1, timeoutMs: 100 });
    const transport = new MemoryTransport();
    const payload = Uint8Array.from([7]);
    transport.open(alice.pid);
    drive(kernel, transport, { kind: 'helo', from: alice }, 0);
    const ask = { kind: 'request', task: 1, uid: alice.uid, payload } as const;
    expect(drive(kernel, transport, ask, 0)).toEqual([]);
    expect(transport.receive(alice.pid)).toEqual({
      type: 'request',
      index: 0,
      sequence: 1,
      payload,
    });
    expect(kernel.view().contexts[0]?.state).toBe('pending');
    expect(drive(kernel, transport, { kind: 'tick' }, 100)).toEqual([{ kind: 'wake', task: 1 }]);
  });
});
