import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Machine } from '../../conformance/subjects/linux/machine.js';
import { captured } from '../captured.js';
import { lacks } from '../needs.js';

/** A virtual machine that comes up late, or not at all: programs that stand in for the emulator. */

const shell = captured();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgctx-test-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function emulates(program: string): void {
  const path = join(folder, 'qemu-system-x86_64');
  writeFileSync(path, `#!${process.execPath}\n${program}\n`);
  chmodSync(path, 0o755);
}

describe('a machine that boots', () => {
  it('is not ordered about before its agent listens, though its terminal echoes', async () => {
    emulates(`
      const lines = require('node:readline').createInterface({ input: process.stdin });
      let echoed = 0;
      lines.on('line', (line) => {
        // A terminal that is not yet set up: it echoes, and what it heard is thrown away.
        if (echoed++ < 5) console.log(line);
        else if (line.startsWith('hello ')) console.log('here ' + line.slice(6));
        else if (line !== '') console.log(line + '\\nok 7');
      });`);
    const machine = await Machine.start({ kernel: 'none', initrd: 'none' });
    try {
      expect(await machine.order('insert module', 60_000)).toEqual({ lines: ['insert module'] });
      expect(machine.nowMs).toBe(7);
    } finally {
      await machine.end();
    }
  });

  const isMissing = ['apt-get', 'cc', 'cpio', 'xz'].some((name) => lacks(name, 'no image is made'));
  it.skipIf(isMissing)('and dies of it is a sentence, and nothing is kept', async () => {
    emulates(`if (process.argv.includes('--version')) console.log('QEMU emulator version 0');`);
    expect(await shell.msgctx('target', 'prepare', 'linux')).toBe(3);
    expect(shell.err).toMatch(/\nmsgctx: the virtual machine ended by itself\n$/);
    expect(await shell.msgctx('list', 'targets')).toBe(0);
    expect(shell.out).toContain('kernel 6.1 is not prepared');
  });
});
