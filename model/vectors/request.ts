import type { Condition, Move, Vector } from '../vector.js';
import { at, range } from '../vector.js';
import type { Rules } from './rules.js';
import { others, queueHas, queueOf } from './rules.js';

/** The vectors of a request: refused, failed on the way, or sent. */

/** A request of a user; with `sendFails` the transport cannot hand it over. */
export function request(rules: Rules, user: number, sendFails: boolean): Vector[] {
  const daemon = at('daemon', user);
  const contexts = range(rules.bounds.contexts);
  const dead: Vector[] = contexts.flatMap((nth) => failed(rules, user, nth, 'request/dead-daemon'));
  return [
    {
      name: 'request/no-daemon',
      when: [],
      moves: [{ at: daemon, events: ['LOOKUP_FAILS'] }],
      refusal: 'request/no-daemon',
      requirements: ['REQ-5', 'CTX-9'],
    },
    {
      name: 'request/no-context',
      when: [
        { at: daemon, notIn: ['unregistered'] },
        ...contexts.map((nth) => ({ at: at('context', nth), in: ['pending', 'done'] })),
      ],
      moves: [],
      refusal: 'request/no-context',
      requirements: ['CTX-4', 'CTX-9', 'CTX-1'],
    },
    ...(rules.profile.death === 'leaves it stale' ? dead : []),
    ...contexts.flatMap((nth) =>
      sendFails
        ? failed(rules, user, nth, 'request/send-failed')
        : [...sent(rules, user, nth), ...full(rules, user, nth)],
    ),
    ...nobodyLeft(rules, daemon),
  ];
}

type Failure = 'request/dead-daemon' | 'request/send-failed';

/** A context is taken and given back, since the message could not be handed over. D-1: not so. */
function failed(rules: Rules, user: number, context: number, why: Failure): Vector[] {
  const leaks = rules.defects.has('D-1');
  const taken = { at: at('context', context), events: ['ACQUIRE'] };
  const takenAndFreed = { at: at('context', context), events: ['ACQUIRE', 'SEND_FAILED'] };
  const owned = { at: at('owner', context), events: [`SET_${user}`] };
  const daemon = at('daemon', user);
  const dead = why === 'request/dead-daemon';
  return [
    {
      name: why,
      choice: context,
      when: dead ? [] : [{ at: daemon, in: ['registered', 'usurped'] }],
      moves: [
        ...(dead ? [{ at: daemon, events: ['SEND_FAILS'] }] : []),
        leaks ? taken : takenAndFreed,
        ...(leaks || rules.profile.owner === 'is kept' ? [owned] : []),
      ],
      refusal: why,
      requirements: [dead ? 'REQ-6' : 'REQ-8', 'CTX-7', 'CTX-9'],
    },
  ];
}

/** The message goes to the registered process, into its queue where there is one. */
function sent(rules: Rules, user: number, context: number): Vector[] {
  const acquire: Move[] = [
    { at: at('context', context), events: ['ACQUIRE'] },
    { at: at('owner', context), events: [`SET_${user}`] },
  ];
  const vector: Omit<Vector, 'when'> = {
    name: 'request/sent',
    choice: context,
    moves: acquire,
    requirements: [
      ...(['REQ-7', 'REQ-1', 'REQ-2', 'REQ-3', 'REQ-4'] as const),
      ...(['CTX-1', 'CTX-2', 'CTX-3', 'CTX-8', 'REQ-9'] as const),
    ],
  };
  return seats(rules, context).flatMap((seat) =>
    receivers(rules, user, context).map((receiver): Vector => ({
      ...vector,
      ...(receiver.option === undefined ? {} : { option: receiver.option }),
      when: [...seat.when, ...receiver.when],
      moves: [...receiver.moves, ...acquire, ...seat.moves],
      ...(receiver.isStranger ? { marks: ['delivers to another user'] } : {}),
    })),
  );
}

/** One way in which a message can be received, or a sleeper be seated. */
interface Way {
  readonly when: readonly Condition[];
  readonly moves: readonly Move[];
  readonly option?: string;
  readonly isStranger?: boolean;
}

