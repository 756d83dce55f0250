import type { Command } from '../../model/index.js';
import type { Settings } from '../ledger.js';
import { printable } from '../printable.js';
import { readCommand, settingsIn, traceSchema } from '../trace.js';
import { TraceError } from '../usage.js';
import type { Line } from './lines.js';
import type { Observation } from './observed.js';
import { outsideOf, readObserved } from './observed.js';
import type { Prefix } from './own.js';
import { findOwn, isTorn } from './own.js';

/**
 * The lines of a log: those of a trace file (trace.ts) with what was observed, of which parts may be missing. A
 * command without `observed` is one whose answer nobody logged. Lines of other programs are counted and left out.
 */

/** A line that begins a conversation. */
export interface Head {
  readonly kind: 'head';
  readonly line: number;
  readonly case: string;
  readonly profile: string | undefined;
  readonly role: 'kernel' | 'daemon';
  readonly settings: Settings;
  readonly capabilities: ReadonlySet<string>;
  readonly strict: boolean | undefined;
  /** Whether every command and every answer was logged. */
  readonly complete: boolean;
}

/** A line with a command, and what was observed. */
export interface Entry {
  readonly kind: 'entry';
  readonly line: number;
  readonly command: Command;
  /** The command as it stands there. */
  readonly text: string;
  readonly observed: readonly Observation[];
  /** When the last of it was logged, in milliseconds from any beginning. */
  readonly atMs?: number;
  /** When the line before it was. */
  readonly sinceMs?: number;
}

/** A line of ours that is not whole, though the log goes on behind it. */
export interface Damage {
  readonly kind: 'damage';
  readonly line: number;
  /** What is wrong with it. */
  readonly why: string;
}

/** What was left out of a log, and how its lines were found. */
export interface Reading {
  /** The lines of other programs: how many, and the number of the first. */
  readonly foreign: number;
  readonly firstForeign?: number;
  /** The lines in which something stands before the JSON, and what it was first. */
  readonly prefixed: number;
  readonly firstPrefix?: string;
  /** The last line that ends in the middle, where the log ends or a new conversation begins. */
  readonly torn?: number;
}

/** What whoever recorded a conversation could do, unless its head says so. */
const usual = [
  'virtualTime',
  'results',
  'payload',
  'exit',
  'inspect',
  'manualRead',
  'interrupt',
  'sendFault',
  'pidReuse',
  'raw',
];

/** Reads a log line by line. */
export class LogReader {
  readonly #file: string;
  readonly #prefix: Prefix | undefined;
  #line = 0;
  #head: Head | undefined;
  #lastMs: number | undefined;
  #reading: Reading = { foreign: 0, prefixed: 0 };

  /**
   * @param file its name, for messages
   * @param prefix what stands before the JSON of each line; anything, unless said
   */
  constructor(file: string, prefix?: Prefix) {
    this.#file = file;
    this.#prefix = prefix;
  }

  /** What was left out up to now. */
  get reading(): Reading {
    return this.#reading;
  }

