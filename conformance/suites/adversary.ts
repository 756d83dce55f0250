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
import type { Case, Setup, Suite } from './suite.js';

/**
 * Suite `adversary`: long random conversations by everybody who might speak.
 *
 * Reason. Faults that need a history (a context used twice, a third registration, a late reply
 * between two time-outs) are not on shortest paths, and faults at a size (the ninth context, the
 * fourth user, the 257th request, byte 0xff) are in no small system. fast-check draws conversations
 * in which users register, die and are replaced, ask and answer, and strangers answer for them with
 * every mixture of right and wrong numbers. Commands name requests: a raw payload with a made-up
 * sequence number would never be accepted, and nothing behind an accepted reply be tried.
 */
export function adversarySuite(profile: Profile): Suite {
  return {
    name: 'adversary',
    description: 'random conversations by daemons, askers and strangers, seeded and shrunk',
    cases: () => {
      const rules = rulesDriven(profile);
      return kindsOf(profile).flatMap((kind) => caseOf(kind, rules));
    },
  };
}

/** A kind of conversation: how large the system is, and how long and how many they are. */
interface ConversationKind {
  readonly name: string;
  readonly setup: Omit<Setup, 'manualWake'>;
  readonly drawsMax: number;
  readonly share: number;
  /** How often a request is answered at once, against 30 other things. */
  readonly exchanges: number;
}

const kinds: readonly ConversationKind[] = [
  {
    name: 'one',
    setup: { contexts: 1, users: 2, processes: 2 },
    drawsMax: 60,
    share: 1,
    exchanges: 1,
  },
  {
    name: 'two',
    setup: { contexts: 2, users: 2, processes: 2, timeoutMs: 1000 },
    drawsMax: 60,
    share: 1,
    exchanges: 1,
  },
  {
    name: 'five',
    setup: { contexts: 5, users: 3, processes: 3, timeoutMs: 70_000 },
    drawsMax: 80,
    share: 1,
    exchanges: 2,
  },
  {
    name: 'crowd',
    setup: { contexts: 9, users: 24, processes: 3 },
    drawsMax: 160,
    share: 0.2,
    exchanges: 4,
  },
  {
    name: 'wide',
    setup: { contexts: 64, users: 3, processes: 3, timeoutMs: 200_000 },
    drawsMax: 300,
    share: 0.05,
    exchanges: 0,
  },
  {
    name: 'long',
    setup: { contexts: 2, users: 2, processes: 40 },
    drawsMax: 1600,
    share: 0.03,
    exchanges: 30,
  },
];

/**
 * Where a context keeps the trace of its last user, each send that fails leaves it on a context that
 * nobody knows: with many contexts there are too many explanations to follow.
 */
function kindsOf({ owner }: Profile): readonly ConversationKind[] {
  return owner === 'is kept' ? kinds.filter(({ setup }) => setup.contexts <= 2) : kinds;
}

/** The rules that a conversation without faults of the environment can exercise. */
function rulesDriven(profile: Profile): readonly RequirementId[] {
  const system = new System({ contexts: 2, users: 2, processes: 2 }, profile);
  const vectors = system.actions().flatMap((action) => system.vectors(action));
  const carried = vectors.flatMap(({ requirements }) => requirements);
  return [...new Set<RequirementId>([...carried, 'REP-10', 'REP-11', 'INS-1'])];
}

function caseOf(kind: ConversationKind, rules: readonly RequirementId[]): Case[] {
  return [true, false].map((manualWake) => {
    const setup = { ...kind.setup, manualWake };
    return {
      kind: 'random',
      id: `adversary/${kind.name}/${manualWake ? 'held' : 'plain'}`,
      setup,
      needs: manualWake ? ['manualWake'] : [],
      requirements: rules,
      share: kind.share,
      conversations: conversations(kind, manualWake),
    };
  });
}

/** Who speaks, before requests have names. */
type Speaker = Process | 'registered' | 'recipient';

/** A draw: what to do, before requests have names. Numbers choose among what is there. */
type Draw =
  | { readonly do: 'helo' | 'quit' | 'exit'; readonly by: Process }
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

type Bytes = number | undefined;

function conversations(kind: ConversationKind, held: boolean): fc.Arbitrary<readonly Command[]> {
  return fc
    .array(draws(kind, held), {
      minLength: kind.share < 1 ? kind.drawsMax / 2 : 1,
      maxLength: kind.drawsMax,
      size: 'max',
    })
    .map((all) => nameRequests(all));
}

const weighted = <T>(...choices: (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
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
  [5, fc.constantFrom(127, 128, 191, 192, 255, 256, 257, 511, 512, 513, 520, 521)],
  [1, fc.constantFrom(1023, 1024, 1025, 4095, 4096, 4097, 65_535, 65_536)],
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

function draws(
  { setup: { users, processes }, exchanges }: ConversationKind,
  held: boolean,
): fc.Arbitrary<Draw> {
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
  );
}

/** Gives every request a number, and turns "two requests ago" into its name. */
function nameRequests(all: readonly Draw[]): readonly Command[] {
  const users: number[] = [];
  const recipients: Process[] = [];
  const registered = new Map<number, Process>();
  const named = (ago: number) => Math.max(1, users.length - ago);
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
  return all.flatMap((draw): Command | Command[] => {
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
      case 'inspect':
        return draw;
    }
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
