import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

/** The system calls, where they are not to be had: the two files alone, in a folder where nothing else is. */

const folder = mkdtempSync(join(tmpdir(), 'msgctx-native-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function alone(before: string): string {
  for (const name of ['native', 'transport']) {
    const path = fileURLToPath(new URL(`../../impl/transport/${name}.ts`, import.meta.url));
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, `${name}.js`), outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const use = `${before}; const { native } = await import('./native.js');
    try { native(); } catch (error) { console.log(error.name + ': ' + error.message); }`;
  writeFileSync(join(folder, 'use.js'), use);
  return spawnSync(process.execPath, ['use.js'], { cwd: folder, encoding: 'utf8' }).stdout;
}

describe('system calls that are missing', () => {
  it.each([
    ['koffi', '', /^TransportUnavailable: koffi, .* could not be loaded \(Cannot find module 'koffi'\); npm install koffi brings it, and the memory transport works everywhere \(msgctx run --target memory\)\n$/],
    ['Linux', "Object.defineProperty(process, 'platform', { value: 'darwin' })", /^TransportUnavailable: netlink and channel need Linux, and this is darwin; the memory transport works everywhere/],
    ['a 64-bit host', "Object.defineProperty(process, 'arch', { value: 'mips' })", /^TransportUnavailable: netlink and channel need a 64-bit host with the low byte first, and this is mips; /],
  ])('are told in one sentence without %s', (_, before, sentence) => {
    expect(alone(before)).toMatch(sentence);
  }); // prettier-ignore
});
