import fc from 'fast-check';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcessSubject, profiles, run, selectCases } from '../../conformance/index.js';
import type { DaemonCommand } from '../../conformance/daemon/command.js';
import { parseDaemonCommand } from '../../conformance/daemon/command.js';
import { daemonConversations } from '../../conformance/daemon/draws.js';
import { replayWithDaemon } from '../../conformance/daemon/hold.js';
import { Known } from '../../conformance/known.js';
import { mustName } from '../../conformance/select.js';
import { parseKnown } from '../../conformance/known-file.js';
import { gone } from '../gone.js';
import { lacks } from '../needs.js';
import { ecryptfsdRoot } from './ecryptfsd.js';

/**
 * The suite of role daemon against the daemon that Linux distributions have, which runs here, without a guest.
 * Every night only, since it is fetched and partly built. Into the folder that `MSGCTX_ECRYPTFSD` names it is
 * fetched once, and stays there.
 */

const path = (name: string) => fileURLToPath(new URL(`../../examples/ecryptfsd/${name}`, import.meta.url)); // prettier-ignore
const adapter = path('adapter.py');
const knownFile = path('known-deviations.json');
const isMissing =
  lacks('python3', 'examples/ecryptfsd is not run') || lacks('cc', 'examples/ecryptfsd is not run');
const isDay = process.env['MSGCTX_NIGHTLY'] === undefined;
const device6 = profiles['device-6'];
if (device6 === undefined) throw new Error('no profile device-6');
const deviations = parseKnown(readFileSync(knownFile, 'utf8'), knownFile);
const minuteMs = 60_000;

describe.skipIf(isMissing)('the adapter of ecryptfsd', () => {
  it('is two short files, compiled without a warning', () => {
    for (const name of ['adapter.py', 'device.c']) {
      expect(readFileSync(path(name), 'utf8').split('\n').length).toBeLessThan(280);
    }
    const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fPIC', '-fsyntax-only'];
    expect(spawnSync('cc', [...flags, path('device.c')], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('says what is missing where there is no daemon', () => {
    const { status, stderr } = spawnSync('python3', [adapter, '--root', '/nowhere'], { encoding: 'utf8' }); // prettier-ignore
    expect(status).toBe(1);
    expect(stderr).toBe(
      'adapter.py found no /nowhere/bin/ecryptfsd, or no key modules in /nowhere/usr/lib/*/ecryptfs: install ecryptfs-utils, or say with --root where they are\n',
    );
  });
});

describe('what is known of ecryptfsd', () => {
  it('is of rules and cases that there are, with reason and source', () => {
    for (const { id } of deviations) mustName(id, device6, new Set());
    for (const { reference } of deviations) expect(reference).toMatch(/^ecryptfs-utils 111 src\//);
  });
});

describe.skipIf(isMissing || isDay)('ecryptfsd of Debian', () => {
  const kept = process.env['MSGCTX_ECRYPTFSD'];
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'msgctx-test-'));
  let root = '';
  let subject: ProcessSubject;
  beforeAll(async () => {
    root = ecryptfsdRoot(folder);
    const args = [adapter, '--root', root];
    subject = await ProcessSubject.start({ command: 'python3', args, suite: 'test', deadlineMs: minuteMs }); // prettier-ignore
  });
  afterAll(async () => {
    await subject.close();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('conforms but for what is known', async () => {
    const cases = selectCases(device6, ['daemon'], []);
    const { version } = subject.claims;
    const known = new Known({ deviations, version, today: '2026-11-26' });
    const options = { profile: device6, strict: false, cases, seed: 1, runs: 100, bail: false };
    const { cases: held, totals, verdict } = await run({ subject, ...options, known });
    const wrong = held.filter((one) => one.verdict === 'fail' || one.verdict === 'unexpected-pass');
    expect(wrong.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
    // What is longer than the daemon reads at once, and what is too long for two bytes of a length.
    expect(totals).toMatchObject({ pass: 119, known: 15, unsupported: 9 });
    expect(verdict).toBe('pass');
  });

  it.each([
    [['start', 'deliver quit'], 'exits with status 139'],
    [['key k1', 'start', 'deliver tag64 k1 bytes=62'], 'exits with status 134'],
    [['key k1 module=openssl2', 'start', 'deliver tag64 k1'], 'status 0, 20 bytes more'],
    [['key k1', 'start', 'deliver tag66 k1 flaw=cut:19'], 'status 0, 130 bytes more'],
    [['key k1', 'start', 'deliver tag66 k1 flaw=longer:1'], 'status 0, 130 bytes more'],
    [['key k1', 'start', 'raw data-too-short:1'], 'status 0, 130 bytes more'],
  ])('fails in %j', async (lines, why) => {
    const commands = lines.map((line) => parseDaemonCommand(line));
    const { verdict, failure } = await replayWithDaemon(commands, subject);
    expect(verdict).toBe('fail');
    expect(failure?.why).toContain(`at "${lines.at(-1) ?? ''}": got `);
    expect(failure?.why).toContain(why);
  });

  it('fails in no drawn conversation in which nothing is known to fail', async () => {
    const drawn = fc.sample(daemonConversations(true), { seed: 1, numRuns: 200 });
    for (const all of drawn) {
      const commands = all.filter((one) => !isKnownToFail(one));
      const { verdict, failure } = await replayWithDaemon(commands, subject);
      // Some commands make no sense without those that were taken out.
      expect(`${verdict} ${failure?.why ?? ''}`).toMatch(/^(pass|unsupported) $/);
    }
  });

  it('has one thread, whose reading says that all is done, and ends with the adapter, however that ends', async () => {
    const running = spawn('python3', [adapter, '--root', root], { stdio: ['pipe', 'pipe', 'ignore'] }); // prettier-ignore
    const call = (id: number, method: string, params: object) =>
      running.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    call(1, 'reset', {});
    call(2, 'start', { uid: 1000, pid: 11 });
    for await (const line of createInterface({ input: running.stdout })) {
      if (line === '{"id":2,"result":{}}') break;
    }
    const pid = running.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    expect(children).toHaveLength(1);
    const daemon = Number(children[0]);
    expect(readdirSync(`/proc/${daemon}/task`)).toHaveLength(1);
    // One that does nothing would not see that nobody is there.
    process.kill(daemon, 'SIGSTOP');
    running.kill('SIGKILL');
    expect(await gone(daemon)).toBe(true);
  });
});

/** The words with which the known deviations begin. */
function isKnownToFail(command: DaemonCommand): boolean {
  if (command.do === 'raw') return command.name === 'data-too-short';
  if (command.do !== 'deliver') return command.do === 'quit';
  const { bytes = 0, flaw } = command;
  return bytes > 61 || flaw?.name === 'cut' || flaw?.name === 'longer' || (flaw?.name === 'content' && flaw.by > 64); // prettier-ignore
}
