import type { Report } from '../report.js';
import { isBad } from '../report.js';
import { printable } from './conversation.js';

/**
 * Failures as annotations of GitHub Actions: workflow commands on stdout. A job shows ten of a kind;
 * the last line counts them all.
 */
export function printGithub(report: Report): string {
  const bad = report.cases.filter(isBad);
  const lines = bad.map(({ id, requirements, why }) => {
    const title = [requirements[0], id].filter((one) => one !== undefined).join(' ');
    return `::error title=${property(title)}::${data(why)}`;
  });
  const { name, version } = report.implementation;
  const summary = `${name} ${version}: ${report.verdict}, ${bad.length} of ${report.cases.length} cases failed`;
  const level = report.verdict === 'pass' ? 'notice' : 'error';
  return `${[...lines, `::${level} title=msgctx::${data(summary)}`].join('\n')}\n`;
}

/** The message of a workflow command. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a workflow command, which ends at a comma or colon. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
