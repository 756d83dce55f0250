import fc from 'fast-check';
import type { Rerun } from './alone.js';
import { checkAlone } from './alone.js';
import type { Command, Profile, RequirementId } from '../model/index.js';
import type { Conversation, Failure, Occasion } from './converse.js';
import { converse } from './converse.js';
import { Coverage } from './coverage.js';
import { holdDaemon } from './daemon/hold.js';
import type { Patience } from './fit.js';
import { fitted } from './fit.js';
import { hashOf } from './hash.js';
import type { Known } from './known.js';
import type { Settings } from './ledger.js';
import type { CaseReport, Report } from './report.js';
import type { Clock } from './real-time.js';
import type { ChosenCase, PaidCase } from './select.js';
import { notJudged, reportOf } from './report.js';
import { settingsOf, slackOf, unsupportedReason } from './settings.js';
import type { Shard } from './shard.js';
import type { Failures } from './minimise.js';
import { kindOf, minimise, shortest } from './minimise.js';
import { kernelFindingOf } from './finding.js';
import { inOrder } from './suites/index.js';
import type { Subject } from './subject.js';
import { breathe, machineClock } from './subjects/clock.js';
import type { Case } from './suites/suite.js';
import type { Watch } from './watch.js';

/**
 * Runs the chosen cases against a subject, one after the other, and reports.
 *
 * The oracle judges, the suites choose, and this file only brings them together: it finds out whether a
 * case can run at all, gives random cases their seed, makes failures minimal and counts.
 */

type CaseOfSuite = Case & { readonly suite: string };

/** The options of a run. */
export interface RunOptions {
  readonly subject: Subject;
  /** More subjects of the same kind, which run cases in parallel. */
  readonly others?: readonly Subject[];
  readonly profile: Profile;
  readonly strict: boolean;
  readonly cases: readonly CaseOfSuite[];
  readonly seed: number;
  /** A path of fast-check, which leads the one random case to one conversation. */
  readonly path?: string;
  /** Conversations of a random case. */
  readonly runs: number;
  /** More cases, which run after the others until this time has passed since the beginning. */
  readonly budget?: { readonly cases: Iterable<PaidCase>; readonly ms: number };
  /** In real time: whether every case runs that can wait for its time-outs; not by default. */
  readonly patience?: Patience;
  /** Whether a conversation that has failed is carried on, to see whether the implementation lives. */
  readonly continueOnFailure?: boolean;
  /** Stop at the first failure. */
  readonly bail: boolean;
  /** The failures that are expected. */
  readonly known?: Known;
  /** Which part of a larger run this is; the cases are those of the part. */
  readonly shard?: Shard;
  /** The clock by which an implementation without virtual time is judged; its own or the machine's by default. */
  readonly clock?: Clock;
  /** How much later than its time-out a call may return where time is real, in milliseconds. */
  readonly slackMs?: number;
  /** Watches each conversation of a case with a kernel. */
  readonly watch?: (one: ChosenCase) => Watch;
  /** Is told of every case that is over. */
  readonly progress?: (report: CaseReport, nth: number, all: number) => void;
  /** Opens one more subject, as fresh as the first was: to see which failures show when a case runs alone. */
  readonly fresh?: () => Promise<Subject>;
  /** Called before failed cases are run again, alone. */
  readonly checking?: () => void;
  /** Says that the run shall stop. */
  readonly interrupted?: () => boolean;
}

/** How long one conversation is made shorter where every attempt takes real time. */
const shrinkRealMs = 120_000;
/** So many deaths of one kind are made minimal. */
const deathsShrunkMax = 8;
/** An adapter that hangs so often is not asked again; the rest of the run is inconclusive. */
const hangsMax = 3;
/** An adapter that broke in each of so many first cases is not asked again. */
const breaksMax = 10;

/** How long failed cases are run again, alone. */
const aloneMs = 20_000;

