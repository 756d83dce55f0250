import type { Profile, Refusal, ReplyFact } from './profiles.js';
import type { CascadePath } from './reply.machine.js';
import type { RequirementId } from './requirements.js';

/**
 * What the components have to do with each other, as data: synchronisation vectors.
 *
 * A vector says for one action in which states of which components it can happen (`when`), which
 * events the components must accept together (`moves`), and what the caller is told. Where several
 * vectors of an action are possible in one state, an implementation may choose any of them: that is
 * how "any free context" is said. No other file states a rule across components.
 */

/** How large a system is. */
export interface Bounds {
  readonly contexts: number;
  readonly users: number;
  /** Daemon processes that one user can have. */
  readonly processes: number;
}

/** The kinds of component; `owner` belongs to a context, `registrant` to a daemon. */
export type Kind = 'context' | 'owner' | 'task' | 'daemon' | 'registrant';

/** One component of a joined system; `nth` counts contexts (the first three) or users. */
export interface Ref {
  readonly kind: Kind;
  readonly nth: number;
}

/** One thing that can happen in a joined system. Users, processes and contexts count from 0. */
export type Action =
  | { readonly do: 'helo' | 'quit' | 'exit'; readonly user: number; readonly process: number }
  | { readonly do: 'request'; readonly user: number }
  | {
      readonly do: 'reply';
      readonly user: number;
      readonly process: number;
      readonly context: number | 'outside';
      readonly sequence: 'current' | 'older';
    }
  | { readonly do: 'expire' | 'look'; readonly context: number };

/** What a component's state must be, or must not be. A parent's name stands for its children. */
export type Condition =
  | { readonly at: Ref; readonly in: readonly string[] }
  | { readonly at: Ref; readonly notIn: readonly string[] };

/** A joint transition. */
export interface Vector {
  /** The action and its case, such as `request/sent`. */
  readonly name: string;
  readonly when: readonly Condition[];
  readonly moves: readonly { readonly at: Ref; readonly events: readonly string[] }[];
  /** The context that the implementation chose, where it has a choice. */
  readonly choice?: number;
  /** Present when the caller is refused. */
  readonly refusal?: Refusal;
  /** The checks that a reply went through. */
  readonly checks?: CascadePath;
  readonly requirements: readonly RequirementId[];
}

const at = (kind: Kind, nth: number): Ref => ({ kind, nth });
const range = (count: number) => Array.from({ length: count }, (_, nth) => nth);
const others = (count: number, except: number) => range(count).filter((nth) => nth !== except);

/** Every vector of an action; what can happen in a state is what its components allow. */
export function vectorsOf(
  action: Action,
  bounds: Bounds,
  profile: Profile,
  paths: readonly CascadePath[],
): readonly Vector[] {
  switch (action.do) {
    case 'helo':
      return helo(action.user, action.process, bounds);
    case 'quit':
      return quit(action.user, action.process);
    case 'exit':
      return exit(action.user, action.process);
    case 'request':
      return request(action.user, bounds);
    case 'reply':
      return paths.flatMap((path) => replyPath(action, path, bounds, profile));
    case 'expire':
      return expire(action.context);
    case 'look':
      return look(action.context);
  }
}

function helo(user: number, process: number, bounds: Bounds): Vector[] {
  const daemon = at('daemon', user);
  const registrant = at('registrant', user);
  const register = { at: registrant, events: [`SET_${process}`] };
  return [
    {
      name: 'helo/first',
      when: [],
      moves: [{ at: daemon, events: ['REGISTER'] }, register],
      requirements: ['REG-1', 'REG-11', 'REG-12'],
    },
    {
      name: 'helo/again',
      when: [{ at: registrant, in: [`is${process}`] }],
      moves: [{ at: daemon, events: ['RENEW'] }],
      requirements: ['REG-4', 'REG-11', 'REG-12'],
    },
    ...others(bounds.processes, process).map((other): Vector => ({
      name: 'helo/replaces',
      when: [{ at: registrant, in: [`is${other}`] }],
      moves: [{ at: daemon, events: ['REPLACE'] }, register],
      requirements: ['REG-2', 'REG-3', 'REG-11', 'REG-12'],
    })),
    {
      name: 'helo/reclaims',
      when: [],
      moves: [{ at: daemon, events: ['RECLAIM'] }, register],
      requirements: ['REG-5', 'REG-11', 'REG-12'],
    },
  ];
}

