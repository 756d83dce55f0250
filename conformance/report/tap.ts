import type { CaseReport, Report } from '../report.js';
import { isBad } from '../report.js';
import { conversationLines, visible } from './conversation.js';

/**
 * The report as TAP version 14: one test point per case. What was not run is a SKIP with its reason, a
 * known deviation or a flaky case a TODO; a failure carries the conversation as YAML.
 */
export function printTap(report: Report): string {
  const points = report.cases.map((one, nth) => pointOf(one, nth + 1));
  const { name, version } = report.implementation;
  const comment = `# ${visible(`${name} ${version}`)}, profile ${report.profile}, random seed ${report.seed}`;
  const lines = ['TAP version 14', comment, `1..${points.length}`, ...points.flat()];
  return `${lines.join('\n')}\n`;
}

function pointOf(one: CaseReport, nth: number): readonly string[] {
  const { id, verdict, why } = one;
  const point = `${nth} - ${escaped(id)}`;
  if (verdict === 'pass') return [`ok ${point}`];
  if (isBad(one)) return [`not ok ${point}`, ...diagnostic(one)];
  if (verdict === 'known' || verdict === 'flaky') {
    return [`not ok ${point} # TODO ${verdict}: ${escaped(why)}`];
  }
  return [`ok ${point} # SKIP ${verdict}: ${escaped(why)}`];
}

function diagnostic(one: CaseReport): readonly string[] {
  const list = (name: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`  ${name}:`, ...items.map((item) => `    - ${scalar(item)}`)];
  return [
    '  ---',
    `  message: ${scalar(one.why)}`,
    ...list('requirements', one.requirements),
    ...list('conversation', conversationLines(one)),
    '  ...',
  ];
}

/** A JSON string is a YAML scalar. */
function scalar(text: string): string {
  return JSON.stringify(visible(text));
}

/** A description in which `#` begins no directive. */
function escaped(text: string): string {
  return visible(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}
