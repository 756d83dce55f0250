import type { CaseReport } from '../report.js';

/** A conversation as lines of plain text, for reports that are read by machines first. */

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
