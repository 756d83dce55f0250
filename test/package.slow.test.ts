import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gone } from './gone.js';

/** The package as others get it: packed, installed and used. */

const root = fileURLToPath(new URL('..', import.meta.url));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const tool = (name: string) => join(root, 'node_modules', '.bin', name);

function does(command: string, args: readonly string[], cwd = root): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  expect(`${command} ${args.join(' ')}: ${status}\n${status === 0 ? '' : stdout + stderr}`).toBe(
    `${command} ${args.join(' ')}: 0\n`,
  );
  return stdout;
}

/** Runs the built command against an adapter that hangs, and ends it by a signal. */
async function interrupt(
  signal: NodeJS.Signals,
): Promise<{ status: number | null; adapter: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
  const pidFile = join(folder, 'pid');
  const adapter = [join(root, 'test', 'adapters', 'broken.mjs'), 'hang', 'reset', pidFile];
  const args = ['run', '--deadline', '600000', '--', process.execPath, ...adapter];
  const child = spawn(process.execPath, [join(root, 'dist/conformance/cli/msgctx.js'), ...args]);
  while (!existsSync(pidFile)) await pause(20);
  // The command listens once its adapter lives; a second signal means now.
  await pause(1000);
  child.kill(signal);
  await pause(200);
  child.kill(signal);
  const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  const pid = Number(readFileSync(pidFile, 'utf8'));
  rmSync(folder, { recursive: true });
  return { status, adapter: pid };
}

describe('the package', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends its adapter when it is ended by %s', async (signal, expected) => {
    does('npm', ['run', 'build', '--silent']);
    const { status, adapter } = await interrupt(signal);
    expect(status).toBe(expected);
    expect(await gone(adapter)).toBe(true);
  });

  it('gives its verdict to a reader that closes the pipe early', () => {
    does('npm', ['run', 'build', '--silent']);
    const command = `node dist/conformance/cli/msgctx.js list cases | head -n 1; echo "\${PIPESTATUS[0]}"`;
    expect(does('bash', ['-c', command]).split('\n')[1]).toBe('0');
  });

  it('has exports that every resolver of ES modules finds, with types', () => {
    does('npm', ['run', 'build', '--silent']);
    does(tool('publint'), ['--strict']);
    does(tool('attw'), ['--pack', '.', '--profile', 'esm-only']);
  });

  it('installs from its tarball, and runs as a command and as a library', () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const [packed] = JSON.parse(does('npm', ['pack', '--json', '--pack-destination', folder])) as {
      filename: string;
      files: { path: string }[];
    }[];
    const files = packed?.files.map(({ path }) => path) ?? [];
    expect(files).toContain('dist/conformance/cli/msgctx.js');
    expect(files.filter((path) => /^(test|model|impl|conformance)\//.test(path))).toEqual([]);
    writeFileSync(join(folder, 'package.json'), '{"name":"user","type":"module","private":true}');
    does('npm', ['install', '--silent', `./${packed?.filename ?? ''}`], folder);
    const bin = join(folder, 'node_modules', '.bin', 'msgctx');
    expect(does(bin, ['list', 'profiles'], folder)).toMatch(/^seed\t/);
    // The programs of the README, and the other two doors.
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [program, encrypting] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(
      ([, one]) => one,
    );
    const doors = `
      import { contextMachine } from 'msgctx/model';
      import { Kernel } from 'msgctx/kernel';
      console.log(contextMachine.id, new Kernel().view().contexts.length);
    `;
    writeFileSync(join(folder, 'use.mjs'), `${program ?? ''}${doors}`);
    expect(does(process.execPath, ['use.mjs'], folder)).toBe('pass 0\ncontext 32\n');
    writeFileSync(join(folder, 'files.mjs'), encrypting ?? '');
    expect(does(process.execPath, ['files.mjs'], folder)).toBe('hello\n');
    rmSync(folder, { recursive: true });
  });
});
