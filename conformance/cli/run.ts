import type { Profile } from '../../model/index.js';
import { Known, mustBeKnown, updated } from '../known.js';
import type { Deviation } from '../known.js';
import { parseKnown, printKnown } from '../known-file.js';
import type { Patience } from '../fit.js';
import { fitted } from '../fit.js';
import type { CaseReport, Report } from '../report.js';
import { exitStatusOf } from '../report.js';
import { run, settingsOf } from '../run.js';
import type { ChosenCase } from '../select.js';
import { deeperCases, mustExist, runnable, selectCases, UsageError } from '../select.js';
import type { Shard } from '../shard.js';
import { isInShard, parseShard } from '../shard.js';
import type { Subject } from '../subject.js';
import { printTraces } from '../trace.js';
import { isAbsent, readText, writeText } from './files.js';
import { deliver, outputsOf } from './reporters.js';
import type { SubjectOptions } from './subject.js';
import { deadlineDefaultMs, openSubjects, subjectWords } from './subject.js';

/** `msgctx run`: holds the chosen cases against an implementation and gives the verdict. */

/** The options of `msgctx run`, as they were given. */
export interface RunFlags extends SubjectOptions {
  readonly profile?: string;
  readonly strict: boolean;
  readonly suite: readonly string[];
  readonly filter: readonly string[];
  readonly contexts?: number;
  readonly users?: number;
  readonly seed: number;
  readonly path?: string;
  readonly runs: number;
  readonly bail: boolean;
  readonly budget?: number;
  readonly slack?: number;
  readonly jobs: number;
  readonly patient: boolean;
  readonly through: boolean;
  readonly known?: string;
  readonly updateKnown: boolean;
  readonly shard?: string;
  readonly record?: string;
  readonly reporter: readonly string[];
  readonly json: boolean;
}

const interruptedStatus = 130;

/** Returns the exit status. */
export async function runCommand(flags: RunFlags): Promise<number> {
  const outputs = outputsOf(flags.reporter, flags.json);
  if (flags.profile !== undefined)
    mustExist('profile to run', flags.profile, Object.keys(runnable));
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard, process.env);
  const deviations = readKnown(flags);
  const signal = { begun: false, stopped: false };
  const onInterrupt = () => {
    // Before the first conversation there is nothing to keep.
    if (signal.stopped || !signal.begun) process.exit(interruptedStatus);
    signal.stopped = true;
    process.stderr.write('msgctx: stopping after this conversation; interrupt again to stop now\n');
  };
  process.on('SIGINT', onInterrupt);
  const [subject, ...others] = await openSubjects(flags, flags.jobs).catch((error: unknown) => {
    process.off('SIGINT', onInterrupt);
    throw error;
  });
  try {
    const profile = profileOf(flags, subject);
    const selected = selectCases(profile, flags.suite, flags.filter, {
      role: subject.claims.role,
      extent: flags,
    });
    checkPath(flags, selected);
    const cases =
      shard === undefined ? selected : selected.filter(({ id }) => isInShard(id, shard));
    const known = knownOf(deviations, profile, selected, subject);
    const watch = stopwatch();
    signal.begun = true;
    const report = await run({
      ...runOptionsOf(flags, profile),
      subject,
      others,
      cases,
      ...(known === undefined ? {} : { known }),
      ...(shard === undefined ? {} : { shard }),
      progress: (one, nth, all) => {
        watch.lap(one);
        showProgress(nth, all);
      },
      interrupted: () => signal.stopped,
    });
    const words = {
      decided: decided(flags, { profile, cases, subject, shard }),
      subject: againWords(flags),
      times: watch.times,
    };
    let status: number = exitStatusOf(report);
    if (!(await deliver(outputs, [report], words))) status ||= 2;
    if (flags.record !== undefined && report.totals.fail > 0) {
      if (!writeText(flags.record, printTraces(report))) status ||= 2;
    }
    if (flags.updateKnown && !updateKnown(flags, deviations, report)) status ||= 2;
    return signal.stopped ? interruptedStatus : status;
  } finally {
    process.off('SIGINT', onInterrupt);
    await Promise.all([subject, ...others].map((one) => one.close()));
  }
}

function patienceOf({ patient }: RunFlags): Patience {
  return patient ? 'patient' : 'brief';
}

/** What of the options is about how cases are held. */
function runOptionsOf(flags: RunFlags, profile: Profile) {
  const { suite, seed, runs, bail, path, budget, slack, through } = flags;
  const deeper = () => deeperCases(profile, suite, seed, flags);
  return {
    profile,
    strict: isStrict(flags, profile),
    seed,
    runs,
    bail,
    patience: patienceOf(flags),
    through,
    ...(path === undefined ? {} : { path }),
    ...(budget === undefined ? {} : { budget: { cases: deeper(), ms: budget * 1000 } }),
    ...(slack === undefined ? {} : { slackMs: slack }),
  };
}

