import { styleText } from 'node:util';
import { requirement } from '../../model/index.js';
import type { CaseReport, Report, RuleVerdict } from '../report.js';
import { counted } from '../counted.js';
import { conclusionOf, failuresByCause, rulesOf, ruleVerdict } from '../report.js';
import { againOf, aloneNote, asidesOf, excerptOf, visible, visibleLines } from './conversation.js';
import { nextStep } from './next-step.js';
import { wrapped } from './wrapped.js';

/**
 * The report for a person: one failure per cause with the shortest conversation that shows it, then what
 * was not run, the requirements that need a look, the figures, the verdict, and what to do next.
 */

/** How to write it. */
export interface TerminalOptions {
  readonly color: boolean;
  /** What the defaults decided, in words. */
  readonly decided: string;
  /** The options and the subject that a command line needs to run a case again. */
  readonly subject: string;
  /** The width of the terminal in characters; 100 by default. */
  readonly columns?: number;
  /** Whether every requirement is listed, not only those that need a look. */
  readonly verbose?: boolean;
}

const columnsDefault = 100;
const columnsMin = 40;
const casesNamed = 3;
/** A conversation with longer commands is printed in two lines per step. */
const commandColumns = 60;

/** Writes the whole report as text. */
export function printReport(report: Report, options: TerminalOptions): string {
  const columns = Math.max(options.columns ?? columnsDefault, columnsMin);
  const out: Out = { columns, paint: painter(options.color) };
  const parts = [
    head(report, options, out),
    ...failures(report, options, out),
    stale(report, out),
    asides(report, out),
    requirementLines(report, options, out),
    summary(report, out),
  ];
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

/** Where it is written. */
interface Out {
  readonly columns: number;
  readonly paint: (word: string, text?: string) => string;
}

const colors = {
  pass: 'green',
  fail: 'red',
  'stale entries': 'red',
  known: 'yellow',
  'known deviations': 'yellow',
  unclear: 'yellow',
  unsupported: 'yellow',
  inconclusive: 'yellow',
} as const;

function painter(color: boolean): Out['paint'] {
  return (word, text = word) => {
    const known = Object.entries(colors).find(([name]) => name === word)?.[1];
    return color && known !== undefined ? styleText(known, text, { validateStream: false }) : text;
  };
}

function head(
  { implementation, profile, notJudged }: Report,
  { decided }: TerminalOptions,
  { columns }: Out,
): string[] {
  const { name, version, role, language } = implementation;
  const written = language === undefined ? '' : ` (${language})`;
  return [
    ...wrapped(visible(`${name} ${version}${written}, role ${role}, profile ${profile}`), columns),
    ...(decided === '' ? [] : wrapped(decided, columns)),
    ...(notJudged.length === 0 ? [] : wrapped(`not judged: ${notJudged.join('; ')}`, columns)),
  ];
}

/** One failure of each cause. */
function failures({ cases }: Report, { subject }: TerminalOptions, out: Out): string[][] {
  return failuresByCause(cases).map((same) => {
    const [shortest, ...more] = same;
    if (shortest === undefined) return [];
    const again = againOf(shortest, subject);
    const note = aloneNote(shortest);
    const field = (name: string, text: string) =>
      wrapped(text, out.columns, { first: `  ${name.padEnd(13)}`, next: ' '.repeat(15) });
    return [
      out.paint('fail', `FAIL ${shortest.id}`),
      ...visibleLines(shortest.why)
        .split('\n')
        .flatMap((line) => wrapped(line, out.columns, { first: '  ', next: '    ' })),
      ...conversation(shortest),
      ...(isSaid(shortest) ? [] : field('allowed:', visible(shortest.allowed.join(' | ')))),
      ...shortest.requirements.flatMap((id) => {
        const { level, text, source } = requirement(id);
        return [
          ...field('requirement:', `${id} (${level}) ${text}`),
          ...field('', `from ${source}`),
        ];
      }),
      ...(note === undefined ? [] : field('note:', note)),
      // A command is not wrapped, so that it can be copied.
      ...(again === undefined ? [] : [`  ${'again:'.padEnd(13)}${visible(again)}`]),
      ...(more.length === 0 ? [] : field('also in:', alsoIn(more))),
    ];
  });
}

/** Whether the sentence says already what was allowed. */
function isSaid({ why, allowed }: CaseReport): boolean {
  return allowed.length === 0 || (allowed.length === 1 && why.endsWith(allowed[0] ?? ''));
}

function alsoIn(more: readonly CaseReport[]): string {
  const named = more.slice(0, casesNamed).map(({ id }) => id);
  const rest = more.length - named.length;
  return `${counted(more.length, 'case')}: ${named.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
}

function conversation({ trace }: CaseReport): string[] {
  const { beginning, left, end } = excerptOf(trace);
  const shown = [...beginning, ...end];
  const widths = shown.map(({ command }) => command.length);
  const width = Math.min(commandColumns, Math.max(0, ...widths));
  const probeAt = shown.findIndex(({ probe }) => probe === true);
  return shown.flatMap(({ command, observed }, nth) => [
    ...(left > 0 && nth === beginning.length
      ? [`    ... ${counted(left, 'step')} left out; --record keeps them ...`]
      : []),
    ...(nth === probeAt ? ['    -- closing probe --'] : []),
    `    ${command.padEnd(width)}  -> ${visible(observed.join('; '))}`,
  ]);
}

/** Entries of the list of known deviations that no failure needs any more. */
function stale({ cases }: Report, { columns, paint }: Out): string[] {
  const entries = cases.filter(({ verdict }) => verdict === 'unexpected-pass');
  if (entries.length === 0) return [];
  return [
    paint('fail', 'STALE entries in the list of known deviations:'),
    ...entries.flatMap(({ why }) => wrapped(visible(why), columns, { first: '  ', next: '    ' })),
  ];
}

/** Cases that have no pass or failure, by reason; never counted as passed. */
function asides({ cases }: Report, { columns }: Out): string[] {
  const all = asidesOf(cases);
  const lacking = all.filter(({ lacks = [] }) => lacks.length > 0);
  const others = all.filter(({ lacks = [] }) => lacks.length === 0);
  const line = (text: string) => wrapped(text, columns, { first: '', next: '  ' });
  return [
    ...others.flatMap(({ verdict, why, count }) =>
      line(`${counted(count, 'case')} ${verdict}: ${visible(why)}`),
    ),
    ...lackLines(lacking).flatMap(line),
  ];
}

/** One line per missing capability: how many cases it alone would add, and how many with others. */
function lackLines(
  lacking: readonly { readonly lacks?: readonly string[]; readonly count: number }[],
): string[] {
  const names = [...new Set(lacking.flatMap(({ lacks = [] }) => lacks))].sort();
  return names.map((name) => {
    const with_ = lacking.filter(({ lacks = [] }) => lacks.includes(name));
    const sum = (some: typeof with_) => some.reduce((total, { count }) => total + count, 0);
    const alone = sum(with_.filter(({ lacks = [] }) => lacks.length === 1));
    const together = sum(with_) - alone;
    const more = together === 0 ? '' : `, and ${together} together with other capabilities`;
    return `unsupported without ${name}: claiming it would add ${counted(alone, 'case')}${more}`;
  });
}

/** The requirements: how many have each verdict, then those that need a look. */
function requirementLines(
  report: Report,
  { verbose = false }: TerminalOptions,
  out: Out,
): string[] {
  const judged = rulesOf(report).map((rule) => ({
    ...rule,
    verdict: ruleVerdict(rule.id, report.cases),
  }));
  const of = (verdict: RuleVerdict) => judged.filter((one) => one.verdict === verdict);
  const counts = [...new Set(judged.map(({ verdict }) => verdict))].map(
    (verdict) => `${of(verdict).length} ${verdict}`,
  );
  const shown = verbose ? judged : [...of('fail'), ...of('unclear')];
  const isFolded = shown.length < judged.length;
  const named = verbose ? [] : (['unsupported', 'not exercised'] as const);
  return [
    `requirements: ${counts.join(', ')}${isFolded ? ' (--verbose lists them all)' : ''}`,
    ...shown.flatMap(({ id, level, text, verdict }) => {
      const start = `  ${verdict.padEnd(13)} ${id.padEnd(7)} ${level.padEnd(7)} `;
      const lines = wrapped(text, out.columns, { first: start, next: ' '.repeat(start.length) });
      return lines.map((line) => line.replace(verdict, out.paint(verdict)));
    }),
    ...named.flatMap((verdict) => {
      const ids = of(verdict).map(({ id }) => id);
      const indents = { first: `  ${verdict.padEnd(13)} `, next: ' '.repeat(16) };
      return ids.length === 0 ? [] : wrapped(ids.join(', '), out.columns, indents);
    }),
  ];
}

function summary(report: Report, { columns, paint }: Out): string[] {
  const { totals, coverage } = report;
  const counts = Object.entries(totals)
    .filter(([name, count]) => count > 0 || name === 'pass' || name === 'fail')
    .map(([name, count]) => `${count} ${name === 'unexpectedPass' ? 'stale' : name}`);
  // Every figure of coverage is a pair; of a daemon there are no states to be covered.
  const covered = Object.entries(coverage).flatMap(
    ([name, [hit, all]]: [string, readonly [number, number]]) =>
      all === 0 ? [] : [`${name} ${hit}/${all}`],
  );
  const { badge, text } = conclusionOf(report);
  const next = nextStep(report);
  const field = (first: string, words: string) =>
    wrapped(words, columns, { first, next: ' '.repeat(first.length) });
  return [
    ...field('cases:    ', counts.join(', ')),
    ...field('coverage: ', covered.join(', ')),
    ...field('verdict:  ', text).map((line) =>
      line.replace(text.split(':')[0] ?? '', (word) => paint(badge, word)),
    ),
    ...(next === undefined ? [] : field('next:     ', next)),
  ];
}
