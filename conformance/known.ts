import semver from 'semver';
import type { RequirementId } from '../model/index.js';
import { isRequirementId } from '../model/index.js';
import type { CaseReport, ListedEntry, ListedRule, Verdict } from './report.js';
import { isStale } from './report.js';

/**
 * Known deviations: failures that are expected, each with a reason, so that a gate stays green for
 * what is known and red for everything else.
 *
 * An entry names a case and the requirements that its failure names; or it names a requirement, and
 * then excuses every case whose failure names only listed requirements. A failure for another reason
 * is a failure. An entry that no failure needs any more is stale: then the run fails too, so that the
 * list does not grow old unseen.
 */

/** One entry of the list. */
export interface Deviation {
  /** The id of a case, or of a requirement. */
  readonly id: string;
  /** Why it is accepted, for readers. */
  readonly reason: string;
  /** Where more is said: an address, the number of an issue. */
  readonly reference?: string;
  /** Of a case: what its failure names, requirements or the way in which the adapter broke. */
  readonly fails?: readonly string[];
  /** The case fails only sometimes: it is run several times and counted apart. */
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
  /** Whether every case that could fail by a requirement is selected; all are by default. */
  readonly isCovered?: (id: RequirementId) => boolean;
}

/** How many times a flaky case is run. */
export const flakyRuns = 3;

/** An entry for a requirement, and what became of the cases that tried it. */
interface Tally {
  readonly entry: Deviation;
  failed: number;
  passed: number;
  complete: boolean;
}

/** The list, applied to the cases of a run. */
export class Known {
  readonly #cases = new Map<string, Deviation>();
  readonly #rules = new Map<RequirementId, Tally>();
  readonly #over = new Map<string, Deviation>();
  readonly #isCovered: (id: RequirementId) => boolean;

  constructor({ deviations, version, today, isCovered = () => true }: KnownOptions) {
    this.#isCovered = isCovered;
    for (const one of deviations) {
      if (!isFor(one, version)) continue;
      if (one.expires !== undefined && one.expires < today) this.#over.set(one.id, one);
      else if (isRequirementId(one.id)) {
        this.#rules.set(one.id, { entry: one, failed: 0, passed: 0, complete: true });
      } else this.#cases.set(one.id, one);
    }
  }

  /** How many times a case is to be run. */
  runsOf(id: string): number {
    return this.#cases.get(id)?.flaky === true ? flakyRuns : 1;
  }

  /** The verdict on a case with the list applied; a flaky one was run several times. */
  judge(runs: readonly [CaseReport, ...CaseReport[]]): CaseReport {
    const one = runs.find(({ verdict }) => verdict === 'fail') ?? runs[0];
    const entry = this.#cases.get(one.id);
    if (one.verdict === 'inconclusive') this.#leaveOpen(one.requirements);
    if (one.verdict !== 'fail' && one.verdict !== 'pass') return one;
    if (entry?.flaky === true) return flaky(runs, one, entry);
    if (one.verdict === 'pass') {
      this.#count('passed', one.kept);
      if (entry === undefined) return one;
      const why = `${one.id} is listed as a known deviation (${entry.reason}), but passes: remove the entry`;
      return { ...one, verdict: 'unexpected-pass', why };
    }
    this.#count('failed', one.requirements);
    return entry === undefined ? this.#byRules(one) : expected(one, entry);
  }

  /** The entries for requirements, with what became of them. */
  get rules(): readonly ListedRule[] {
    return [...this.#rules].map(([id, { entry, failed, passed, complete }]) => {
      // Asked only where it decides, since the answer may take a while.
      const isOpen = failed === 0 && passed > 0;
      const isComplete = complete && (!isOpen || this.#isCovered(id));
      return { id, reason: entry.reason, failed, passed, complete: isComplete };
    });
  }

  /** A case that was not decided could still need the entries of its requirements. */
  #leaveOpen(ids: readonly RequirementId[]): void {
    for (const tally of this.#talliesOf(ids)) tally.complete = false;
  }

  #count(what: 'failed' | 'passed', ids: readonly RequirementId[]): void {
    for (const tally of this.#talliesOf(ids)) tally[what] += 1;
  }

