import { styleText } from 'node:util';
import { requirement } from '../../model/index.js';
import type { CaseReport, Report, RuleVerdict } from '../report.js';
import { rulesOf, ruleVerdict } from '../report.js';
import { asidesOf, excerptOf, failuresByKind } from './conversation.js';

/** The report for a person: a verdict for each rule, then each kind of failure with its shortest case. */

/** How to write it. */
export interface TerminalOptions {
  readonly color: boolean;
  /** What the defaults decided, in words. */
  readonly decided: string;
  /** The subject's part of a command line that holds a case again. */
  readonly subject: string;
}

const lineChars = 100;
const casesNamed = 3;

/** Writes the whole report as text. */
export function printReport(report: Report, options: TerminalOptions): string {
  const paint = painter(options.color);
  return [
    ...head(report, options),
    '',
    ...rules(report, paint),
    '',
    ...failures(report, options, paint),
    ...asides(report),
    ...summary(report, paint),
    '',
  ].join('\n');
}

type Paint = (word: string, text?: string) => string;

function painter(color: boolean): Paint {
  const colors = {
    pass: 'green',
    fail: 'red',
    known: 'yellow',
    unclear: 'yellow',
    unsupported: 'yellow',
    inconclusive: 'yellow',
  } as const;
  return (word, text = word) => {
    const known = Object.entries(colors).find(([name]) => name === word)?.[1];
    return color && known !== undefined ? styleText(known, text, { validateStream: false }) : text;
  };
}

function head(
  { implementation, profile, notJudged }: Report,
  { decided }: TerminalOptions,
): string[] {
  const { name, version, role, language } = implementation;
  const written = language === undefined ? '' : ` (${language})`;
  return [
    `${name} ${version}${written}, role ${role}, against profile ${profile}`,
    decided,
    ...(notJudged.length === 0 ? [] : [`not judged: ${notJudged.join('; ')}`]),
  ];
}

function rules(report: Report, paint: Paint): string[] {
  return rulesOf(report).flatMap(({ id, level, text }) => {
    const verdict: RuleVerdict = ruleVerdict(id, report.cases);
    const start = `${id.padEnd(7)} ${level.padEnd(7)}`;
    const lines = wrap(text, lineChars - start.length - 15);
    const first = `${start} ${paint(verdict, verdict.padEnd(13))} ${lines[0] ?? ''}`;
    return [first, ...lines.slice(1).map((line) => `${' '.repeat(start.length + 15)}${line}`)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Failures of one kind are shown once. */
function failures({ cases }: Report, options: TerminalOptions, paint: Paint): string[] {
  return failuresByKind(cases).flatMap(([shortest, ...more]) => {
    if (shortest === undefined) return [];
    const others = more.map(({ id }) => id);
    const left = others.length > casesNamed ? `, and ${others.length - casesNamed} more` : '';
    return [
      paint('fail', `FAIL ${shortest.id}`),
      `  ${shortest.why}`,
      ...conversation(shortest),
      ...(shortest.allowed.length === 0 ? [] : [`  allowed:  ${shortest.allowed.join(' | ')}`]),
      ...shortest.requirements.map((id) => ruleLines(id)).flat(),
      `  again:    msgctx run ${shortest.replay.join(' ')}${options.subject}`,
      ...(others.length === 0
        ? []
        : [`  also in:  ${others.slice(0, casesNamed).join(', ')}${left}`]),
      '',
    ];
  });
}

function conversation({ trace }: CaseReport): string[] {
  const { beginning, left, end } = excerptOf(trace);
  const shown = [...beginning, ...end];
  const width = Math.max(0, ...shown.map(({ command }) => command.length));
  const probeAt = shown.findIndex(({ probe }) => probe === true);
  return shown.flatMap(({ command, observed }, nth) => [
    ...(left > 0 && nth === beginning.length
      ? [`    ... ${left} steps, which --record keeps ...`]
      : []),
    ...(nth === probeAt ? ['    -- closing probe --'] : []),
    `    ${command.padEnd(width)}  -> ${observed.join('; ')}`,
  ]);
}

function ruleLines(id: Parameters<typeof requirement>[0]): string[] {
  const { level, text, source } = requirement(id);
  return [`  rule:     ${id} (${level}) ${text}`, `            from ${source}`];
}

/** Cases that were not held, by reason; never counted as passed. */
function asides({ cases }: Report): string[] {
  const lines = asidesOf(cases).map(({ verdict, why, count }) => `${count} × ${verdict}: ${why}`);
  return lines.length === 0 ? [] : [...lines, ''];
}

function summary({ totals, coverage, verdict, profile }: Report, paint: Paint): string[] {
  const counts = Object.entries(totals)
    .filter(([name, count]) => count > 0 || name === 'pass' || name === 'fail')
    .map(([name, count]) => `${count} ${name}`);
  // Every figure of coverage is a pair; of a daemon there are no states to be covered.
  const covered = Object.entries(coverage).flatMap(
    ([name, [hit, all]]: [string, readonly [number, number]]) =>
      all === 0 ? [] : [`${name} ${hit}/${all}`],
  );
  const words = {
    pass: `conforms to profile ${profile}, as far as these cases go`,
    fail: `does not conform to profile ${profile}`,
    inconclusive: 'not decided',
  };
  return [
    `cases:    ${counts.join(', ')}`,
    `coverage: ${covered.join(', ')}`,
    `verdict:  ${paint(verdict)}: ${words[verdict]}`,
  ];
}
