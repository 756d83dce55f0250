import { writeFileSync } from 'node:fs';
import type { Profile } from '../../model/index.js';
import { printJson } from '../report/json.js';
import { printJunit } from '../report/junit.js';
import { printReport } from '../report/terminal.js';
import type { Report } from '../report.js';
import { exitStatusOf } from '../report.js';
import { run, settingsOf } from '../run.js';
import type { ChosenCase } from '../select.js';
import { deeperCases, mustExist, runnable, selectCases, UsageError } from '../select.js';
import type { Subject } from '../subject.js';
import { printTraces } from '../trace.js';
import type { SubjectOptions } from './subject.js';
import { deadlineDefaultMs, openSubject, subjectWords } from './subject.js';

/** `msgctx run`: holds the chosen cases against an implementation and gives the verdict. */

/** The options of `msgctx run`, as they were given. */
export interface RunFlags extends SubjectOptions {
  readonly profile?: string;
  readonly strict: boolean;
  readonly suite: readonly string[];
  readonly filter: readonly string[];
  readonly seed: number;
  readonly path?: string;
  readonly runs: number;
  readonly bail: boolean;
  readonly budget?: number;
  readonly slack?: number;
  readonly record?: string;
  readonly reporter: readonly string[];
  readonly json: boolean;
}

const interruptedStatus = 130;

const reporters = {
  terminal: (report: Report, words: Words) => printReport(report, words),
  json: (report: Report) => printJson(report),
  junit: (report: Report) => printJunit(report),
};

type Words = Parameters<typeof printReport>[1];
type ReporterName = keyof typeof reporters;

/** Returns the exit status. */
export async function runCommand(flags: RunFlags): Promise<number> {
  const outputs = reportersOf(flags);
  if (flags.profile !== undefined)
    mustExist('profile to run', flags.profile, Object.keys(runnable));
  const signal = { begun: false, stopped: false };
  const onInterrupt = () => {
    // Before the first conversation there is nothing to keep.
    if (signal.stopped || !signal.begun) process.exit(interruptedStatus);
    signal.stopped = true;
    process.stderr.write('msgctx: stopping after this conversation; interrupt again to stop now\n');
  };
  process.on('SIGINT', onInterrupt);
  const subject = await openSubject(flags).catch((error: unknown) => {
    process.off('SIGINT', onInterrupt);
    throw error;
  });
  try {
    const profile = profileOf(flags, subject);
    const cases = selectCases(profile, flags.suite, flags.filter, subject.claims.role);
    checkPath(flags, cases);
    signal.begun = true;
    const report = await run({
      subject,
      profile,
      strict: isStrict(flags, profile),
      cases,
      seed: flags.seed,
      runs: flags.runs,
      bail: flags.bail,
      ...(flags.path === undefined ? {} : { path: flags.path }),
      ...(flags.budget === undefined
        ? {}
        : {
            budget: {
              cases: deeperCases(profile, flags.suite, flags.seed),
              ms: flags.budget * 1000,
            },
          }),
      ...(flags.slack === undefined ? {} : { slackMs: flags.slack }),
      progress: showProgress,
      interrupted: () => signal.stopped,
    });
    const words = {
      color: hasColor(),
      decided: decided(flags, profile, cases, subject),
      subject: againWords(flags),
    };
    let status: number = exitStatusOf(report);
    for (const { name, file } of outputs) {
      if (!deliver(reporters[name](report, words), file)) status ||= 2;
    }
    if (flags.record !== undefined && report.totals.fail > 0) {
      if (!deliver(printTraces(report, cases, subject), flags.record)) status ||= 2;
    }
    return signal.stopped ? interruptedStatus : status;
  } finally {
    process.off('SIGINT', onInterrupt);
    await subject.close();
  }
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

/** Where each report goes; a report without a file takes the place of the one on the terminal. */
function reportersOf(flags: RunFlags): { name: ReporterName; file?: string }[] {
  const outputs = flags.reporter.map((text) => {
    const [name = '', ...rest] = text.split('=');
    mustExist('reporter', name, Object.keys(reporters));
    const file = rest.join('=');
    // mustExist() has proved the name.
    return { name: name as ReporterName, ...(file === '' ? {} : { file }) };
  });
  if (flags.json) outputs.push({ name: 'json' });
  const onStdout = outputs.filter(({ file }) => file === undefined);
  if (onStdout.length > 1) {
    throw new UsageError(
      'only one report can go to stdout; give the others a file: --reporter NAME=FILE',
    );
  }
  return onStdout.length === 1 ? outputs : [{ name: 'terminal' }, ...outputs];
}

/** Writes to a file or to stdout. A file that cannot be written must not lose the verdict. */
function deliver(text: string, file: string | undefined): boolean {
  if (file === undefined) {
    process.stdout.write(text);
    return true;
  }
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`msgctx: ${file} could not be written (${reason})\n`);
    return false;
  }
}

/** A version of the protocol has its errnos; the design of 2006 leaves them open. */
function isStrict({ strict }: RunFlags, { name }: Profile): boolean {
  return strict || name !== 'seed';
}

/** What the defaults decided. */
function decided(
  flags: RunFlags,
  profile: Profile,
  cases: readonly ChosenCase[],
  subject: Subject,
): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].join(', ');
  const timeouts = new Set(cases.map((one) => settingsOf(one, subject).timeoutMs));
  const errnos = isStrict(flags, profile) ? 'errnos judged' : 'any errno counts';
  return `${cases.length} cases of ${suites}; seed ${flags.seed}, ${flags.runs} conversations a random case, ${errnos}, time-outs of ${[...timeouts].join(', ')} ms, deadline ${flags.deadlineMs} ms`;
}

/** The options that a command line needs to hold a case in the same way. */
function againWords(flags: RunFlags): string {
  const profile = flags.profile === undefined ? '' : ` --profile ${flags.profile}`;
  const strict = flags.strict ? ' --strict' : '';
  const { deadlineMs } = flags;
  const deadline = deadlineMs === deadlineDefaultMs ? '' : ` --deadline ${deadlineMs}`;
  const slack = flags.slack === undefined ? '' : ` --slack ${flags.slack}`;
  return `${profile}${strict}${slack}${deadline}${subjectWords(flags)}`;
}

function showProgress(_: unknown, nth: number, all: number): void {
  if (!process.stderr.isTTY || process.env['CI'] !== undefined) return;
  const over = nth + 1 === all;
  process.stderr.write(`\r${over ? ' '.repeat(40) : `case ${nth + 1} of ${all}`}\r`);
}

function hasColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return !/^(0|false)$/.test(FORCE_COLOR);
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '');
}
