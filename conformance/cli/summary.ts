import { counted } from '../counted.js';
import { requirement } from '../../model/index.js';
import type { CaptureFinding } from '../log/capture.js';
import type { Finding } from '../log/check.js';
import type { Reading } from '../log/entry.js';
import { windowMax } from '../log/plan.js';
import { pairsMax } from '../log/world.js';
import { printable } from '../printable.js';

/** What `msgctx check-trace` prints: findings, what was left out, and one verdict over all of them. */

/** At most this many findings that are not `explained` are listed; the others are counted. */
const listedMax = 1000;
const statusOf = { explained: 0, 'not explained': 1, inconclusive: 4 } as const;
const shownMax = 4000;

/** Counts findings, and prints those that say more than `explained`. */
export class Summary {
  readonly #file: string;
  readonly #json: boolean;
  readonly #totals = { explained: 0, 'not explained': 0, inconclusive: 0 };
  readonly #listed: (Finding | CaptureFinding)[] = [];
  readonly #notes: string[] = [];
  #reading: Reading = { foreign: 0, prefixed: 0 };
  #lacking: string | undefined;

  /** @param file its name, fit to be shown */
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
    if (!this.#json && this.count <= listedMax) this.#print(linesOf(finding, this.#file));
    if ('packets' in finding) this.#notes.push(...finding.notes);
  }

  /** Says something about the file. */
  note(sentence: string): void {
    this.#notes.push(sentence);
  }

  /** Says that a part of the file could not be read, so that an explanation of the rest is not the whole one. */
  lacks(why: string): void {
    this.#lacking = why;
  }

  /** Says how the lines of a log were read. */
  read(reading: Reading): void {
    this.#reading = reading;
    const { foreign, firstForeign, prefixed, firstPrefix = '', torn } = reading;
    if (foreign > 0) {
      const which = foreign === 1 ? `line ${firstForeign}` : `the first is line ${firstForeign}`;
      this.note(`${counted(foreign, 'foreign line')} left out (${which})`);
    }
    if (prefixed > 0) {
      const example = JSON.stringify(printable(firstPrefix, prefixShownMax));
      this.note(
        `the JSON stands behind a prefix in ${counted(prefixed, 'line')}, such as ${example}`,
      );
    }
    if (torn !== undefined) this.note(`line ${torn} is torn, and what is there of it was left out`);
  }

  /** Prints the end, and returns the exit status. */
  end(timeoutMs?: number): number {
    const totals = this.#totals;
    const isLacking = this.#lacking !== undefined || totals.inconclusive > 0;
    const verdict =
      totals['not explained'] > 0 ? 'not explained' : isLacking ? 'inconclusive' : 'explained';
    const limits = { pairs: pairsMax, missingWithin: windowMax, ...(timeoutMs && { timeoutMs }) };
    if (this.#lacking !== undefined) this.note(`${this.#lacking}; what follows was not judged`);
    if (this.#json) {
      const schema = 'msgctx-check-trace/1';
      const findings = this.#listed.map(dataOf);
      const input = { ...this.#reading, notes: this.#notes };
      const document = { schema, file: this.#file, verdict, totals, limits, input, findings };
      process.stdout.write(`${JSON.stringify(document)}\n`);
      return statusOf[verdict];
    }
    const counts = Object.entries(totals).map(([name, count]) => `${count} ${name}`);
    const time = timeoutMs === undefined ? '' : `; time-out ${timeoutMs} ms`;
    this.#print([
      ...this.#notes.map((one) => `note:         ${one}`),
      `${counts.join(', ')}; a pair of numbers counts as new if it is not among the last ${pairsMax}${time}`,
    ]);
    return statusOf[verdict];
  }

  #print(lines: readonly string[]): void {
    process.stdout.write(`${lines.map((line) => printable(line, shownMax)).join('\n')}\n`);
  }
}

const prefixShownMax = 60;

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
      ? [`${counted(finding.packets.others, 'packet')} of other protocols left out`]
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
    return [`  breaks:     ${rule} (${level}) ${text}`, `              from ${source}`];
  });
  const decided =
    trouble?.isDecided === true ? `: got ${trouble.observed}; expected ${trouble.expected}` : '';
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