  /**
   * What a line is; undefined where it is empty, foreign, torn, or belongs to a conversation with a daemon.
   *
   * @throws TraceError where a line is ours and something in it is wrong
   */
  read({ nth, text, fault, isLast }: Line): Head | Entry | Damage | undefined {
    this.#line = nth;
    if (text.trim() === '') return undefined;
    const found = findOwn(text, this.#prefix);
    if (isLast === true && isTorn(text, found)) {
      this.#reading = { ...this.#reading, torn: nth };
      return undefined;
    }
    if (found.kind === 'foreign') {
      const { foreign, firstForeign = nth } = this.#reading;
      this.#reading = { ...this.#reading, foreign: foreign + 1, firstForeign };
      return undefined;
    }
    if (found.kind === 'damaged' || fault !== undefined) {
      return { kind: 'damage', line: nth, why: fault ?? 'is not one whole JSON object' };
    }
    if (found.isBehindTorn === true) this.#reading = { ...this.#reading, torn: nth };
    if (found.prefix.trim() !== '') {
      const { prefixed, firstPrefix = found.prefix } = this.#reading;
      this.#reading = { ...this.#reading, prefixed: prefixed + 1, firstPrefix };
    }
    const { members } = found;
    if (members['schema'] !== undefined) {
      this.#lastMs = undefined;
      return (this.#head = this.#headOf(members));
    }
    const head = this.#head ?? this.#fail(`a first line with "schema":"${traceSchema}"`);
    return head.role === 'daemon' ? undefined : this.#entryOf(members, head.settings);
  }

  #fail(expected: string): never {
    throw new TraceError(`${this.#file}:${this.#line}: expected ${expected}`);
  }

  #headOf(members: Readonly<Record<string, unknown>>): Head {
    const { schema, case: id = '', profile, role = 'kernel', settings, strict } = members;
    const { capabilities = usual, complete = false } = members;
    if (schema !== traceSchema) return this.#fail(`"schema":"${traceSchema}"`);
    if (role !== 'kernel' && role !== 'daemon') return this.#fail('"role" kernel or daemon');
    if (profile !== undefined && typeof profile !== 'string') return this.#fail('"profile" a name');
    if (strict !== undefined && typeof strict !== 'boolean') {
      return this.#fail('"strict" true or false');
    }
    const isWords = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((one) => typeof one === 'string');
    if (!isWords(capabilities)) return this.#fail('"capabilities" an array of words');
    return {
      kind: 'head',
      line: this.#line,
      case: typeof id === 'string' ? id : '',
      profile,
      role,
      settings: settingsIn(settings, (expected) => this.#fail(expected)),
      capabilities: new Set(capabilities),
      strict,
      complete: complete === true,
    };
  }

  #entryOf(
    { command, observed, at }: Readonly<Record<string, unknown>>,
    settings: Settings,
  ): Entry {
    const read = readCommand(command, settings, (expected) => this.#fail(expected));
    const words: unknown[] = observed === undefined ? [] : Array.isArray(observed) ? observed : [0];
    const isWords = words.every((word) => typeof word === 'string');
    if (!isWords) return this.#fail('"observed" an array of words');
    mustFitCommand(read, (expected) => this.#fail(expected));
    const outside = words.map((word) => outsideOf(word, settings)).find((one) => one !== undefined);
    if (outside !== undefined) return this.#fail(`"observed" with ${outside}`);
    const observations = readObserved(words);
    if (typeof observations === 'string') {
      const found = printable(observations, wordShownMax);
      return this.#fail(
        `"observed" in words such as "ok", "refused with EINVAL" or "r1 returns EIO", found "${found}"`,
      );
    }
    if (at !== undefined && !(typeof at === 'number' && at >= 0 && at <= atMaxMs)) {
      const found = printable(JSON.stringify(at), wordShownMax);
      return this.#fail(`"at" as a number of milliseconds from 0 to ${atMaxMs}, found ${found}`);
    }
    const sinceMs = this.#lastMs;
    this.#lastMs = at;
    return {
      kind: 'entry',
      line: this.#line,
      command: read,
      text: typeof command === 'string' ? command : '',
      observed: observations,
      ...(at === undefined ? {} : { atMs: at }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
    };
  }
}

const wordShownMax = 80;
/** Larger numbers are not exact. */
const atMaxMs = Number.MAX_SAFE_INTEGER;
const numberMax = 2 ** 32 - 1;

/** Numbers of 32 bits that a line states for itself; larger ones would come round. */
function mustFitCommand(command: Command, fail: (expected: string) => never): void {
  if (command.do !== 'reply' && command.do !== 'raw') return;
  for (const [name, value] of Object.entries({ index: command.index, seq: command.sequence })) {
    if (typeof value !== 'object' || !('is' in value) || value.is <= numberMax) continue;
    fail(`"command" with ${name} from 0 to ${numberMax}, found ${value.is}`);
  }
}

/** The requests that a line speaks of. */
export function mentionedIn({ command, observed }: Entry): readonly number[] {
  const names: number[] = [];
  if (command.do === 'wake' || command.do === 'interrupt' || command.do === 'advance') {
    names.push(command.request);
  }
  if (command.do === 'reply' || command.do === 'raw') {
    const { index, sequence } = command;
    if (typeof index === 'object' && 'of' in index) names.push(index.of);
    if ('of' in sequence) names.push(sequence.of);
    if ('swapped' in sequence) names.push(sequence.swapped);
  }
  for (const event of observed.flatMap(({ events }) => events)) {
    if (event.event === 'complete') names.push(event.task);
    else if (event.type === 'request') names.push(...askedBy(event.payload));
  }
  return names.filter((name) => command.do !== 'request' || name !== command.request);
}

/** The request that has these bytes, where they are those that the suites give to it. */
function askedBy(payload: string): readonly number[] {
  const [, name] = /^a0([\da-f]{6})$/.exec(payload) ?? [];
  return name === undefined ? [] : [Number.parseInt(name, 16)];
}
