import { printable } from './printable.js';

/** What a user may get wrong on a command line or in a file, said in one sentence. */

const messageMax = 2000;
const nameMax = 100;
const suggestionsMax = 3;
const knownMax = 16;

/** A command line, or a file that it names, asks for something that does not exist or cannot be read. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';

  /** @param sentence what was seen, what was expected, what to do; words of others in it are made visible */
  constructor(sentence: string) {
    super(printable(sentence, messageMax));
  }
}

/** What was thrown, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A trace file that cannot be read. */
export class TraceError extends UsageError {
  override readonly name: string = 'TraceError';
}

/** @throws UsageError that names the nearest names, when a name is not among the known */
export function mustExist(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) noSuch(what, name, known);
}

/** @throws UsageError that names the nearest of the known names */
export function noSuch(what: string, name: string, known: readonly string[]): never {
  const near = nearest(name.slice(0, nameMax), known);
  const hint = known.length <= knownMax ? `known: ${known.join(', ')}` : `near: ${near.join(', ')}`;
  throw new UsageError(`there is no ${what} "${printable(name, nameMax)}"; ${hint}`);
}

/** The names that take the fewest edits to reach. */
function nearest(name: string, known: readonly string[]): string[] {
  return known
    .map((one) => ({ one, edits: editsToReach(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, suggestionsMax)
    .map(({ one }) => one);
}

/** The beginning of a long name is near to it too. */
function editsToReach(name: string, known: string): number {
  const beginning = known.slice(0, name.length);
  return Math.min(editsBetween(name, known), editsBetween(name, beginning) + 1);
}

/** The Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, nth) => nth);
  for (const [nth, char] of a.split('').entries()) {
    const next = [nth + 1];
    for (let place = 0; place < b.length; place += 1) {
      const replaced = (row[place] ?? 0) + (b[place] === char ? 0 : 1);
      next.push(Math.min(replaced, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
