import type { Profile } from '../../model/index.js';
import { counted } from '../counted.js';
import { Known, updated } from '../known.js';
import type { Deviation } from '../known.js';
import { parseKnown, printKnown } from '../known-file.js';
import type { CaseReport, Report } from '../report.js';
import { exitStatusOf, isBad, shutdownReport, withCase } from '../report.js';
import type { Times } from '../report/ctrf.js';
import { run } from '../run.js';
import type { ChosenCase } from '../select.js';
import {
  deeperCases,
  mustName,
  profileNamed,
  runnable,
  selectCases,
  selecting,
} from '../select.js';
import type { Shard } from '../shard.js';
import { isInShard, parseShard } from '../shard.js';
import type { Subject } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import { breathe } from '../subjects/clock.js';
import { printable } from '../printable.js';
import { printTraces } from '../trace.js';
import { mustExist, UsageError } from '../usage.js';
import { isAbsent, isFile, mustBeWritable, readText, writeText } from './files.js';
import { Progress } from './progress.js';
import { deliver, outputsOf } from './reporters.js';
import type { Chosen, RunFlags } from './run-flags.js';
import { againWords, decided, isStrict, patienceOf } from './run-flags.js';
import { Interruption, statusAfter } from './signals.js';
import { openSubject, openSubjects } from './subject.js';

/** `msgctx run`: runs the chosen cases against an implementation and gives the verdict. */

const nameMax = 100;

/** Returns the exit status. */
export async function runCommand(flags: RunFlags): Promise<number> {
  const request = checked(flags);
  const progress = new Progress(process.stderr, process.env, () => performance.now());
  const interruption = new Interruption();
  try {
    progress.phase('starting');
    const subjects = new Subjects(await openSubjects(flags, flags.jobs));
    try {
      const plan = await planOf(flags, request, subjects.first, progress);
      interruption.isGraceful = true;
      const { report, times } = await carryOut(flags, plan, { subjects, progress, interruption });
      const status = await conclude(flags, request, plan, { report, times, subjects });
      return interruption.isOver ? statusAfter('SIGINT') : status;
    } finally {
      await subjects.close();
    }
  } finally {
    progress.end();
    interruption.end();
  }
}

/** The subjects of a run, which are closed once. */
class Subjects {
  readonly first: Subject;
  readonly others: readonly Subject[];
  #closed: Promise<readonly AdapterBroke[]> | undefined;

  constructor([first, ...others]: readonly [Subject, ...Subject[]]) {
    this.first = first;
    this.others = others;
  }

  /** Closes them all. Returns what is wrong with the way in which they ended. */
  close(): Promise<readonly AdapterBroke[]> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<readonly AdapterBroke[]> {
    const ends = await Promise.allSettled([this.first, ...this.others].map((one) => one.close()));
    const reasons = ends.flatMap((end) =>
      end.status === 'rejected' ? [end.reason as unknown] : [],
    );
    for (const reason of reasons) if (!(reason instanceof AdapterBroke)) throw reason;
    return reasons as readonly AdapterBroke[]; // The others were thrown.
  }
}

/** What the options ask for, checked as far as that can be done before an adapter is started. */
interface Request {
  readonly outputs: ReturnType<typeof outputsOf>;
  readonly shard: Shard | undefined;
  readonly deviations: readonly Deviation[];
}

function checked(flags: RunFlags): Request {
  const outputs = outputsOf(flags.reporter, flags.json);
  if (flags.profile !== undefined)
    mustExist('profile to run', flags.profile, Object.keys(runnable));
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard, process.env);
  const deviations = readKnown(flags);
  // Checks the names before anything is derived; an adapter's own profile has the same suites.
  selecting(profileNamed(flags.profile ?? 'seed'), flags.suite, flags.filter).next();
  const files = [
    ...outputs.map(({ file }) => file),
    flags.record,
    flags.updateKnown ? flags.known : undefined,
  ];
  for (const file of files) if (file !== undefined) mustBeWritable(file);
  return { outputs, shard, deviations };
}

/** What is run: the cases of this shard, and the known deviations. */
interface Plan extends Chosen {
  readonly known: Known | undefined;
}

async function planOf(
  flags: RunFlags,
  { shard, deviations }: Request,
  { claims }: Subject,
  progress: Progress,
): Promise<Plan> {
  const profile = profileOf(flags, claims.profile);
  const options = { role: claims.role, extent: flags };
  const selection = selecting(profile, flags.suite, flags.filter, options);
  let step = selection.next();
  for (; step.done !== true; step = selection.next()) {
    const { suite, nth, all } = step.value;
    progress.phase(`deriving the cases of suite ${suite} (${nth + 1} of ${all})`);
    await breathe();
  }
  const selected = step.value;
  checkPath(flags, selected);
  const cases = shard === undefined ? selected : selected.filter(({ id }) => isInShard(id, shard));
  const known = knownOf(deviations, { profile, selected, version: claims.version, flags });
  return { profile, cases, known, shard };
}

