import { fitted } from '../../conformance/fit.js';
import type { Conversation, Profile, Settings, Subject, Terms } from '../../conformance/index.js';
import {
  converse,
  profiles,
  ReferenceSubject,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import type { Finding } from '../../conformance/log/check.js';
import { LogCheck } from '../../conformance/log/check.js';
import { LogReader } from '../../conformance/log/entry.js';
import type { Fault } from '../../conformance/mutants/faults.js';
import { RacySubject } from '../../conformance/mutants/racy.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { settingsOf, unsupportedReason } from '../../conformance/settings.js';
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

/** What is said of a log. */
export function findingOf(log: Log): Finding {
  const reader = new LogReader('log');
  let check: LogCheck | undefined;
  for (const [nth, text] of textOf(log).split('\n').entries()) {
    const read = reader.read({ nth: nth + 1, text });
    if (read?.kind === 'head') check = new LogCheck(read, profiles[read.profile ?? ''] ?? seed);
    else if (read?.kind === 'entry') check?.take(read);
  }
  if (check === undefined) throw new TypeError('a log has a head');
  return check.finish();
}

/** The conversation by which a fault is found first, as a log. */
export async function logOfFault(
  fault: Fault,
): Promise<{ log: Log; requirements: readonly string[] }> {
  const { id, profile: version, with: words, strict } = fault;
  const isRacy = words.includes('concurrent');
  const subject = isRacy
    ? new RacySubject({ fault: id })
    : new MutantSubject({ fault: id, profile: version, with: words });
  const profile = profiles[version] ?? seed;
  const cases = selectCases(profile, [], [], { role: 'kernel' }).filter(
    (one) => (!isRacy || one.suite === 'interleavings') && one.suite !== 'complete',
  );
  const report = await run({ subject, profile, strict, cases, seed: 1, runs: 30, bail: true });
  const failed = report.cases.find(({ verdict }) => verdict === 'fail');
  const held = fitted(cases, subject).find((one) => one.id === failed?.id);
  if (failed === undefined || held === undefined) throw new TypeError(`nothing shows ${id}`);
  const head = {
    ...{ schema: 'msgctx-trace/1', profile: profile.name, strict, complete: true },
    ...{ settings: settingsOf(held, subject), capabilities: [...subject.claims.capabilities] },
  };
  const lines = failed.trace
    .filter(({ command }, nth) => nth > 0 || command !== 'reset')
    .map(({ command, observed }) => ({ command, observed }));
  return { log: { head, lines }, requirements: failed.requirements };
}

/** Logs of conversations in which the reference implementation was right: every so many cases. */
export async function* rightLogs(every: number): AsyncGenerator<{ id: string; log: Log }> {
  const subject = new ReferenceSubject();
  const cases = selectCases(seed, [], [], { role: 'kernel' }).filter(
    (one) => one.kind === 'script' && unsupportedReason(one, subject) === undefined,
  );
  for (const [nth, one] of cases.entries()) {
    if (one.kind !== 'script' || nth % every !== 0) continue;
    const scene = { settings: settingsOf(one, subject), profile: seed, strict: true };
    const { held, log } = await record(subject, scene, one.commands);
    if (held.verdict !== 'pass') throw new TypeError(`${one.id} did not pass`);
    yield { id: one.id, log };
  }
}
