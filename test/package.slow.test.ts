import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The package as others get it: packed, installed and used. */

const root = fileURLToPath(new URL('..', import.meta.url));
const tool = (name: string) => join(root, 'node_modules', '.bin', name);

function does(command: string, args: readonly string[], cwd = root): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  expect(`${command} ${args.join(' ')}: ${status}\n${status === 0 ? '' : stdout + stderr}`).toBe(
    `${command} ${args.join(' ')}: 0\n`,
  );
  return stdout;
}

describe('the package', () => {
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
    // The program of the README, and the other two doors.
    const program = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
    const doors = `
      import { contextMachine } from 'msgctx/model';
      import { Kernel } from 'msgctx/kernel';
      console.log(contextMachine.id, new Kernel().view().contexts.length);
    `;
    writeFileSync(join(folder, 'use.mjs'), `${program ?? ''}${doors}`);
    expect(does(process.execPath, ['use.mjs'], folder)).toBe('pass 0\ncontext 32\n');
    rmSync(folder, { recursive: true });
  });
});
