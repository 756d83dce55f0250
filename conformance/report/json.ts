import type { Report } from '../report.js';

/** The report as one JSON document, schema `msgctx-report/1`. */
export function printJson(report: Report): string {
  const { implementation, profile, seed, verdict, totals, coverage, notJudged } = report;
  const cases = report.cases.map(({ id, suite, requirements, verdict: of, why, trace }) => ({
    id, suite, requirements, verdict: of, why, trace,
  })); // prettier-ignore
  const document = {
    schema: 'msgctx-report/1',
    implementation,
    profile,
    seed,
    verdict,
    totals,
    coverage,
    notJudged,
    cases,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
