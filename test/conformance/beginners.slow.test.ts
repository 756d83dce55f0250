import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';

/** What somebody meets who tries an adapter for the first time. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'msgctx-beginners-'));
const odd = (habit: string) => ['--', process.execPath, here('../adapters/odd.mjs'), habit];
const few = ['--filter', 'paths/machine.reply.wrong-sequence/plain'];
const said = captured();
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file that is there for one test. */
function fileWith(name: string, text: string, mode = 0o644): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** Control characters that a terminal or a CI job would obey. */
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]|^::/m;

describe('a first run', () => {
  it.each(['run', 'learn', 'inspect'])(
    '%s ./adapter says to put it after "--"',
    async (command) => {
      expect(await said.msgctx(command, './adapter')).toBe(2);
      expect(said.err).toContain(`put an adapter after "--": msgctx ${command} -- ./adapter`);
    },
  );

  it.each([
    [
      'a whole command in one word',
      ['--', 'python3 adapter.py'],
      'as separate words: -- python3 …',
    ],
    ['a program that does not exist', ['--', './no-such-adapter'], 'there is no such program'],
    ['a directory', ['--', folder], 'it is a directory; name a program'],
    ['a banner', odd('banner'), 'that is not JSON: "odd kernel 1.0 is running..."'],
    ['a byte-order mark', odd('bom'), 'wrote a byte-order mark (BOM) before a line'],
    ['a claim that is nested deeply', odd('deep-claim'), 'speaks protocol version a list'],
  ])('names %s, and exits with 3', async (_, adapter, message) => {
    expect(await said.msgctx('run', ...few, ...adapter)).toBe(3);
    expect(said.err).toContain(message);
    expect(said.err.split('\n').length).toBe(2);
  });

  it('names a file that is not executable, and one without an interpreter', async () => {
    const plain = fileWith('adapter.py', 'print(1)\n');
    expect(await said.msgctx('run', ...few, '--', plain)).toBe(3);
    expect(said.err).toContain('the file is not executable; run "chmod +x" on it');
    const lost = fileWith('adapter.lost', '#!/no/such/interpreter\n', 0o755);
    expect(await said.msgctx('run', ...few, '--', lost)).toBe(3);
    expect(said.err).toContain('its "#!" line names an interpreter that does not exist');
  });

  it('tells a closed stdout from an answer that does not come', async () => {
    expect(await said.msgctx('run', ...few, ...odd('closes-stdout'))).toBe(3);
    const flat = said.out.replace(/\s+/g, ' ');
    expect(flat).toContain('closed its stdout, but is still running');
  });

  it('refuses a profile with the name of a property that every object has', async () => {
    expect(await said.msgctx('run', ...few, ...odd('claims-a-prototype'))).toBe(2);
    expect(said.err).toContain('the adapter claims profile "constructor", which no suite knows');
  });

  it('finds a report that cannot be written before it starts the adapter', async () => {
    const file = join(folder, 'no-such-folder', 'report.html');
    expect(
      await said.msgctx('run', ...few, '--reporter', `html=${file}`, '--', './no-adapter'),
    ).toBe(2);
    expect(said.err).toContain(`${file}: cannot be written`);
  });
});

describe('the words of an adapter', () => {
  it.each(['evil-name', 'evil-stderr', 'long-name'])('%s reach no report raw', async (habit) => {
    for (const reporter of ['terminal', 'markdown', 'github', 'tap', 'html']) {
      await said.msgctx('run', ...few, '--reporter', reporter, ...odd(habit));
      const lines = said.out.split('\n').filter((line) => !/^::(error|notice) title=/.test(line));
      expect(lines.join('\n')).not.toMatch(raw);
      expect(said.out.length).toBeGreaterThan(100);
      expect(said.out.length).toBeLessThan(200_000);
    }
  });

  it('keep letters of every language', async () => {
    expect(await said.msgctx('run', ...few, ...odd('umlaut'))).toBe(0);
    expect(said.out).toContain('größe 🔑 1.0.0');
  });
});

