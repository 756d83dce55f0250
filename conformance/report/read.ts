import { isRequirementId } from '../../model/index.js';
import type { Members } from '../members.js';
import { isMembers } from '../members.js';
import type { CaseReport, Report } from '../report.js';
import { reportOf } from '../report.js';
import { UsageError } from '../usage.js';
import { reportSchema } from './json.js';

/**
 * Reads a report that `--json` or `--reporter json=FILE` wrote.
 *
 * Verdict, totals and figures are not read but made anew from the cases.
 *
 * @param file its name, for messages
 * @throws UsageError that names the file and what was expected
 */
export function parseReport(text: string, file: string): Report {
  const fail = (expected: string): never => {
    throw new UsageError(`${file}: expected ${expected}`);
  };
  const document = membersOf(parse(text, fail)) ?? fail('a JSON object');
  if (document['schema'] !== reportSchema) fail(`"schema": "${reportSchema}"`);
  const { implementation, profile, seed, strict, notJudged, covered, shard, cases } = document;
  const claims = membersOf(implementation) ?? fail('an object "implementation"');
  for (const name of ['name', 'version', 'role']) {
    if (typeof claims[name] !== 'string') fail(`a text "${name}" in "implementation"`);
  }
  if (typeof profile !== 'string') fail('a text "profile"');
  if (typeof seed !== 'number') fail('a number "seed"');
  if (typeof strict !== 'boolean') fail('"strict", true or false');
  if (!isTexts(notJudged)) fail('a list of texts "notJudged"');
  const bits = membersOf(covered) ?? fail('an object "covered"');
  const isBits = typeof bits['states'] === 'string' && typeof bits['transitions'] === 'string';
  if (!isBits || !isTexts(bits['refusals']) || !isTexts(bits['requirements'])) {
    fail('"covered" with states, transitions, refusals and requirements');
  }
  const { listed: entries = [] } = document;
  const listed = Array.isArray(entries) ? entries.map(readListed) : [undefined];
  if (listed.includes(undefined)) fail('a list "listed" of entries');
  if (shard !== undefined && membersOf(shard) === undefined) fail('an object "shard"');
  if (!Array.isArray(cases)) return fail('a list "cases"');
  const read = cases.map((one: unknown, nth) => readCase(one, nth, fail));
  // Every member was looked at.
  return reportOf({
    ...({ implementation, profile, seed, strict, notJudged, covered, listed } as unknown as Report),
    ...(shard === undefined ? {} : { shard: shard as NonNullable<Report['shard']> }),
    ...(typeof document['subject'] === 'string' ? { subject: document['subject'] } : {}),
    cases: read,
  });
}

const verdicts = [
  'pass', 'fail', 'unsupported', 'inconclusive', 'known', 'flaky', 'unexpected-pass',
]; // prettier-ignore

function readCase(value: unknown, nth: number, fail: (expected: string) => never): CaseReport {
  const one = membersOf(value) ?? fail(`an object as case ${nth + 1}`);
  const { id, suite, verdict, requirements, trace } = one;
  const name = typeof id === 'string' ? id : fail(`an id of case ${nth + 1}`);
  if (typeof suite !== 'string' || typeof one['why'] !== 'string') fail(`suite and why of ${name}`);
  if (!verdicts.some((known) => known === verdict)) fail(`a verdict of ${name}`);
  if (!isTexts(requirements) || !requirements.every(isRequirementId)) {
    return fail(`requirements of ${name} that this version knows`);
  }
  if (!Array.isArray(trace) || !trace.every(isStep)) fail(`a trace of ${name}`);
  const { kept = verdict === 'pass' ? requirements : [], allowed = [], replay = [] } = one;
  if (!isTexts(kept) || !isTexts(allowed) || !isTexts(replay)) fail(`lists of texts in ${name}`);
  const { entries = [], lacks = [], after = [], alone = false } = one;
  if (!Array.isArray(entries) || !entries.every(isEntry)) fail(`a list of entries in ${name}`);
  if (!isTexts(lacks) || !isTexts(after)) fail(`lists of texts "lacks" and "after" in ${name}`);
  if (one['minimal'] !== undefined && !isMinimal(one['minimal'])) fail(`"minimal" of ${name}`);
  if (alone !== false) fail(`"alone": false, or no such member, in ${name}`);
  // Every member was looked at.
  return { ...one, kept, allowed, replay } as unknown as CaseReport;
}

/** Reports of former versions do not say whether every case was run that could need the entry. */
function readListed(value: unknown): unknown {
  const entry = membersOf(value);
  const { id, reason, failed, passed, complete = true } = entry ?? {};
  const isRule = typeof id === 'string' && isRequirementId(id) && typeof reason === 'string';
  const isCounted = typeof failed === 'number' && typeof passed === 'number';
  return isRule && isCounted ? { id, reason, failed, passed, complete } : undefined;
}

function isEntry(value: unknown): boolean {
  const { id, reason } = membersOf(value) ?? {};
  return typeof id === 'string' && typeof reason === 'string';
}

function isMinimal(value: unknown): boolean {
  const { kind, most, full } = membersOf(value) ?? {};
  if (typeof kind !== 'string' || typeof most !== 'number') return false;
  if (full === undefined) return true;
  const { why, requirements, trace, allowed } = membersOf(full) ?? {};
  const isNamed = isTexts(requirements) && requirements.every(isRequirementId);
  const isShown = Array.isArray(trace) && trace.every(isStep);
  return typeof why === 'string' && isNamed && isShown && isTexts(allowed);
}

function isStep(value: unknown): boolean {
  const step = membersOf(value);
  return typeof step?.['command'] === 'string' && isTexts(step['observed']);
}

function parse(text: string, fail: (expected: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(`JSON (${error instanceof Error ? error.message : ''})`);
  }
}

function membersOf(value: unknown): Members | undefined {
  return isMembers(value) ? value : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
