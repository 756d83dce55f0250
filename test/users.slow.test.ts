import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { freshPort, transports } from './impl/transports.js';
import { lacksWhen } from './needs.js';
import { transpiled } from './transpiled.js';

/** Daemons of several users, started by root: nobody opens the files of another, not even root. */

const programs = transpiled();
const msgctx = programs.path('conformance/cli/msgctx.js');
const folder = mkdtempSync(join(tmpdir(), 'msgctx-users-'));
const at = ['--netlink', String(freshPort())];
const secret = join(folder, 'secret');
const [alice, bob] = [60_111, 60_112];
const living: ChildProcess[] = [];
const isMissing =
  transports.some((one) => one.isMissing) ||
  lacksWhen(() => {
    if (process.getuid?.() !== 0) throw new Error('processes of several users need root');
    chmodSync(folder, 0o777);
    writeFileSync(secret, 'correct horse\n');
    const user = { uid: alice, gid: alice };
    const { status } = spawnSync(process.execPath, [msgctx, '--version'], user);
    if (status !== 0) throw new Error('other users may not read the folder of the project');
  });
afterAll(() => {
  for (const child of living) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
  programs.remove();
});

/** A command of a user, to its end: status and what it printed. */
function run(uid: number, words: readonly string[], input = ''): string {
  const args = [msgctx, 'ecryptfs', ...words];
  const user = { uid, gid: uid, cwd: folder, input, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, user);
  return `${status ?? 'none'}: ${stdout}${stderr}`.trim();
}

async function start(words: readonly string[], lines: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [msgctx, 'ecryptfs', ...words, ...at], { cwd: folder });
  living.push(child);
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) return child;
  }
  throw new Error(`${words.join(' ')} ended after ${said.length} of ${lines} lines`);
}

describe.skipIf(isMissing)('daemons of several users', () => {
  it('serve each its own user, by credentials alone', async () => {
    const keygen = (uid: number, file: string) =>
      run(uid, ['keygen', file, '--passphrase-file', secret]).replace('0: ', '');
    const signature = keygen(alice, 'alice.pem');
    keygen(bob, 'bob.pem');
    const kernel = await start(['kernel'], 1);
    const users = ['--user', `${alice}=alice.pem`, '--user', `${bob}=bob.pem`];
    const daemons = await start(['daemon', ...users, '--passphrase-file', secret], 2);
    const create = ['create', 'letter', '--signature', signature, ...at];
    expect(run(alice, create, 'Dear Alice')).toBe('0:');
    expect(run(alice, ['open', 'letter', ...at])).toBe('0: Dear Alice');
    chmodSync(join(folder, 'letter'), 0o644);
    expect(run(bob, ['open', 'letter', ...at])).toContain('the daemon could not do it');
    expect(run(0, ['open', 'letter', ...at])).toContain('no daemon of this user is registered');
    for (const process of [daemons, kernel]) {
      process.kill('SIGTERM');
      expect(await once(process, 'exit')).toEqual([0, null]);
    }
  });

  it('are started by root alone, and others are told so', () => {
    const words = ['daemon', '--user', `${bob}=bob.pem`, '--passphrase-file', secret];
    expect(run(alice, words)).toMatch(/^3: msgctx: a daemon of uid 60112 cannot be started by uid 60111 \(.*EPERM\); run as root, or let each user start a daemon of its own$/);
  }); // prettier-ignore
});
