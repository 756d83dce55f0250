import type { Profile } from '../../model/index.js';
import { counted } from '../counted.js';
import { seed } from '../../model/index.js';
import { checkCapture } from '../log/capture.js';
import type { Finding } from '../log/check.js';
import { LogCheck } from '../log/check.js';
import { LogReader } from '../log/entry.js';
import { linesIn } from '../log/lines.js';
import type { Prefix } from '../log/own.js';
import { isCapture, readCapture } from '../log/packet.js';
import { printable } from '../printable.js';
import { profileNamed } from '../select.js';
import { reasonOf, UsageError } from '../usage.js';
import { traceSchema } from '../trace.js';
import type { Source } from './source.js';
import { openSource } from './source.js';
import { Summary } from './summary.js';

/** `msgctx check-trace`: is what was recorded explained by the model? */

/** The options of `msgctx check-trace`. */
export interface CheckTraceFlags {
  readonly profile?: string;
  /** The time-out of the system that was captured. */
  readonly timeout: number;
  /** What stands before the JSON of each line: a text, or a regular expression between slashes. */
  readonly prefix?: string;
  readonly json: boolean;
}

const what = 'a recorded conversation or a capture';
const utf16 = ['fffe', 'feff'];

/** Returns the exit status. */
export async function checkTraceCommand(file: string, flags: CheckTraceFlags): Promise<number> {
  const asked = flags.profile === undefined ? undefined : profileAt(flags.profile, '--profile');
  const prefix = flags.prefix === undefined ? undefined : prefixIn(flags.prefix);
  const source = await openSource(file, what);
  const summary = new Summary(source.name, flags.json);
  if (source.isCompressed) summary.note('the file is compressed with gzip');
  if (isCapture(source.first)) {
    const chunks = await source.again();
    const open = () => readCapture(chunks(), source.name);
    summary.add(checkCapture(open, { profile: asked ?? seed, timeoutMs: flags.timeout }));
    return ended(source, summary, flags.timeout);
  }
  if (utf16.includes(Buffer.from(source.first.subarray(0, 2)).toString('hex'))) {
    throw new UsageError(
      `${source.name}: expected UTF-8, found UTF-16; convert it with "iconv -f UTF-16 -t UTF-8"`,
    );
  }
  await checkLog(source, new LogReader(source.name, prefix), { asked, summary });
  return ended(source, summary);
}

/** Data that cannot be unpacked is missing, and nobody knows what it says. */
function ended({ broke }: Source, summary: Summary, timeoutMs?: number): number {
  if (broke !== undefined) summary.lacks(`found ${broke}`);
  return summary.end(timeoutMs);
}

async function checkLog(
  source: Source,
  reader: LogReader,
  { asked, summary }: { readonly asked: Profile | undefined; readonly summary: Summary },
): Promise<void> {
  let check: LogCheck | undefined;
  let damage: string | undefined;
  for await (const line of linesIn(source.chunks())) {
    const read = reader.read(line);
    if (read === undefined) continue;
    if (read.kind === 'entry') {
      check?.take(read);
      continue;
    }
    if (read.kind === 'damage') {
      check?.break(read);
      if (check === undefined) damage ??= `line ${read.line} ${read.why}`;
      continue;
    }
    if (check !== undefined) summary.add(check.finish());
    const profile = asked ?? profileAt(read.profile ?? 'seed', `${source.name}:${read.line}`);
    check = read.role === 'kernel' ? new LogCheck(read, profile) : undefined;
    if (check === undefined) summary.add(notJudged(read, profile.name));
  }
  if (check !== undefined) summary.add(check.finish());
  summary.read(reader.reading);
  if (damage !== undefined) summary.lacks(damage);
  if (summary.count === 0) throw nothingIn(source, reader, damage);
}

function nothingIn({ name }: Source, { reading }: LogReader, damage?: string): UsageError {
  const { foreign, torn } = reading;
  const found = [
    ...(foreign > 0 ? [`${counted(foreign, 'line')} of another kind`] : []),
    ...(torn === undefined ? [] : [`the beginning of line ${torn}`]),
    ...(damage === undefined ? [] : [damage]),
  ];
  return new UsageError(
    `${name}: expected a line with "schema":"${traceSchema}" and behind it lines with "command" and "observed", found ${found.join(', ') || 'empty lines'}; docs/logs.md says what to log`,
  );
}

/** A text as it is, or a regular expression between slashes, which must fit at the beginning of a line. */
function prefixIn(text: string): Prefix {
  const [, expression] = /^\/(.+)\/$/s.exec(text) ?? [];
  if (expression === undefined) return text;
  try {
    return new RegExp(`^(?:${expression})`, 'u');
  } catch (error) {
    throw new UsageError(
      `--prefix: expected a regular expression between slashes (${printable(reasonOf(error))})`,
    );
  }
}

/** A log does not show enough of a conversation with a daemon; replaying does. */
function notJudged({ case: id, line }: { case: string; line: number }, profile: string): Finding {
  const why =
    'the log of a conversation with a daemon cannot be judged; run it again with "msgctx replay"';
  const none = { lines: [line, line], missing: [], unseen: 0 } as const;
  return { case: id, profile, verdict: 'inconclusive', why, ...none };
}

/** A profile, or an error that says where its name stands. */
function profileAt(name: string, place: string): Profile {
  try {
    return profileNamed(name);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(printable(`${place}: ${error.message}`));
    throw error;
  }
}
