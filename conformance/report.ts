import type { ProfileName, Requirement, RequirementId } from '../model/index.js';
import { profiles, requirements, seed } from '../model/index.js';
import type { TraceStep } from './converse.js';
import type { Covered, CoverageFigures } from './covered.js';
import { figuresOf } from './covered.js';
import type { Settings } from './ledger.js';
import type { Shard } from './shard.js';
import type { Breach, Claims } from './subject.js';

/** What a run found, as data. The reporters and the exit status are made from this alone. */

/** The verdicts of a case. The last three come of the list of known deviations. */
export type Verdict =
  'pass' | 'fail' | 'unsupported' | 'inconclusive' | 'known' | 'flaky' | 'unexpected-pass';

/** What became of one case. */
export interface CaseReport {
  readonly id: string;
  readonly suite: string;
  /** Of a pass: the rules exercised. Of a failure: the rules broken. Otherwise: those it was for. */
  readonly requirements: readonly RequirementId[];
  readonly verdict: Verdict;
  /** One sentence; empty for a pass. */
  readonly why: string;
  /** Of a failure: the conversation, minimal where it was shrunk. */
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

/** What became of a known deviation that is a rule. */
export interface ListedRule {
  readonly id: RequirementId;
  readonly reason: string;
  /** Cases that failed by it, and cases that passed though they tried it. */
  readonly failed: number;
  readonly passed: number;
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

/** Whether nothing needs an entry for a rule any more: cases tried it, and none failed by it. */
export function isStale({ failed, passed }: ListedRule): boolean {
  return failed === 0 && passed > 0;
}

/** A case for each entry of the list that nothing needs any more, so that every report shows it. */
function staleCases(listed: readonly ListedRule[]): readonly CaseReport[] {
  return listed.filter(isStale).map(({ id, reason }) => ({
    id: `known/${id}`,
    suite: 'known',
    requirements: [id],
    verdict: 'unexpected-pass',
    why: `${id} is listed as a known deviation (${reason}), but no case fails by it: take the entry out`,
    trace: [],
    kept: [],
    allowed: [],
    replay: [],
  }));
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
  if (named('fail') || named('unexpected-pass')) return 'fail';
  if (named('known') || named('flaky')) return 'known';
  const keeping = cases.filter(({ kept }) => kept.includes(id));
  if (keeping.some(({ verdict }) => verdict === 'pass')) return 'pass';
  if (keeping.length > 0) return 'unclear';
  return named('unsupported') ? 'unsupported' : 'not exercised';
}
