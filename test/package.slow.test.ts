import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gone } from './gone.js';
import { lacks } from './needs.js';
import { blocksIn, blocksOf, pages } from './pages.js';

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
  const over = new Promise<number | null>((resolve) => child.on('exit', resolve));
  // The run has begun when its adapter hangs; a second signal means now, and two at once may be one.
  while (!existsSync(pidFile)) await pause(20);
  const again = setInterval(() => child.kill(signal), 200);
  const status = await over;
  clearInterval(again);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  rmSync(folder, { recursive: true });
  return { status, adapter: pid };
}

/** The package, packed once; each test installs it in a folder of its own. */
const parcel = { folder: mkdtempSync(join(tmpdir(), 'msgctx-')), tarball: '', files: [''] };
beforeAll(() => {
  const said = does('npm', ['pack', '--json', '--pack-destination', parcel.folder]);
  const [one] = JSON.parse(said) as { filename: string; files: { path: string }[] }[];
  parcel.tarball = join(parcel.folder, one?.filename ?? '');
  parcel.files = one?.files.map(({ path }) => path) ?? [];
});
afterAll(() => {
  rmSync(parcel.folder, { recursive: true });
});

describe('the package', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends its adapter when it is ended by %s', async (signal, expected) => {
    const { status, adapter } = await interrupt(signal);
    expect(status).toBe(expected);
    expect(await gone(adapter)).toBe(true);
  });

  it('gives its verdict to a reader that closes the pipe early', () => {
    const command = `node dist/conformance/cli/msgctx.js list cases | head -n 1; echo "\${PIPESTATUS[0]}"`;
    expect(does('bash', ['-c', command]).split('\n')[1]).toBe('0');
  });

  it('has exports that every resolver of ES modules finds, with types', () => {
    does(tool('publint'), ['--strict']);
    does(tool('attw'), ['--pack', '.', '--profile', 'esm-only']);
  });

  it('installs from its tarball, and runs as a command and as a library', () => {
    const { tarball, files } = parcel;
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    expect(files).toEqual(expect.arrayContaining(['dist/conformance/cli/msgctx.js', ...pages()]));
    expect(files.filter((path) => /node_modules|__pycache__/.test(path))).toEqual([]);
    // Of the sources only the agent is in it, which is compiled where it is used.
    expect(files.filter((path) => /^(test|model|impl|conformance)\//.test(path))).toEqual([
      'conformance/subjects/linux/agent.c',
    ]);
    writeFileSync(join(folder, 'package.json'), '{"name":"user","type":"module","private":true}');
    does('npm', ['install', '--silent', tarball], folder);
    const bin = join(folder, 'node_modules', '.bin', 'msgctx');
    expect(does(bin, ['list', 'profiles'], folder)).toMatch(/^seed\t/);
    // Two programs of the pages, and the other two doors.
    const [program] = blocksOf('docs/library.md').filter(({ language }) => language === 'js');
    const [encrypting] = blocksOf('docs/ecryptfs.md').filter(({ language }) => language === 'js');
    const doors = `
      import { contextMachine } from 'msgctx/model';
      import { Kernel } from 'msgctx/kernel';
      console.log(contextMachine.id, new Kernel().view().contexts.length);
    `;
    writeFileSync(join(folder, 'use.mjs'), `${program?.text ?? ''}${doors}`);
    expect(does(process.execPath, ['use.mjs'], folder)).toBe('pass 0\ncontext 32\n');
    writeFileSync(join(folder, 'files.mjs'), encrypting?.text ?? '');
    expect(does(process.execPath, ['files.mjs'], folder)).toBe('hello\n');
    rmSync(folder, { recursive: true });
  });

  it('is held by the tests of the example project', () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const project = join(folder, 'project');
    cpSync(join(root, 'examples', 'project'), project, { recursive: true });
    does('npm', ['install', '--silent', parcel.tarball], project);
    expect(does('npm', ['test'], project)).toMatch(/148 passed.*382 skipped/);
    rmSync(folder, { recursive: true });
  });

  const languages = [
    { language: 'c', program: 'cc', adapter: './adapter' },
    { language: 'python', program: 'python3', adapter: 'python3 adapter.py' },
  ];
  describe.each(languages)('in an empty directory', ({ language, program, adapter }) => {
    const skip = lacks(program, `the way to a gate in ${language} is not gone`);
    it.skipIf(skip)(`leads to a gate in ${language} by the lines of the README`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
      const [block] = blocksIn('sh').filter(({ text }) => text.includes('adapter new'));
      const script = (block?.text ?? '')
        .replace('--save-dev msgctx', `--save-dev ${parcel.tarball}`)
        .replace('new c', `new ${language}`)
        .replace(/^cc .*$/m, (line) => (language === 'c' ? line : ''))
        .replaceAll('-- ./adapter', `-- ${adapter}`);
      const began = performance.now();
      expect(does('sh', ['-c', script], folder)).toMatch(
        /\nverdict: {2}as expected: \d+ cases fail for \d+ listed requirements/,
      );
      // Told, not judged: this machine may be busy with other tests.
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      process.stdout.write(`from nothing to a gate in ${language}: ${seconds} s\n`);
      const known = readFileSync(join(folder, 'adapter', 'known.json'), 'utf8');
      expect(known).toContain('"REP-7"');
      expect(readFileSync(join(folder, 'adapter', 'report.html'), 'utf8')).toContain('REP-7');
      rmSync(folder, { recursive: true });
    });
  });
});