/** Who may receive the message of a request. */
function receivers(rules: Rules, user: number, context: number): Way[] {
  const daemon = at('daemon', user);
  const usurped: Way = {
    when: [{ at: daemon, in: ['usurped'] }],
    moves: [{ at: daemon, events: ['SEND'] }],
    isStranger: true,
  };
  const own = [
    ...daemonsOf(rules, user, context),
    ...(rules.environment.pidReuse ? [usurped] : []),
  ];
  if (!rules.without.has('requestUser')) return own;
  const foreign = others(rules.bounds.users, user).flatMap((other) =>
    daemonsOf(rules, other, context).map((way) => ({
      ...way,
      when: [{ at: daemon, in: ['registered'] }, ...way.when],
      option: `to u${other + 1}`,
      isStranger: true,
    })),
  );
  return [...own, ...foreign];
}

/** The daemon of a user, with the queue of the process that is registered. */
function daemonsOf(rules: Rules, user: number, context: number): Way[] {
  const when = [{ at: at('daemon', user), in: ['registered'] }];
  const send = { at: at('daemon', user), events: ['SEND'] };
  const { queue, processes } = rules.bounds;
  if (queue === 0) return [{ when, moves: [send] }];
  return range(processes).flatMap((process): Way[] => {
    const place = queueOf(rules, user, process);
    const isItself = { at: at('registrant', user), in: [`is${process}`] };
    const push: Way = {
      when: [...when, isItself],
      moves: [send, { at: place, events: [`PUSH_${context}`] }],
    };
    if (!rules.defects.has('D-7')) return [push];
    // D-7: an entry of the context waits already and stands for the new message too.
    const isThere = queueHas(rules, place, (entries) => entries.includes(context));
    return [push, { when: [...when, isItself, isThere], moves: [send] }];
  });
}

/** Where the queue of the registered process is full, the send fails. */
function full(rules: Rules, user: number, context: number): Vector[] {
  const { queue, processes } = rules.bounds;
  if (queue === 0) return [];
  return range(processes).flatMap((process) => {
    const isFull = queueHas(
      rules,
      queueOf(rules, user, process),
      (entries) =>
        entries.length === queue && !(rules.defects.has('D-7') && entries.includes(context)),
    );
    return failed(rules, user, context, 'request/send-failed').map((vector) => ({
      ...vector,
      name: 'request/queue-full',
      when: [
        { at: at('daemon', user), in: ['registered'] },
        { at: at('registrant', user), in: [`is${process}`] },
        isFull,
      ],
    }));
  });
}

/**
 * Who sleeps on the context. D-3: somebody may sleep on it still; then he becomes an orphan, who goes
 * on looking at it beside its new sleeper.
 */
function seats(rules: Rules, context: number): Way[] {
  const task = at('task', context);
  const asks: Way = { when: [], moves: [{ at: task, events: ['ASK'] }] };
  if (!rules.defects.has('D-3')) return [asks];
  const orphaned = range(rules.orphans).flatMap((nth) =>
    ['sleeping.waiting', 'sleeping.expired'].map((state): Way => ({
      when: [
        { at: task, in: [state] },
        ...range(nth).map((lower) => ({ at: at('orphan', lower), in: ['sleeping'] })),
        { at: at('orphan', nth), in: ['running'] },
      ],
      moves: [
        { at: at('orphan', nth), to: state },
        { at: at('orphanage', nth), events: [`SET_${context}`] },
        { at: task, to: 'sleeping.waiting' },
      ],
    })),
  );
  return [asks, ...orphaned];
}

/** D-3: every context that is free has a sleeper still, and no process is left that could ask. */
function nobodyLeft(rules: Rules, daemon: Condition['at']): Vector[] {
  if (!rules.defects.has('D-3')) return [];
  const contexts = range(rules.bounds.contexts);
  const busy = range(rules.orphans).map((nth) => ({ at: at('orphan', nth), in: ['sleeping'] }));
  // Every set of contexts but the empty one can be the free ones.
  return range(2 ** contexts.length - 1).map((nth): Vector => {
    const isFree = (context: number) => (((nth + 1) >> context) & 1) === 1;
    return {
      name: 'request/nobody-left',
      option: `free ${contexts.filter(isFree).join(' ')}`,
      when: [
        { at: daemon, in: ['registered', 'usurped'] },
        ...busy,
        ...contexts.flatMap((context): Condition[] =>
          isFree(context)
            ? [
                { at: at('context', context), in: ['free'] },
                { at: at('task', context), in: ['sleeping'] },
              ]
            : [{ at: at('context', context), in: ['pending', 'done'] }],
        ),
      ],
      moves: [],
      requirements: [],
    };
  });
}