/** Carries out a run. Never throws for what the subject does. */
export async function run(options: RunOptions): Promise<Report> {
  const { subject, profile } = options;
  const coverage = new Coverage(profile, subject.claims.role);
  const notes: Notes = { coverage, failures: new Map() };
  const cases: CaseReport[] = [];
  const placed: CaseReport[] = [];
  const { known, others = [], patience } = options;
  const budget = budgetOf(options);
  const take = (report: CaseReport) => {
    cases.push(report);
    coverage.exercise(report.kept);
    options.progress?.(report, cases.length - 1, Math.max(cases.length, options.cases.length));
    return report;
  };
  const holdKnown = async (one: CaseOfSuite, by: Subject): Promise<CaseReport> => {
    const own = { ...options, subject: by };
    const first = await hold(one, own, notes);
    if (known === undefined) return first;
    const held: [CaseReport, ...CaseReport[]] = [first];
    while (held.length < known.runsOf(one.id)) {
      held.push(await hold(one, own, notes));
    }
    return known.judge(held);
  };
  // A case that was stopped may still need an entry of the list.
  const listed = (one: CaseReport) => known?.judge([one]) ?? one;
  // A subject that is free takes the next case; all share what is left of the list.
  const adapted = fitted(options.cases, subject, patience);
  const left = adapted.entries();
  const earlier = new Map<string, { readonly ran: readonly string[]; readonly count: number }>();
  const work = async (by: Subject) => {
    const ran: string[] = [];
    for (const [nth, one] of left) {
      await breathe();
      const lack = unsupported(one, by);
      const stop = stopReason(cases, options);
      if (stop !== undefined) placed[nth] = take(listed(aside(one, 'inconclusive', stop)));
      else if (lack !== undefined) placed[nth] = take(lack);
      else {
        earlier.set(one.id, { ran, count: ran.length });
        ran.push(one.id);
        placed[nth] = take(await holdKnown(one, by));
      }
    }
  };
  await Promise.all([subject, ...others].map(work));
  for await (const report of budget(cases, (one, own) => hold(one, own, notes)))
    placed.push(take(report));
  const { fresh } = options;
  const isFailed = cases.some(({ verdict }) => verdict === 'fail');
  if (isFailed) options.checking?.();
  const isOver = () => options.interrupted?.() === true;
  const minimised = await minimise(inOrder(placed), notes.failures, isOver);
  const checked =
    isFailed && fresh !== undefined
      ? await checkAlone(minimised, rerunOf(adapted, earlier, { ...options, fresh }))
      : minimised;
  return reported(options, coverage, checked);
}

function reported(
  { subject, profile, seed, strict, known, shard }: RunOptions,
  coverage: Coverage,
  cases: readonly CaseReport[],
): Report {
  const { capabilities, ...claims } = subject.claims;
  return reportOf({
    implementation: { ...claims, capabilities: [...capabilities] },
    profile: profile.name,
    seed,
    strict,
    notJudged: notJudged(subject.claims, strict),
    covered: coverage.covered,
    listed: known?.rules ?? [],
    ...(shard === undefined ? {} : { shard }),
    cases,
  });
}

type Hold = (one: CaseOfSuite, options: RunOptions) => Promise<CaseReport>;

/** The cases that a budget pays for, until its time is up, counted from now. */
function budgetOf(options: RunOptions) {
  const { clock = machineClock, budget, subject, patience, seed } = options;
  const untilMs = clock.nowMs() + (budget?.ms ?? 0);
  return async function* (
    cases: readonly CaseReport[],
    hold: Hold,
  ): AsyncGenerator<CaseReport, void, undefined> {
    for (const { seed: ownSeed = seed, ...paid } of budget?.cases ?? []) {
      await breathe();
      const [one = paid] = fitted([paid], subject, patience);
      if (clock.nowMs() >= untilMs || stopReason(cases, options) !== undefined) return;
      if (unsupportedReason(one, subject) !== undefined) continue;
      const report = await hold(one, { ...options, seed: ownSeed });
      yield one.kind === 'random' ? { ...report, id: `${report.id}/seed-${ownSeed}` } : report;
    }
  };
}

