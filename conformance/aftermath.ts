import type { Command } from '../model/index.js';
import type { TraceStep } from './conversation.js';
import type { Ledger } from './ledger.js';
import type { Clock } from './real-time.js';
import { capabilityOf } from './sense.js';
import type { Answer, Call, Subject } from './subject.js';

/**
 * What is left of a conversation that has failed: carried out all the same, to see whether the
 * implementation lives through it.
 *
 * Nothing is judged, since nobody knows what state it is in. Numbers are learnt as they come: a message
 * is taken for that of its user's oldest request that has none. In the end time passes for what still
 * sleeps, and each user asks as often as there are contexts.
 */

/** What an aftermath needs. */
export interface Aftermath {
  readonly subject: Subject;
  readonly ledger: Ledger;
  /** Where time is real. */
  readonly clock: Clock | undefined;
  /** What an answer is in words. */
  readonly describe: (call: Call, answer: Answer) => readonly string[];
  /** Is told of each command that is carried out, before it is. */
  readonly step: (command: Command) => TraceStep & { readonly observed: string[] };
}

/** But no more often than this. */
const askedMax = 4;

const settle = { method: 'settle', params: {} } as const;

/** Carries out the rest. Throws what the subject throws. */
export async function aftermath(to: Aftermath, rest: readonly Command[]): Promise<void> {
  for (const command of rest) await carryOut(to, command);
  await carryOut(to, { do: 'pass', ms: to.ledger.settings.timeoutMs });
  const { users, contexts } = to.ledger.settings;
  for (let asked = 0; asked < users * Math.min(contexts, askedMax); asked += 1) {
    const user = (asked % users) + 1;
    await carryOut(to, { do: 'request', request: to.ledger.freshRequest, user });
  }
}

async function carryOut(to: Aftermath, command: Command): Promise<void> {
  const { subject, ledger, clock } = to;
  const needed = capabilityOf[command.do];
  const isMissing = needed !== undefined && !subject.claims.capabilities.has(needed);
  const calls = isMissing || command.do === 'reset' ? undefined : ledger.calls(command, 0);
  if (calls === undefined) return;
  const { observed } = to.step(command);
  if (clock !== undefined && command.do === 'advance') await clock.sleep(ledger.settings.timeoutMs);
  if (clock !== undefined && command.do === 'pass') await clock.sleep(command.ms);
  for (const call of clock === undefined ? calls : [...calls, settle]) {
    const answer = await subject.call(call);
    for (const event of answer.events) {
      if ('index' in event) ledger.guess(event.to, event.index, event.seq);
    }
    if (call.method !== 'settle' || answer.events.length > 0) {
      observed.push(...to.describe(call, answer));
    }
  }
}
