import type { Failure, TraceStep } from './conversation.js';
import type { CaseReport, Finding } from './report.js';
import { shrink } from './shrink.js';

/**
 * Of each kind of failure the first cases are made minimal, after all cases have run.
 *
 * Which cases are the first depends on the order of the report alone. So a run, a run with `--jobs` and the merged
 * parts of a run show the same minimal conversations.
 */

/** A failure that can be made minimal. */
export interface Minimisable {
  /** Failures of one kind are alike. */
  readonly kind: string;
  /** How many of the kind are made minimal. */
  readonly most: number;
  /** Looks for a shorter conversation that fails alike. */
  readonly shorten: () => Promise<Finding | undefined>;
}

/** Failures are of one kind when they show the same requirement or way to break, both before the probe or in it. */
export function kindOf({ requirements, breach, way = '', inProbe }: Failure): string {
  return `${breach ?? requirements[0] ?? ''}${way}${inProbe ? ' in the probe' : ''}`;
}

/** The shortest part of a failed conversation that fails alike; undefined where none is shorter. */
export async function shortest<C extends object, T extends { readonly failure?: Failure }>(
  { commands, failure }: { readonly commands: readonly C[]; readonly failure: Failure },
  converse: (commands: readonly C[]) => Promise<T>,
  isOver: () => boolean = () => false,
): Promise<T | undefined> {
  // Every attempt with an adapter that hangs costs a whole deadline.
  if (failure.breach === 'deadline') return undefined;
  const kind = kindOf(failure);
  let best: T | undefined;
  await shrink(commands, async (some) => {
    if (isOver()) return false;
    const again = await converse(some);
    const isAlike = again.failure !== undefined && kindOf(again.failure) === kind;
    if (isAlike) best = again;
    return isAlike;
  });
  return best;
}

/** The failures of a run, each by its trace, which all copies of its report share. */
export type Failures = Map<readonly TraceStep[], Minimisable>;

/** The cases, the first of each kind of failure with a minimal conversation. */
export async function minimise(
  cases: readonly CaseReport[],
  failures: Failures,
  isOver: () => boolean,
): Promise<readonly CaseReport[]> {
  const kinds = new Kinds();
  const minimised: CaseReport[] = [];
  for (const one of cases) {
    const failure = one.verdict === 'fail' ? failures.get(one.trace) : undefined;
    if (failure === undefined || isOver() || !kinds.take(failure)) {
      minimised.push(one);
      continue;
    }
    const { kind, most } = failure;
    const shorter = await failure.shorten();
    const { why, requirements, trace, allowed } = one;
    const full = shorter === undefined ? {} : { full: { why, requirements, trace, allowed } };
    minimised.push({ ...one, ...shorter, minimal: { kind, most, ...full } });
  }
  return minimised;
}

/** The cases of several parts: those that were the first of their kind only in their part are as they were found. */
export function minimalOnce(cases: readonly CaseReport[]): readonly CaseReport[] {
  const kinds = new Kinds();
  return cases.map((one) => {
    const { minimal, ...rest } = one;
    return minimal === undefined || kinds.take(minimal) ? one : { ...rest, ...minimal.full };
  });
}

/** Counts failures by their kind. */
class Kinds {
  readonly #counts = new Map<string, number>();

  /** Whether this is one of the first. */
  take({ kind, most }: Pick<Minimisable, 'kind' | 'most'>): boolean {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return count < most;
  }
}
