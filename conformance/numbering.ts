import type { Conversation, Failure } from './converse.js';
import type { Finding } from './report.js';

/**
 * Sequence numbers as reports show them: counted from the first number of the conversation, which is 1.
 *
 * An implementation may go on counting from case to case. Its own numbers would make the report of a case depend on
 * the cases before it, and so on `--jobs` and `--shard`. Differences of numbers stay as they are.
 */

const numbered = /\b(seq|sequence number) (\d+)\b/g;
const word32 = 2 ** 32;

/** What a report says of a failed conversation. */
export function findingOf(
  { why, requirements, allowed }: Failure,
  { trace }: Pick<Conversation, 'trace'>,
): Finding {
  return countedFromFirst({ why, requirements, allowed, trace });
}

function countedFromFirst(finding: Finding): Finding {
  const texts = finding.trace.flatMap(({ observed }) => observed);
  const first = [...texts, finding.why].flatMap((text) => [...text.matchAll(numbered)])[0]?.[2];
  if (first === undefined) return finding;
  const count = (_: string, what: string, number: string) =>
    `${what} ${String((Number(number) - Number(first) + 1 + word32) % word32)}`;
  const inText = (text: string) => text.replaceAll(numbered, count);
  return {
    ...finding,
    why: inText(finding.why),
    allowed: finding.allowed.map(inText),
    trace: finding.trace.map((step) => ({ ...step, observed: step.observed.map(inText) })),
  };
}
