import fc from 'fast-check';
import type {
  Command,
  IndexName,
  Process,
  Profile,
  RequirementId,
  SequenceName,
} from '../../model/index.js';
import { System } from '../../model/index.js';

/**
 * What random conversations are drawn from: commands that speak of "the request before the last",
 * and their names, given when the whole conversation is drawn. So every part of it is one as well.
 */

/** The rules that a conversation without faults of the environment can exercise. */
export function rulesDriven(profile: Profile): readonly RequirementId[] {
  const system = new System({ contexts: 2, users: 2, processes: 2 }, profile);
  const vectors = system.actions().flatMap((action) => system.vectors(action));
  const carried = vectors.flatMap(({ requirements }) => requirements);
  return [...new Set<RequirementId>([...carried, 'REP-10', 'REP-11', 'INS-1'])];
}

/** Who speaks, before requests have names. */
export type Speaker = Process | 'registered' | 'recipient';

/** A draw: what to do, before requests have names. Numbers choose among what is there. */
export type Draw =
  | { readonly do: 'helo' | 'quit' | 'exit' | 'read'; readonly by: Process }
  | { readonly do: 'request' | 'exchange'; readonly user: number; readonly bytes: Bytes }
  | {
      readonly do: 'reply';
      readonly by: Speaker;
      readonly back: number;
      readonly index: number | 'other' | 'unused' | 'outside' | 'last';
      readonly sequence: number | 'other' | 'swapped' | { readonly is: number };
      readonly otherBack: number;
      readonly bytes: Bytes;
    }
  | { readonly do: 'wake'; readonly back: number }
  | { readonly do: 'advance'; readonly back: number; readonly lateMs: number }
  | { readonly do: 'inspect' };

/** A draw at its place: it may overlap those before it. */
export interface Drawn {
  readonly draw: Draw;
  readonly overlaps: boolean;
}

/** The length of a payload, if it is not the usual one. */
export type Bytes = number | undefined;

