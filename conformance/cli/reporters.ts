import type { Report } from '../report.js';
import type { Times } from '../report/ctrf.js';
import { printCtrf } from '../report/ctrf.js';
import { printGithub } from '../report/github.js';
import { printHtml } from '../report/html.js';
import { printJson } from '../report/json.js';
import { printJunit } from '../report/junit.js';
import { printMatrix, printMatrixJson, printMatrixMarkdown } from '../report/matrix.js';
import { printMarkdown } from '../report/markdown.js';
import { printTap } from '../report/tap.js';
import { printReport } from '../report/terminal.js';
import { mustExist, UsageError } from '../select.js';
import { writeText } from './files.js';

/** Where the reports of a run go: `--reporter NAME[=FILE]`, any number of them. */

/** What a reporter may need beside the report. */
export interface Words {
  /** What the defaults decided, in words. */
  readonly decided: string;
  /** The subject's part of a command line that holds a case again. */
  readonly subject: string;
  readonly times: Times;
}

type Reporter = (reports: readonly Report[], words: Words) => string | Promise<string>;

/** A reporter of one implementation, and what it writes of several, if it can. */
function alone(
  one: (report: Report, words: Words) => string,
  several?: (reports: readonly Report[]) => string,
): Reporter {
  return (reports, words) => {
    const [report] = reports;
    if (report !== undefined && reports.length === 1) return one(report, words);
    if (several !== undefined) return several(reports);
    throw new UsageError(
      `this reporter takes the runs of one implementation, found ${reports.length}; terminal, json, markdown and html take several`,
    );
  };
}

const reporters: Readonly<Record<string, Reporter>> = {
  terminal: alone(
    (report, { decided, subject }) => printReport(report, { decided, subject, color: hasColor() }),
    printMatrix,
  ),
  json: alone(printJson, printMatrixJson),
  junit: alone(printJunit),
  tap: alone(printTap),
  ctrf: alone((report, { times }) => printCtrf(report, times)),
  markdown: alone(printMarkdown, printMatrixMarkdown),
  github: alone(printGithub),
  html: (reports, { subject }) => printHtml(reports, subject),
};

/** The names of the reporters. */
export const reporterNames = Object.keys(reporters);

/** One report that is asked for; without a file it goes to stdout. */
export interface Output {
  readonly name: string;
  readonly file?: string;
}

/**
 * What is asked for; a report without a file takes the place of the one on the terminal.
 *
 * @throws UsageError for an unknown name, a file without one, and two reports on stdout
 */
export function outputsOf(words: readonly string[], json: boolean): readonly Output[] {
  const outputs = words.map((text): Output => {
    const [name = '', ...rest] = text.split('=');
    mustExist('reporter', name, reporterNames);
    const file = rest.join('=');
    if (rest.length > 0 && file === '') {
      throw new UsageError(`--reporter ${text}: expected the name of a file behind "="`);
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
    const text = (await reporters[name]?.(reports, words)) ?? '';
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