  #talliesOf(ids: readonly RequirementId[]): readonly Tally[] {
    return ids.flatMap((id) => this.#rules.get(id) ?? []);
  }

  #byRules(one: CaseReport): CaseReport {
    const listed = this.#talliesOf(one.requirements).map(({ entry }) => entry);
    if (isExcusable(one) && listed.length === one.requirements.length) return known(one, listed);
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

/** Whether entries for requirements can excuse a failure: an adapter that breaks names none. */
function isExcusable({ breach, requirements }: CaseReport): boolean {
  return breach === undefined && requirements.length > 0;
}

function known(one: CaseReport, listed: readonly Deviation[]): CaseReport {
  const words = listed.map(({ id, reason, reference }) => {
    const where = reference === undefined ? '' : `, see ${reference}`;
    return `${id}: ${reason}${where}`;
  });
  return as('known', one, listed, `${words.join('; ')}; ${one.why}`);
}

function expected(one: CaseReport, entry: Deviation): CaseReport {
  const names = nameOf(one);
  const fails = [...(entry.fails ?? [])].sort();
  if (fails.join() === names.join()) return known(one, [entry]);
  const why = `listed as a known deviation that names ${fails.join(', ')}, but this failure names ${names.join(', ')}: ${one.why}`;
  return { ...one, why };
}

function flaky(runs: readonly CaseReport[], one: CaseReport, entry: Deviation): CaseReport {
  const failed = runs.filter(({ verdict }) => verdict === 'fail').length;
  if (failed === runs.length) {
    const why = `listed as flaky (${entry.reason}), but it failed in each of ${failed} runs: ${one.why}`;
    return { ...one, why };
  }
  return as('flaky', one, [entry], `${entry.reason}; failed in ${failed} of ${runs.length} runs`);
}

function as(
  verdict: Verdict,
  one: CaseReport,
  listed: readonly Deviation[],
  why: string,
): CaseReport {
  const entries = listed.map(({ id, reason }): ListedEntry => ({ id, reason }));
  return { ...one, verdict, why, entries };
}

/** What a failure names: its requirements, or the way in which the adapter broke. */
export function nameOf({ breach, requirements }: CaseReport): readonly string[] {
  return breach === undefined ? [...requirements].sort() : [breach];
}

const unexplained = 'not explained yet';

/**
 * The list as it should be after a run, sorted by id. It excuses every failure of the run: by one entry
 * for each requirement that a failure names, and by an entry for a case only where no requirement is to
 * blame, because the adapter broke. Entries with a reason stay as they are; stale ones go, and so do
 * entries without a reason for cases that the requirements now excuse.
 */
export function updated(
  deviations: readonly Deviation[],
  cases: readonly CaseReport[],
  rules: readonly ListedRule[],
): readonly Deviation[] {
  const reported = new Map(cases.map((one) => [one.id, one]));
  const stale = new Set<string>(rules.filter(isStale).map(({ id }) => id));
  const kept = deviations.flatMap((entry): Deviation[] => {
    const one = reported.get(entry.id);
    if (one?.verdict === 'unexpected-pass' || stale.has(entry.id)) return [];
    const isFailing = one?.verdict === 'fail' || one?.verdict === 'known';
    if (one === undefined || !isFailing || entry.flaky === true) return [entry];
    if (entry.reason === unexplained && isExcusable(one)) return [];
    return one.verdict === 'fail' ? [{ ...entry, fails: nameOf(one) }] : [entry];
  });
  const listed = new Set(kept.map(({ id }) => id));
  const open = cases.filter(
    ({ id, verdict }) => (verdict === 'fail' || verdict === 'known') && !listed.has(id),
  );
  const named = open.filter(isExcusable).flatMap(({ requirements }) => requirements);
  const missing = new Set(named.filter((id) => !listed.has(id)));
  const broken = open.filter((one) => !isExcusable(one));
  const added = [
    ...Array.from(missing, (id): Deviation => ({ id, reason: unexplained })),
    ...broken.map((one): Deviation => ({ id: one.id, reason: unexplained, fails: nameOf(one) })),
  ];
  return [...kept, ...added].sort((a, b) => (a.id < b.id ? -1 : 1));
}
