import type { Report } from '../report.js';
import { failuresByCause } from '../report.js';

/** What to do after a run, in one line. */
export function nextStep({ totals, cases, implementation }: Report): string | undefined {
  const [worst] = failuresByCause(cases);
  const [first] = worst ?? [];
  if (first !== undefined) {
    const what = first.requirements[0] ?? 'the first failure';
    if (first.replay.length === 0 || first.alone === false) return `fix ${what}, then run again`;
    return `fix ${what}, until its "again" line passes; or accept it: --known FILE --update-known`;
  }
  if (totals.unexpectedPass > 0) return 'remove the stale entries: run again with --update-known';
  if (totals.known > 0) {
    return 'fix what an entry lists, then remove the entry: run again with --update-known';
  }
  if (totals.inconclusive > 0) return 'look at the reasons above, then run again';
  const lacks = [...new Set(cases.flatMap((one) => one.lacks ?? []))].sort();
  if (lacks.length > 0 && implementation.role === 'kernel') {
    return `to run more cases, implement and claim ${lacks.join(', ')}`;
  }
  return undefined;
}
