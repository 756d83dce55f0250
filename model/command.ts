import type { IndexName, Offset, Process, SequenceName } from './names.js';
import {
  nameOfProcess,
  printBytes,
  printNumbers,
  readIndex,
  readName,
  readNumber,
  readProcess,
  readSequence,
  take,
} from './names.js';
import type { RawCommand } from './raw-command.js';
import { printRaw, rawShape, readRaw } from './raw-command.js';

/**
 * The words of a conversation: what the suite does to an implementation, with names for requests.
 *
 * A command never holds an index or a sequence number that is meant to be right: it says "reply to
 * r1", and what r1's numbers are is learnt from the messages that the implementation sends. Wrong
 * numbers are said in the same way: the sequence number of another request, or one next to it.
 *
 * One line a command, the same in traces, reports and test scenarios:
 *
 *     helo u1.d1                      process d1 of user u1 registers
 *     quit u1.d1                      it unregisters
 *     exit u1.d1                      it dies without a word
 *     request r1 u1                   a process of u1 sends request r1 and sleeps
 *     reply u1.d1 r1                  d1 answers r1
 *     reply u1.d1 r1 seq=r0           at r1's index, with r0's sequence number
 *     reply u1.d1 r1 seq=r1-1         at r1's index, with a number one lower
 *     reply u1.d1 r1 seq=r1.swapped   at r1's index, with its number's bytes in the other order
 *     reply u1.d1 r1+256 seq=r1       at an index 256 higher than r1's
 *     reply u1.d1 unused seq=7        at an index that no request has now
 *     reply u1.d1 outside seq=r1      at the first index outside the array
 *     reply u1.d1 0 seq=7             at index 0, with number 7, as who reads a log knows them
 *     raw u1.d1 response r1 data=-1   bytes by d1 that are wrong, or need not be; see raw-command.ts
 *     wake r1                         the process of r1 looks what became of it
 *     advance r1                      time passes until r1's time-out is reached
 *     advance r1 early=1              time passes until 1 ms before
 *     advance r1 late=500             time passes until 500 ms after
 *     pass 40                         40 ms pass
 *     read u1.d1                      d1 takes the oldest message that waits for it
 *     interrupt r1                    a signal reaches the process of r1
 *     fail-send 2                     the next message but one to a daemon fails on its way
 *     reuse u2.d1 u1.d1               u2.d1 comes to life with the pid of u1.d1, which is dead, and
 *                                     shows it by a QUIT, though it is not registered
 *     reuse u1.d2 u1.d1               the same under the uid of the dead: it shows it by a HELO, since
 *                                     before that nobody could tell the two apart
 *     inspect                         the implementation shows its inside
 *     settle                          everybody waits until nothing moves any more, which changes nothing
 *     reset                           a fresh system: what came before must leave no trace
 *
 * `request` and `reply` take `bytes=N`, the length of their payload. A line that begins with `& ` is
 * written before the answers to the lines before it have come, back to the first line without `&`:
 *
 *     reply u1.d1 r1
 *     & helo u1.d2                    d2 registers while d1's answer is on its way
 */

export { nameOfProcess };
export type { IndexName, Offset, Process, RawCommand, SequenceName };

/** One thing that the suite does. Requests and users are numbered labels. */
export type Command = Words & {
  /** It is written before the commands before it, back to one without this, are answered. */
  readonly overlaps?: true;
};

/** Commands of one word. */
const bare = ['inspect', 'settle', 'reset'] as const;

type Words =
  | { readonly do: 'helo' | 'quit' | 'exit' | 'read'; readonly by: Process }
  | { readonly do: 'reuse'; readonly by: Process; readonly of: Process }
  | {
      readonly do: 'request';
      readonly request: number;
      readonly user: number;
      readonly bytes?: number;
    }
  | {
      readonly do: 'reply';
      readonly by: Process;
      readonly index: IndexName;
      readonly sequence: SequenceName;
      readonly bytes?: number;
    }
  | RawCommand
  | { readonly do: 'wake' | 'interrupt'; readonly request: number }
  | { readonly do: 'fail-send'; readonly nth: number }
  | { readonly do: 'advance'; readonly request: number; readonly lateMs: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: (typeof bare)[number] };

/** A command as one line. */
export function printCommand(command: Command): string {
  return `${command.overlaps === true ? overlapping : ''}${printWords(command)}`;
}

/** What a line begins with whose command overlaps those before it. */
const overlapping = '& ';

function printWords(command: Words): string {
  switch (command.do) {
    case 'helo':
    case 'quit':
    case 'exit':
    case 'read':
      return `${command.do} ${nameOfProcess(command.by)}`;
    case 'reuse':
      return `reuse ${nameOfProcess(command.by)} ${nameOfProcess(command.of)}`;
    case 'request':
      return `request r${command.request} u${command.user}${printBytes(command.bytes)}`;
    case 'reply':
      return `reply ${nameOfProcess(command.by)} ${printNumbers(command.index, command.sequence)}${printBytes(command.bytes)}`;
    case 'raw':
      return printRaw(command);
    case 'wake':
    case 'interrupt':
      return `${command.do} r${command.request}`;
    case 'fail-send':
      return `fail-send ${command.nth}`;
    case 'advance':
      return `advance r${command.request}${printLate(command.lateMs)}`;
    case 'pass':
      return `pass ${command.ms}`;
    case 'inspect':
    case 'settle':
    case 'reset':
      return command.do;
  }
}

