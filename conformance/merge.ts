import { coveredByAny } from './covered.js';
import { minimalOnce } from './minimise.js';
import type { ListedRule, Report } from './report.js';
import { reportOf } from './report.js';
import { inOrder } from './suites/index.js';
import { UsageError } from './usage.js';

/**
 * Joins reports: the shards of one run become the report of the whole, with the totals that one machine
 * alone would have counted; different implementations stay side by side.
 */

/** A report and the file that it came from. */
export interface Named {
  readonly file: string;
  readonly report: Report;
}

/**
 * One report for each implementation, version, profile, strictness and seed, in the order of the files.
 *
 * @throws UsageError when a case is in two reports of one run, or a part is missing
 */
export function merge(all: readonly Named[]): readonly Report[] {
  const runs = new Map<string, Named[]>();
  for (const one of all) {
    const { implementation, profile, strict, seed } = one.report;
    const key = JSON.stringify([
      implementation.name,
      implementation.version,
      profile,
      strict,
      seed,
    ]);
    runs.set(key, [...(runs.get(key) ?? []), one]);
  }
  return [...runs.values()].map(whole);
}

function whole(parts: readonly Named[]): Report {
  const [first] = parts;
  if (first === undefined) throw new UsageError('expected at least one report to merge');
  mustBeComplete(parts);
  const reports = parts.map(({ report }) => report);
  const places = new Map<string, string>();
  for (const { file, report: part } of parts) {
    for (const { id } of part.cases) {
      const other = places.get(id);
      if (other !== undefined) throw new UsageError(`the case ${id} is in ${other} and in ${file}`);
      places.set(id, file);
    }
  }
  const { implementation, profile, seed, strict, notJudged, subject } = first.report;
  return reportOf({
    ...{ implementation, profile, seed, strict, notJudged },
    ...(subject === undefined ? {} : { subject }),
    covered: coveredByAny(reports.map(({ covered }) => covered)),
    listed: listedIn(reports),
    cases: minimalOnce(inOrder(reports.flatMap((one) => one.cases))),
  });
}

/** A gate must not be green because a machine never reported. */
function mustBeComplete(parts: readonly Named[]): void {
  const shards = parts.flatMap(({ report }) => report.shard ?? []);
  const all = shards[0]?.all;
  if (all === undefined) return;
  if (shards.length < parts.length || shards.some((one) => one.all !== all)) {
    const files = parts.map(({ file }) => file).join(', ');
    throw new UsageError(`${files}: expected parts of one run, all of ${all}`);
  }
  for (let nth = 1; nth <= all; nth += 1) {
    if (shards.some((one) => one.nth === nth)) continue;
    throw new UsageError(`part ${nth}/${all} of the run of ${parts[0]?.file ?? ''} is missing`);
  }
}

function listedIn(reports: readonly Report[]): readonly ListedRule[] {
  const rules = new Map<string, ListedRule>();
  for (const one of reports.flatMap(({ listed }) => listed)) {
    const before = rules.get(one.id) ?? { ...one, failed: 0, passed: 0 };
    const [failed, passed] = [before.failed + one.failed, before.passed + one.passed];
    const complete = (rules.get(one.id)?.complete ?? true) && one.complete;
    rules.set(one.id, { ...one, failed, passed, complete });
  }
  return [...rules.values()];
}
