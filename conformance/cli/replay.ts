import type { Conversation } from '../converse.js';
import { replayWithDaemon } from '../daemon/hold.js';
import { holdRecorded } from '../replay.js';
import { profileNamed } from '../select.js';
import { parseTraces } from '../trace.js';
import { readText } from './files.js';
import { Interruption } from './signals.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';
import type { Row } from './table.js';
import { tableOf } from './table.js';

/** `msgctx replay`: runs recorded conversations again. */

/** The options of `msgctx replay`. */
export interface ReplayFlags extends SubjectOptions {
  readonly strict: boolean;
  readonly json: boolean;
}

type Replayed = Pick<Conversation, 'verdict' | 'failure' | 'unsupported' | 'trace'>;

/** Returns the exit status. */
export async function replayCommand(file: string, flags: ReplayFlags): Promise<number> {
  const traces = parseTraces(readText(file, 'a trace'), file);
  const recorded = traces.map((trace) => ({ trace, profile: profileNamed(trace.profile) }));
  const interruption = new Interruption();
  const subject = await openSubject(flags);
  const ends: { readonly id: string; readonly replayed: Replayed }[] = [];
  try {
    for (const { trace, profile } of recorded) {
      const replayed = await (trace.daemon === undefined
        ? holdRecorded(trace, { profile, subject, strict: flags.strict })
        : replayWithDaemon(trace.daemon, subject));
      if (!flags.json) process.stdout.write(textOf(trace.case, replayed));
      ends.push({ id: trace.case, replayed });
    }
  } finally {
    interruption.end();
    await subject.close();
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(ends.map(documentOf), null, 2)}\n`);
  return statusOf(ends.map(({ replayed }) => replayed));
}

function statusOf(all: readonly Replayed[]): number {
  const judged = all.filter(({ verdict }) => verdict !== 'unsupported');
  if (all.some(({ verdict }) => verdict === 'fail')) {
    return judged.every(({ failure }) => failure?.breach !== undefined) ? 3 : 1;
  }
  return judged.length === 0 ? 4 : 0;
}

/** On a terminal a table for each conversation; otherwise tab-separated rows that begin with its id. */
function textOf(id: string, replayed: Replayed): string {
  const { isTTY, columns } = process.stdout;
  const steps = replayed.trace.map(({ command, observed, probe }, nth): Row => ({
    step: probe === true ? 'probe' : String(nth + 1),
    command,
    observed: observed.join('; '),
  }));
  const { verdict, why } = endOf(replayed);
  const end = { step: 'verdict', command: verdict, observed: why };
  if (isTTY) {
    const table = tableOf(steps, { isTTY, columns });
    return `${id}\n${table}${verdict}${why === '' ? '' : `: ${why}`}\n\n`;
  }
  return tableOf(
    [...steps, end].map((row) => ({ case: id, ...row })),
    {},
  );
}

function documentOf({ id, replayed }: { readonly id: string; readonly replayed: Replayed }) {
  return { case: id, ...endOf(replayed), trace: replayed.trace };
}

function endOf({ verdict, failure, unsupported }: Replayed) {
  return { verdict, why: failure?.why ?? unsupported ?? '' };
}