function printLate(lateMs: number): string {
  if (lateMs === 0) return '';
  return lateMs > 0 ? ` late=${lateMs}` : ` early=${-lateMs}`;
}

/** A line that is not a command; the message says what was expected. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const shapes: Readonly<Record<Command['do'], string>> = {
  helo: 'helo u1.d1',
  quit: 'quit u1.d1',
  exit: 'exit u1.d1',
  request: 'request r1 u1 [bytes=N]',
  reply:
    'reply u1.d1 r1|r1+256|unused|outside|last|3 [seq=r1|seq=r1+1|seq=r1.swapped|seq=7] [bytes=N]',
  raw: rawShape,
  wake: 'wake r1',
  advance: 'advance r1 [early=MS|late=MS]',
  pass: 'pass MS',
  read: 'read u1.d1',
  interrupt: 'interrupt r1',
  'fail-send': 'fail-send N',
  reuse: 'reuse u2.d1 u1.d1',
  inspect: 'inspect',
  settle: 'settle',
  reset: 'reset',
};

/**
 * Reads one line.
 *
 * @throws CommandError with the line and the shape that was expected
 */
export function parseCommand(line: string): Command {
  const overlaps = line.trimStart().startsWith(overlapping);
  const rest = overlaps ? line.trimStart().slice(overlapping.length) : line;
  const [verb = '', ...words] = rest.trim().split(/\s+/);
  const fail = (): never => {
    const known = Object.hasOwn(shapes, verb);
    // The line above proves the key.
    const shape = known ? shapes[verb as Command['do']] : Object.keys(shapes).join(', ');
    throw new CommandError(`"${line}" is not a command: expected ${shape}`);
  };
  const options = new Map<string, string>();
  const places: string[] = [];
  for (const word of words) {
    const [key = '', value] = word.split('=', 2);
    if (value === undefined) places.push(word);
    else options.set(key, value);
  }
  const command = readCommand(verb, places, options);
  if (command === undefined || options.size > 0) return fail();
  return overlaps ? { ...command, overlaps } : command;
}

/** Whether a verb stands alone. */
function isBare(verb: string): verb is (typeof bare)[number] {
  return bare.some((one) => one === verb);
}

/** Takes from `options` what it uses; what is left is unknown. */
function readCommand(
  verb: string,
  places: readonly string[],
  options: Map<string, string>,
): Command | undefined {
  const [first = '', second = ''] = places;
  if (verb === 'raw') return readRaw(places, options);
  if (isBare(verb)) return places.length === 0 ? { do: verb } : undefined;
  const expected = { request: 2, reply: 2, reuse: 2 }[verb] ?? 1;
  if (places.length !== expected) return undefined;
  switch (verb) {
    case 'helo':
    case 'quit':
    case 'exit':
    case 'read': {
      const by = readProcess(first);
      return by && { do: verb, by };
    }
    case 'reuse': {
      const [by, of] = [readProcess(first), readProcess(second)];
      return by && of && { do: verb, by, of };
    }
    case 'request': {
      const request = readName('r', first);
      const user = readName('u', second);
      if (request === undefined || user === undefined) return undefined;
      return withBytes({ do: 'request', request, user }, options);
    }
    case 'reply': {
      const by = readProcess(first);
      const index = readIndex(second);
      const sequence = readSequence(take(options, 'seq'), index);
      if (!by || index === undefined || sequence === undefined) return undefined;
      return withBytes({ do: 'reply', by, index, sequence }, options);
    }
    case 'wake':
    case 'interrupt': {
      const request = readName('r', first);
      return request === undefined ? undefined : { do: verb, request };
    }
    case 'fail-send': {
      const nth = readNumber(first);
      return nth === undefined || nth === 0 ? undefined : { do: verb, nth };
    }
    case 'advance': {
      const request = readName('r', first);
      const early = take(options, 'early');
      const ms = readNumber(early ?? take(options, 'late') ?? '0');
      if (request === undefined || ms === undefined) return undefined;
      return { do: 'advance', request, lateMs: early === undefined || ms === 0 ? ms : -ms };
    }
    case 'pass': {
      const ms = readNumber(first);
      return ms === undefined || ms === 0 ? undefined : { do: 'pass', ms };
    }
    default:
      return undefined;
  }
}

function withBytes<T extends Command>(command: T, options: Map<string, string>): T | undefined {
  const text = take(options, 'bytes');
  if (text === undefined) return command;
  const bytes = readNumber(text);
  return bytes === undefined ? undefined : { ...command, bytes };
}
