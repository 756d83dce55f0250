import type { CaseReport, Report } from '../report.js';
import { counted } from '../counted.js';
import { conclusionOf, failuresByCause } from '../report.js';
import { againOf, visibleLines } from './conversation.js';

/** What an annotation can point at: the adapter's file, and what runs a case again. */
export interface Source {
  /** The file of the adapter, relative to the working directory, where it is one. */
  readonly file?: string;
  readonly subject: string;
}

/**
 * Failures as annotations of GitHub Actions: workflow commands on stdout. A job shows ten of a kind, so
 * there is one per cause; the last line has the verdict.
 */
export function printGithub(report: Report, { file, subject }: Source): string {
  const where = file === undefined ? '' : `file=${property(file)},line=1,`;
  const lines = failuresByCause(report.cases).map(
    (same) => `::error ${where}title=${property(titleOf(same))}::${data(messageOf(same, subject))}`,
  );
  const stale = report.cases
    .filter(({ verdict }) => verdict === 'unexpected-pass')
    .map(({ id, why }) => `::error title=${property(`stale entry ${id}`)}::${data(why)}`);
  const { name, version } = report.implementation;
  const summary = `${name} ${version}: ${conclusionOf(report).text}`;
  const level = report.verdict === 'pass' ? 'notice' : 'error';
  return `${[...lines, ...stale, `::${level} title=msgctx::${data(summary)}`].join('\n')}\n`;
}

function titleOf(same: readonly CaseReport[]): string {
  const [first] = same;
  const cause = first?.breach ?? first?.requirements[0] ?? '';
  return `${cause}: ${counted(same.length, 'case')}`;
}

function messageOf(same: readonly CaseReport[], subject: string): string {
  const [first] = same;
  if (first === undefined) return '';
  const again = againOf(first, subject);
  return [`${first.id}: ${first.why}`, ...(again === undefined ? [] : [`again: ${again}`])].join(
    '\n',
  );
}

/** The message of a workflow command. */
function data(text: string): string {
  return visibleLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a workflow command, which ends at a comma or colon. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
