import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captured } from '../captured.js';

/** The target on a machine that has nothing of what it needs. */

const shell = captured();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgctx-test-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the Linux target', () => {
  it('that is not prepared is not held, and says how it is prepared', async () => {
    const status = await shell.msgctx('run', '--target', 'linux-6.12');
    expect([status, shell.err]).toEqual([
      3,
      'msgctx: kernel 6.12 is not prepared; run: msgctx target prepare linux --kernel 6.12\n',
    ]);
  });

  it('names each program that is missing, and the command that brings it', async () => {
    vi.stubEnv('PATH', folder);
    const status = await shell.msgctx('target', 'prepare', 'linux');
    expect(status).toBe(3);
    expect(shell.err).toContain(
      'msgctx: qemu-system-x86_64 is missing: apt-get install -y --no-install-recommends qemu-system-x86\n',
    );
    expect(shell.err.trim().split('\n')).toHaveLength(7);
  });

  it.each([
    [['target', 'prepare', 'plan9'], 'plan9'],
    [['target', 'prepare', 'linux', '--kernel', '2.4'], '2.4'],
  ])('%j is a usage error', async (argv, named) => {
    const status = await shell.msgctx(...argv);
    expect(status).toBe(2);
    expect(shell.err).toContain(named);
  });

  it('is listed with what it lacks', async () => {
    const status = await shell.msgctx('list', 'targets', '--json');
    expect(status).toBe(0);
    const rows = JSON.parse(shell.out) as { name: string; state: string }[];
    const state = rows.find(({ name }) => name === 'linux')?.state;
    expect(state).toBe('kernel 6.1 is not prepared; run: msgctx target prepare linux --kernel 6.1');
  });
});
