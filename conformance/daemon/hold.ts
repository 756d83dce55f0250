import fc from 'fast-check';
import type { RequirementId } from '../../model/index.js';
import type { Failure } from '../converse.js';
import { findingOf } from '../finding.js';
import type { Failures } from '../minimise.js';
import { kindOf, shortest } from '../minimise.js';
import type { CaseReport } from '../report.js';
import type { Claims, Subject } from '../subject.js';
import { openKeyFiles } from '../subjects/keyfiles.js';
import type { Case } from '../suites/suite.js';
import type { DaemonCommand } from './command.js';
import { needsOf } from './command.js';
import type { DaemonConversation, DaemonOccasion } from './converse.js';
import { converseWithDaemon } from './converse.js';

/**
 * Holds one case of role daemon: as `run` does for a kernel, it gives a random case its seed and makes
 * a failure minimal. Key files live as long as the case.
 */

/** A case of role daemon. */
export type DaemonCase = Case & { readonly kind: 'daemon' };

/** How a case is held. */
export interface DaemonHoldOptions {
  readonly subject: Subject;
  /** The seed of the run, and what it is for this case. */
  readonly seed: number;
  readonly caseSeed: number;
  readonly path?: string;
  readonly runs: number;
  readonly interrupted?: () => boolean;
  /** Where failures are kept that can be made minimal. */
  readonly failures: Failures | undefined;
}

/** Why a case of role daemon cannot be held with an adapter that has what it needs. */
export function daemonUnsupported({ claims, daemon }: Subject): string | undefined {
  if (daemon === undefined) return 'the subject has no words of role daemon';
  const { capabilities, framing, endian } = claims;
  if (capabilities.has('concurrent') && !capabilities.has('virtualTime')) {
    return 'the adapter is concurrent in real time: its events belong to no call';
  }
  if (capabilities.has('raw') && (framing === undefined || endian === undefined)) {
    return 'the adapter claims raw, but neither framing nor endian';
  }
  return undefined;
}

/** Holds a recorded conversation again; what cannot be held as it was recorded is unsupported. */
export async function replayWithDaemon(
  commands: readonly DaemonCommand[],
  subject: Subject,
): Promise<DaemonConversation> {
  const { claims, daemon: port } = subject;
  const reason =
    claims.role === 'daemon'
      ? (daemonUnsupported(subject) ?? lackOf(commands, claims))
      : `the adapter plays the ${claims.role}, the conversation is one with a daemon`;
  if (port === undefined || reason !== undefined) {
    const aside = {
      denied: false,
      trace: [],
      commands: [],
      requirements: new Set<RequirementId>(),
    };
    return { verdict: 'unsupported', unsupported: reason ?? '', ...aside };
  }
  const files = openKeyFiles();
  try {
    const held = await converseWithDaemon({ port, claims, files }, commands);
    const left = commands.length - held.commands.length;
    if (held.verdict !== 'pass' || left === 0) return held;
    const unsupported = `${left} of ${commands.length} commands made no sense with this implementation`;
    return { ...held, verdict: 'unsupported', unsupported };
  } finally {
    files.remove();
  }
}

/** Holds a case. Never throws for what the subject does. */
export async function holdDaemon(
  one: DaemonCase & { readonly suite: string },
  options: DaemonHoldOptions,
): Promise<CaseReport> {
  const { claims, daemon: port } = options.subject;
  if (port === undefined) throw new TypeError('a subject of role daemon has the port `daemon`');
  const files = openKeyFiles();
  try {
    const occasion = { port, claims, files };
    if ('commands' in one.talk) {
      const held = await converseWithDaemon(occasion, one.talk.commands);
      return conclude(one, occasion, held, ['--filter', one.id], options);
    }
    const { held, path } = await holdRandom(one, one.talk, occasion, options);
    const replay = ['--filter', one.id, '--seed', String(options.seed), '--path', path];
    return conclude(one, occasion, held, replay, options);
  } finally {
    files.remove();
  }
}

/** Which capability the commands need that is not there. */
function lackOf(commands: readonly DaemonCommand[], { capabilities }: Claims): string | undefined {
  const missing = needsOf(commands).filter((word) => !capabilities.has(word));
  return missing.length === 0 ? undefined : `the adapter lacks ${missing.join(', ')}`;
}

/** Draws conversations until one fails; fast-check says how to come back to it. */
async function holdRandom(
  { id }: DaemonCase,
  talk: Extract<DaemonCase['talk'], { readonly share: number }>,
  occasion: DaemonOccasion,
  { caseSeed, path, runs, interrupted }: DaemonHoldOptions,
) {
  const requirements = new Set<RequirementId>();
  const last: Partial<Record<DaemonConversation['verdict'], DaemonConversation>> = {};
  const property = fc.asyncProperty(talk.conversations, async (commands) => {
    // After an interruption the rest of the draws is let through unheld.
    if (interrupted?.() === true && last.pass !== undefined) return true;
    const held = await converseWithDaemon(occasion, commands);
    for (const rule of held.requirements) requirements.add(rule);
    last[held.verdict] = held;
    return held.verdict !== 'fail';
  });
  const details = await fc.check(property, {
    seed: caseSeed,
    numRuns: Math.ceil(runs * talk.share),
    endOnFailure: true,
    ...(path === undefined ? {} : { path }),
  });
  // What a property throws is a fault of ours, or of a subject of the user's own: not a verdict.
  if (details.failed && last.fail === undefined) throw details.errorInstance;
  const held = last.fail ?? last.unsupported ?? last.pass;
  if (held === undefined) throw new Error(`${id} drew no conversation`);
  return { held: { ...held, requirements }, path: details.counterexamplePath ?? '' };
}

function conclude(
  one: DaemonCase & { readonly suite: string },
  occasion: DaemonOccasion,
  held: DaemonConversation,
  replay: readonly string[],
  { failures, interrupted }: DaemonHoldOptions,
): CaseReport {
  const { id, suite } = one;
  const nothing = { kept: [], trace: [], allowed: [], replay: [] } as const;
  const aside = { id, suite, requirements: one.requirements, ...nothing };
  if (held.verdict === 'unsupported') {
    const why = held.unsupported ?? '';
    return { ...aside, verdict: 'unsupported', why, ...(held.denied ? { denied: true } : {}) };
  }
  if (interrupted?.() === true && held.verdict === 'pass' && 'share' in one.talk) {
    const why = 'the run was interrupted during this case';
    return { ...aside, verdict: 'inconclusive', why };
  }
  const kept = [...held.requirements].sort();
  if (held.failure === undefined) {
    const pass = { verdict: 'pass', why: '', trace: [], allowed: [], replay: [] } as const;
    return { id, suite, requirements: kept, kept, ...pass };
  }
  const { failure, commands } = held;
  const { breach } = failure;
  const finding = findingOf(failure, held);
  const shorten = async () => {
    const least = await minimal(occasion, { commands, failure });
    return least?.failure && findingOf(least.failure, least);
  };
  failures?.set(finding.trace, { kind: kindOf(failure), most: 1, shorten });
  const broke = breach === undefined ? {} : { breach };
  return { id, suite, kept, verdict: 'fail', ...finding, replay, ...broke };
}

/** Key files live as long as the attempts. */
async function minimal(
  occasion: DaemonOccasion,
  failed: { readonly commands: readonly DaemonCommand[]; readonly failure: Failure },
): Promise<DaemonConversation | undefined> {
  const files = openKeyFiles();
  try {
    return await shortest(failed, (commands) =>
      converseWithDaemon({ ...occasion, files }, commands),
    );
  } finally {
    files.remove();
  }
}
