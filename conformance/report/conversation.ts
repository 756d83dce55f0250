import type { TraceStep } from '../converse.js';
import { printable, printableLines } from '../printable.js';
import type { CaseReport, Verdict } from '../report.js';

/** Failing conversations, as every report shows them. */

/** The most characters of a line in a report. */
const lineMax = 4000;

/** One line per step, then one line per outcome that was allowed at the last step. */
export function conversationLines({ trace, allowed }: CaseReport): readonly string[] {
  return [
    ...trace.map(({ command, observed, probe }) => {
      const place = probe === true ? 'probe: ' : '';
      return visible(`${place}${command} -> ${observed.join('; ')}`);
    }),
    ...allowed.map((one) => visible(`allowed: ${one}`)),
  ];
}

/** Text of an implementation on one line, fit for any report. */
export function visible(text: string): string {
  return printable(text, lineMax);
}

/** The same in lines, as an adapter's stderr has them. */
export function visibleLines(text: string): string {
  return printableLines(text, lineMax);
}

/** What a reader types to see a failure again. */
export function againOf(
  { alone, after = [], replay }: CaseReport,
  subject: string,
): string | undefined {
  if (replay.length === 0 || (alone === false && after.length === 0)) return undefined;
  const filters = after.flatMap((one) => ['--filter', one]);
  // A path leads to one conversation of one case, so it cannot stand with others.
  const path = after.length === 0 ? -1 : replay.indexOf('--path');
  const own = path === -1 ? replay : replay.toSpliced(path, 2);
  return `msgctx run ${[...filters, ...own].join(' ')}${subject}`;
}

/** What is known of a failure that does not show when its case runs alone. */
export function aloneNote({ alone, after = [] }: CaseReport): string | undefined {
  if (alone !== false) return undefined;
  if (after.length === 0) {
    return 'passes when run alone, and after the cases before it: it may depend on chance or on time';
  }
  const [first] = after;
  const where =
    after.length === 1 ? (first ?? '') : `${first ?? ''} and ${after.length - 1} cases behind it`;
  return `passes when run alone; fails only after ${where}: the adapter keeps something over a reset`;
}

/** Cases that neither passed nor failed, of one verdict and for one reason. */
export interface Aside {
  readonly verdict: Verdict;
  readonly why: string;
  readonly count: number;
  /** The capabilities that the adapter lacks, where that is the reason. */
  readonly lacks?: readonly string[];
}

/** What was not run or not decided, by reason, and known deviations by entry, in the order of the cases. */
export function asidesOf(cases: readonly CaseReport[]): readonly Aside[] {
  const asides = new Map<string, Aside>();
  for (const { verdict, why, entries, lacks } of cases) {
    if (verdict === 'pass' || verdict === 'fail' || verdict === 'unexpected-pass') continue;
    const reason =
      entries === undefined ? why : entries.map(({ id, reason }) => `${id} (${reason})`).join(', ');
    const key = `${verdict}: ${reason}`;
    const count = (asides.get(key)?.count ?? 0) + 1;
    asides.set(key, { verdict, why: reason, count, ...(lacks === undefined ? {} : { lacks }) });
  }
  return [...asides.values()];
}

/** Of a conversation that is longer than can be read, the beginning and the end. */
export interface Excerpt {
  readonly beginning: readonly TraceStep[];
  /** How many steps were left out after the beginning. */
  readonly left: number;
  readonly end: readonly TraceStep[];
}

const [beginningShown, endShown] = [20, 60];

/** What is shown of a conversation. */
export function excerptOf(trace: readonly TraceStep[]): Excerpt {
  const left = trace.length - beginningShown - endShown;
  return left <= 0
    ? { beginning: trace, left: 0, end: [] }
    : { beginning: trace.slice(0, beginningShown), left, end: trace.slice(-endShown) };
}
