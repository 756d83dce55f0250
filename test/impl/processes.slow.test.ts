import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { KernelSide, listenChannel, listenNetlink } from '../../impl/index.js';
import { Party } from '../../conformance/subjects/parties.js';
import { lacksWhen } from '../needs.js';
import { transpiled } from '../transpiled.js';
import { freshPath, freshPort, removePaths, transports } from './transports.js';

/** Real processes of several users, and what one of them cannot do to another. */

const isMissing =
  transports.some((one) => one.isMissing) ||
  lacksWhen(() => {
    if (process.getuid?.() !== 0) throw new Error('processes of several users need root');
  });
const open: { kill?(): Promise<void>; close?(): void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.kill?.();
    one.close?.();
  }
});
const programs = transpiled();
const program = programs.path('conformance/subjects/party.js');
afterAll(() => {
  programs.remove();
  removePaths();
});

const alice = 60_101;
const bob = 60_102;
const kept = <T extends (typeof open)[number]>(one: T): T => {
  open.push(one);
  return one;
};
const person = (uid: number) => kept(new Party({ uid, deadlineMs: 60_000, program }));
const failed = (errno: string) => ({ kind: 'failed', errno });

describe('over netlink', () => {
  const scene = async () => {
    const place = { transport: 'netlink', port: freshPort() } as const;
    const side = kept(new KernelSide({ end: listenNetlink(place), timeoutMs: 60_000 }));
    const daemon = person(alice);
    await daemon.order({ do: 'connect', place });
    await daemon.order({ do: 'say', type: 'helo' });
    side.drain();
    expect(side.view().daemons).toEqual([{ uid: alice, pid: daemon.pid }]);
    return { place, side, daemon };
  };

  it.skipIf(isMissing)(
    'whoever takes the port of a dead daemon gets nothing of its user',
    async () => {
      const { side, daemon } = await scene();
      await daemon.kill();
      // The system gave the daemon a port after its pid.
      const thief = kept(listenNetlink({ port: daemon.pid }));
      const asked = await side.request({ uid: alice, payload: Uint8Array.of(42) });
      expect(asked).toEqual(failed('ECONNREFUSED'));
      expect(thief.receive()).toBeUndefined();
    },
  );

  it.skipIf(isMissing)(
    'a stranger neither answers, nor unregisters, nor registers for another',
    async () => {
      const { place, side, daemon } = await scene();
      const stranger = person(bob);
      await stranger.order({ do: 'connect', place });
      void side.request({ uid: alice, payload: Uint8Array.of(42) });
      const { events = [] } = await daemon.order({ do: 'read', to: 1, most: 1 });
      expect(events).toMatchObject([{ type: 'request', index: 0, payload: '2a' }]);
      await stranger.order({ do: 'respond', index: 0, sequence: 1, payload: 'ff' });
      await stranger.order({ do: 'say', type: 'quit' });
      // A HELO with the port of the daemon in its header is the stranger's all the same.
      const header = Buffer.alloc(16);
      header.writeUInt32LE(16, 0);
      header.writeUInt16LE(100, 4);
      header.writeUInt32LE(daemon.pid, 12);
      await stranger.order({ do: 'raw', bytes: header.toString('hex') });
      side.drain();
      expect(side.view().daemons).toEqual([
        { uid: alice, pid: daemon.pid },
        { uid: bob, pid: stranger.pid },
      ]);
      expect(side.view().contexts[0]?.state).toBe('pending');
    },
  );
});

describe('over channel', () => {
  it.skipIf(isMissing)('a user is known by its process, and its death at once', async () => {
    const path = freshPath();
    chmodSync(dirname(path), 0o755);
    const side = kept(new KernelSide({ end: listenChannel({ path }), timeoutMs: 60_000 }));
    const daemon = person(alice);
    await daemon.order({ do: 'connect', place: { transport: 'channel', path } });
    await daemon.order({ do: 'say', type: 'helo' });
    side.drain();
    expect(side.view().daemons).toEqual([{ uid: alice, pid: daemon.pid }]);
    expect(await side.request({ uid: bob, payload: Uint8Array.of(1) })).toEqual(failed('ENOTCONN'));
    await daemon.kill();
    side.drain();
    const asked = await side.request({ uid: alice, payload: Uint8Array.of(42) });
    expect(asked).toEqual(failed('ECONNREFUSED'));
  });
});