/** What a run needs beside its plan. */
interface Means {
  readonly subjects: Subjects;
  readonly progress: Progress;
  readonly interruption: Interruption;
}

async function carryOut(
  flags: RunFlags,
  { profile, cases, known, shard }: Plan,
  { subjects, progress, interruption }: Means,
): Promise<{ report: Report; times: Times }> {
  const watch = stopwatch();
  let failed = 0;
  progress.phase(`running: 0 of ${cases.length} cases`);
  const report = await run({
    ...runOptionsOf(flags, profile),
    subject: subjects.first,
    others: subjects.others,
    // The runner does not start an adapter that listens, so it cannot start a fresh one.
    ...(flags.connect === undefined ? { fresh: () => openSubject(flags) } : {}),
    cases,
    ...(known === undefined ? {} : { known }),
    ...(shard === undefined ? {} : { shard }),
    progress: (one, nth, all) => {
      watch.lap(one);
      failed += Number(isBad(one));
      progress.cases({ done: nth + 1, all, failed });
    },
    checking: () => {
      progress.phase('running failed cases again, alone');
    },
    interrupted: () => interruption.isOver,
  });
  progress.phase('ending');
  const [broke] = await subjects.close();
  progress.end();
  const end = shutdownReport(broke);
  const judged = known?.judge([end]) ?? end;
  const ended = judged.verdict === 'pass' ? report : withCase(report, judged);
  return { report: { ...ended, subject: againWords(flags) }, times: watch.times };
}

/** Writes what the run found. Returns the exit status. */
async function conclude(
  flags: RunFlags,
  { outputs, deviations }: Request,
  plan: Plan,
  { report, times, subjects }: { report: Report; times: Times; subjects: Subjects },
): Promise<number> {
  const file = flags.adapter.find((word) => isFile(word));
  const words = {
    decided: decided(flags, plan, subjects.first),
    verbose: flags.verbose,
    times,
    ...(file === undefined ? {} : { file }),
  };
  let status: number = exitStatusOf(report);
  if (!(await deliver(outputs, [report], words))) status ||= 2;
  if (flags.record !== undefined && report.totals.fail > 0) {
    if (!writeText(flags.record, printTraces(report))) status ||= 2;
  }
  if (flags.updateKnown && !updateKnown(flags, deviations, report)) status ||= 2;
  return status;
}

/** The options that say how cases are run. */
function runOptionsOf(flags: RunFlags, profile: Profile) {
  const { suite, seed, runs, bail, path, budget, slack, continueOnFailure } = flags;
  const deeper = () => deeperCases(profile, suite, seed, flags);
  return {
    profile,
    strict: isStrict(flags, profile),
    seed,
    runs,
    bail,
    patience: patienceOf(flags),
    continueOnFailure,
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

interface KnownIn {
  readonly profile: Profile;
  readonly selected: readonly ChosenCase[];
  readonly version: string;
  readonly flags: RunFlags;
}

function knownOf(
  deviations: readonly Deviation[],
  { profile, selected, version, flags }: KnownIn,
): Known | undefined {
  if (deviations.length === 0) return undefined;
  const ids = new Set(selected.map(({ id }) => id));
  for (const { id } of deviations) mustName(id, profile, ids);
  const today = new Date().toISOString().slice(0, 10);
  const isWhole = flags.suite.length === 0 && flags.filter.length === 0;
  // A case that was not selected could still need the entry of its requirement.
  const isCovered = (rule: string) =>
    isWhole ||
    selectCases(profile, [], [rule], { extent: flags }).every(
      ({ id, suite }) => ids.has(id) || (suite === 'daemon') !== isDaemon,
    );
  const isDaemon = selected[0]?.kind === 'daemon';
  return new Known({ deviations, version, today, isCovered });
}

function updateKnown(
  { known = '' }: RunFlags,
  before: readonly Deviation[],
  report: Report,
): boolean {
  const after = updated(before, report.cases, report.listed);
  if (!writeText(known, printKnown(after))) return false;
  process.stderr.write(`msgctx: ${known} now has ${counted(after.length, 'entry', 'entries')}\n`);
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
function profileOf({ profile }: RunFlags, claimed: string): Profile {
  const name = profile ?? claimed;
  if (Object.hasOwn(runnable, name)) return profileNamed(name);
  throw new UsageError(
    `the adapter claims profile "${printable(claimed, nameMax)}", which no suite knows; choose one with --profile: ${Object.keys(runnable).join(', ')}`,
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
