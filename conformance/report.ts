import type { ProfileName, Requirement, RequirementId } from '../model/index.js';
import { isRequirementId, profiles, requirements, seed } from '../model/index.js';
import type { TraceStep } from './converse.js';
import { counted } from './counted.js';
import type { Covered, CoverageFigures } from './covered.js';
import { figuresOf } from './covered.js';
import type { Settings } from './ledger.js';
import type { Shard } from './shard.js';
import type { AdapterBroke, Breach, Claims } from './subject.js';

/** What a run found, as data. The reporters and the exit status are made from this alone. */

/** The verdicts of a case. The last three come of the list of known deviations. */
export type Verdict =
  'pass' | 'fail' | 'unsupported' | 'inconclusive' | 'known' | 'flaky' | 'unexpected-pass';

/** What a case says of its failure. */
export type Finding = Pick<CaseReport, 'why' | 'requirements' | 'trace' | 'allowed'>;

/** What became of one case. */
export interface CaseReport {
  readonly id: string;
  readonly suite: string;
  /** Of a pass: the rules exercised. Of a failure: the rules broken. Otherwise: those it was for. */
  readonly requirements: readonly RequirementId[];
  readonly verdict: Verdict;
  /** One sentence; empty for a pass. */
  readonly why: string;
  /** Of a failure: the conversation, minimal where `minimal` is there. */
  readonly trace: readonly TraceStep[];
  /** Rules that were exercised and found kept, whatever became of the case. */
  readonly kept: readonly RequirementId[];
  /** Of a failure: every way that was allowed at the failing step. */
  readonly allowed: readonly string[];
  /** Of a failure: how to hold this conversation again, as options of `msgctx run`. */
  readonly replay: readonly string[];
  /** Of a failure: how the system was set up. */
  readonly settings?: Settings;
  readonly breach?: Breach;
  /** The adapter answered UNSUPPORTED to something that it claims. */
  readonly denied?: true;
  /** Of a known or flaky case: the entries of the list that excuse it. */
  readonly entries?: readonly ListedEntry[];
  /** Of an unsupported case: the capabilities that the adapter lacks for it. */
  readonly lacks?: readonly string[];
  /** Of a failure: its case passes when it is run alone. */
  readonly alone?: false;
  /** Of a failure that does not: the earlier cases that it needs; absent where they were not found. */
  readonly after?: readonly string[];
  /** Of the first failures of a kind, which are shown by a minimal conversation: the kind, how many there may be, and what was found first. */
  readonly minimal?: { readonly kind: string; readonly most: number; readonly full?: Finding };
}

/** An entry of the list of known deviations, as reports show it. */
export interface ListedEntry {
  readonly id: string;
  readonly reason: string;
}

/** How many cases came to each verdict. */
export interface Totals {
  readonly pass: number;
  readonly fail: number;
  readonly unsupported: number;
  readonly inconclusive: number;
  readonly known: number;
  readonly flaky: number;
  readonly unexpectedPass: number;
}

/** What became of a known deviation that is a requirement. */
export interface ListedRule {
  readonly id: RequirementId;
  readonly reason: string;
  /** Cases that failed by it, and cases that passed though they tried it. */
  readonly failed: number;
  readonly passed: number;
  /** Whether every case that could fail by it was run; only then it can be stale. */
  readonly complete: boolean;
}

/** A whole run. */
export interface Report {
  readonly implementation: Omit<Claims, 'capabilities'> & {
    readonly capabilities: readonly string[];
  };
  readonly profile: string;
  readonly seed: number;
  /** Whether errnos were judged. */
  readonly strict: boolean;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly totals: Totals;
  readonly coverage: CoverageFigures;
  /** What could not be judged, and why, in words. */
  readonly notJudged: readonly string[];
  readonly covered: Covered;
  /** The known deviations that are rules, and what became of each. */
  readonly listed: readonly ListedRule[];
  /** Which part of a run this is; the whole, if it does not say. */
  readonly shard?: Shard;
  /** The options and the subject that a command line needs to run a case of this report again. */
  readonly subject?: string;
  readonly cases: readonly CaseReport[];
}

/** A report, with what follows from its cases; what stands for stale entries is made anew. */
export function reportOf(found: Omit<Report, 'verdict' | 'totals' | 'coverage'>): Report {
  const { shard, listed, covered, implementation } = found;
  // A rule that no case of a part breaks may be broken in another part.
  const held = found.cases.filter(({ suite }) => suite !== 'known');
  const cases = shard === undefined ? [...held, ...staleCases(listed)] : held;
  const profile = profiles[found.profile as ProfileName] ?? seed;
  const isEmptyPart = shard !== undefined && cases.length === 0;
  return {
    ...found,
    cases,
    verdict: isEmptyPart ? 'pass' : verdictOf(cases),
    totals: totalsOf(cases),
    coverage: figuresOf(covered, profile, implementation.role),
  };
}

