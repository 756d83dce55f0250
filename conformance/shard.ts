import { choiceOf } from './hash.js';
import { UsageError } from './usage.js';

/**
 * A part of a run: which of N machines holds which case. It depends on the id of the case alone, so
 * that the parts are the same whatever else is selected, and together they are the whole.
 */

/** One part of several; `nth` counts from 1. */
export interface Shard {
  readonly nth: number;
  readonly all: number;
}

const shardsMax = 10_000;

/** Where CI systems say which of how many parallel jobs this is, and whether they count from 0. */
const variables = [
  { index: 'JOB_COMPLETION_INDEX', total: 'JOB_COMPLETIONS', from: 0 },
  { index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', from: 1 },
  { index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', from: 0 },
  { index: 'BUILDKITE_PARALLEL_JOB', total: 'BUILDKITE_PARALLEL_JOB_COUNT', from: 0 },
] as const;

/**
 * Reads `2/5`; `auto/5`, where the environment says which; or `auto`, where it says how many too.
 *
 * @throws UsageError when it is none, or the environment does not say
 */
export function parseShard(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Shard {
  const [which = '', of, ...more] = text.split('/');
  if (more.length > 0 || (which !== 'auto' && of === undefined)) return refuse(text);
  const found = variables.find(({ index }) => environment[index] !== undefined);
  if (which === 'auto' && found === undefined) {
    const names = variables.map(({ index }) => index).join(', ');
    throw new UsageError(`--shard ${text}: the environment has none of ${names}`);
  }
  const total = of ?? environment[found?.total ?? ''];
  if (total === undefined) {
    throw new UsageError(
      `--shard auto: ${found?.total ?? ''} is not set; say how many: --shard auto/N`,
    );
  }
  const nth =
    which === 'auto'
      ? number(environment[found?.index ?? '']) + 1 - (found?.from ?? 0)
      : number(which);
  const shard = { nth, all: number(total) };
  const isOne = shard.all >= 1 && shard.all <= shardsMax && nth >= 1 && nth <= shard.all;
  return isOne ? shard : refuse(text);
}

function number(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function refuse(text: string): never {
  throw new UsageError(`--shard ${text}: expected I/N with 1 <= I <= N <= ${shardsMax}, or auto`);
}

/** Whether a case is in a part. */
export function isInShard(id: string, { nth, all }: Shard): boolean {
  return choiceOf(id, all) === nth - 1;
}
