import type { Report } from '../report.js';
import type { Times } from '../report/ctrf.js';
import { mustExist, UsageError } from '../usage.js';
import { writeText } from './files.js';

/** Where the reports of a run go: `--reporter NAME[=FILE]`, any number of them. */

/** What a reporter may need beside the report. */
export interface Words {
  /** What the defaults decided, in words. */
  readonly decided: string;
  /** The adapter's file, where it is one. */
  readonly file?: string;
  /** Whether the terminal lists every requirement. */
  readonly verbose: boolean;
  readonly times: Times;
}

type Reporter = (reports: readonly Report[], words: Words) => Promise<string>;

/** The text for the report of one implementation, or for those of several where a reporter has one. */
function oneOr(
  reports: readonly Report[],
  one: (report: Report) => string,
  several?: (reports: readonly Report[]) => string,
): string {
  const [report] = reports;
  if (report !== undefined && reports.length === 1) return one(report);
  if (several !== undefined) return several(reports);
  throw new UsageError(
    `this reporter takes the runs of one implementation, found ${reports.length}; terminal, json, markdown and html take several`,
  );
}

/** What a command line needs to run a case of a report again; a report of a former version does not say. */
function subjectOf({ subject = '' }: Report): string {
  return subject;
}

/** Each reporter loads its own code. */
const reporters = {
  terminal: async (reports, { decided, verbose }) => {
    const { printReport } = await import('../report/terminal.js');
    const { printMatrix } = await import('../report/matrix.js');
    const columns = process.stdout.isTTY ? { columns: process.stdout.columns } : {};
    const options = { decided, verbose, color: hasColor(), ...columns };
    const print = (report: Report) =>
      printReport(report, { ...options, subject: subjectOf(report) });
    return oneOr(reports, print, printMatrix);
  },
  json: async (reports) => {
    const { printJson } = await import('../report/json.js');
    const { printMatrixJson } = await import('../report/matrix.js');
    return oneOr(reports, printJson, printMatrixJson);
  },
  junit: async (reports, { times }) => {
    const { printJunit } = await import('../report/junit.js');
    return oneOr(reports, (report) => printJunit(report, times));
  },
  tap: async (reports) => oneOr(reports, (await import('../report/tap.js')).printTap),
  ctrf: async (reports, { times }) => {
    const { printCtrf } = await import('../report/ctrf.js');
    return oneOr(reports, (report) => printCtrf(report, times));
  },
  markdown: async (reports) => {
    const { printMarkdown } = await import('../report/markdown.js');
    const { printMatrixMarkdown } = await import('../report/matrix.js');
    const print = (report: Report) => printMarkdown(report, { subject: subjectOf(report) });
    return oneOr(reports, print, printMatrixMarkdown);
  },
  github: async (reports, { file }) => {
    const { printGithub } = await import('../report/github.js');
    const source = file === undefined ? {} : { file };
    const print = (report: Report) =>
      printGithub(report, { ...source, subject: subjectOf(report) });
    return oneOr(reports, print);
  },
  html: async (reports) => (await import('../report/html.js')).printHtml(reports, ''),
} as const satisfies Readonly<Record<string, Reporter>>;

type ReporterName = keyof typeof reporters;

/** The names of the reporters. */
export const reporterNames = Object.keys(reporters) as readonly ReporterName[];

/** One report that is asked for; without a file it goes to stdout. */
export interface Output {
  readonly name: ReporterName;
  readonly file?: string;
}

/**
 * What is asked for; a report without a file takes the place of the one on the terminal.
 *
 * @throws UsageError for an unknown name, a file without one, and two reports on stdout
 */
export function outputsOf(words: readonly string[], json: boolean): readonly Output[] {
  const outputs = words.map((text): Output => {
    const [word = '', ...rest] = text.split('=');
    mustExist('reporter', word, reporterNames);
    const name = word as ReporterName; // It is one of them.
    const file = rest.join('=');
    if (rest.length > 0 && file === '') {
      throw new UsageError(`--reporter ${text}: expected the name of a file after "="`);
    }
    return { name, ...(file === '' ? {} : { file }) };
  });
  if (json) outputs.push({ name: 'json' });
  const onStdout = outputs.filter(({ file }) => file === undefined);
  if (onStdout.length > 1) {
    throw new UsageError(
      'only one report can go to stdout; give the others a file: --reporter NAME=FILE',
    );
  }
  return onStdout.length === 1 ? outputs : [{ name: 'terminal' }, ...outputs];
}

/** Writes them all, stdout first. Returns whether all could be written. */
export async function deliver(
  outputs: readonly Output[],
  reports: readonly Report[],
  words: Words,
): Promise<boolean> {
  const inOrder = outputs.toSorted(
    (a, b) => Number(a.file !== undefined) - Number(b.file !== undefined),
  );
  let isWritten = true;
  for (const { name, file } of inOrder) {
    const text = await reporters[name](reports, words);
    if (file === undefined) process.stdout.write(text);
    else isWritten = writeText(file, text) && isWritten;
  }
  return isWritten;
}

function hasColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return !/^(0|false)$/.test(FORCE_COLOR);
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '');
}
