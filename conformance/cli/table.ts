import { printable } from '../printable.js';

/** Rows for a person on a terminal, or for a program behind a pipe. */

/** A row: its cells by the names of the columns. */
export type Row = Readonly<Record<string, string | readonly string[]>>;

const columnsDefault = 100;
const gap = 2;
const cellMin = 12;
const cellMax = 10_000;

/**
 * The rows as text: on a terminal a table with a header, cut at the terminal's width; otherwise
 * tab-separated values without a header.
 */
export function tableOf(
  rows: readonly Row[],
  { isTTY = false, columns = columnsDefault }: { isTTY?: boolean; columns?: number },
): string {
  const cells = rows.map((row) =>
    Object.values(row).map((cell) =>
      printable(typeof cell === 'string' ? cell : cell.join(' '), cellMax),
    ),
  );
  if (!isTTY) return cells.map((row) => `${row.join('\t')}\n`).join('');
  const header = Object.keys(rows[0] ?? {}).map((name) => name.toUpperCase());
  const widths = widthsOf([header, ...cells], columns);
  return [header, ...cells].map((row) => `${line(row, widths)}\n`).join('');
}

/** The widths of the columns; those that are too wide share what the others leave. */
function widthsOf(rows: readonly (readonly string[])[], columns: number): number[] {
  const wanted = (rows[0] ?? []).map((_, nth) =>
    Math.max(...rows.map((row) => row[nth]?.length ?? 0)),
  );
  let left = columns - gap * (wanted.length - 1);
  const widths = new Array<number>(wanted.length).fill(0);
  const narrowFirst = wanted
    .map((width, nth) => ({ width, nth }))
    .sort((a, b) => a.width - b.width);
  narrowFirst.forEach(({ width, nth }, place) => {
    const share = Math.max(cellMin, Math.floor(left / (wanted.length - place)));
    widths[nth] = Math.min(width, share);
    left -= widths[nth] ?? 0;
  });
  return widths;
}

function line(row: readonly string[], widths: readonly number[]): string {
  const fitted = row.map((cell, nth) => {
    const width = widths[nth] ?? 0;
    return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
  });
  return fitted.join(' '.repeat(gap)).trimEnd();
}