/** The list of known deviations; to be updated it need not exist yet. */
function readKnown({ known, updateKnown: updates, shard }: RunFlags): readonly Deviation[] {
  if (updates && known === undefined) throw new UsageError('--update-known needs --known FILE');
  if (updates && shard !== undefined)
    throw new UsageError('--update-known needs the whole run, not a --shard');
  if (known === undefined || (updates && isAbsent(known))) return [];
  return parseKnown(readText(known, 'a list of known deviations'), known);
}

function knownOf(
  deviations: readonly Deviation[],
  profile: Profile,
  selected: readonly ChosenCase[],
  { claims }: Subject,
): Known | undefined {
  if (deviations.length === 0) return undefined;
  const ids = [...selectCases(profile, [], []), ...selected].map(({ id }) => id);
  mustBeKnown(deviations, ids);
  const today = new Date().toISOString().slice(0, 10);
  return new Known({ deviations, version: claims.version, today });
}

function updateKnown(
  { known = '' }: RunFlags,
  before: readonly Deviation[],
  report: Report,
): boolean {
  const after = updated(before, report.cases, report.listed);
  if (!writeText(known, printKnown(after))) return false;
  process.stderr.write(`msgctx: ${known} lists ${after.length} known deviations now\n`);
  return true;
}

/** Measures the whole and each case. */
function stopwatch() {
  const startMs = Date.now();
  const caseMs = new Map<string, number>();
  let lastMs = performance.now();
  return {
    lap: ({ id }: CaseReport) => {
      const nowMs = performance.now();
      caseMs.set(id, nowMs - lastMs);
      lastMs = nowMs;
    },
    get times() {
      return { startMs, stopMs: Date.now(), caseMs };
    },
  };
}

/** The profile that was asked for, or the one that the adapter claims. */
function profileOf({ profile }: RunFlags, { claims }: Subject): Profile {
  const name = profile ?? claims.profile;
  const known = runnable[name];
  if (known !== undefined) return known;
  throw new UsageError(
    `the adapter claims profile "${claims.profile}", which no suite knows; choose one with --profile: ${Object.keys(runnable).join(', ')}`,
  );
}

function checkPath({ path }: RunFlags, cases: readonly ChosenCase[]): void {
  if (path === undefined) return;
  if (!/^\d+(:\d+)*$/.test(path)) {
    throw new UsageError(`--path "${path}" is no path; take it from a failure, such as 12 or 3:0`);
  }
  const [one] = cases;
  const isRandom = one?.kind === 'random' || (one?.kind === 'daemon' && 'share' in one.talk);
  if (cases.length === 1 && isRandom) return;
  throw new UsageError(
    `--path leads to one conversation of one random case, but ${cases.length} cases are selected; add --filter with its id`,
  );
}

/** A version of the protocol has its errnos; the design of 2006 leaves them open. */
function isStrict({ strict }: RunFlags, { name }: Profile): boolean {
  return strict || name !== 'seed';
}

/** What is held, and against whom. */
interface Held {
  readonly profile: Profile;
  readonly cases: readonly ChosenCase[];
  readonly subject: Subject;
  readonly shard: Shard | undefined;
}

/** What the defaults decided. */
function decided(flags: RunFlags, { profile, cases, subject, shard }: Held): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].join(', ');
  const fit = fitted(cases, subject, patienceOf(flags));
  const timeouts = new Set(fit.map((one) => settingsOf(one, subject).timeoutMs));
  const errnos = isStrict(flags, profile) ? 'errnos judged' : 'any errno counts';
  const part = shard === undefined ? '' : `part ${shard.nth} of ${shard.all}: `;
  const { contexts, users } = flags;
  const size = [
    ...(contexts === undefined ? [] : [`, contexts: ${contexts}`]),
    ...(users === undefined ? [] : [`, users: ${users}`]),
  ].join('');
  return `${part}${cases.length} cases of ${suites}${size}; seed ${flags.seed}, ${flags.runs} conversations a random case, ${errnos}, time-outs of ${[...timeouts].join(', ')} ms, deadline ${flags.deadlineMs} ms`;
}

/** The options that a command line needs to hold a case in the same way. */
function againWords(flags: RunFlags): string {
  const profile = flags.profile === undefined ? '' : ` --profile ${flags.profile}`;
  const strict = flags.strict ? ' --strict' : '';
  const contexts = flags.contexts === undefined ? '' : ` --contexts ${flags.contexts}`;
  const users = flags.users === undefined ? '' : ` --users ${flags.users}`;
  const { deadlineMs } = flags;
  const deadline = deadlineMs === deadlineDefaultMs ? '' : ` --deadline ${deadlineMs}`;
  const slack = flags.slack === undefined ? '' : ` --slack ${flags.slack}`;
  const patient = `${flags.patient ? ' --patient' : ''}${flags.through ? ' --through' : ''}`;
  return `${profile}${strict}${contexts}${users}${patient}${slack}${deadline}${subjectWords(flags)}`;
}

function showProgress(nth: number, all: number): void {
  if (!process.stderr.isTTY || process.env['CI'] !== undefined) return;
  const over = nth + 1 === all;
  process.stderr.write(`\r${over ? ' '.repeat(40) : `case ${nth + 1} of ${all}`}\r`);
}
