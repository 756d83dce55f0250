import type { Profile } from '../../model/index.js';
import { requirement, seed } from '../../model/index.js';
import type { CaptureFinding } from '../log/capture.js';
import { checkCapture } from '../log/capture.js';
import type { Finding } from '../log/check.js';
import { LogCheck } from '../log/check.js';
import { LogReader } from '../log/entry.js';
import { linesIn } from '../log/lines.js';
import { isCapture, readCapture } from '../log/pcap.js';
import { windowMax } from '../log/plan.js';
import { pairsMax } from '../log/world.js';
import { profileNamed } from '../select.js';
import { UsageError } from '../usage.js';
import { traceSchema } from '../trace.js';
import { readChunks } from './files.js';

/** `msgctx check-trace`: is what was recorded explained by the model? */

/** The options of `msgctx check-trace`. */
export interface CheckTraceFlags {
  readonly profile?: string;
  /** The time-out of the system that was captured. */
  readonly timeout: number;
  readonly json: boolean;
}

const what = 'a recorded conversation or a capture';
/** So many findings are listed that are not `explained`; the rest is counted. */
const listedMax = 1000;
const statusOf = { explained: 0, 'not explained': 1, inconclusive: 4 } as const;

/** Returns the exit status. */
export function checkTraceCommand(file: string, flags: CheckTraceFlags): number {
  const asked = flags.profile === undefined ? undefined : profileAt(flags.profile, '--profile');
  const [first = new Uint8Array()] = readChunks(file, what);
  const summary = new Summary(file, flags.json);
  if (isCapture(first)) {
    const profile = asked ?? seed;
    const open = () => readCapture(readChunks(file, what), file);
    const finding = checkCapture(open, { profile, timeoutMs: flags.timeout });
    if (finding.packets.judged === 0) {
      throw new UsageError(
        `${file}: expected netlink messages of this protocol (family 19 or 2), found ${finding.packets.others} packets and none of them`,
      );
    }
    summary.add(finding);
    return summary.end(flags.timeout);
  }
  checkLog(file, asked, summary);
  return summary.end();
}

function checkLog(file: string, asked: Profile | undefined, summary: Summary): void {
  const reader = new LogReader(file);
  let check: LogCheck | undefined;
  for (const line of linesIn(readChunks(file, what), file)) {
    const read = reader.read(line);
    if (read === undefined) continue;
    if (read.kind === 'entry') {
      check?.take(read);
      continue;
    }
    if (check !== undefined) summary.add(check.finish());
    const profile = asked ?? profileAt(read.profile ?? 'seed', `${file}:${read.line}`);
    check = read.role === 'kernel' ? new LogCheck(read, profile) : undefined;
    if (check === undefined) summary.add(notJudged(read, profile.name));
  }
  if (check !== undefined) summary.add(check.finish());
  if (summary.count === 0) {
    throw new UsageError(`${file}:1: expected a first line with "schema":"${traceSchema}"`);
  }
}

/** Conversations with a daemon are judged as they are held (`msgctx replay`), not from their log. */
function notJudged({ case: id, line }: { case: string; line: number }, profile: string): Finding {
  const why = 'a conversation with a daemon is not judged from its log; replay it';
  const none = { lines: [line, line], missing: [], unseen: 0 } as const;
  return { case: id, profile, verdict: 'inconclusive', why, ...none };
}

