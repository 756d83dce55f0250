import fc from 'fast-check';
import type { Command, Profile, RequirementId } from '../model/index.js';
import { boundsMax } from '../model/index.js';
import type { Conversation, Failure, Occasion } from './converse.js';
import { converse } from './converse.js';
import { Coverage } from './coverage.js';
import { daemonUnsupported, holdDaemon } from './daemon/hold.js';
import type { Patience } from './fit.js';
import { fitted } from './fit.js';
import { hashOf } from './hash.js';
import type { Known } from './known.js';
import type { Settings } from './ledger.js';
import type { CaseReport, Report } from './report.js';
import type { Clock } from './real-time.js';
import type { ChosenCase, PaidCase } from './select.js';
import { notJudged, reportOf } from './report.js';
import type { Shard } from './shard.js';
import { shrink, Shrunk } from './shrink.js';
import type { Claims, Subject } from './subject.js';
import { breathe, machineClock } from './subjects/clock.js';
import type { Case, Setup } from './suites/suite.js';
import type { Watch } from './watch.js';

/**
 * Holds the chosen cases against a subject, one after the other, and reports.
 *
 * The oracle judges, the suites choose, and this file only brings them together: it looks whether a
 * case can be held at all, gives random cases their seed, makes failures minimal and counts.
 */

type CaseOfSuite = Case & { readonly suite: string };

/** How a run is held. */
export interface RunOptions {
  readonly subject: Subject;
  /** More of the same, which hold cases side by side with it. */
  readonly others?: readonly Subject[];
  readonly profile: Profile;
  readonly strict: boolean;
  readonly cases: readonly CaseOfSuite[];
  readonly seed: number;
  /** A path of fast-check, which leads the one random case to one conversation. */
  readonly path?: string;
  /** Conversations of a random case. */
  readonly runs: number;
  /** What more is held after the cases, as long as so much time has not passed since the beginning. */
  readonly budget?: { readonly cases: Iterable<PaidCase>; readonly ms: number };
  /** Where time is real, whether every case is held that can wait for its time-outs; not by default. */
  readonly patience?: Patience;
  /** Whether a conversation that has failed is carried on, to see whether the implementation lives. */
  readonly through?: boolean;
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
  /** Looks on while a conversation of a case with a kernel is held. */
  readonly watch?: (one: ChosenCase) => Watch;
  /** Is told of every case that is over. */
  readonly progress?: (report: CaseReport, nth: number, all: number) => void;
  /** Says that the run shall stop. */
  readonly interrupted?: () => boolean;
}

/** The time-out that cases use where the adapter allows it: that of the Linux module. */
const timeoutUsualMs = 3000;
/** Where time-outs are waited for in real time, each is as short as this if the adapter allows it. */
const timeoutWaitedMs = 250;
/** The least slack of real time. */
const slackMinMs = 250;
/** The longest payload that is sent, in bytes; in hex it fits into one line. */
const payloadUsedMax = 2 ** 18;
/** With more contexts than this there is too much that a message may be which nobody has read. */
const waitingContextsMax = 4;
/** How many requests may overlap where the implementation makes its own payloads. */
const opaqueMax = 4;
/** How long one conversation is made shorter where every attempt takes real time. */
const shrinkRealMs = 120_000;
/** So many deaths of one kind are made minimal. */
const deathsShrunkMax = 8;
/** An adapter that hangs so often is not asked again; the rest of the run is inconclusive. */
const hangsMax = 3;
/** An adapter that broke in each of so many first cases is not asked again. */
const breaksMax = 10;

