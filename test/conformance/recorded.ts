import type { Profile, Settings, Subject } from '../../conformance/index.js';
import { converse } from '../../conformance/index.js';
import type { Conversation, Terms } from '../../conformance/index.js';
import type { Command } from '../../model/index.js';

/** Conversations as logs, held with what the suites hold them against. */

/** A log: its head, then a line for each command with what was observed, the probe too. */
export interface Log {
  readonly head: Readonly<Record<string, unknown>>;
  readonly lines: readonly { readonly command: string; readonly observed?: readonly string[] }[];
}

/** Holds a conversation, and gives it with its log. */
export async function record(
  subject: Subject,
  { settings, profile, strict }: { settings: Settings; profile: Profile; strict: boolean },
  commands: readonly Command[],
): Promise<{ held: Conversation; log: Log }> {
  const { capabilities } = subject.claims;
  const terms: Terms = { profile, strict, capabilities, slackMs: 250 };
  const held = await converse({ subject, settings, terms }, commands);
  const head = {
    ...{ schema: 'msgctx-trace/1', case: 'recorded', profile: profile.name, strict, settings },
    ...{ capabilities: [...capabilities], complete: true },
  };
  // The first reset is the head; the settle at the end is shown only where it fails.
  const lines = held.trace
    .filter(({ command }, nth) => nth > 0 || command !== 'reset')
    .map(({ command, observed }) => ({ command, observed }));
  return { held, log: { head, lines } };
}

/** The text of a log. */
export function textOf({ head, lines }: Log): string {
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
}
