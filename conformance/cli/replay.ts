import { readFileSync, statSync } from 'node:fs';
import { profiles } from '../../model/index.js';
import { converse } from '../converse.js';
import { mustExist } from '../select.js';
import { parseTraces, TraceError } from '../trace.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';

/** `msgctx replay`: holds recorded conversations again. */
export async function replayCommand(
  file: string,
  flags: SubjectOptions & { readonly strict: boolean },
): Promise<number> {
  const traces = parseTraces(readText(file), file);
  for (const { profile } of traces) mustExist('profile', profile, Object.keys(profiles));
  const subject = await openSubject(flags);
  const onInterrupt = () => process.exit(130);
  process.on('SIGINT', onInterrupt);
  const statuses: number[] = [];
  try {
    for (const trace of traces) {
      const profile = profiles[trace.profile];
      if (profile === undefined) continue;
      const { capabilities } = subject.claims;
      const terms = { profile, strict: flags.strict, capabilities };
      const held = await converse({ subject, settings: trace.settings, terms }, trace.commands);
      process.stdout.write(`${trace.case}\n`);
      for (const { command, observed, probe } of held.trace) {
        const place = probe === true ? '  (probe) ' : '  ';
        process.stdout.write(`${place}${command} -> ${observed.join('; ')}\n`);
      }
      const why = held.failure?.why ?? held.unsupported;
      process.stdout.write(`${held.verdict}${why === undefined ? '' : `: ${why}`}\n`);
      const broke = held.failure?.breach !== undefined;
      statuses.push(held.verdict === 'fail' ? (broke ? 3 : 1) : held.verdict === 'pass' ? 0 : 4);
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    await subject.close();
  }
  return [1, 3, 4].find((status) => statuses.includes(status)) ?? 0;
}

const fileMaxBytes = 64 << 20;

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > fileMaxBytes) {
      throw new TraceError(`${file}: ${size} bytes are more than ${fileMaxBytes}`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError(`${file}: cannot be read (${reason})`);
  }
}