/** Holds a run. Never throws for what the subject does. */
export async function run(options: RunOptions): Promise<Report> {
  const { subject, profile, seed } = options;
  const coverage = new Coverage(profile, subject.claims.role);
  const cases: CaseReport[] = [];
  const placed: CaseReport[] = [];
  const shrunk = new Shrunk();
  const { clock = machineClock, budget, known, shard, others = [], patience } = options;
  const beganMs = clock.nowMs();
  const take = (report: CaseReport) => {
    cases.push(report);
    coverage.exercise(report.kept);
    options.progress?.(report, cases.length - 1, Math.max(cases.length, options.cases.length));
    return report;
  };
  const holdKnown = async (one: CaseOfSuite, by: Subject): Promise<CaseReport> => {
    const own = { ...options, subject: by };
    const first = await hold(one, own, coverage, shrunk);
    if (known === undefined) return first;
    const held: [CaseReport, ...CaseReport[]] = [first];
    while (held.length < known.runsOf(one.id)) {
      held.push(await hold(one, own, coverage, shrunk));
    }
    return known.judge(held);
  };
  // Whoever is free takes the next case; they share what is left of the list.
  const left = fitted(options.cases, subject, patience).entries();
  const work = async (by: Subject) => {
    for (const [nth, one] of left) {
      await breathe();
      const reason = unsupportedReason(one, by);
      const stop = stopReason(cases, options);
      if (stop !== undefined) placed[nth] = take(aside(one, 'inconclusive', stop));
      else if (reason !== undefined) placed[nth] = take(aside(one, 'unsupported', reason));
      else placed[nth] = take(await holdKnown(one, by));
    }
  };
  await Promise.all([subject, ...others].map(work));
  for (const { seed: ownSeed = seed, ...paid } of budget?.cases ?? []) {
    await breathe();
    const [one = paid] = fitted([paid], subject, patience);
    if (clock.nowMs() - beganMs >= (budget?.ms ?? 0)) break;
    if (stopReason(cases, options) !== undefined) break;
    if (unsupportedReason(one, subject) !== undefined) continue;
    const report = await hold(one, { ...options, seed: ownSeed }, coverage, shrunk);
    placed.push(
      take(one.kind === 'random' ? { ...report, id: `${report.id}/seed-${ownSeed}` } : report),
    );
  }
  const { capabilities, ...claims } = subject.claims;
  return reportOf({
    implementation: { ...claims, capabilities: [...capabilities] },
    profile: profile.name,
    seed,
    strict: options.strict,
    notJudged: notJudged(subject.claims, options.strict),
    covered: coverage.covered,
    listed: known?.rules ?? [],
    ...(shard === undefined ? {} : { shard }),
    cases: placed,
  });
}

/** Why a case cannot be held with this subject. */
export function unsupportedReason(
  { kind, needs, setup }: Pick<Case, 'kind' | 'needs'> & { readonly setup?: Setup },
  subject: Subject,
): string | undefined {
  const { claims } = subject;
  const role = kind === 'daemon' ? 'daemon' : 'kernel';
  if (claims.role !== role) return `the adapter plays the ${claims.role}, the case the ${role}`;
  const missing = needs.filter((word) => !claims.capabilities.has(word));
  if (missing.length > 0) return `the adapter lacks ${missing.join(', ')}`;
  if (role === 'daemon') return daemonUnsupported(subject);
  if (needs.includes('raw') && wireOf(claims).wire === undefined) {
    return 'the adapter claims raw, but neither framing nor endian';
  }
  if (setup?.framing !== undefined && setup.framing !== claims.framing) {
    return `the case is framed for ${setup.framing}, the adapter takes ${claims.framing ?? 'no bytes'}`;
  }
  if (setup?.manualRead === true && claims.contextsMin > waitingContextsMax) {
    return `messages can wait with at most ${waitingContextsMax} contexts, the adapter takes ${claims.contextsMin} or more`;
  }
  if (claims.contextsMin > boundsMax.contexts) {
    return `the adapter takes at least ${claims.contextsMin} contexts, the model at most ${boundsMax.contexts}`;
  }
  if (!claims.capabilities.has('payload') && claims.contextsMin > opaqueMax) {
    return `without payload at most ${opaqueMax} requests can overlap, the adapter takes ${claims.contextsMin} contexts or more`;
  }
  return undefined;
}

/** Why nothing more is held. */
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

/** The settings of a case with a subject. */
export function settingsOf({ setup }: Case, { claims }: Subject): Settings {
  const { contextsMin, contextsMax, timeoutMinMs, timeoutStepMs, payloadMax } = claims;
  const { users, processes, manualWake, manualRead = false, timeoutMs = timeoutUsualMs } = setup;
  // Without payloads of ours only few requests can be told apart.
  const most = claims.capabilities.has('payload') ? contextsMax : Math.min(contextsMax, opaqueMax);
  const near = Math.max(Math.min(setup.contexts, most), contextsMin);
  const isVirtual = claims.capabilities.has('virtualTime');
  const waits = !isVirtual && setup.waits === true;
  const wantedMs = waits ? timeoutWaitedMs : timeoutMs;
  const steps = Math.ceil(Math.max(wantedMs, timeoutMinMs) / timeoutStepMs);
  return {
    contexts: near,
    users,
    processes,
    manualWake,
    manualRead,
    time: isVirtual ? 'virtual' : waits ? 'real' : 'real, without waiting',
    timeoutMs: steps * timeoutStepMs,
    payloadMax: Math.min(payloadMax, payloadUsedMax),
    wideLabels: claims.capabilities.has('wideLabels'),
    ...wireOf(claims),
  };
}

