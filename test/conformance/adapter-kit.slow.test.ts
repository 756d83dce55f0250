import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readClaims, readLine } from '../../conformance/subjects/lines.js';
import { captured } from '../captured.js';
import { lacks } from '../needs.js';

/** What an author of an adapter gets: the schema of the lines, and a beginning in three languages. */

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-kit-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ajv = new Ajv.default({ strict: false });
ajv.addSchema(JSON.parse(readFileSync('schemas/adapter.json', 'utf8')) as object, 'adapter');
const isA = (name: string, value: unknown) => {
  const isValid = ajv.getSchema(name === '' ? 'adapter' : `adapter#/definitions/${name}`);
  if (isValid === undefined) throw new Error(`there is no definition ${name}`);
  return isValid(value) === true;
};

describe('the schema of the lines', () => {
  // Values near those that are right, so that each limit is met from both sides.
  const value = fc.constantFrom<unknown>(
    0, 1, 7, -1, 1.5, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, '', 'a1', 'A1', 'a', 'zz', null, true,
    [], {}, 'request', 'quit', 'helo', 'response', 'EINVAL', '-EINVAL', 'einval', 'E', 'EBADMSG',
  ); // prettier-ignore
  const members = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const params = members(['to', 'type', 'index', 'seq', 'payload', 'task', 'errno', 'status']);
  const message = fc.record({
    to: fc.constantFrom(0, 11),
    type: fc.constantFrom('request', 'quit', 'response'),
    index: fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32),
    seq: fc.constantFrom(0, 5),
    payload: fc.constantFrom('', 'a1', 'A1'),
  });
  const event = fc.record(
    {
      event: fc.constantFrom<unknown>('message', 'complete', 'send', 'exit', 'other', 1),
      params: fc.oneof(params, message, value),
      id: value,
    },
    { requiredKeys: ['event'] },
  );
  const error = fc.record(
    {
      code: fc.constantFrom<unknown>('ERRNO', 'UNSUPPORTED', 'INVALID', 'INTERNAL', 'OTHER', 1),
      errno: value,
      message: value,
    },
    { requiredKeys: [] },
  );
  const answer = fc.record(
    { id: value, result: value, error: fc.oneof(error, value) },
    { requiredKeys: [] },
  );

  it.each(['kernel', 'daemon'] as const)(
    'allows what is read of a %s, and nothing else',
    (role) => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(fc.oneof(event, answer, value), (line) => {
          const { kind } = readLine(JSON.stringify(line), role);
          seen.add(kind);
          expect([kind, isA('answer', line), isA(`${role}Event`, line)]).toEqual([
            kind,
            kind === 'answer',
            kind === 'event',
          ]);
        }),
        { seed: 1, numRuns: 20_000 },
      );
      expect([...seen].sort()).toEqual(['answer', 'broken', 'event']);
    },
  );

  it('allows the claims that are read, and nothing else', () => {
    const right = {
      protocol: 1, name: 'x', version: '1', role: 'kernel', profile: 'seed', capabilities: ['raw'],
      contextsMin: 1, contextsMax: 2, payloadMax: 0, timeoutMinMs: 1, timeoutStepMs: 1,
      framing: 'netlink', endian: 'little',
    }; // prettier-ignore
    const names = Object.keys(right);
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.option(value, { nil: undefined }),
        (name, other) => {
          const result: unknown = JSON.parse(JSON.stringify({ ...right, [name]: other }));
          // An object was written just above.
          const isRead = !('breach' in readClaims({ result: result as Record<string, unknown> }));
          accepted += Number(isRead);
          const { contextsMin, contextsMax } = result as typeof right;
          // The one thing that the schema says in words alone.
          if (contextsMax >= contextsMin)
            expect([result, isA('claims', result)]).toEqual([result, isRead]);
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('allows every line of the conversations in PROTOCOL.md', () => {
    const page = readFileSync('PROTOCOL.md', 'utf8').replaceAll('…', '00');
    const lines = [...page.matchAll(/^ *([<>]) (\{.*\})$/gm)];
    const kinds = lines.map(([, direction, text = '']) => {
      const line: unknown = JSON.parse(text);
      const all = ['call', 'answer', 'kernelEvent', 'daemonEvent'];
      const written = all.filter((name) => isA(name, line));
      return direction === '>' ? written.join() === 'call' : written.length === 1 && isA('', line);
    });
    expect(kinds).toEqual(lines.map(() => true));
    expect(lines).toHaveLength(37);
  });

  it('has every call of the table', () => {
    const { definitions } = JSON.parse(readFileSync('schemas/adapter.json', 'utf8')) as {
      definitions: {
        call: { oneOf: { properties: { method: { const?: string; enum?: string[] } } }[] };
      };
    };
    const methods = definitions.call.oneOf.flatMap(({ properties: { method } }) =>
      method.const === undefined ? (method.enum ?? []) : [method.const],
    );
    const page = readFileSync('PROTOCOL.md', 'utf8');
    const rows = page.split('## Calls')[1]?.split('## Time')[0] ?? '';
    const daemon = page.split('## Role `daemon`')[1]?.split('**Requests.**')[0] ?? '';
    const named = [
      ...(rows + daemon).matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \| (?:`|none)/gm),
    ].flatMap(([, one, other]) => [one, other].filter((name) => name !== undefined));
    const others = ['message', 'complete', 'send', 'results'];
    expect(methods.sort()).toEqual(
      [...new Set(named)].filter((name) => !others.includes(name)).sort(),
    );
  });
});

describe('the beginning of an adapter', () => {
  const said = captured();
  const languages = [
    { language: 'c', lacking: lacks('cc', 'the template in C is not built'), build: ['cc', '-std=c11', '-Wall', '-Wextra', '-pedantic', '-Werror', '-O2', '-o', 'adapter', 'adapter.c'], adapter: './adapter' },
    { language: 'python', lacking: lacks('python3', 'the template in Python is not held'), build: [], adapter: 'python3 adapter.py' },
    // npx tsc, with the compiler and the types of this project instead of an installation.
    { language: 'typescript', lacking: false, build: [process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '--typeRoots', join(root, 'node_modules/@types')], adapter: 'node adapter.js' },
  ] as const; // prettier-ignore

  describe.each(languages)('in $language', ({ language, lacking, build, adapter }) => {
    const directory = join(folder, language);
    const command = adapter
      .split(' ')
      .map((word) => (word.includes('adapter') ? join(directory, word) : word));

    it('has less than 150 lines and says what to type', async () => {
      expect(await said.msgctx('adapter', 'new', language, directory)).toBe(0);
      expect(said.out).toContain(`\n  npx msgctx run -- ${adapter}\n`);
      const [main = ''] = readdirSync(directory).filter((name) => name.startsWith('adapter'));
      const lines = readFileSync(join(directory, main), 'utf8').split('\n').length - 1;
      expect(lines).toBeLessThan(150);
    });

    it.skipIf(lacking)('compiles and speaks the protocol', async () => {
      const [compiler, ...args] = build;
      if (compiler !== undefined) {
        const { status, stdout, stderr } = spawnSync(compiler, args, {
          cwd: directory,
          encoding: 'utf8',
        });
        expect([status, stdout, stderr]).toEqual([0, '', '']);
      }
      expect(await said.msgctx('adapter', 'check', '--', ...command)).toBe(0);
    });

    it.skipIf(lacking)('lacks the rules that it says are left, and no other', async () => {
      const few = ['--suite', 'paths', '--suite', 'rejections'];
      expect(await said.msgctx('run', '--json', ...few, '--', ...command)).toBe(1);
      const report = JSON.parse(said.out) as {
        cases: { verdict: string; requirements: string[]; breach?: string }[];
      };
      const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
      expect(failed.filter(({ breach }) => breach !== undefined)).toEqual([]);
      const rules = new Set(failed.flatMap(({ requirements }) => requirements[0] ?? []));
      expect([...rules].sort()).toEqual(['REG-3', 'REG-7', 'REP-3', 'REP-4', 'REP-5', 'REP-7']);
      expect(report.cases.some(({ verdict }) => verdict === 'pass')).toBe(true);
    });
  });

  it('is written into no directory that holds something, nor in a language that there is not', async () => {
    const full = mkdtempSync(join(folder, 'full-'));
    writeFileSync(join(full, 'adapter.c'), 'mine');
    expect(await said.msgctx('adapter', 'new', 'c', full)).toBe(2);
    expect(said.err).toContain('is not empty: name a directory that is new');
    expect(readFileSync(join(full, 'adapter.c'), 'utf8')).toBe('mine');
    expect(await said.msgctx('adapter', 'new', 'cobol', join(folder, 'x'))).toBe(2);
    expect(said.err).toContain('known: c, python, typescript');
    expect(await said.msgctx('adapter', 'new', 'c', join(full, 'adapter.c', 'x'))).toBe(2);
    expect(said.err).toContain('cannot be written');
  });
});
