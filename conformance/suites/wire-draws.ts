import fc from 'fast-check';
import type { Command, Process, RawCommand } from '../../model/index.js';

/** Conversations that mix bytes, right and wrong, with ordinary commands. */

/** What is drawn, before requests have names. Numbers choose among what is there. */
type Draw =
  | { readonly do: 'helo' | 'quit' | 'exit'; readonly by: Process }
  | { readonly do: 'request'; readonly user: number }
  | { readonly do: 'reply' | 'wake' | 'advance'; readonly back: number }
  | {
      readonly do: 'raw';
      readonly by: Process | 'registered';
      readonly type: RawCommand['type'];
      /** How many requests ago was the one that it is about. */
      readonly back: number;
      readonly isBare: boolean;
      readonly plus: number;
      readonly spoilt: Spoilt;
    };

type Spoilt = Partial<
  Pick<RawCommand, 'size' | 'length' | 'data' | 'code' | 'as' | 'flags' | 'order' | 'bytes'>
>;

const drawsMax = 40;

/** Conversations of a system; `framing` decides in which ways bytes can be wrong. */
export function wireConversations(
  bounds: { readonly users: number; readonly processes: number },
  framing: 'netlink' | 'device',
): fc.Arbitrary<readonly Command[]> {
  return fc
    .array(draws(bounds, framing), { minLength: 1, maxLength: drawsMax, size: 'max' })
    .map(named);
}

const weighted = <T>(...choices: (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** A little, or what wraps and what comes near. */
const change = weighted(
  [4, fc.integer({ min: -30, max: 30 })],
  [1, fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 16, 2 ** 24, -36, -100)],
);
const size = fc.integer({ min: -30, max: 12 });

function spoiltIn(framing: 'netlink' | 'device', by: fc.Arbitrary<Process>): fc.Arbitrary<Spoilt> {
  const flags = fc.integer({ min: 0, max: 0xffff });
  const code = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constant('five' as const));
  return weighted<Spoilt>(
    [8, fc.constant({})],
    [3, fc.record({ size })],
    [2, size.map((both) => ({ size: both, length: both }))],
    [2, fc.record({ data: change })],
    [2, fc.record({ length: change })],
    [2, fc.record({ bytes: fc.constantFrom(0, 1, 183, 184, 255, 256, 512, 516, 517) })],
    [1, fc.record({ order: fc.constant('other' as const) })],
    framing === 'netlink' ? [3, fc.record({ as: by })] : [2, fc.record({ code })],
    framing === 'netlink' ? [1, fc.record({ flags })] : [1, fc.record({ code, size })],
  );
}

function draws(
  { users, processes }: { readonly users: number; readonly processes: number },
  framing: 'netlink' | 'device',
): fc.Arbitrary<Draw> {
  const user = fc.integer({ min: 1, max: users });
  const by = fc.record({ user, process: fc.integer({ min: 1, max: processes }) });
  const does = <T extends string>(word: T) => fc.constant(word);
  const back = weighted([4, fc.constant(0)], [2, fc.integer({ min: 0, max: 4 })]);
  const type = weighted<RawCommand['type']>(
    [8, fc.constant('response')],
    [2, fc.constantFrom('helo', 'quit', 'request')],
    [1, fc.oneof(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 0xffff }))],
  );
  return weighted<Draw>(
    [4, fc.record({ do: does('helo'), by })],
    [1, fc.record({ do: does('quit'), by })],
    [1, fc.record({ do: does('exit'), by })],
    [6, fc.record({ do: does('request'), user })],
    [4, fc.record({ do: does('reply'), back })],
    [3, fc.record({ do: does('wake'), back })],
    [1, fc.record({ do: does('advance'), back })],
    [
      14,
      fc.record({
        do: does('raw'),
        by: weighted<Process | 'registered'>([4, fc.constant('registered')], [2, by]),
        type,
        back,
        isBare: weighted([4, fc.constant(false)], [1, fc.constant(true)]),
        plus: weighted([6, fc.constant(0)], [1, fc.constantFrom(1, -1, 256, 2 ** 31)]),
        spoilt: spoiltIn(framing, by),
      }),
    ],
  );
}

/** Gives every request a number, and turns "two requests ago" into its name. */
function named(all: readonly Draw[]): readonly Command[] {
  const users: number[] = [];
  const registered = new Map<number, Process>();
  const ago = (back: number) => Math.max(1, users.length - back);
  const daemonOf = (request: number): Process => {
    const user = users[request - 1] ?? 1;
    return registered.get(user) ?? { user, process: 1 };
  };
  return all.map((draw): Command => {
    switch (draw.do) {
      case 'helo':
        registered.set(draw.by.user, draw.by);
        return draw;
      case 'quit':
      case 'exit':
        return draw;
      case 'request':
        users.push(draw.user);
        return { do: 'request', request: users.length, user: draw.user };
      case 'wake':
        return { do: 'wake', request: ago(draw.back) };
      case 'advance':
        return { do: 'advance', request: ago(draw.back), lateMs: 0 };
      case 'reply': {
        const own = { of: ago(draw.back), plus: 0 };
        return { do: 'reply', by: daemonOf(own.of), index: own, sequence: own };
      }
      case 'raw': {
        const { type, isBare, plus, spoilt } = draw;
        const request = ago(draw.back);
        const by = draw.by === 'registered' ? daemonOf(request) : draw.by;
        if (type === 'helo') registered.set(by.user, by);
        const message = { do: 'raw', by, type, sequence: { of: request, plus } } as const;
        const isShort = isBare || type === 'helo' || type === 'quit';
        const carried = isShort ? {} : { index: { of: request, plus: 0 } };
        return { ...message, ...carried, ...spoilt };
      }
    }
  });
}
