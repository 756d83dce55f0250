import type { Conversation } from '../converse.js';
import { replayWithDaemon } from '../daemon/hold.js';
import { holdRecorded } from '../replay.js';
import { profileNamed } from '../select.js';
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
  const recorded = traces.map((trace) => ({ trace, profile: profileNamed(trace.profile) }));
  const onInterrupt = () => process.exit(130);
  process.on('SIGINT', onInterrupt);
  const subject = await openSubject(flags);
  const ends: Pick<Conversation, 'verdict' | 'failure'>[] = [];
  try {
    for (const { trace, profile } of recorded) {
      process.stdout.write(`${trace.case}\n`);
      const held = await (trace.daemon === undefined
        ? holdRecorded(trace, { profile, subject, strict: flags.strict })
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
