import type { TraceStep } from './converse.js';
import type { CaseReport, Finding } from './report.js';

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
    const full = shorter === undefined ? {} : { full: findingOf(one) };
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

function findingOf({ why, requirements, trace, allowed }: CaseReport): Finding {
  return { why, requirements, trace, allowed };
}
