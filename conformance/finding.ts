import type { Failure, TraceStep } from './conversation.js';
import type { Finding } from './report.js';

/**
 * What a report says of a failed conversation.
 *
 * Sequence numbers of a kernel count from the first one of the conversation, which is 1. An implementation may go on
 * counting from case to case; its own numbers would make the report of a case depend on the cases before it, and so
 * on `--jobs` and `--shard`. Differences of numbers stay as they are.
 *
 * Texts of an implementation are bounded, so that one which floods the suites does not exhaust the memory.
 */

const numbered = /\b(seq|sequence number) (\d+)\b/g;
const word32 = 2 ** 32;
/** So many characters are kept of all that was observed in a conversation, and of the sentence. */
const observedMax = 1 << 18;
const whyMax = 4000;

/** The finding of a conversation with a daemon, whose numbers are chosen by the suites. */
export function findingOf(
  { why, requirements, allowed }: Failure,
  { trace }: { readonly trace: readonly TraceStep[] },
): Finding {
  const rest = { left: observedMax };
  return {
    why: cut(why, whyMax),
    requirements,
    allowed,
    trace: trace.map((step) => ({ ...step, observed: kept(step.observed, rest) })),
  };
}

/** The finding of a conversation with a kernel, whose numbers count from 1. */
export function kernelFindingOf(
  failure: Failure,
  conversation: { readonly trace: readonly TraceStep[] },
): Finding {
  const finding = findingOf(failure, conversation);
  const texts = [...finding.trace.flatMap(({ observed }) => observed), finding.why];
  const first = texts.flatMap((text) => [...text.matchAll(numbered)])[0]?.[2];
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

/** The texts as far as there is room for them. */
function kept(texts: readonly string[], room: { left: number }): readonly string[] {
  const some: string[] = [];
  for (const [nth, text] of texts.entries()) {
    if (room.left <= 0) return [...some, `… (${texts.length - nth} more)`];
    some.push(cut(text, room.left));
    room.left -= text.length;
  }
  return some;
}

function cut(text: string, most: number): string {
  const more = text.length - most;
  return more <= 0 ? text : `${text.slice(0, most)}… (${more} more characters)`;
}