/** How the cases of a run are run again, each time on a fresh subject. */
function rerunOf(
  cases: readonly CaseOfSuite[],
  earlier: ReadonlyMap<string, { readonly ran: readonly string[]; readonly count: number }>,
  options: RunOptions & { readonly fresh: () => Promise<Subject> },
): Rerun {
  const byId = new Map(cases.map((one) => [one.id, one]));
  const untilMs = machineClock.nowMs() + aloneMs;
  return {
    before: (id) => {
      const { ran = [], count = 0 } = earlier.get(id) ?? {};
      return ran.slice(0, count);
    },
    isOver: () => options.interrupted?.() === true || machineClock.nowMs() > untilMs,
    fails: async (ids) => {
      const subject = await options.fresh();
      try {
        let verdict: CaseReport['verdict'] = 'pass';
        for (const id of ids) {
          await breathe();
          const one = byId.get(id);
          if (one === undefined) continue;
          ({ verdict } = await hold(one, { ...options, subject }));
        }
        return verdict === 'fail';
      } finally {
        await subject.close().catch(() => undefined);
      }
    },
  };
}

/** What a case is reported as that cannot be run with this subject. */
function unsupported(one: CaseOfSuite, subject: Subject): CaseReport | undefined {
  const reason = unsupportedReason(one, subject);
  if (reason === undefined) return undefined;
  const { role, capabilities } = subject.claims;
  const isOwn = (one.kind === 'daemon' ? 'daemon' : 'kernel') === role;
  const lacks = isOwn ? one.needs.filter((word) => !capabilities.has(word)) : [];
  return { ...aside(one, 'unsupported', reason), ...(lacks.length === 0 ? {} : { lacks }) };
}

/** Why no further case runs. */
function stopReason(cases: readonly CaseReport[], options: RunOptions): string | undefined {
  if (options.interrupted?.() === true) return 'the run was interrupted before this case';
  const failed = cases.filter(({ verdict }) => verdict === 'fail');
  if (options.bail && failed.length > 0)
    return 'an earlier case failed, and the run was to stop there';
  if (failed.filter(({ breach }) => breach === 'deadline').length >= hangsMax) {
    return `the adapter did not answer in ${hangsMax} cases, and was not asked again`;
  }
  const held = cases.filter(({ verdict }) => verdict === 'pass' || verdict === 'fail');
  if (held.length >= breaksMax && held.every(({ breach }) => breach !== undefined)) {
    return `the adapter broke in each of the first ${held.length} cases, and was not asked again`;
  }
  return undefined;
}

function aside(one: CaseOfSuite, verdict: 'unsupported' | 'inconclusive', why: string): CaseReport {
  const { id, suite, requirements } = one;
  return { id, suite, requirements, verdict, why, kept: [], trace: [], allowed: [], replay: [] };
}

/** What the cases of a run share: what was covered, and which failures can be made minimal. */
interface Notes {
  readonly coverage: Coverage;
  readonly failures: Failures;
}

/** Runs a case; without notes nothing counts as covered, and no failure is kept to be made minimal. */
async function hold(one: CaseOfSuite, options: RunOptions, notes?: Notes): Promise<CaseReport> {
  const settings = settingsOf(one, options.subject);
  const caseSeed = hashOf(one.id, options.seed);
  const report =
    one.kind === 'daemon'
      ? await holdDaemon(one, { ...options, caseSeed, failures: notes?.failures })
      : await holdKernel(one, settings, options, notes);
  return report.verdict === 'fail' ? { ...report, settings } : report;
}

async function holdKernel(
  one: Exclude<CaseOfSuite, { kind: 'daemon' }>,
  settings: Settings,
  options: RunOptions,
  notes: Notes | undefined,
): Promise<CaseReport> {
  const { subject, profile, strict, continueOnFailure = false } = options;
  const clock = options.clock ?? subject.clock ?? machineClock;
  const { capabilities } = subject.claims;
  const slackMs = options.slackMs ?? slackOf(settings);
  const occasion: Occasion = {
    subject,
    settings,
    terms: { profile, strict, capabilities, slackMs },
    clock,
    continueOnFailure,
    witness: (system, before, step) => {
      notes?.coverage.take(system, before, step);
    },
    watch: options.watch?.(one),
  };
  if (one.kind === 'script') {
    const held = await converse(occasion, one.commands);
    return conclude(one, occasion, held, ['--filter', one.id], notes?.failures);
  }
  const { held, path, requirements } = await holdRandom(one, occasion, options);
  if (options.interrupted?.() === true && held.verdict === 'pass') {
    return aside(one, 'inconclusive', 'the run was interrupted during this case');
  }
  const replay = ['--filter', one.id, '--seed', String(options.seed), '--path', path];
  return conclude(one, occasion, { ...held, requirements }, replay, notes?.failures);
}

