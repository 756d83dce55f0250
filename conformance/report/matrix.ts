import type { Requirement } from '../../model/index.js';
import type { Report, RuleVerdict } from '../report.js';
import { conclusionOf, rulesOf, ruleVerdict } from '../report.js';
import { visible } from './conversation.js';
import { documentOf } from './json.js';

/** Several implementations side by side: one row per requirement, one column per implementation. */

/** One row. An implementation has no verdict where its profile or role has no such requirement. */
export interface Row {
  readonly rule: Requirement;
  readonly verdicts: readonly (RuleVerdict | undefined)[];
}

/** The rows, in the order of the catalogue. */
export function rowsOf(reports: readonly Report[]): readonly Row[] {
  const rules = new Map(reports.flatMap(rulesOf).map((rule) => [rule.id, rule]));
  return [...rules.values()].map((rule) => ({
    rule,
    verdicts: reports.map((report) =>
      rulesOf(report).some(({ id }) => id === rule.id)
        ? ruleVerdict(rule.id, report.cases)
        : undefined,
    ),
  }));
}

const marks: Readonly<Record<RuleVerdict, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  known: 'known',
  unclear: 'unclear',
  unsupported: 'unsupp.',
  'not exercised': '-',
};

/** The matrix as text for a terminal. */
export function printMatrix(reports: readonly Report[]): string {
  const names = reports.map(titleOf).map((name) => visible(name));
  const widths = names.map((name) => Math.max(8, name.length));
  const line = (first: string, cells: readonly string[]) =>
    [first.padEnd(7), ...cells.map((cell, nth) => cell.padEnd(widths[nth] ?? 8))]
      .join('  ')
      .trimEnd();
  return [
    line('', names),
    ...rowsOf(reports).map(({ rule, verdicts }) =>
      line(
        rule.id,
        verdicts.map((one) => (one === undefined ? '' : marks[one])),
      ),
    ),
    line(
      'verdict',
      reports.map((one) => conclusionOf(one).badge),
    ),
    '',
  ].join('\n');
}

/** The same as Markdown. */
export function printMatrixMarkdown(reports: readonly Report[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const names = reports.map((one) => visible(titleOf(one)).replace(/[|\\`*_<>[\]]/g, '\\$&'));
  return [
    line(['requirement', ...names]),
    line(['---', ...names.map(() => '---')]),
    ...rowsOf(reports).map(({ rule, verdicts }) =>
      line([rule.id, ...verdicts.map((one) => (one === undefined ? '' : marks[one]))]),
    ),
    line(['**verdict**', ...reports.map((one) => `**${conclusionOf(one).badge}**`)]),
    '',
  ].join('\n');
}

/** The reports in one JSON document, schema `msgctx-matrix/1`. */
export function printMatrixJson(reports: readonly Report[]): string {
  const document = { schema: 'msgctx-matrix/1', reports: reports.map(documentOf) };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** What a column is called. */
export function titleOf({ implementation, profile }: Report): string {
  return `${implementation.name} ${implementation.version} (${profile})`;
}
