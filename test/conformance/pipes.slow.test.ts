import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { transpiled } from '../transpiled.js';

/** A reader that has seen enough closes the pipe: `msgctx list cases | head`. */

vi.setConfig({ testTimeout: 120_000 });

const programs = transpiled();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-pipes-'));
afterAll(() => {
  programs.remove();
  rmSync(folder, { recursive: true });
});

/** Runs a command whose stdout or stderr is closed at once, or after its first bytes. */
function run(
  words: readonly string[],
  closed: { readonly stream?: 'stdout' | 'stderr'; readonly when?: 'at once' | 'after bytes' },
  input?: Uint8Array,
): Promise<{ status: number | null; err: string }> {
  const program = programs.path('conformance/cli/msgctx.js');
  const child = spawn(process.execPath, [program, ...words], { cwd: folder });
  const { stream, when = 'at once' } = closed;
  if (stream !== undefined && when === 'at once') child[stream].destroy();
  else if (stream !== undefined) child[stream].once('data', () => child[stream].destroy());
  else child.stdout.resume();
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      resolve({ status, err });
    });
  });
}

const settings =
  '{"contexts":1,"users":1,"processes":1,"timeoutMs":3000,"manualWake":false,"manualRead":false,"time":"virtual","payloadMax":4,"wideLabels":false}';
const wrong = [
  `{"schema":"msgctx-trace/1","complete":true,"settings":${settings}}`,
  '{"command":"helo u1.d1","observed":["refused with EINVAL"]}',
];

describe('a command whose stdout is a closed pipe', () => {
  it.each([
    ['list', 'requirements'],
    ['export', 'promela'],
    ['verify', '--contexts', '1', '--users', '1', '--json'],
    ['--help'],
    ['ecryptfs', '--help'],
  ])('ends quietly: %s %s', async (...words) => {
    expect(await run(words, { stream: 'stdout' })).toEqual({ status: 0, err: '' });
  });

  it('keeps its verdict', async () => {
    const log = join(folder, 'wrong');
    writeFileSync(log, wrong.join('\n'));
    for (const words of [
      ['check-trace', log],
      ['check-trace', log, '--json'],
    ]) {
      expect(await run(words, { stream: 'stdout' })).toEqual({ status: 1, err: '' });
    }
    const broken = ['run', '--suite', 'vectors-of-nobody'];
    expect((await run(broken, { stream: 'stdout' })).status).toBe(2);
  });

  it('stops with 141 where the output is all that it makes', async () => {
    writeFileSync(join(folder, 'pass'), 'a passphrase\n');
    const words = ['--passphrase-file', 'pass', 'big'];
    const created = await run(['ecryptfs', 'create', ...words], {}, Buffer.alloc(4 << 20, 7));
    expect(created).toEqual({ status: 0, err: '' });
    for (const when of ['at once', 'after bytes'] as const) {
      const opened = await run(['ecryptfs', 'open', ...words], { stream: 'stdout', when });
      expect(opened).toEqual({ status: 141, err: '' });
    }
    expect(await run(['ecryptfs', 'open', ...words], {})).toEqual({ status: 0, err: '' });
  });
});

describe('a command whose stderr is a closed pipe', () => {
  it('keeps its exit status', async () => {
    const { status } = await run(['list', 'nothing'], { stream: 'stderr' });
    expect(status).toBe(2);
  });
});