function quit(user: number, process: number): Vector[] {
  const daemon = at('daemon', user);
  const registrant = at('registrant', user);
  return [
    {
      name: 'quit/registered',
      when: [{ at: registrant, in: [`is${process}`] }],
      moves: [
        { at: daemon, events: ['UNREGISTER'] },
        { at: registrant, events: ['CLEAR'] },
      ],
      requirements: ['REG-6', 'REG-11', 'REG-12'],
    },
    {
      name: 'quit/not-registered',
      when: [{ at: daemon, in: ['unregistered'] }],
      moves: [],
      refusal: 'quit/not-registered',
      requirements: ['REG-8', 'CTX-9', 'REG-12'],
    },
    {
      name: 'quit/other-process',
      when: [
        { at: daemon, in: ['registered', 'stale'] },
        { at: registrant, notIn: [`is${process}`] },
      ],
      moves: [],
      refusal: 'quit/other-process',
      requirements: ['REG-7', 'CTX-9', 'REG-12'],
    },
  ];
}

function exit(user: number, process: number): Vector[] {
  const registrant = at('registrant', user);
  return [
    {
      name: 'exit/registered',
      when: [{ at: registrant, in: [`is${process}`] }],
      moves: [
        { at: at('daemon', user), events: ['DIE'] },
        { at: registrant, events: ['CLEAR'] },
      ],
      requirements: ['REG-9', 'REG-11', 'REG-12'],
    },
    {
      name: 'exit/other-process',
      when: [{ at: registrant, notIn: [`is${process}`] }],
      moves: [],
      requirements: ['REG-10', 'REG-11', 'REG-12'],
    },
  ];
}

function request(user: number, bounds: Bounds): Vector[] {
  const daemon = at('daemon', user);
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
        { at: daemon, in: ['registered', 'stale'] },
        ...range(bounds.contexts).map((nth) => ({
          at: at('context', nth),
          in: ['pending', 'done'],
        })),
      ],
      moves: [],
      refusal: 'request/no-context',
      requirements: ['CTX-4', 'CTX-9', 'CTX-1'],
    },
    ...range(bounds.contexts).flatMap((nth): Vector[] => [
      {
        name: 'request/dead-daemon',
        choice: nth,
        when: [],
        moves: [
          { at: daemon, events: ['SEND_FAILS'] },
          { at: at('context', nth), events: ['ACQUIRE', 'SEND_FAILED'] },
        ],
        refusal: 'request/dead-daemon',
        requirements: ['REQ-6', 'CTX-7', 'CTX-9'],
      },
      {
        name: 'request/sent',
        choice: nth,
        when: [],
        moves: [
          { at: daemon, events: ['SEND'] },
          { at: at('context', nth), events: ['ACQUIRE'] },
          { at: at('owner', nth), events: [`SET_${user}`] },
          { at: at('task', nth), events: ['ASK'] },
        ],
        requirements: [
          'REQ-7',
          'REQ-1',
          'REQ-2',
          'REQ-3',
          'REQ-4',
          'CTX-1',
          'CTX-2',
          'CTX-3',
          'CTX-8',
        ], // prettier-ignore
      },
    ]),
  ];
}

