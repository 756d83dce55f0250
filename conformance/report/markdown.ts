import { requirement } from '../../model/index.js';
import type { CaseReport, Report } from '../report.js';
import { counted } from '../counted.js';
import { conclusionOf, failuresByCause, ruleVerdict, rulesOf } from '../report.js';
import { againOf, aloneNote, asidesOf, conversationLines, visible } from './conversation.js';

/** The report as Markdown, as the summary of a CI job: the verdict, the figures, one failure per cause. */

const failuresShown = 20;

/** Writes the summary. Causes beyond the first twenty are counted. */
export function printMarkdown(report: Report, { subject }: { readonly subject: string }): string {
  const { implementation, profile, seed, totals, coverage } = report;
  const rules = rulesOf(report).map(({ id }) => ruleVerdict(id, report.cases));
  const kept = rules.filter((one) => one === 'pass').length;
  const broken = rules.filter((one) => one === 'fail').length;
  const counts = Object.entries(totals).filter(([, count]) => Number(count) > 0);
  const causes = failuresByCause(report.cases);
  const more = causes.length - failuresShown;
  const { badge, text } = conclusionOf(report);
  return [
    `## ${escaped(`${implementation.name} ${implementation.version}`)}: ${badge}`,
    '',
    `${escaped(capital(text))}.`,
    '',
    `Profile ${profile}, random seed ${seed}. Of ${rules.length} requirements, ${kept} are kept and ${broken} broken.`,
    '',
    '| cases | |',
    '|---|---|',
    ...counts.map(
      ([name, count]) => `| ${name === 'unexpectedPass' ? 'stale' : name} | ${count} |`,
    ),
    ...Object.entries(coverage).map(([name, [hit, all]]) => `| covered ${name} | ${hit}/${all} |`),
    '',
    ...causes.slice(0, failuresShown).flatMap((same) => failure(same, subject)),
    ...(more > 0 ? [`… and ${counted(more, 'more cause')}.`, ''] : []),
    ...staleLines(report.cases),
    ...asides(report.cases),
  ].join('\n');
}

function failure(same: readonly CaseReport[], subject: string): readonly string[] {
  const [one] = same;
  if (one === undefined) return [];
  const rules = one.requirements.map((id) => {
    const { level, text, source } = requirement(id);
    return `- **${id}** (${level}) ${escaped(text)} <sub>${escaped(source)}</sub>`;
  });
  const also = same.length === 1 ? '' : `, also in ${counted(same.length - 1, 'other case')}`;
  const [note, again] = [aloneNote(one), againOf(one, subject)];
  return [
    `<details><summary>✗ ${escaped(one.id)}${also}</summary>`,
    '',
    escaped(one.why),
    '',
    // Four spaces make a code block that no text can end.
    ...conversationLines(one).map((line) => `    ${line}`),
    ...(again === undefined ? [] : ['', `    again: ${visible(again)}`]),
    '',
    ...(note === undefined ? [] : [escaped(note), '']),
    ...rules,
    '',
    '</details>',
    '',
  ];
}

function staleLines(cases: readonly CaseReport[]): readonly string[] {
  const stale = cases.filter(({ verdict }) => verdict === 'unexpected-pass');
  return stale.map(({ why }) => `- stale: ${escaped(why)}`).concat(stale.length === 0 ? [] : ['']);
}

function asides(cases: readonly CaseReport[]): readonly string[] {
  return asidesOf(cases)
    .map(({ verdict, why, count }) => `- ${counted(count, 'case')} ${verdict}: ${escaped(why)}`)
    .concat('');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Text in which nothing is Markdown or HTML. */
function escaped(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]<>#|&~]/g, (char) => `\\${char}`);
}