/** Draws conversations until one fails; fast-check says how to come back to it. */
async function holdRandom(one: Case & { kind: 'random' }, occasion: Occasion, options: RunOptions) {
  const requirements = new Set<RequirementId>();
  const last: { failed?: Conversation; unsupported?: Conversation; passed?: Conversation } = {};
  const property = fc.asyncProperty(one.conversations, async (commands) => {
    await breathe();
    // After an interruption the rest of the draws is let through unheld.
    if (options.interrupted?.() === true && last.passed !== undefined) return true;
    const held = await converse(occasion, commands);
    for (const id of held.requirements) requirements.add(id);
    if (held.verdict === 'fail') last.failed = held;
    else if (held.verdict !== 'pass') last.unsupported = held;
    else last.passed = held;
    return held.verdict !== 'fail';
  });
  const { path, runs } = options;
  const details = await fc.check(property, {
    // A seed of its own for each case, so that cases do not draw the same conversations.
    seed: hashOf(one.id, options.seed),
    numRuns: Math.ceil(runs * one.share),
    // What fails is made minimal by the same means as every other conversation, see shrink.ts.
    endOnFailure: true,
    ...(path === undefined ? {} : { path }),
  });
  // What a property throws is a fault of ours, or of a subject of the user's own: not a verdict.
  if (details.failed && last.failed === undefined) throw details.errorInstance;
  const held = last.failed ?? last.unsupported ?? last.passed;
  if (held === undefined) throw new Error(`${one.id} drew no conversation`);
  return { held, requirements, path: details.counterexamplePath ?? '' };
}

function conclude(
  one: CaseOfSuite,
  occasion: Occasion,
  held: Conversation,
  replay: readonly string[],
  failures: Failures | undefined,
): CaseReport {
  const { id, suite } = one;
  if (held.verdict === 'inconclusive') return aside(one, 'inconclusive', held.unsupported ?? '');
  if (held.verdict === 'unsupported') {
    const why = `${held.unsupported ?? ''}, though the adapter claims it`;
    return { ...aside(one, 'unsupported', why), denied: true };
  }
  const kept = [...held.requirements].sort();
  if (held.failure === undefined) {
    const pass = { verdict: 'pass', why: '', trace: [], allowed: [], replay: [] } as const;
    return { id, suite, requirements: kept, kept, ...pass };
  }
  const { failure, commands } = held;
  const { breach } = failure;
  const finding = kernelFindingOf(failure, held);
  failures?.set(finding.trace, {
    kind: kindOf(failure),
    // Deaths look like one another, whatever led there.
    most: breach === 'death' ? deathsShrunkMax : 1,
    shorten: async () => {
      const least = await minimal(occasion, { commands, failure });
      if (least?.failure === undefined) return undefined;
      if (occasion.watch !== undefined) {
        // Who looks on sees the minimal conversation too.
        await converse({ ...occasion, witness: () => undefined }, least.commands);
      }
      return kernelFindingOf(least.failure, least);
    },
  });
  const broke = breach === undefined ? {} : { breach };
  return { id, suite, kept, verdict: 'fail', ...finding, replay, ...broke };
}

function minimal(
  occasion: Occasion,
  failed: { readonly commands: readonly Command[]; readonly failure: Failure },
): Promise<Conversation | undefined> {
  // Runs that only make a failure shorter count for no coverage.
  const unwatched: Occasion = { ...occasion, witness: () => undefined, watch: undefined };
  const isVirtual = occasion.settings.time === 'virtual';
  const untilMs = isVirtual ? Infinity : machineClock.nowMs() + shrinkRealMs;
  return shortest(
    failed,
    (commands) => converse(unwatched, commands),
    () => machineClock.nowMs() > untilMs,
  );
}
