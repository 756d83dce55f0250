import { failuresByCause } from './report.js';
import type { CaseReport } from './report.js';

/**
 * Does a failure show when its case runs alone?
 *
 * An implementation may keep something over a reset, so that a case fails only because of a case before
 * it. A command that runs the failing case alone would then pass, and a reader would not believe the
 * report. So for each cause of failure one case is run again, on a fresh subject; where none fails
 * alone, the earlier case that it needs is looked for.
 */

/** How to run cases again. */
export interface Rerun {
  /** Runs the cases in this order on a fresh subject; resolves to whether the last one fails. */
  readonly fails: (ids: readonly string[]) => Promise<boolean>;
  /** The cases that the same subject ran before a case, in order. */
  readonly before: (id: string) => readonly string[];
  /** Whether there is no time left; what was not run again stays as it is. */
  readonly isOver: () => boolean;
}

/** Cases of one cause that are tried alone. */
const triesMax = 3;
/** How many more earlier cases are tried at each step back. */
const growth = 4;

/** The cases; those that pass when they are run alone are marked, so that others stand before them. */
export async function checkAlone(
  cases: readonly CaseReport[],
  rerun: Rerun,
): Promise<readonly CaseReport[]> {
  const found = new Map<string, Pick<CaseReport, 'alone' | 'after'>>();
  for (const same of failuresByCause(cases)) {
    // Each attempt with an adapter that hangs costs a whole deadline.
    const tried = same.filter(({ breach, replay }) => breach !== 'deadline' && replay.length > 0);
    const [first] = tried;
    if (first === undefined || rerun.isOver()) continue;
    if (await someFailsAlone(tried.slice(0, triesMax), rerun, found)) continue;
    for (const { id } of tried) found.set(id, { alone: false });
    const after = await neededBefore(first.id, rerun);
    if (after !== undefined) found.set(first.id, { alone: false, after });
  }
  return cases.map((one) => ({ ...one, ...found.get(one.id) }));
}

async function someFailsAlone(
  tried: readonly CaseReport[],
  rerun: Rerun,
  found: Map<string, Pick<CaseReport, 'alone'>>,
): Promise<boolean> {
  for (const { id } of tried) {
    if (rerun.isOver() || (await rerun.fails([id]))) return true;
    found.set(id, { alone: false });
  }
  return false;
}

/** The earlier cases without which a case passes: one, where one is enough. */
async function neededBefore(id: string, rerun: Rerun): Promise<readonly string[] | undefined> {
  const before = rerun.before(id);
  let part = before.slice(-1);
  while (!(await rerun.fails([...part, id]))) {
    if (part.length === before.length || rerun.isOver()) return undefined;
    part = before.slice(-part.length * growth);
  }
  let [first, last] = [0, part.length - 1];
  while (first < last && !rerun.isOver()) {
    const middle = Math.ceil((first + last) / 2);
    if (await rerun.fails([...part.slice(middle), id])) first = middle;
    else last = middle - 1;
  }
  const needed = part.slice(first);
  const one = needed.slice(0, 1);
  return needed.length > 1 && (await rerun.fails([...one, id])) ? one : needed;
}