/** A profile, or an error that says where its name stands. */
function profileAt(name: string, place: string): Profile {
  try {
    return profileNamed(name);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${error.message}`);
    throw error;
  }
}

/** Counts findings, and prints those that need a word. */
class Summary {
  readonly #file: string;
  readonly #json: boolean;
  readonly #totals = { explained: 0, 'not explained': 0, inconclusive: 0 };
  readonly #listed: (Finding | CaptureFinding)[] = [];

  constructor(file: string, json: boolean) {
    this.#file = file;
    this.#json = json;
  }

  get count(): number {
    return Object.values(this.#totals).reduce((sum, one) => sum + one, 0);
  }

  add(finding: Finding | CaptureFinding): void {
    this.#totals[finding.verdict] += 1;
    const isListed = finding.verdict !== 'explained' || this.count === 1;
    if (isListed && this.#listed.length < listedMax) this.#listed.push(finding);
    if (!this.#json && this.count <= listedMax) {
      process.stdout.write(`${linesOf(finding, this.#file).join('\n')}\n`);
    }
  }

  /** Prints the end, and returns the exit status. */
  end(timeoutMs?: number): number {
    const totals = this.#totals;
    const verdict =
      totals['not explained'] > 0
        ? 'not explained'
        : totals.inconclusive > 0
          ? 'inconclusive'
          : 'explained';
    const limits = { pairs: pairsMax, missingWithin: windowMax, ...(timeoutMs && { timeoutMs }) };
    if (this.#json) {
      const schema = 'msgctx-check-trace/1';
      const findings = this.#listed.map(dataOf);
      const document = { schema, file: this.#file, verdict, totals, limits, findings };
      process.stdout.write(`${JSON.stringify(document)}\n`);
      return statusOf[verdict];
    }
    const counts = Object.entries(totals).map(([name, count]) => `${count} ${name}`);
    const time = timeoutMs === undefined ? '' : `; time-out ${timeoutMs} ms`;
    process.stdout.write(
      `${counts.join(', ')}; whether numbers are new is judged over the last ${pairsMax} pairs${time}\n`,
    );
    return statusOf[verdict];
  }
}

/** A finding as data. */
function dataOf({ trouble, ...finding }: Finding): object {
  if (trouble === undefined) return finding;
  const { entry, observed, expected, requirements, allowed, candidates } = trouble;
  const { line, text } = entry;
  const at = { line, command: text, observed, expected, requirements, allowed };
  return { ...finding, at: { ...at, candidates: candidates() } };
}

function linesOf(finding: Finding | CaptureFinding, file: string): string[] {
  const { verdict, trouble, why, check, missing, unseen, lines, case: id } = finding;
  const [head, last] = lines;
  const isCaptured = 'packets' in finding;
  const unit = isCaptured ? 'packet' : 'line';
  const name = isCaptured ? file : `${file}:${head}${id === '' ? '' : ` ${id}`}`;
  const notes = [
    ...(isCaptured && finding.packets.others > 0
      ? [`${finding.packets.others} packets of others left out`]
      : []),
    ...(!isCaptured && unseen > 0 ? [`${unseen} without an answer`] : []),
    ...missing.slice(0, missingShownMax).map(missingWords),
    ...(missing.length > missingShownMax ? [`and ${missing.length - missingShownMax} more`] : []),
  ];
  const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  const first = `${verdict.padEnd(13)} ${name}: ${unit}s up to ${last}${note}`;
  if (verdict === 'explained') return [first];
  const rules = (trouble?.requirements ?? []).flatMap((name) => {
    const { id: rule, level, text, source } = requirement(name);
    return [`  rule:       ${rule} (${level}) ${text}`, `              from ${source}`];
  });
  const decided =
    trouble?.isDecided === true
      ? ` was observed: ${trouble.observed}; allowed is: ${trouble.expected}`
      : '';
  return [
    first,
    ...(trouble === undefined
      ? []
      : [`  at ${unit} ${trouble.entry.line}, "${trouble.entry.text}"${decided}`]),
    ...(why === undefined ? [] : [`  why:        ${why}`]),
    ...rules,
    ...(check === undefined ? [] : [`  check:      ${check}`]),
    ...(trouble?.allowed ?? []).map((one) => `  allowed:    ${one}`),
    ...(trouble?.candidates() ?? []).map((one) => `  candidate:  ${one}`),
  ];
}

const missingShownMax = 4;

function missingWords({ before, user }: Finding['missing'][number]): string {
  return `a request of u${user} before line ${before} was not logged`;
}
