import type { TraceStep } from '../converse.js';
import type { CaseReport, Verdict } from '../report.js';
import { isBad } from '../report.js';

/** Failing conversations, as every report shows them. */

/** A line a step, then a line for each way that was allowed at the last. */
export function conversationLines({ trace, allowed }: CaseReport): readonly string[] {
  return [
    ...trace.map(({ command, observed, probe }) => {
      const place = probe === true ? 'probe: ' : '';
      return `${place}${command} -> ${observed.join('; ')}`;
    }),
    ...allowed.map((one) => `allowed: ${one}`),
  ];
}

/** Text without control characters but tab and line feed; an adapter's stderr may hold any. */
export function printable(text: string): string {
  return Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const isText = code === 9 || code === 10 || (code >= 32 && code !== 0xfffe && code !== 0xffff);
    const isPaired = code < 0xd800 || code > 0xdfff;
    return isText && isPaired ? char : `\\u${code.toString(16).padStart(4, '0')}`;
  }).join('');
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ').replaceAll('\t', ' ');
}

/** Cases that neither passed nor failed, of one verdict and for one reason. */
export interface Aside {
  readonly verdict: Verdict;
  readonly why: string;
  readonly count: number;
}

/** What was not held or not decided, by reason, in the order of the cases. */
export function asidesOf(cases: readonly CaseReport[]): readonly Aside[] {
  const asides = new Map<string, Aside>();
  for (const one of cases) {
    const { verdict, why } = one;
    if (verdict === 'pass' || isBad(one)) continue;
    const key = `${verdict}: ${why}`;
    asides.set(key, { verdict, why, count: (asides.get(key)?.count ?? 0) + 1 });
  }
  return [...asides.values()];
}

const probeEffort = 1000;

/** The failures by their first rule, or the way to break; of each kind those first that are read quickest. */
export function failuresByKind(cases: readonly CaseReport[]): readonly (readonly CaseReport[])[] {
  const kinds = new Map<string, CaseReport[]>();
  for (const one of cases.filter(isBad)) {
    const kind = one.breach ?? one.requirements[0] ?? '';
    const same = kinds.get(kind);
    if (same === undefined) kinds.set(kind, [one]);
    else same.push(one);
  }
  return [...kinds.values()].map((same) => same.toSorted((a, b) => effort(a) - effort(b)));
}

/** How hard a conversation is to read: what shows before the closing probe is easier. */
function effort({ trace }: CaseReport): number {
  return trace.length + (trace.at(-1)?.probe === true ? probeEffort : 0);
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
