import type { Command } from '../../model/index.js';
import type { Settings } from '../ledger.js';
import { membersOf, readCommand, settingsIn, traceSchema } from '../trace.js';
import { TraceError } from '../usage.js';
import type { Observation } from './observed.js';
import { readObserved } from './observed.js';

/**
 * The lines of a log: those of a trace file (trace.ts), with what was observed read too, and more that
 * may be missing. A command without `observed` is one whose answer nobody logged.
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
  #line = 0;
  #head: Head | undefined;
  #lastMs: number | undefined;

  /** @param file its name, for messages */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The next line; undefined where it is empty, or belongs to a conversation with a daemon.
   *
   * @throws TraceError when it is neither
   */
  read(line: string): Head | Entry | undefined {
    this.#line += 1;
    if (line.trim() === '') return undefined;
    const members = membersOf(line) ?? this.#fail('one JSON object a line');
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
    const observations = readObserved(words);
    if (typeof observations === 'string') {
      return this.#fail(
        `"observed" in words such as "ok", "refused with EINVAL" or "r1 returns EIO", found "${observations.slice(0, wordShownMax)}"`,
      );
    }
    if (at !== undefined && !(typeof at === 'number' && at >= 0)) {
      return this.#fail('"at" in milliseconds');
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
