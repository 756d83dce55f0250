import { requirement } from '../../model/index.js';
import type { CaseReport, Report } from '../report.js';
import { isBad, ruleVerdict, rulesOf } from '../report.js';
import { asidesOf, conversationLines, oneLine, printable } from './conversation.js';

/** The report as Markdown, as the summary of a CI job: the verdict, the figures, the failures. */

const failuresShown = 20;

/** Writes the summary. Failures beyond the first twenty are counted. */
export function printMarkdown(report: Report): string {
  const { implementation, profile, seed, verdict, totals, coverage } = report;
  const rules = rulesOf(report).map(({ id }) => ruleVerdict(id, report.cases));
  const kept = rules.filter((one) => one === 'pass').length;
  const broken = rules.filter((one) => one === 'fail').length;
  const counts = Object.entries(totals).filter(([, count]) => Number(count) > 0);
  const bad = report.cases.filter(isBad);
  const more = bad.length - failuresShown;
  return [
    `## ${escaped(`${implementation.name} ${implementation.version}`)}: ${verdict}`,
    '',
    `Profile ${profile}, seed ${seed}. Of ${rules.length} rules ${kept} kept, ${broken} broken.`,
    '',
    '| cases | |',
    '|---|---|',
    ...counts.map(([name, count]) => `| ${name} | ${count} |`),
    ...Object.entries(coverage).map(([name, [hit, all]]) => `| covered ${name} | ${hit}/${all} |`),
    '',
    ...bad.slice(0, failuresShown).flatMap(failure),
    ...(more > 0 ? [`… and ${more} more.`, ''] : []),
    ...asides(report.cases),
  ].join('\n');
}

function failure(one: CaseReport): readonly string[] {
  const rules = one.requirements.map((id) => {
    const { level, text, source } = requirement(id);
    return `- **${id}** (${level}) ${escaped(text)} <sub>${escaped(source)}</sub>`;
  });
  const lines = printable(conversationLines(one).join('\n')).split('\n');
  return [
    `<details><summary>✗ ${escaped(one.id)}</summary>`,
    '',
    escaped(one.why),
    '',
    // Four spaces make a code block that no text can end.
    ...lines.map((line) => `    ${line}`),
    '',
    ...rules,
    '',
    '</details>',
    '',
  ];
}

function asides(cases: readonly CaseReport[]): readonly string[] {
  return asidesOf(cases)
    .map(({ verdict, why, count }) => `- ${count} × ${verdict}: ${escaped(why)}`)
    .concat('');
}

/** Text in which nothing is Markdown or HTML. */
function escaped(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|&~]/g, (char) => `\\${char}`);
}
