import type { CaseReport, Report, Verdict } from '../report.js';
import { version } from '../version.js';
import { conversationLines, visibleLines } from './conversation.js';

/** The report as a CTRF document (Common Test Report Format, https://ctrf.io), one test per case. */

/** When a run began and ended, and how long each case took, in milliseconds. */
export interface Times {
  readonly startMs: number;
  readonly stopMs: number;
  readonly caseMs: ReadonlyMap<string, number>;
}

const statuses: Readonly<Record<Verdict, 'passed' | 'failed' | 'skipped' | 'other'>> = {
  pass: 'passed',
  fail: 'failed',
  'unexpected-pass': 'failed',
  unsupported: 'skipped',
  inconclusive: 'other',
  known: 'other',
  flaky: 'other',
};

/** Writes the document. Known deviations and flaky cases are `other`; `rawStatus` has our verdict. */
export function printCtrf(report: Report, { startMs, stopMs, caseMs }: Times): string {
  const tests = report.cases.map((one) => testOf(one, caseMs.get(one.id) ?? 0));
  const count = (status: string) => tests.filter((test) => test.status === status).length;
  const document = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    generatedBy: 'msgctx',
    results: {
      tool: { name: 'msgctx', version },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        pending: 0,
        skipped: count('skipped'),
        other: count('other'),
        start: Math.round(startMs),
        stop: Math.round(stopMs),
      },
      tests,
      environment: {
        appName: report.implementation.name,
        appVersion: report.implementation.version,
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function testOf(one: CaseReport, ms: number) {
  const { id, suite, verdict, why, requirements } = one;
  const lines = conversationLines(one);
  return {
    name: id,
    status: statuses[verdict],
    duration: Math.round(ms),
    suite: [suite],
    rawStatus: verdict,
    tags: [...requirements],
    flaky: verdict === 'flaky',
    ...(why === '' ? {} : { message: visibleLines(why) }),
    ...(lines.length === 0 ? {} : { trace: lines.join('\n') }),
  };
}
