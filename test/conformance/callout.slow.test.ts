import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcessSubject, run, seed, selectCases } from '../../conformance/index.js';
import { freshPort, transports } from '../impl/transports.js';

/** The service used for something that is not eCryptfs: held by the suites, and as real processes. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const callout = `${root}examples/callout/callout.mjs`;
const env = { ...process.env, GATE_PORT: String(freshPort()) };
const isMissing = transports.some((one) => one.isMissing);
const living: ChildProcess[] = [];

beforeAll(() => {
  expect(spawnSync('npm', ['run', 'build', '--silent'], { cwd: root }).status).toBe(0);
});
afterAll(() => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts a part of it, and waits until it says that it is there. */
async function start(...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [callout, ...words], { env });
  living.push(child);
  await once(child.stdout, 'data');
  return child;
}

const may = (...words: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [callout, 'may', ...words], { env });
  return `${stdout.toString().trim()} ${status}`;
};

describe('the callout', () => {
  it('is short', () => {
    expect(readFileSync(callout, 'utf8').split('\n').length).toBeLessThan(80);
  });

  it('conforms', async () => {
    const [command, args] = [process.execPath, [`${root}examples/callout/adapter.mjs`]];
    const subject = await ProcessSubject.start({
      command,
      args,
      suite: 'test',
      deadlineMs: 60_000,
    });
    const cases = selectCases(seed, ['paths', 'rejections', 'time', 'adversary'], []);
    const options = { profile: seed, strict: true, cases, seed: 1, runs: 20, bail: true };
    const report = await run({ subject, ...options });
    await subject.close();
    const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
    expect(report.totals.pass).toBe(588);
  });

  it.skipIf(isMissing)('asks the policy of who asks, and takes silence for a no', async () => {
    expect(may('read', '/home/letter')).toBe('ECONNREFUSED 1');
    const gate = await start('gate');
    expect(may('read', '/home/letter')).toBe('ENOTCONN 1');
    const policy = await start('policy', 'read:/home', 'write:/tmp');
    expect(may('read', '/home/letter')).toBe('allowed 0');
    expect(may('write', '/home/letter')).toBe('denied 1');
    expect(may('read', '/homework')).toBe('denied 1');
    expect(may('read', '/home/../etc/shadow')).toBe('denied 1');
    policy.kill('SIGSTOP');
    expect(may('read', '/home/letter')).toBe('ENOMSG 1');
    policy.kill('SIGCONT');
    policy.kill('SIGTERM');
    expect(await once(policy, 'exit')).toEqual([0, null]);
    expect(may('read', '/home/letter')).toBe('ENOTCONN 1');
    gate.kill('SIGTERM');
    expect(await once(gate, 'exit')).toEqual([0, null]);
  });
});
