/**
 * What every benchmark here does alike: turns, medians, tables. A ratio is of two programs measured
 * in turns in one run, the median of each; timings on a shared machine drift, ratios side by side
 * do not.
 */

/** Leaves out what takes minutes: `npm run bench -- quick`. */
export const quick = process.argv.includes('quick');

/** How often each side of a comparison is measured. */
export const turns = 5;

/** The middle one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Prints a row of a table. */
export function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** Prints the title of a table and its head. */
export function head(title: string, cells: readonly string[]): void {
  process.stdout.write(`\n${title}\n\n`);
  print(cells);
  print(cells.map(() => '---'));
}
