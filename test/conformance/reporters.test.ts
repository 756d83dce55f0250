import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import type { CaseReport, Report } from '../../conformance/index.js';
import { printCtrf } from '../../conformance/report/ctrf.js';
import { printGithub } from '../../conformance/report/github.js';
import { printMarkdown } from '../../conformance/report/markdown.js';
import { printTap } from '../../conformance/report/tap.js';
import { reportOf } from '../../conformance/report.js';

/** What the parser says of a test point; it has no types for it. */
interface Point {
  readonly ok: boolean;
  readonly name: string;
  readonly todo: string | boolean;
  readonly skip: string | boolean;
  readonly diag?: unknown;
}

/** Reports that other programs read, read by other programs. */

const none = { requirements: [], kept: [], why: '', trace: [], allowed: [], replay: [] } as const;
const why = 'at "reply": got \u0007<b> 50% # | `x` & more\nand: a second, line';
const cases: readonly CaseReport[] = [
  { ...none, id: 'paths/a', suite: 'paths', verdict: 'pass', kept: ['CTX-2'] },
  {
    ...none, id: 'paths/b', suite: 'paths', verdict: 'fail', requirements: ['REP-7'], why,
    trace: [{ command: 'helo u1.d1', observed: ['ok'] }], allowed: ['refused (reply/wrong-sequence)'],
  }, // prettier-ignore
  {
    ...none,
    id: 'paths/c',
    suite: 'paths',
    verdict: 'known',
    requirements: ['REP-5'],
    why: 'we know',
  },
  { ...none, id: 'time/d', suite: 'time', verdict: 'unsupported', why: 'the adapter lacks exit' },
  { ...none, id: 'time/e', suite: 'time', verdict: 'inconclusive', why: 'interrupted' },
  { ...none, id: 'time/f', suite: 'time', verdict: 'flaky', why: 'failed in 1 of 3 runs' },
  { ...none, id: 'time/g', suite: 'time', verdict: 'unexpected-pass', why: 'take it out' },
];

const report: Report = reportOf({
  implementation: {
    name: 'mine', version: '1', role: 'kernel', profile: 'seed', capabilities: [],
    contextsMin: 1, contextsMax: 2, payloadMax: 4, timeoutMinMs: 1, timeoutStepMs: 1,
  }, // prettier-ignore
  profile: 'seed',
  seed: 1,
  strict: false,
  notJudged: [],
  covered: { states: '', transitions: '', refusals: [], requirements: [] },
  listed: [],
  cases,
});

describe('a report', () => {
  it('as TAP is understood by a TAP parser', () => {
    const results = Parser.parse(printTap(report), { strict: true });
    expect(results.filter(([kind]) => kind === 'extra')).toEqual([]);
    const points = results.flatMap(([kind, point]) => (kind === 'assert' ? [point as Point] : []));
    expect(points.map(({ ok, name, todo, skip }) => [ok, name, todo, skip])).toEqual([
      [true, 'paths/a', false, false],
      [false, 'paths/b', false, false],
      [false, 'paths/c', 'known: we know', false],
      [true, 'time/d', false, 'unsupported: the adapter lacks exit'],
      [true, 'time/e', false, 'inconclusive: interrupted'],
      [false, 'time/f', 'flaky: failed in 1 of 3 runs', false],
      [false, 'time/g', false, false],
    ]);
    expect(points[1]?.diag).toEqual({
      message: String.raw`at "reply": got \x07<b> 50% # | ${'`x`'} & more\nand: a second, line`,
      requirements: ['REP-7'],
      conversation: ['helo u1.d1 -> ok', 'allowed: refused (reply/wrong-sequence)'],
    });
    const complete: unknown = results.find(([kind]) => kind === 'complete')?.[1];
    expect(complete).toMatchObject({ ok: false, count: 7, fail: 4, todo: 2, skip: 2 });
  });

  it('as CTRF fits the schema of the format', () => {
    const times = { startMs: 10, stopMs: 250, caseMs: new Map([['paths/a', 1.6]]) };
    const document: unknown = JSON.parse(printCtrf(report, times));
    const file = new URL('../../node_modules/ctrf/src/ctrf-schema-0.0.json', import.meta.url);
    const text = readFileSync(file, 'utf8');
    const ajv = new Ajv.default({ strict: false, validateFormats: false });
    const valid = ajv.validate(JSON.parse(text) as object, document);
    expect([valid, ajv.errors]).toEqual([true, null]);
    expect(document).toMatchObject({
      results: {
        summary: { tests: 7, passed: 1, failed: 2, skipped: 1, other: 3, start: 10, stop: 250 },
        tests: [
          { name: 'paths/a', status: 'passed', duration: 2 },
          { status: 'failed' },
          {},
          {},
          {},
          {},
          {},
        ],
      },
    });
  });

  it('as Markdown has no markup of its own in what was observed', () => {
    const text = printMarkdown(report, { subject: ' -- ./adapter' });
    expect(text).toContain('## mine 1: fail');
    expect(text).toContain('| known | 1 |');
    expect(text).toContain(String.raw`\\x07\<b\> 50% \# \| \`x\` \& more\\nand: a second, line`);
    expect(text).toContain('    helo u1.d1 -> ok');
    expect(text).toContain('- 1 case unsupported: the adapter lacks exit');
  });

  it('as annotations is one workflow command per cause', () => {
    const lines = printGithub(report, { subject: ' -- ./adapter', file: 'adapter.c' })
      .trimEnd()
      .split('\n');
    expect(lines).toEqual([
      String.raw`::error file=adapter.c,line=1,title=REP-7%3A 1 case::paths/b: at "reply": got \x07<b> 50%25 # | ${'`x`'} & more%0Aand: a second, line`,
      '::error title=stale entry time/g::take it out',
      '::error title=msgctx::mine 1: does not conform to profile seed: 1 case failed for 1 cause; the list has a stale entry',
    ]);
  });
});
