import type { Profile, RequirementId } from '../../model/index.js';
import type { Conversation } from '../converse.js';
import { converse } from '../converse.js';
import { replayWithDaemon } from '../daemon/hold.js';
import { slackOf, unsupportedReason, wireOf } from '../run.js';
import { mustExist, runnable } from '../select.js';
import type { Subject } from '../subject.js';
import { machineClock } from '../subjects/clock.js';
import { needsOf } from '../suites/suite.js';
import type { Recorded } from '../trace.js';
import { parseTraces } from '../trace.js';
import { readText } from './files.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';

/** `msgctx replay`: holds recorded conversations again. */
export async function replayCommand(
  file: string,
  flags: SubjectOptions & { readonly strict: boolean },
): Promise<number> {
  const traces = parseTraces(readText(file, 'a trace'), file);
  for (const { profile } of traces) mustExist('profile to run', profile, Object.keys(runnable));
  const onInterrupt = () => process.exit(130);
  process.on('SIGINT', onInterrupt);
  const subject = await openSubject(flags);
  const ends: Pick<Conversation, 'verdict' | 'failure'>[] = [];
  try {
    for (const trace of traces) {
      const profile = runnable[trace.profile];
      if (profile === undefined) continue;
      process.stdout.write(`${trace.case}\n`);
      const held = await (trace.daemon === undefined
        ? hold(trace, profile, subject, flags.strict)
        : replayWithDaemon(trace.daemon, subject));
      for (const { command, observed, probe } of held.trace) {
        const place = probe === true ? '  (probe) ' : '  ';
        process.stdout.write(`${place}${command} -> ${observed.join('; ')}\n`);
      }
      const why = held.failure?.why ?? held.unsupported;
      process.stdout.write(`${held.verdict}${why === undefined ? '' : `: ${why}`}\n`);
      ends.push(held);
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    await subject.close();
  }
  const failed = ends.filter(({ verdict }) => verdict === 'fail');
  const held = ends.filter(({ verdict }) => verdict !== 'unsupported');
  if (failed.length > 0) {
    return held.every(({ failure }) => failure?.breach !== undefined) ? 3 : 1;
  }
  return held.length === 0 ? 4 : 0;
}

/** Holds one recorded conversation; what cannot be held as it was recorded is unsupported. */
async function hold(
  { settings, commands }: Recorded,
  profile: Profile,
  subject: Subject,
  strict: boolean,
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
      clock: machineClock,
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
