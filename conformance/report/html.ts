import type { RequirementId } from '../../model/index.js';
import { escapedXml, requirement } from '../../model/index.js';
import type { CaseReport, Report } from '../report.js';
import { counted } from '../counted.js';
import { conclusionOf, failuresByCause, rulesOf, ruleVerdict } from '../report.js';
import {
  againOf,
  aloneNote,
  asidesOf,
  conversationLines,
  visible,
  visibleLines,
} from './conversation.js';
import { htmlStyle } from './html-style.js';
import { coveredMachines } from './machines.js';
import { rowsOf, titleOf } from './matrix.js';
import { sequenceOf } from './parties.js';
import { drawSequence } from './sequence.js';

/**
 * The report as one HTML file that needs nothing else: no script, no network, no other file.
 *
 * Failures by cause first, with the conversation as a sequence diagram, then the requirements with their
 * verdicts, then the machines coloured by what was covered. Several implementations stand side by side in
 * a matrix.
 */

/** How many failures of a cause have a diagram; the rest are named. */
const drawnOfCause = 5;
const namedOfCause = 200;

/** Writes the page. @param subject what a command line needs to run a case again, where the report does not say */
export async function printHtml(reports: readonly Report[], subject: string): Promise<string> {
  const titles = reports.map(titleOf);
  const bodies: string[] = [];
  for (const [nth, report] of reports.entries()) bodies.push(await body(report, nth + 1, subject));
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // The page holds words of the implementation: nothing in it may run or load.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${html(`msgctx: ${titles.join(', ')}`)}</title>`,
    `<style>${htmlStyle}</style></head><body><main>`,
    ...(reports.length > 1 ? [matrix(reports)] : []),
    ...bodies,
    '</main></body></html>',
    '',
  ].join('\n');
}

/** Text of an implementation may hold anything; here it holds nothing that a page would obey. */
function html(text: string): string {
  return escapedXml(visibleLines(text));
}

function badge(verdict: string): string {
  return `<span class="verdict ${html(verdict.replaceAll(' ', '-'))}">${html(verdict)}</span>`;
}

function matrix(reports: readonly Report[]): string {
  const heads = reports.map(
    (report, nth) => `<th scope="col"><a href="#run-${nth + 1}">${html(titleOf(report))}</a></th>`,
  );
  const rows = rowsOf(reports).map(({ rule, verdicts }) => {
    const cells = verdicts.map((one) => `<td>${one === undefined ? '' : badge(one)}</td>`);
    return `<tr><th scope="row" title="${html(rule.text)}">${rule.id}</th>${cells.join('')}</tr>`;
  });
  const last = reports.map((one) => `<td>${badge(conclusionOf(one).badge)}</td>`).join('');
  return [
    `<h1>${reports.length} implementations side by side</h1>`,
    scroll('requirements and implementations', [
      `<table><thead><tr><th scope="col">requirement</th>${heads.join('')}</tr></thead>`,
      `<tbody>${rows.join('\n')}<tr><th scope="row">verdict</th>${last}</tr></tbody></table>`,
    ]),
  ].join('\n');
}

/** What is wider than the page scrolls by itself, by keyboard too. */
function scroll(label: string, content: readonly string[]): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${html(label)}">${content.join('\n')}</div>`;
}

async function body(report: Report, nth: number, subject: string): Promise<string> {
  const sections: readonly (readonly [string, string])[] = [
    ['Failures', failures(report, nth, report.subject ?? subject)],
    ['Stale entries', staleEntries(report)],
    ['Without a pass or a failure', asides(report)],
    ['Requirements', rules(report)],
    ['Machines', report.implementation.role === 'kernel' ? await machines(report) : ''],
  ];
  const shown = sections
    .filter(([, content]) => content !== '')
    .map(([title, content]) => ({
      title,
      content,
      id: `run-${nth}-${title.split(/\W/)[0] ?? ''}`,
    }));
  const links = shown.map(({ title, id }) => `<li><a href="#${id}">${title}</a></li>`);
  return [
    head(report, nth),
    `<nav aria-label="${html(titleOf(report))}"><ul>${links.join('')}</ul></nav>`,
    ...shown.map(({ title, content, id }) => `<h2 id="${id}">${title}</h2>\n${content}`),
  ].join('\n');
}

function head(report: Report, nth: number): string {
  const { implementation, profile, seed, strict, totals, coverage, notJudged } = report;
  const { name, version, role, language } = implementation;
  const counts = Object.entries(totals).filter(([, count]) => Number(count) > 0);
  const covered = Object.entries(coverage).filter(([, [, all]]) => all > 0);
  const figures = [
    ...counts.map(([what, count]) => [what, String(count)] as const),
    ...covered.map(([what, [hit, all]]) => [`${what} covered`, `${hit}/${all}`] as const),
  ];
  const written = language === undefined ? '' : ` (${language})`;
  const conclusion = conclusionOf(report);
  return [
    `<h1 id="run-${nth}">${html(`${name} ${version}${written}`)} ${badge(conclusion.badge)}</h1>`,
    `<p>${html(conclusion.text)}</p>`,
    `<p>Role ${role}, profile ${html(profile)}, random seed ${seed}, errnos ${strict ? '' : 'not '}judged.</p>`,
    `<dl class="figures">${figures.map(([what, figure]) => `<div><dt>${what}</dt><dd>${figure}</dd></div>`).join('')}</dl>`,
    ...(notJudged.length === 0
      ? []
      : [`<p class="faint">Not judged: ${html(notJudged.join('; '))}.</p>`]),
  ].join('\n');
}