/** Whether no failure needs an entry any more: every case that could was run, some tried it, none failed by it. */
export function isStale({ failed, passed, complete }: ListedRule): boolean {
  return complete && failed === 0 && passed > 0;
}

/** A case for each stale entry, so that every report shows it. It says nothing of the requirement itself. */
function staleCases(listed: readonly ListedRule[]): readonly CaseReport[] {
  return listed.filter(isStale).map(({ id, reason, passed }) => ({
    id: `known/${id}`,
    suite: 'known',
    requirements: [],
    verdict: 'unexpected-pass',
    why: `${id} is listed as a known deviation (${reason}), but ${counted(passed, 'case')} passed and none failed by it: remove the entry`,
    trace: [],
    kept: [],
    allowed: [],
    replay: [],
  }));
}

/** The id of the case that a run adds when the adapter ends in a wrong way, or is listed as doing so. */
export const shutdownCase = 'shutdown';

/** What is reported of the end of an adapter: after `shutdown` it exits with status 0. */
export function shutdownReport(broke: AdapterBroke | undefined): CaseReport {
  const about = { id: shutdownCase, suite: shutdownCase, requirements: [] } as const;
  const nothing = { trace: [], kept: [], allowed: [], replay: [] } as const;
  if (broke === undefined) return { ...about, ...nothing, verdict: 'pass', why: '' };
  return { ...about, ...nothing, verdict: 'fail', why: broke.message, breach: 'shutdown' };
}

/** A report with one more case. */
export function withCase(report: Report, one: CaseReport): Report {
  return reportOf({ ...report, cases: [...report.cases, one] });
}

/** The failures by their first requirement, or the way to break; in each group first what is read quickest. */
export function failuresByCause(cases: readonly CaseReport[]): readonly (readonly CaseReport[])[] {
  const causes = new Map<string, CaseReport[]>();
  for (const one of cases.filter(({ verdict }) => verdict === 'fail')) {
    const cause = one.breach ?? one.requirements[0] ?? '';
    const same = causes.get(cause);
    if (same === undefined) causes.set(cause, [one]);
    else same.push(one);
  }
  return [...causes.values()].map((same) => same.toSorted((a, b) => effort(a) - effort(b)));
}

const probeEffort = 1000;
const aloneEffort = 1_000_000;

/** How hard a failure is to read and replay: first what fails alone, and what shows before the closing probe. */
function effort({ trace, alone, after }: CaseReport): number {
  const replaying = alone === false ? aloneEffort : 0;
  const unexplained = replaying > 0 && after === undefined ? aloneEffort : 0;
  return replaying + unexplained + trace.length + (trace.at(-1)?.probe === true ? probeEffort : 0);
}

/** What is judged only where an adapter has a capability. */
const judgedWith: Readonly<Record<string, string>> = {
  virtualTime: 'time to the millisecond (no virtualTime)',
  results: 'what helo, quit and reply answer (no results)',
  payload: 'the bytes of requests and replies (no payload)',
  inspect: 'lists, states and registrations inside (no inspect)',
  exit: 'the death of daemons (no exit)',
  manualWake: 'what happens between waking up and looking (no manualWake)',
  manualRead: 'messages that wait (no manualRead)',
  interrupt: 'signals (no interrupt)',
  sendFault: 'messages that fail on their way (no sendFault)',
  pidReuse: 'pids that are used again (no pidReuse)',
  raw: 'malformed messages (no raw)',
};

/** What cannot be judged of an implementation that plays the kernel. */
export function notJudged({ role, capabilities }: Claims, strict: boolean): readonly string[] {
  if (role !== 'kernel') return [];
  return [
    ...Object.entries(judgedWith).flatMap(([word, what]) => (capabilities.has(word) ? [] : [what])),
    ...(strict ? [] : ['which errno a refusal carries (no --strict)']),
  ];
}

/** Counts verdicts. */
export function totalsOf(cases: readonly CaseReport[]): Totals {
  const count = (verdict: Verdict) => cases.filter((one) => one.verdict === verdict).length;
  return {
    pass: count('pass'),
    fail: count('fail'),
    unsupported: count('unsupported'),
    inconclusive: count('inconclusive'),
    known: count('known'),
    flaky: count('flaky'),
    unexpectedPass: count('unexpected-pass'),
  };
}

