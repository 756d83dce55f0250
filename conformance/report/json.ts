import type { CaseReport, Report } from '../report.js';

/** The schema of the document. */
export const reportSchema = 'msgctx-report/1';

/** The report as one JSON document, schema `msgctx-report/1` (schemas/report.json). */
export function printJson(report: Report): string {
  return `${JSON.stringify(documentOf(report), null, 2)}\n`;
}

/** The document, members in the order of its schema. */
export function documentOf(report: Report) {
  const { implementation, profile, seed, strict, verdict, totals, coverage, notJudged } = report;
  const { covered, listed, shard } = report;
  return {
    schema: reportSchema,
    implementation, profile, seed, strict, verdict, totals, coverage, notJudged, covered,
    ...(listed.length === 0 ? {} : { listed }),
    ...(shard === undefined ? {} : { shard }),
    ...(report.subject === undefined ? {} : { subject: report.subject }),
    cases: report.cases.map(caseOf),
  }; // prettier-ignore
}

/** What a pass exercised is said once; what is empty is left out. */
function caseOf(one: CaseReport) {
  const { id, suite, requirements, verdict, why, trace, kept, allowed, replay } = one;
  return {
    id, suite, requirements, verdict, why, trace,
    ...(verdict === 'pass' || kept.length === 0 ? {} : { kept }),
    ...(allowed.length === 0 ? {} : { allowed }),
    ...(replay.length === 0 ? {} : { replay }),
    ...(one.breach === undefined ? {} : { breach: one.breach }),
    ...(one.denied === undefined ? {} : { denied: one.denied }),
    ...(one.entries === undefined ? {} : { entries: one.entries }),
    ...(one.lacks === undefined ? {} : { lacks: one.lacks }),
    ...(one.alone === undefined ? {} : { alone: one.alone }),
    ...(one.after === undefined ? {} : { after: one.after }),
    ...(one.minimal === undefined ? {} : { minimal: one.minimal }),
  }; // prettier-ignore
}