describe('a call that only helps the suites', () => {
  it.each(['reset', 'settle', 'advance', 'inspect'])(
    'is named when an adapter refuses it: %s',
    async (method) => {
      expect(await said.msgctx('run', ...few, ...odd(`refuses-${method}`))).toBe(3);
      const flat = said.out.replace(/\s+/g, ' ');
      expect(flat).toContain(`the adapter refused ${method} with EINVAL, expected a result`);
      expect(flat).not.toContain('requirement:');
    },
  );

  it('is named when an adapter refuses it at the end', async () => {
    expect(await said.msgctx('run', ...few, ...odd('refuses-shutdown'))).toBe(1);
    expect(said.out.replace(/\s+/g, ' ')).toContain('answered ERRNO to shutdown');
  });
});

describe('the end of an adapter', () => {
  it.each([
    ['leaks', 'ended with status 23 after shutdown, expected status 0'],
    ['crashes-at-the-end', 'ended by signal SIGSEGV after shutdown, expected status 0'],
  ])('%s: run and adapter check fail', async (habit, why) => {
    const flat = () => said.out.replace(/\s+/g, ' ');
    expect(await said.msgctx('run', ...few, ...odd(habit))).toBe(1);
    expect(flat()).toContain(`FAIL shutdown the adapter`);
    expect(flat()).toContain(why);
    expect(await said.msgctx('adapter', 'check', ...odd(habit))).toBe(1);
    expect(flat()).toContain(why);
    if (habit === 'leaks') expect(flat()).toContain('its stderr ends: ==1==ERROR: LeakSanitizer');
  });

  it('with status 0 is right', async () => {
    expect(await said.msgctx('run', ...few, ...odd('nothing'))).toBe(0);
    expect(await said.msgctx('adapter', 'check', ...odd('nothing'))).toBe(0);
    expect(said.out).toContain('ok     shutdown\n');
  });

  it('comes with the end of its input', async () => {
    const file = join(folder, 'ended.txt');
    expect(await said.msgctx('run', ...few, ...odd('waits-for-end'), file)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('my input has ended');
  });

  it('can be listed as known', async () => {
    const known = fileWith(
      'known.json',
      JSON.stringify({
        schema: 'msgctx-known/1',
        deviations: [{ id: 'shutdown', reason: 'it leaks', fails: ['shutdown'] }],
      }),
    );
    expect(await said.msgctx('run', ...few, '--known', known, ...odd('leaks'))).toBe(0);
    expect(said.out).toContain('as expected: 1 case fails for 1 listed case; 1 case passed');
  });
});

describe('adapter check', () => {
  it('fails for lines that are not UTF-8', async () => {
    expect(await said.msgctx('adapter', 'check', ...odd('latin1'))).toBe(1);
    expect(said.out).toContain('FAILS  encoding: wrote a line that is not UTF-8');
  });
});

describe('a case that fails only after another', () => {
  const leaky = ['--', process.execPath, here('../adapters/leaky.mjs')];
  const [first, second] = [
    'paths/machine.daemon.registered.UNREGISTER/plain',
    'paths/machine.reply.accepted/held',
  ];

  it('is reported with that other, and the command that is printed fails', async () => {
    const filters = ['--filter', first, '--filter', second];
    expect(await said.msgctx('run', ...filters, ...leaky)).toBe(1);
    const flat = said.out.replace(/\s+/g, ' ');
    expect(flat).toContain(`note: passes when run alone; fails only after ${first}`);
    expect(flat).toContain(`again: msgctx run --filter ${first} --filter ${second} --`);
  });

  it('does not stand before one that fails alone', async () => {
    expect(await said.msgctx('run', '--filter', 'paths/machine.daemon', '--json', ...leaky)).toBe(
      1,
    );
    const { cases } = JSON.parse(said.out) as {
      cases: { id: string; verdict: string; alone?: false; after?: string[] }[];
    };
    const failed = cases.filter(({ verdict }) => verdict === 'fail');
    expect(failed.length).toBeGreaterThan(0);
    for (const { alone, after } of failed) if (alone === undefined) expect(after).toBeUndefined();
  });
});