/**
 * The verdict of a run: a failure decides; without any pass nothing was shown, and neither where the
 * adapter took a claim back.
 */
export function verdictOf(cases: readonly CaseReport[]): Report['verdict'] {
  const totals = totalsOf(cases);
  if (totals.fail > 0 || totals.unexpectedPass > 0) return 'fail';
  const denied = cases.some((one) => one.denied === true);
  return denied || totals.inconclusive > 0 || totals.pass + totals.known === 0
    ? 'inconclusive'
    : 'pass';
}

/** The exit status of a run, as the command line promises it. */
export function exitStatusOf(report: Report): 0 | 1 | 3 | 4 {
  const held = report.cases.filter((one) => one.verdict === 'pass' || one.verdict === 'fail');
  if (held.length > 0 && held.every(({ breach }) => breach !== undefined)) return 3;
  return { pass: 0, fail: 1, inconclusive: 4 }[report.verdict] as 0 | 1 | 4;
}

/** Whether a case makes the run fail. */
export function isBad({ verdict }: CaseReport): boolean {
  return verdict === 'fail' || verdict === 'unexpected-pass';
}

/** What a run comes to: a word for a badge, and a sentence. */
export interface Conclusion {
  readonly badge: Report['verdict'] | 'known deviations' | 'stale entries';
  readonly text: string;
}

/** Concludes. A run with known deviations is as expected, but it never "conforms". */
export function conclusionOf(report: Report): Conclusion {
  const { totals, verdict, profile, cases } = report;
  const stale = totals.unexpectedPass;
  if (totals.fail > 0) {
    const causes = counted(failuresByCause(cases).length, 'cause');
    const entries = stale === 1 ? 'a stale entry' : `${stale} stale entries`;
    const also = stale === 0 ? '' : `; the list has ${entries}`;
    const text = `does not conform to profile ${profile}: ${counted(totals.fail, 'case')} failed for ${causes}`;
    return { badge: 'fail', text: `${text}${also}` };
  }
  if (stale > 0) {
    const entries = counted(stale, 'entry is stale', 'entries are stale');
    return {
      badge: 'stale entries',
      text: `the list of known deviations is out of date: ${entries}`,
    };
  }
  if (verdict === 'inconclusive') {
    const text =
      totals.inconclusive > 0
        ? `${counted(totals.inconclusive, 'case')} had no verdict`
        : 'nothing passed';
    return { badge: 'inconclusive', text: `inconclusive: ${text}` };
  }
  if (totals.known + totals.flaky > 0) {
    return {
      badge: 'known deviations',
      text: `as expected: ${expectedFailures(report)}; ${counted(totals.pass, 'case')} passed`,
    };
  }
  return { badge: 'pass', text: `conforms to profile ${profile}, as far as these cases go` };
}

function expectedFailures({ totals, cases }: Report): string {
  const failing = totals.known + totals.flaky;
  const ids = new Set(cases.flatMap(({ entries = [] }) => entries.map(({ id }) => id)));
  const rules = [...ids].filter(isRequirementId).length;
  const listed = [
    ...(rules > 0 ? [counted(rules, 'listed requirement')] : []),
    ...(ids.size > rules ? [counted(ids.size - rules, 'listed case')] : []),
  ];
  return `${counted(failing, 'case fails', 'cases fail')} for ${listed.join(' and ')}`;
}

/** The rules that a report speaks of: those of the profile for the role that was played. */
export function rulesOf({
  profile,
  implementation,
}: Pick<Report, 'profile' | 'implementation'>): readonly Requirement[] {
  return requirements.filter(
    ({ profiles, role }) => role === implementation.role && profiles.some((one) => one === profile),
  );
}

/** What the cases of a run say of one rule. */
export type RuleVerdict = 'pass' | 'fail' | 'known' | 'unclear' | 'unsupported' | 'not exercised';

/**
 * The verdict of a rule: broken in any case, kept in one that passed, or never tried. A rule that was
 * only exercised in cases that failed for another is unclear: what it did may have shown later.
 */
export function ruleVerdict(id: RequirementId, cases: readonly CaseReport[]): RuleVerdict {
  const named = (verdict: Verdict) =>
    cases.some((one) => one.verdict === verdict && one.requirements.includes(id));
  if (named('fail')) return 'fail';
  if (named('known') || named('flaky')) return 'known';
  const keeping = cases.filter(({ kept }) => kept.includes(id));
  const isPass = ({ verdict }: CaseReport) => verdict === 'pass' || verdict === 'unexpected-pass';
  if (keeping.some(isPass)) return 'pass';
  if (keeping.length > 0) return 'unclear';
  return named('unsupported') ? 'unsupported' : 'not exercised';
}