/** One of several, some more often than others. */
export const weighted = <T>(...choices: (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** How many requests ago: mostly the latest ones. */
const back = weighted(
  [3, fc.constant(0)],
  [3, fc.integer({ min: 0, max: 2 })],
  [1, fc.integer({ min: 0, max: 12 })],
);

/** Lengths at which formats and buffers change, and short ones. */
const bytes: fc.Arbitrary<Bytes> = weighted<Bytes>(
  [40, fc.constant(undefined)],
  [5, fc.integer({ min: 0, max: 9 })],
  [3, fc.integer({ min: 10, max: 600 })],
  [5, fc.constantFrom(127, 128, 191, 192, 255, 256, 257, 511, 512, 513, 520, 521)],
  [
    1,
    fc.constantFrom(
      1023,
      1024,
      1025,
      4095,
      4096,
      4097,
      2048,
      3000,
      65_535,
      65_536,
      65_537,
      100_000,
    ),
  ],
);

/** One above and one below each power of two: a number that differs in one bit is among them. */
const powerOfTwo = fc
  .tuple(fc.integer({ min: 0, max: 31 }), fc.constantFrom(1, -1))
  .map(([power, sign]) => sign * 2 ** power);

const sequence = weighted<(Draw & { do: 'reply' })['sequence']>(
  [12, fc.constant(0)],
  [3, fc.constant('other')],
  [2, powerOfTwo],
  [1, fc.integer({ min: -9, max: 9 })],
  [1, fc.constantFrom('swapped' as const, { is: 0 }, { is: 1 }, { is: 2 ** 32 - 1 })],
);

const index = weighted<(Draw & { do: 'reply' })['index']>(
  [14, fc.constant(0)],
  [3, fc.constantFrom('other', 'unused', 'outside', 'last')],
  [1, powerOfTwo],
);

/** What draws are drawn for. */
export interface Drawing {
  readonly users: number;
  readonly processes: number;
  /** How often a request is answered at once, against 30 other things. */
  readonly exchanges: number;
  /** Whether those who sleep are woken by command. */
  readonly held: boolean;
  /** Whether daemons read by command. */
  readonly reads?: boolean;
}

/** How long a conversation is, in draws; a draw is a command or a few. */
export interface Length {
  readonly drawsMin: number;
  readonly drawsMax: number;
}

/**
 * Random conversations by daemons, askers and strangers, for `run` or for `converse`; they shrink.
 *
 * @example
 * const some = conversations({ users: 2, processes: 2, exchanges: 1, held: false, drawsMin: 1, drawsMax: 60 });
 */
export function conversations(drawing: Drawing & Length): fc.Arbitrary<readonly Command[]> {
  const { drawsMin: minLength, drawsMax: maxLength } = drawing;
  return fc
    .array(draws(drawing), { minLength, maxLength, size: 'max' })
    .map((all) => nameRequests(all.map((draw) => ({ draw, overlaps: false }))));
}

/** One command of a conversation by everybody who might speak. */
export function draws({
  users,
  processes,
  exchanges,
  held,
  reads = false,
}: Drawing): fc.Arbitrary<Draw> {
  const user = fc.integer({ min: 1, max: users });
  const by = fc.record({ user, process: fc.integer({ min: 1, max: processes }) });
  const speaker = weighted<Speaker>(
    [6, fc.constant('registered')],
    [2, fc.constant('recipient')],
    [3, by],
  );
  const otherBack = fc.integer({ min: 1, max: 12 });
  const does = <T extends string>(word: T) => fc.constant(word);
  const lateMs = fc.constantFrom(0, 0, 0, -1, -2, -1000, 1, 3000);
  return weighted<Draw>(
    [5, fc.record({ do: does('helo'), by })],
    [1, fc.record({ do: does('quit'), by })],
    [2, fc.record({ do: does('exit'), by })],
    [7, fc.record({ do: does('request'), user, bytes })],
    [exchanges, fc.record({ do: does('exchange'), user, bytes })],
    [9, fc.record({ do: does('reply'), by: speaker, back, index, sequence, otherBack, bytes })],
    [held ? 5 : 0, fc.record({ do: does('wake'), back })],
    [2, fc.record({ do: does('advance'), back, lateMs })],
    [1, fc.record({ do: does('inspect') })],
    [reads ? 9 : 0, fc.record({ do: does('read'), by })],
  );
}

/** Gives every request a number, and turns "two requests ago" into its name. */
export function nameRequests(all: readonly Drawn[]): readonly Command[] {
  const users: number[] = [];
  const recipients: Process[] = [];
  const registered = new Map<number, Process>();
  // Of the requests of its own group nothing is known yet.
  let known = 0;
  const named = (ago: number) => Math.max(1, known - ago);
  const registeredFor = (user: number) => registered.get(user) ?? { user, process: 1 };
  const speakerOf = (by: Speaker, request: number): Process => {
    if (by === 'registered') return registeredFor(users[request - 1] ?? 1);
    if (by === 'recipient') return recipients[request - 1] ?? registeredFor(1);
    return by;
  };
  const ask = (user: number, length: Bytes): Command => {
    users.push(user);
    recipients.push(registeredFor(user));
    return withBytes({ do: 'request', request: users.length, user }, length);
  };
  const spoken = (draw: Draw): Command | Command[] => {
    switch (draw.do) {
      case 'helo':
        registered.set(draw.by.user, draw.by);
        return draw;
      case 'request':
        return ask(draw.user, draw.bytes);
      case 'exchange': {
        const request = ask(draw.user, draw.bytes);
        const own = { of: users.length, plus: 0 };
        const by = registeredFor(draw.user);
        const reply = { do: 'reply', by, index: own, sequence: own } as const;
        return [request, withBytes(reply, draw.bytes), { do: 'wake', request: users.length }];
      }
      case 'reply': {
        const request = named(draw.back);
        const other = named(draw.back + draw.otherBack);
        const by = speakerOf(draw.by, request);
        const index = indexOf(draw.index, request, other);
        const sequence = sequenceOf(draw.sequence, request, other);
        return withBytes({ do: 'reply', by, index, sequence }, draw.bytes);
      }
      case 'wake':
        return { do: 'wake', request: named(draw.back) };
      case 'advance':
        return { do: 'advance', request: named(draw.back), lateMs: draw.lateMs };
      case 'quit':
      case 'exit':
      case 'read':
      case 'inspect':
        return draw;
    }
  };
  return all.flatMap(({ draw, overlaps }) => {
    if (!overlaps) known = users.length;
    const commands = [spoken(draw)].flat();
    return overlaps ? commands.map((one): Command => ({ ...one, overlaps })) : commands;
  });
}

function withBytes<T extends Command>(command: T, length: Bytes): T {
  return length === undefined ? command : { ...command, bytes: length };
}

function indexOf(
  name: (Draw & { do: 'reply' })['index'],
  request: number,
  other: number,
): IndexName {
  if (typeof name === 'number') return { of: request, plus: name };
  return name === 'other' ? { of: other, plus: 0 } : name;
}

function sequenceOf(
  name: (Draw & { do: 'reply' })['sequence'],
  request: number,
  other: number,
): SequenceName {
  if (typeof name === 'object') return name;
  if (typeof name === 'number') return { of: request, plus: name };
  return name === 'other' ? { of: other, plus: 0 } : { swapped: request };
}