/** One way through the cascade becomes a vector for each owner that the context may have. */
function replyPath(
  action: Action & { do: 'reply' },
  path: CascadePath,
  bounds: Bounds,
  profile: Profile,
): Vector[] {
  const { context } = action;
  const asksOwner = path.asked.some(({ fact }) => fact !== 'indexInRange');
  if (context === 'outside' || !asksOwner) {
    const holds = context !== 'outside';
    const first = path.asked[0];
    return path.asked.length === 1 && first?.holds === holds
      ? [replyVector(path, profile, [], [])]
      : [];
  }
  if (path.outcome === 'not-in-use') {
    const free = { at: at('context', context), in: ['free'] };
    return [replyVector(path, profile, [free], [])];
  }
  return range(bounds.users).flatMap((owner) => {
    const when: Condition[] = [{ at: at('owner', context), in: [`is${owner}`] }];
    for (const { fact, holds } of path.asked) {
      const truth = truthOf(fact, action, context, owner);
      if (typeof truth !== 'boolean') {
        when.push(holds ? truth : { at: truth.at, notIn: truth.in });
      } else if (truth !== holds) {
        return [];
      }
    }
    const accept = { at: at('context', context), events: ['ACCEPT'] };
    return [replyVector(path, profile, when, path.outcome === 'accepted' ? [accept] : [])];
  });
}

/** Where a fact about a reply holds: always, never, or in these states of a component. */
function truthOf(
  fact: ReplyFact,
  action: Action & { do: 'reply' },
  context: number,
  owner: number,
): boolean | { readonly at: Ref; readonly in: readonly string[] } {
  switch (fact) {
    case 'indexInRange':
      return true;
    case 'contextInUse':
      return { at: at('context', context), in: ['pending', 'done'] };
    case 'daemonRegistered':
      return { at: at('daemon', owner), in: ['registered', 'stale'] };
    case 'senderIsUser':
      return action.user === owner;
    case 'senderIsDaemon':
      return { at: at('registrant', owner), in: [`is${action.process}`] };
    case 'contextPending':
      return { at: at('context', context), in: ['pending'] };
    case 'sequenceMatches':
      return action.sequence === 'current';
  }
}

function replyVector(
  path: CascadePath,
  profile: Profile,
  when: Vector['when'],
  moves: Vector['moves'],
): Vector {
  if (path.outcome === 'accepted') {
    return { name: 'reply/accepted', when, moves, checks: path, requirements: ['REP-9'] };
  }
  const failed = profile.checks.find((check) => check.otherwise === path.outcome);
  return {
    name: `reply/${path.outcome}`,
    when,
    moves,
    refusal: `reply/${path.outcome}`,
    checks: path,
    requirements: [...(failed === undefined ? [] : [failed.requirement]), 'REP-8', 'CTX-9'],
  };
}

function expire(context: number): Vector[] {
  return [
    {
      name: 'expire',
      when: [],
      moves: [{ at: at('task', context), events: ['EXPIRE'] }],
      requirements: ['SLP-4', 'SLP-6'],
    },
  ];
}

function look(context: number): Vector[] {
  const task = at('task', context);
  const free = { at: at('owner', context), events: ['CLEAR'] };
  const takeReply = [
    { at: at('context', context), events: ['RELEASE'] },
    free,
    { at: task, events: ['LOOK_REPLY'] },
  ];
  return [
    {
      name: 'look/answered',
      when: [{ at: task, in: ['sleeping.waiting'] }],
      moves: takeReply,
      requirements: ['SLP-1', 'SLP-2', 'SLP-6', 'CTX-5'],
    },
    {
      name: 'look/answered-late',
      when: [{ at: task, in: ['sleeping.expired'] }],
      moves: takeReply,
      requirements: ['SLP-5', 'SLP-1', 'SLP-2', 'SLP-6', 'CTX-5'],
    },
    {
      name: 'look/timed-out',
      when: [],
      moves: [
        { at: at('context', context), events: ['EXPIRE'] },
        free,
        { at: task, events: ['LOOK_EXPIRED'] },
      ],
      requirements: ['SLP-2', 'SLP-3', 'SLP-6', 'CTX-6'],
    },
    {
      name: 'look/nothing',
      when: [{ at: at('context', context), in: ['pending'] }],
      moves: [{ at: task, events: ['LOOK_NOTHING'] }],
      requirements: ['SLP-7'],
    },
  ];
}
