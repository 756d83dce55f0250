import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../conformance/index.js';
import { ProcessSubject, run, seed, selectCases } from '../../conformance/index.js';
import { lacks } from '../needs.js';

/**
 * The foreign implementations: each conforms, each of its five faults is caught, and the shortest
 * conversation that shows it is short.
 */

const example = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'msgctx-'));
const kernelC = join(built, 'kernel');
const stepsMax = 8;

interface Language {
  readonly name: string;
  readonly program: string;
  readonly source: string;
  readonly command: readonly [string, ...string[]];
}

const languages: readonly Language[] = [
  {
    name: 'javascript',
    program: 'node',
    source: example('javascript/kernel.mjs'),
    command: ['node', example('javascript/kernel.mjs')],
  },
  {
    name: 'python',
    program: 'python3',
    source: example('python/kernel.py'),
    command: ['python3', example('python/kernel.py')],
  },
  { name: 'c', program: 'cc', source: example('c/kernel.c'), command: [kernelC] },
];

/** Each fault of the examples, and a rule that it breaks. */
const faults = [
  ['skips-pid-check', 'REP-5'],
  ['skips-sequence-check', 'REP-7'],
  ['leaks-on-timeout', 'CTX-6'],
  ['keeps-old-daemon', 'REG-3'],
  ['overwrites-reply', 'REP-6'],
] as const;

const table: string[] = [];
afterAll(() => {
  rmSync(built, { recursive: true });
  process.stdout.write(`${table.join('\n')}\n`);
});

/** Builds the example in C without a warning, where there is a compiler. */
beforeAll(() => {
  if (lacks('cc', 'examples/c is not built')) return;
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-pedantic'];
  const args = [...flags, '-o', kernelC, example('c/kernel.c')];
  expect(spawnSync('cc', args, { encoding: 'utf8' }).stderr).toBe('');
});

async function hold(
  language: Language,
  args: readonly string[],
  { strict, suites }: { strict: boolean; suites: readonly string[] },
): Promise<Report> {
  const [command, ...rest] = language.command;
  const options = { command, args: [...rest, ...args], suite: 'test', deadlineMs: 60_000 };
  const subject = await ProcessSubject.start(options);
  const all = selectCases(seed, suites, []);
  // These implementations play the kernel.
  const cases = all.filter(({ kind }) => kind !== 'daemon');
  const report = await run({
    subject,
    profile: seed,
    strict,
    cases,
    seed: 1,
    runs: 100,
    bail: false,
  });
  await subject.close();
  return report;
}

describe.each(languages)('the example in $name', (language) => {
  const skip = lacks(language.program, `examples/${language.name} is neither built nor run`);

  it('is one file of under 300 lines', () => {
    expect(readFileSync(language.source, 'utf8').trimEnd().split('\n').length).toBeLessThan(300);
  });

  it.skipIf(skip)('conforms, errnos included', async () => {
    const { cases, totals, coverage, implementation } = await hold(language, [], {
      strict: true,
      suites: [],
    });
    const wrong = cases.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unsupported');
    expect(wrong.map(({ why }) => why)).toEqual([]);
    expect(totals.pass).toBeGreaterThan(3000);
    // The examples have no queues, signals, sends that fail and raw bytes.
    expect(coverage.requirements).toEqual([50, 61]);
    table.push(`${implementation.name}: ${JSON.stringify(totals)}`);
  });

  it.skipIf(skip)('refuses a fault that it does not have', () => {
    const [command, ...rest] = language.command;
    const { status, stderr } = spawnSync(command, [...rest, '--fault', 'sings'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    for (const [fault] of faults) expect(stderr).toContain(fault);
  });

  it.skipIf(skip).each(faults)('is caught when it %s, by %s', async (fault, rule) => {
    const before = performance.now();
    const { cases, verdict } = await hold(language, ['--fault', fault], {
      strict: false,
      suites: ['paths', 'adversary'],
    });
    const seconds = ((performance.now() - before) / 1000).toFixed(1);
    const failed = cases.filter((one) => one.verdict === 'fail');
    const lengths = failed
      .filter(({ requirements }) => requirements.includes(rule))
      .map(({ trace }) => trace.filter(({ probe }) => probe === undefined).length);
    const steps = Math.min(...lengths);
    table.push(`${language.name} ${fault}: ${rule}, ${steps} steps, ${seconds} s`);
    expect(verdict).toBe('fail');
    expect(steps).toBeLessThanOrEqual(stepsMax);
  });
});

describe('the example in c', () => {
  const skip = lacks('cc', 'the run of PROTOCOL.md is not held');

  it.skipIf(skip)('converses as PROTOCOL.md shows', () => {
    const page = readFileSync(example('../PROTOCOL.md'), 'utf8');
    const lines = (mark: string) =>
      [...page.matchAll(new RegExp(`^${mark} (.*)$`, 'gm'))].map(([, line = '']) => line);
    expect(lines('>').length).toBe(10);
    const input = lines('>')
      .map((line) => `${line}\n`)
      .join('');
    const { stdout, status } = spawnSync(kernelC, { input, encoding: 'utf8' });
    const said = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(said).toEqual(lines('<').map((line) => JSON.parse(line) as unknown));
    expect(status).toBe(0);
  });
});
