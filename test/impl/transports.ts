import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials, End } from '../../impl/index.js';
import {
  connectChannel,
  connectNetlink,
  listenChannel,
  listenNetlink,
  MemoryTransport,
} from '../../impl/index.js';
import { lacksWhen } from '../needs.js';

/** Every transport, opened in the same way: one kernel side, and processes that are this one. */

/** A place that no other test has, in one of the transports. */
export interface Spot {
  listen(): End;
  connect(): End;
}

/** One transport. */
export interface Transport {
  readonly name: 'memory' | 'netlink' | 'channel';
  readonly isMissing: boolean;
  open(): Spot;
}

/** This process, as the system vouches for it. */
export const self: Credentials = { uid: process.getuid?.() ?? 0, pid: process.pid };

const folders: string[] = [];
let ports = 0;

/** A port that no other test has. */
export function freshPort(): number {
  ports += 2;
  return 0x5000_0000 + (process.pid % 0x8_0000) * 0x100 + ports;
}

/** A path for a channel that no other test has, in a folder that everybody may enter. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
  folders.push(folder);
  return join(folder, 'kernel');
}

/** Removes what was made for paths. */
export function removePaths(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

const netlink: Transport = {
  name: 'netlink',
  isMissing: lacksWhen(() => {
    listenNetlink({ port: 0 }).close();
  }),
  open: () => {
    const place = { port: freshPort() };
    return { listen: () => listenNetlink(place), connect: () => connectNetlink(place) };
  },
};

const channel: Transport = {
  name: 'channel',
  isMissing: lacksWhen(() => {
    listenChannel({ path: freshPath() }).close();
  }),
  open: () => {
    const place = { path: freshPath() };
    return { listen: () => listenChannel(place), connect: () => connectChannel(place) };
  },
};

const memory: Transport = {
  name: 'memory',
  isMissing: false,
  open: () => {
    const transport = new MemoryTransport();
    return { listen: () => transport.listen(), connect: () => transport.connect(self) };
  },
};

export const transports: readonly Transport[] = [memory, netlink, channel];
