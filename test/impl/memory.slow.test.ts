import type { ChildProcess } from 'node:child_process';
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { opensslModule } from '../../impl/index.js';
import { lacksWhen } from '../needs.js';
import { transpiled } from '../transpiled.js';
import { otherKey, pathOf, readKeyFile, valuesOf } from './keyfiles.js';
import { freshPath, removePaths, transports } from './transports.js';

/** What is left of secrets in the memory of kernel side and daemon, and who may look. */

const isMissing =
  transports.some((one) => one.name === 'channel' && one.isMissing) ||
  lacksWhen(() => {
    readFileSync('/proc/self/maps');
  });
const programs = transpiled();
const party = fileURLToPath(new URL('memory-party.mjs', import.meta.url));
const living: ChildProcess[] = [];
afterEach(async () => {
  for (const child of living.splice(0)) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});
afterAll(() => {
  programs.remove();
  removePaths();
});

interface Scene {
  readonly path: string;
  readonly file: string;
  readonly keyFile: string;
  readonly module: string;
  readonly signature: string;
  readonly passphrase: readonly number[];
}

const inverted = (bytes: Iterable<number>) => Array.from(bytes, (byte) => byte ^ 0xff);

async function scene(module: string): Promise<Scene> {
  const path = freshPath();
  const keyFile = join(dirname(path), 'key.pem');
  copyFileSync(pathOf(otherKey.file), keyFile);
  const token = await opensslModule(readKeyFile).token(valuesOf(otherKey));
  if (token.kind === 'refused') throw new Error(token.message);
  // The passphrase of the fixture is short and an English word; this one is found nowhere by chance.
  const passphrase = Buffer.from('0k-fern-7wine!x');
  const args = ['rsa', '-aes256', '-passin', `pass:${otherKey.passphrase}`, '-passout', `pass:${passphrase.toString()}`];
  const { status } = spawnSync('openssl', [...args, '-in', pathOf(otherKey.file), '-out', keyFile]);
  if (status !== 0) throw new Error('openssl could not change the passphrase of the key file');
  const { signature } = token;
  return { path, keyFile, module, signature, file: join(dirname(path), 'letter'), passphrase: inverted(passphrase) };
} // prettier-ignore

async function start(role: string, of: Scene): Promise<ChildProcess & { readonly said: unknown }> {
  const child = fork(party, [programs.path(''), role, JSON.stringify(of)]);
  living.push(child);
  // What a child process sends first is the first argument.
  const [said] = (await once(child, 'message')) as unknown[];
  return Object.assign(child, { said });
}

async function countIn(
  child: ChildProcess,
  needles: Record<string, unknown>,
): Promise<Record<string, number>> {
  const counted = once(child, 'message');
  child.send(needles);
  // The process answers an order with its counts.
  return ((await counted) as [Record<string, number>])[0];
}

/** Counts in kernel side and daemon, after a file was made and opened twice. */
async function countsWith(module: string) {
  const of = await scene(module);
  const kernel = await start('kernel', of);
  const daemon = await start('daemon', of);
  const { said: key } = await start('user', of);
  expect(key).toHaveLength(16);
  const needles = { key, passphrase: of.passphrase };
  return { kernel: await countIn(kernel, needles), daemon: await countIn(daemon, needles) };
}

describe.skipIf(isMissing)('after a file was made and opened twice', () => {
  it('its key is nowhere, and the passphrase in the token of the daemon alone', async () => {
    // The token holds the passphrase, since the key file is read anew for each request.
    expect(await countsWith('openssl')).toEqual({
      kernel: { key: 0, passphrase: 0 },
      daemon: { key: 0, passphrase: 1 },
    });
  });

  it('module rsa leaves strings of node-forge in the daemon, which nobody can wipe', async () => {
    const { kernel, daemon } = await countsWith('rsa');
    expect(kernel).toEqual({ key: 0, passphrase: 0 });
    // How many there are is up to the garbage collector: one or two for each time that the key file is read.
    expect(daemon['key']).toBeLessThanOrEqual(6);
    expect(daemon['passphrase']).toBeGreaterThanOrEqual(1);
    expect(daemon['passphrase']).toBeLessThanOrEqual(16);
  });
});

const isRootMissing =
  isMissing ||
  lacksWhen(() => {
    if (process.getuid?.() !== 0) throw new Error('processes of another user need root');
  });

describe.skipIf(isRootMissing)('the memory of a process that is guarded', () => {
  it('is not read by another process of its user, and never becomes a core', async () => {
    const user = { uid: 60_130, gid: 60_130 };
    const script = (guard: string) =>
      `const { guardMemory } = await import(process.argv[1]); ${guard}; process.send('ready'); setInterval(() => 0, 1000);`;
    const of = async (guard: string) => {
      const args = ['--input-type=module', '-e', script(guard), programs.path('impl/index.js')];
      const child = spawn(process.execPath, args, {
        ...user,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      living.push(child);
      await once(child, 'message');
      return child.pid ?? 0;
    };
    const reads = (pid: number) =>
      spawnSync('head', ['-c', '1', `/proc/${pid}/environ`], { ...user, cwd: '/' }).status;
    const [open, guarded] = [await of(''), await of('guardMemory()')];
    expect([reads(open), reads(guarded)]).toEqual([0, 1]);
    expect(readFileSync(`/proc/${guarded}/limits`, 'utf8')).toMatch(/Max core file size +0 +0 /);
  });
});
