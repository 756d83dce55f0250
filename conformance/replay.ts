import type { Profile, RequirementId } from '../model/index.js';
import type { Conversation } from './conversation.js';
import { converse } from './converse.js';
import { slackOf, unsupportedReason, wireOf } from './settings.js';
import type { Subject } from './subject.js';
import { machineClock } from './subjects/clock.js';
import { needsOf } from './suites/suite.js';
import type { Recorded } from './trace.js';
import type { Watch } from './watch.js';

/** How a recorded conversation is held again. */
export interface ReplayOptions {
  readonly subject: Subject;
  readonly profile: Profile;
  readonly strict: boolean;
  readonly watch?: Watch;
}

/** Holds one recorded conversation; what cannot be held as it was recorded is unsupported. */
export async function holdRecorded(
  { settings, commands }: Recorded,
  { profile, subject, strict, watch }: ReplayOptions,
): Promise<Conversation> {
  const { capabilities } = subject.claims;
  const time = capabilities.has('virtualTime') ? 'virtual' : 'real';
  const needs = needsOf(commands, { ...settings, waits: true });
  const reason =
    sizeReason(settings, subject) ?? unsupportedReason({ kind: 'script', needs }, subject);
  const aside = { trace: [], commands: [], requirements: new Set<RequirementId>() };
  if (reason !== undefined) return { verdict: 'unsupported', unsupported: reason, ...aside };
  const terms = { profile, strict, capabilities, slackMs: slackOf(settings) };
  const held = await converse(
    {
      subject,
      settings: { ...settings, ...wireOf(subject.claims), time },
      terms,
      clock: subject.clock ?? machineClock,
      watch,
    },
    commands,
  );
  const left = commands.length - held.commands.length;
  if (held.verdict !== 'pass' || left === 0) return held;
  const unsupported = `${left} of ${commands.length} commands made no sense with this implementation`;
  return { ...held, verdict: 'unsupported', unsupported };
}

/** What was recorded with a number of contexts says nothing with another. */
function sizeReason({ contexts }: Recorded['settings'], { claims }: Subject): string | undefined {
  const { contextsMin, contextsMax } = claims;
  if (contexts >= contextsMin && contexts <= contextsMax) return undefined;
  return `the case has ${contexts} contexts, the adapter takes ${contextsMin} to ${contextsMax}`;
}
