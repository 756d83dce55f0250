import fc from 'fast-check';
import type { Command, IndexName, Process, SequenceName } from '../../model/index.js';
import { requirements } from '../../model/index.js';
import type { Case, Setup, Suite } from './suite.js';

/**
 * Suite `adversary`: long random conversations by everybody who might speak.
 *
 * Reason. Faults that need a history (a context used twice, a third registration, a late reply
 * between two time-outs) are not on shortest paths. fast-check draws conversations of up to 60
 * commands in which users register, die and are replaced, ask and answer, and strangers answer for
 * them with every mixture of right and wrong numbers. Commands name requests: a raw payload with a
 * made-up sequence number would never be accepted, and nothing behind an accepted reply be tried.
 */
export function adversarySuite(): Suite {
  return {
    name: 'adversary',
    description: 'random conversations by daemons, askers and strangers, seeded and shrunk',
    cases: () => setups.flatMap(([name, setup]) => caseOf(name, setup)),
  };
}

const commandsMax = 60;
const setups: readonly (readonly [string, Omit<Setup, 'manualWake'>])[] = [
  ['1x2', { contexts: 1, users: 2, processes: 2 }],
  ['2x2', { contexts: 2, users: 2, processes: 2 }],
  ['5x3', { contexts: 5, users: 3, processes: 3 }],
];

function caseOf(name: string, bounds: Omit<Setup, 'manualWake'>): Case[] {
  return [true, false].map((manualWake) => {
    const setup = { ...bounds, manualWake };
    return {
      kind: 'random',
      id: `adversary/${name}/${manualWake ? 'held' : 'plain'}`,
      setup,
      needs: ['virtualTime', ...(manualWake ? ['manualWake'] : [])],
      requirements: requirements.map(({ id }) => id),
      conversations: conversations(setup),
    };
  });
}

/** A draw: what to do, before requests have names. Numbers choose among what is there. */
type Draw =
  | { readonly do: 'helo' | 'quit' | 'exit'; readonly by: Process }
  | { readonly do: 'request'; readonly user: number; readonly bytes: number | undefined }
  | {
      readonly do: 'reply';
      /** Undefined: whoever registered last for the user of the request. */
      readonly by: Process | undefined;
      readonly back: number;
      readonly index: 'own' | 'other' | 'unused' | 'outside' | 'last';
      readonly sequence: 'own' | 'other' | number | { readonly is: number };
      readonly otherBack: number;
      readonly bytes: number | undefined;
    }
  | { readonly do: 'wake'; readonly back: number }
  | { readonly do: 'advance'; readonly back: number; readonly earlyMs: number }
  | { readonly do: 'inspect' };

function conversations(setup: Setup): fc.Arbitrary<readonly Command[]> {
  return fc
    .array(draws(setup), { minLength: 1, maxLength: commandsMax, size: 'max' })
    .map((all) => nameRequests(all));
}

function draws({ users, processes, manualWake }: Setup): fc.Arbitrary<Draw> {
  const user = fc.integer({ min: 1, max: users });
  const by = fc.record({ user, process: fc.integer({ min: 1, max: processes }) });
  // How many requests ago: mostly the latest ones.
  const back = fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) },
  );
  const bytes = fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 127, 128, 191, 192, 255, 256, 520) },
  );
  const reply = fc.record({
    do: fc.constant('reply' as const),
    by: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: by }),
    back,
    index: fc.oneof(
      { weight: 12, arbitrary: fc.constant('own' as const) },
      { weight: 3, arbitrary: fc.constantFrom('other', 'unused', 'outside', 'last') },
    ),
    sequence: fc.oneof(
      { weight: 12, arbitrary: fc.constant('own' as const) },
      { weight: 2, arbitrary: fc.constant('other' as const) },
      { weight: 2, arbitrary: fc.constantFrom(1, -1, 2, 256, -256, 65_536, 2 ** 31) },
      { weight: 1, arbitrary: fc.constantFrom({ is: 0 }, { is: 1 }, { is: 2 ** 32 - 1 }) },
    ),
    otherBack: fc.integer({ min: 1, max: 4 }),
    bytes,
  });
  const does = <T extends string>(word: T) => fc.constant(word);
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: does('helo'), by }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('quit' as const, 'exit' as const), by }),
    },
    { weight: 7, arbitrary: fc.record({ do: does('request'), user, bytes }) },
    { weight: 9, arbitrary: reply },
    { weight: manualWake ? 5 : 0, arbitrary: fc.record({ do: does('wake'), back }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: does('advance'),
        back,
        earlyMs: fc.constantFrom(0, 0, 1, 2, 1000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: does('inspect') }) },
  );
}

/** Gives every request a number, and turns "two requests ago" into its name. */
function nameRequests(all: readonly Draw[]): readonly Command[] {
  const users: number[] = [];
  const registered = new Map<number, Process>();
  const named = (back: number) => Math.max(1, users.length - back);
  return all.map((draw): Command => {
    switch (draw.do) {
      case 'helo':
        registered.set(draw.by.user, draw.by);
        return draw;
      case 'request':
        users.push(draw.user);
        return withBytes({ do: 'request', request: users.length, user: draw.user }, draw.bytes);
      case 'reply': {
        const request = named(draw.back);
        const user = users[request - 1] ?? 1;
        const by = draw.by ?? registered.get(user) ?? { user, process: 1 };
        const other = named(draw.back + draw.otherBack);
        const index = indexOf(draw.index, request, other);
        const sequence = sequenceOf(draw.sequence, request, other);
        return withBytes({ do: 'reply', by, index, sequence }, draw.bytes);
      }
      case 'wake':
        return { do: 'wake', request: named(draw.back) };
      case 'advance':
        return { do: 'advance', request: named(draw.back), earlyMs: draw.earlyMs };
      case 'quit':
      case 'exit':
      case 'inspect':
        return draw;
    }
  });
}

function withBytes<T extends Command>(command: T, bytes: number | undefined): T {
  return bytes === undefined ? command : { ...command, bytes };
}

function indexOf(
  name: (Draw & { do: 'reply' })['index'],
  request: number,
  other: number,
): IndexName {
  if (name === 'own') return { of: request };
  return name === 'other' ? { of: other } : name;
}

function sequenceOf(
  name: (Draw & { do: 'reply' })['sequence'],
  request: number,
  other: number,
): SequenceName {
  if (typeof name === 'object') return name;
  if (name === 'other') return { of: other, plus: 0 };
  return { of: request, plus: name === 'own' ? 0 : name };
}