/** How the bytes of an adapter are framed, if it takes any. */
export function wireOf({ capabilities, framing, endian }: Claims): Pick<Settings, 'wire'> {
  const isKnown = framing !== undefined && endian !== undefined;
  return capabilities.has('raw') && isKnown ? { wire: { framing, endian } } : {};
}

/** How much later than its time-out a call may return, unless the user says otherwise. */
export function slackOf({ timeoutMs }: Settings): number {
  return Math.max(slackMinMs, timeoutMs);
}

async function hold(
  one: CaseOfSuite,
  options: RunOptions,
  coverage: Coverage,
  shrunk: Shrunk,
): Promise<CaseReport> {
  const settings = settingsOf(one, options.subject);
  const daemonOptions = { ...options, caseSeed: hashOf(one.id, options.seed), shrunk };
  const report =
    one.kind === 'daemon'
      ? await holdDaemon(one, daemonOptions)
      : await holdKernel(one, settings, options, { coverage, shrunk });
  return report.verdict === 'fail' ? { ...report, settings } : report;
}

async function holdKernel(
  one: Exclude<CaseOfSuite, { kind: 'daemon' }>,
  settings: Settings,
  options: RunOptions,
  { coverage, shrunk }: { readonly coverage: Coverage; readonly shrunk: Shrunk },
): Promise<CaseReport> {
  const { subject, profile, strict, through = false } = options;
  const clock = options.clock ?? subject.clock ?? machineClock;
  const { capabilities } = subject.claims;
  const slackMs = options.slackMs ?? slackOf(settings);
  const occasion: Occasion = {
    subject,
    settings,
    terms: { profile, strict, capabilities, slackMs },
    clock,
    through,
    witness: (system, before, step) => {
      coverage.take(system, before, step);
    },
    watch: options.watch?.(one),
  };
  if (one.kind === 'script') {
    const held = await converse(occasion, one.commands);
    return conclude(one, occasion, held, ['--filter', one.id], shrunk);
  }
  const { held, path, requirements } = await holdRandom(one, occasion, options);
  if (options.interrupted?.() === true && held.verdict === 'pass') {
    return aside(one, 'inconclusive', 'the run was interrupted during this case');
  }
  const replay = ['--filter', one.id, '--seed', String(options.seed), '--path', path];
  return conclude(one, occasion, { ...held, requirements }, replay, shrunk);
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

async function conclude(
  one: CaseOfSuite,
  occasion: Occasion,
  held: Conversation,
  replay: readonly string[],
  shrunk: Shrunk,
): Promise<CaseReport> {
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
  const key = keyOf(held.failure);
  // Deaths look like one another, whatever led there.
  const most = held.failure.breach === 'death' ? deathsShrunkMax : 1;
  const least = shrunk.takes(key, most) ? await minimal(occasion, held, key) : held;
  if (occasion.watch !== undefined && least !== held) {
    // Who looks on sees the minimal conversation too.
    await converse({ ...occasion, witness: () => undefined }, least.commands);
  }
  const { trace } = least;
  const { why, requirements, allowed, breach } = least.failure ?? held.failure;
  const broke = breach === undefined ? {} : { breach };
  return { id, suite, requirements, kept, verdict: 'fail', why, trace, allowed, replay, ...broke };
}

/** Failures of one kind: the same rule or the same way to break, and both before the probe or in it. */
function keyOf({ requirements, breach, way = '', inProbe }: Failure): string {
  return `${breach ?? requirements[0] ?? ''}${way}${inProbe ? ' in the probe' : ''}`;
}

async function minimal(occasion: Occasion, held: Conversation, key: string): Promise<Conversation> {
  // Every attempt with an adapter that hangs costs a whole deadline.
  if (held.failure?.breach === 'deadline') return held;
  // What is held again for the sake of reading counts for no coverage.
  const unwatched: Occasion = { ...occasion, witness: () => undefined, watch: undefined };
  const isVirtual = occasion.settings.time === 'virtual';
  const untilMs = isVirtual ? Infinity : machineClock.nowMs() + shrinkRealMs;
  let best = held;
  await shrink(held.commands, async (commands: readonly Command[]) => {
    if (machineClock.nowMs() > untilMs) return false;
    const again = await converse(unwatched, commands);
    const same = again.failure !== undefined && keyOf(again.failure) === key;
    if (same) best = again;
    return same;
  });
  return best;
}