function rules(report: Report): string {
  const rows = rulesOf(report).map(({ id, level, text, source }) => {
    const verdict = badge(ruleVerdict(id, report.cases));
    return (
      `<tr><th scope="row">${id}</th><td>${level}</td><td>${verdict}</td>` +
      `<td class="text">${html(text)}<br><small>${html(source)}</small></td></tr>`
    );
  });
  return [
    '<table class="rules"><thead><tr><th scope="col">requirement</th><th scope="col">level</th>',
    '<th scope="col">verdict</th><th scope="col">text and source</th></tr></thead>',
    `<tbody>${rows.join('\n')}</tbody></table>`,
  ].join('');
}

function failures({ cases, implementation }: Report, nth: number, subject: string): string {
  return failuresByCause(cases)
    .map((same, cause) => {
      const [first] = same;
      const title = first?.breach ?? first?.requirements[0] ?? '';
      const drawn = same
        .slice(0, drawnOfCause)
        .map((one, place) =>
          failure(one, { role: implementation.role, subject, isOpen: place === 0 }),
        );
      const others = same.slice(drawnOfCause).map(({ id }) => id);
      const named = others.slice(0, namedOfCause).map((id) => `<li><code>${html(id)}</code></li>`);
      const left = others.length - named.length;
      const more = left > 0 ? `<p>… and ${left} more.</p>` : '';
      return [
        `<h3 id="run-${nth}-cause-${cause + 1}">${html(title)}: ${counted(same.length, 'case')} failed</h3>`,
        ...drawn,
        ...(others.length === 0
          ? []
          : [
              `<details><summary>${others.length} more</summary><ul>${named.join('')}</ul>${more}</details>`,
            ]),
      ].join('\n');
    })
    .join('\n');
}

interface Showing {
  readonly role: 'kernel' | 'daemon';
  readonly subject: string;
  readonly isOpen: boolean;
}

function failure(one: CaseReport, { role, subject, isOpen }: Showing): string {
  const picture =
    one.trace.length === 0
      ? []
      : [
          scroll(`the conversation of ${one.id}`, [drawSequence(printed(sequenceOf(one, role)))]),
          `<details><summary>The same in words</summary><pre>${html(conversationLines(one).join('\n'))}</pre></details>`,
        ];
  const [note, again] = [aloneNote(one), againOf(one, subject)];
  return [
    `<details${isOpen ? ' open' : ''}><summary>${badge(one.verdict)} <code>${html(one.id)}</code></summary>`,
    `<p>${html(one.why)}</p>`,
    ...picture,
    `<ul>${one.requirements.map(rule).join('')}</ul>`,
    ...(note === undefined ? [] : [`<p>Note: ${html(note)}</p>`]),
    ...(again === undefined ? [] : [`<p>Again: <code>${html(again)}</code></p>`]),
    '</details>',
  ].join('\n');
}

/** The words in a diagram may be those of an adapter that broke. */
function printed(sequence: ReturnType<typeof sequenceOf>): ReturnType<typeof sequenceOf> {
  const { title, lanes, rows } = sequence;
  return { title, lanes, rows: rows.map((row) => ({ ...row, label: visible(row.label) })) };
}

function rule(id: RequirementId): string {
  const { level, text, source } = requirement(id);
  return `<li><strong>${id}</strong> (${level}) ${html(text)} <small>${html(source)}</small></li>`;
}

function staleEntries({ cases }: Report): string {
  const entries = cases.filter(({ verdict }) => verdict === 'unexpected-pass');
  const lines = entries.map(({ why }) => `<li>${html(why)}</li>`);
  return lines.length === 0 ? '' : `<ul>${lines.join('\n')}</ul>`;
}

function asides({ cases }: Report): string {
  const lines = asidesOf(cases).map(
    ({ verdict, why, count }) =>
      `<li>${badge(verdict)} ${counted(count, 'case')}: ${html(why)}</li>`,
  );
  return lines.length === 0 ? '' : `<ul>${lines.join('\n')}</ul>`;
}

async function machines({ covered, profile }: Report): Promise<string> {
  const drawn = await coveredMachines(covered, profile);
  return [
    '<p>Green: covered. <strong>Red and dotted: not covered.</strong> Yellow: covered in part. No colour: impossible in this profile.</p>',
    ...drawn.map(({ name, svg, missed }) =>
      [
        `<h3>${name}: ${missed.length === 0 ? 'all covered' : `${missed.length} not covered`}</h3>`,
        ...(missed.length === 0
          ? []
          : [`<p>${missed.map((one) => `<code>${html(one)}</code>`).join(', ')}</p>`]),
        scroll(`the machine ${name}`, [svg]),
      ].join('\n'),
    ),
  ].join('\n');
}
