import semver from 'semver';
import type { RequirementId } from '../model/index.js';
import { isRequirementId } from '../model/index.js';
import type { CaseReport, ListedRule, Verdict } from './report.js';
import { isStale } from './report.js';
import { mustExist } from './select.js';

/**
 * Known deviations: failures that are expected, each with a reason, so that a gate stays green for
 * what is known and red for everything else.
 *
 * An entry names a case, and what the failure is to say; or a rule, and then excuses every case whose
 * failure names no rule that is not listed. A failure for another reason is a failure. An entry that
 * nothing needs any more is stale: then the run fails too, so that the list never grows old unseen.
 */

/** One entry of the list. */
export interface Deviation {
  /** The id of a case, or of a requirement. */
  readonly id: string;
  /** Why it is accepted, for a reader. */
  readonly reason: string;
  /** Where more is said: an address, the number of an issue. */
  readonly reference?: string;
  /** Of a case: what its failure names, rules or the way in which the adapter broke. */
  readonly fails?: readonly string[];
  /** Whether the case is one that sometimes fails: it is held several times and counted apart. */
  readonly flaky?: true;
  /** The versions of the implementation that it is for, as a semver range; all by default. */
  readonly versions?: string;
  /** The last day on which it counts, as YYYY-MM-DD. */
  readonly expires?: string;
}

/** What is known of an implementation. */
export interface KnownOptions {
  readonly deviations: readonly Deviation[];
  /** The version that the implementation claims. */
  readonly version: string;
  /** Today, as YYYY-MM-DD. */
  readonly today: string;
}

/** A flaky case is held so often. */
export const flakyRuns = 3;

/** The list, as it is held against the cases of a run. */
export class Known {
  readonly #cases = new Map<string, Deviation>();
  readonly #rules = new Map<RequirementId, Deviation>();
  readonly #over = new Map<string, Deviation>();
  readonly #counts = new Map<RequirementId, { failed: number; passed: number }>();

  constructor({ deviations, version, today }: KnownOptions) {
    for (const one of deviations) {
      if (!isFor(one, version)) continue;
      if (one.expires !== undefined && one.expires < today) this.#over.set(one.id, one);
      else if (isRequirementId(one.id)) {
        this.#rules.set(one.id, one);
        this.#counts.set(one.id, { failed: 0, passed: 0 });
      } else this.#cases.set(one.id, one);
    }
  }

  /** How often a case is to be held. */
  runsOf(id: string): number {
    return this.#cases.get(id)?.flaky === true ? flakyRuns : 1;
  }

  /** The verdict on a case with the list in mind; a flaky one was held several times. */
  judge(held: readonly [CaseReport, ...CaseReport[]]): CaseReport {
    const one = held.find(({ verdict }) => verdict === 'fail') ?? held[0];
    const entry = this.#cases.get(one.id);
    if (one.verdict !== 'fail' && one.verdict !== 'pass') return one;
    if (entry?.flaky === true) return flaky(held, one, entry);
    if (one.verdict === 'pass') {
      this.#count('passed', one.kept);
      if (entry === undefined) return one;
      const why = `${one.id} is listed as a known deviation (${entry.reason}), but passes: take the entry out`;
      return { ...one, verdict: 'unexpected-pass', why };
    }
    this.#count('failed', one.requirements);
    return entry === undefined ? this.#byRules(one) : expected(one, entry);
  }

  /** The entries for rules, with what became of them. */
  get rules(): readonly ListedRule[] {
    return [...this.#rules].map(([id, { reason }]) => ({
      id,
      reason,
      failed: this.#counts.get(id)?.failed ?? 0,
      passed: this.#counts.get(id)?.passed ?? 0,
    }));
  }

  #count(what: 'failed' | 'passed', ids: readonly RequirementId[]): void {
    for (const id of ids) {
      const counts = this.#counts.get(id);
      if (counts !== undefined) counts[what] += 1;
    }
  }

  #byRules(one: CaseReport): CaseReport {
    const listed = one.requirements.map((id) => this.#rules.get(id));
    const [first] = listed;
    if (first !== undefined && !listed.includes(undefined)) return known(one, first);
    const over = [one.id, ...one.requirements].flatMap((id) => this.#over.get(id) ?? []);
    const notes = over.map(
      ({ id, expires }) => ` (${id} was listed as known until ${expires ?? ''})`,
    );
    return notes.length === 0 ? one : { ...one, why: one.why + notes.join('') };
  }
}

/** Whether an entry is for this version; one that is no version is in every range. */
function isFor({ versions }: Deviation, version: string): boolean {
  const coerced = semver.coerce(version, { includePrerelease: true });
  if (versions === undefined || coerced === null) return true;
  return semver.satisfies(coerced, versions, { includePrerelease: true });
}

function known(one: CaseReport, { id, reason, reference }: Deviation): CaseReport {
  const where = reference === undefined ? '' : `, see ${reference}`;
  return as('known', one, `${id}: ${reason}${where}; ${one.why}`);
}

function expected(one: CaseReport, entry: Deviation): CaseReport {
  const names = nameOf(one);
  const fails = [...(entry.fails ?? [])].sort();
  if (fails.join() === names.join()) return known(one, entry);
  const why = `listed as a known deviation that names ${fails.join(', ')}, but this one names ${names.join(', ')}: ${one.why}`;
  return { ...one, why };
}

function flaky(held: readonly CaseReport[], one: CaseReport, entry: Deviation): CaseReport {
  const failed = held.filter(({ verdict }) => verdict === 'fail').length;
  if (failed === held.length) {
    const why = `listed as flaky (${entry.reason}), but it failed in each of ${failed} runs: ${one.why}`;
    return { ...one, why };
  }
  return as('flaky', one, `${entry.reason}; failed in ${failed} of ${held.length} runs`);
}

function as(verdict: Verdict, one: CaseReport, why: string): CaseReport {
  return { ...one, verdict, why };
}

/** What a failure names: its rules, or the way in which the adapter broke. */
export function nameOf({ breach, requirements }: CaseReport): readonly string[] {
  return breach === undefined ? [...requirements].sort() : [breach];
}

/** @throws UsageError when an entry names neither a requirement nor one of the cases */
export function mustBeKnown(deviations: readonly Deviation[], caseIds: readonly string[]): void {
  for (const { id } of deviations) {
    if (!isRequirementId(id)) mustExist('case or requirement', id, caseIds);
  }
}

/**
 * The list as it should be after a run: failures that were not listed are put in, what is stale is
 * taken out, reasons are kept; sorted by id.
 */
export function updated(
  deviations: readonly Deviation[],
  cases: readonly CaseReport[],
  rules: readonly ListedRule[],
): readonly Deviation[] {
  const held = new Map(cases.map((one) => [one.id, one]));
  const stale = new Set<string>(rules.filter(isStale).map(({ id }) => id));
  const kept = deviations.flatMap((entry) => {
    const one = held.get(entry.id);
    if (one?.verdict === 'unexpected-pass' || stale.has(entry.id)) return [];
    return one?.verdict === 'fail' && entry.flaky !== true
      ? [{ ...entry, fails: nameOf(one) }]
      : [entry];
  });
  const listed = new Set(kept.map(({ id }) => id));
  const added = cases
    .filter(({ id, verdict }) => verdict === 'fail' && !listed.has(id))
    .map((one) => ({ id: one.id, reason: 'not explained yet', fails: nameOf(one) }));
  return [...kept, ...added].sort((a, b) => (a.id < b.id ? -1 : 1));
}
