import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';

/** Adapters that listen on a socket. */

const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
const children: ChildProcess[] = [];
const said = captured();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts an adapter that listens, and gives its address. */
async function listening(where: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['test/adapters/listening.mjs', where, ...args]);
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the adapter ended before it said where it listens');
}

const few = ['run', '--filter', 'paths/machine.reply'];

describe('--connect', () => {
  it.each([
    ['unix', join(folder, 'socket')],
    ['tcp', '0'],
  ])('holds an adapter that listens by %s', async (kind, where) => {
    const address = await listening(where);
    expect(address).toMatch(new RegExp(`^${kind}:`));
    expect(await said.msgctx(...few, '--connect', address)).toBe(0);
    expect(said.out).toContain('msgctx-example-javascript');
    // It listens on, and holds the next run as well.
    expect(await said.msgctx(...few, '--connect', address)).toBe(0);
  });

  it('names itself in the command that shows a failure again', async () => {
    const address = await listening('0', '--fault', 'skips-sequence-check');
    expect(await said.msgctx(...few, '--connect', address)).toBe(1);
    expect(said.out).toContain('again:       msgctx run --filter');
    expect(said.out).toContain(` --connect ${address}`);
  });

  it('says that nobody listens, with exit 3', async () => {
    const address = `unix:${join(folder, 'nobody')}`;
    expect(await said.msgctx(...few, '--connect', address)).toBe(3);
    expect(said.err).toMatch(
      /^msgctx: the adapter "unix:\S+" could not be reached \(.*ENOENT.*\); its/,
    );
  });

  it('says that the connection was closed, with exit 3', async () => {
    const path = join(folder, 'closing');
    const server = createServer((socket) => socket.destroy());
    server.listen(path);
    await once(server, 'listening');
    expect(await said.msgctx(...few, '--connect', `unix:${path}`)).toBe(3);
    expect(said.err).toContain('closed the connection, during initialize');
    server.close();
  });

  it.each(['unix:', 'tcp:example.org:80', 'tcp:127.0.0.1:0', 'tcp:127.0.0.1:65536', 'localhost'])(
    '%s: exit 2',
    async (address) => {
      expect(await said.msgctx(...few, '--connect', address)).toBe(2);
      expect(said.err).toBe(
        `msgctx: --connect ${address}: expected unix:PATH or tcp:127.0.0.1:PORT\n`,
      );
    },
  );

  it('is one of three ways to say who is under test', async () => {
    expect(await said.msgctx(...few, '--connect', 'unix:x', '--target', 'memory')).toBe(2);
    expect(said.err).toContain('found several');
  });
});
