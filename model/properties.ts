import type { DefectId, Check } from './defects.js';
import { nameOfQueue } from './queue.machine.js';
import type { ProfileName, RequirementId } from './requirements.js';
import type { Action, Condition, Mark } from './vector.js';
import { at, range } from './vector.js';
import type { Rules } from './vectors/rules.js';

/**
 * The properties that the model is checked for.
 *
 * *always* and *never* speak of every reachable state and step, *sometimes* of one that must be
 * reachable, *eventually* of every run that is fair to time and to the sleepers. No *always* is true
 * for want of an occasion: each names the steps that give it one, and is inconclusive where none of
 * them is ever taken; and each names what breaks it, which a test does. What a state or a step shows is
 * the truth of it (marks), not what the implementation checked.
 *
 * Some invariants hold by the shape of the model and have no property: a context is on one of two
 * lists, since its state is the list; a reply makes a context done by one transition only; a
 * message is read once, since reading takes it from the queue. That numbers of simultaneous requests
 * differ is below the abstraction, which only tells a request's own number from an older one.
 */
export type Property = {
  readonly name: string;
  readonly text: string;
  readonly requirements: readonly RequirementId[];
  /** The profiles that claim it; all unless said otherwise. */
  readonly profiles?: readonly ProfileName[];
  /** Whether the rules of a system allow to speak of it at all; always unless said otherwise. */
  readonly applies?: (rules: Rules) => boolean;
} & (Always | Eventually | Sometimes);

/** Something that must be true of every state or step. */
export interface Always {
  readonly kind: 'always';
  /**
   * Steps, or rules of steps, one of which must occur, lest the property be true for want of an
   * occasion.
   */
  readonly occasion: readonly string[];
  /** What breaks it. */
  readonly brokenBy: readonly (DefectId | Check)[];
  /** Why a violation shows in small bounds, or that it may not. */
  readonly bounds: string;
  readonly never:
    | { readonly marks: readonly Mark[] }
    | { readonly states: (rules: Rules) => readonly (readonly Condition[])[] }
    /** No call of these kinds is without an answer, unless the kernel is down. */
    | { readonly unanswered: readonly Action['do'][] }
    /** Nothing at all is possible, be it that the kernel is down. */
    | 'deadlock';
}

/** Something that every fair run leaves again. */
export interface Eventually {
  readonly kind: 'eventually';
  readonly leaves: (rules: Rules) => readonly Response[];
}

/** Whoever is in the region leaves it, if the environment is weakly fair to the actions. */
export interface Response {
  readonly region: Condition;
  readonly fair: readonly Action[];
  /** A step that gives the place to somebody else. */
  readonly handsOver?: (action: Action, choice: number | undefined) => boolean;
}

/** Something that must be possible. */
export interface Sometimes {
  readonly kind: 'sometimes';
  readonly reached:
    | { readonly steps: readonly string[] }
    | { readonly states: (rules: Rules) => readonly (readonly Condition[])[] };
}

const replying = ['reply/accepted'];
const one = 'A violation needs one request and its replies: one context shows it.';

/** Every property. */
export const properties: readonly Property[] = [
  {
    kind: 'always',
    name: 'pool-is-whole',
    text: 'When no process waits, every context is free: none is lost.',
    requirements: ['CTX-5', 'CTX-6', 'CTX-7', 'CTX-9'],
    occasion: ['look/answered', 'look/timed-out', 'request/dead-daemon', 'request/send-failed'],
    brokenBy: ['D-1'],
    bounds: 'A context is lost or not whatever others do: one context shows it.',
    never: {
      states: ({ bounds, orphans, defects }) =>
        range(bounds.contexts).map((context) => [
          ...range(bounds.contexts).map((nth) => ({ at: at('task', nth), in: ['running'] })),
          ...range(defects.has('D-3') ? orphans : 0).map((nth) => ({
            at: at('orphan', nth),
            in: ['running'],
          })),
          { at: at('context', context), in: ['pending', 'done'] },
        ]),
    },
  },
  {
    kind: 'always',
    name: 'one-waiter',
    text: 'At most one process waits on a context.',
    requirements: ['CTX-3', 'SLP-2'],
    occasion: ['request/sent'],
    brokenBy: ['D-3'],
    bounds: 'Two requests of one context show it, and one task more than contexts.',
    never: {
      states: ({ bounds, orphans, defects }) =>
        range(defects.has('D-3') ? orphans : 0).flatMap((orphan) =>
          range(bounds.contexts).map((nth) => [
            { at: at('orphan', orphan), in: ['sleeping'] },
            { at: at('orphanage', orphan), in: [`is${nth}`] },
            { at: at('task', nth), in: ['sleeping'] },
          ]),
        ),
    },
  },
  {
    kind: 'always',
    name: 'answers-match',
    text: 'A call returns the reply to its own request: an older number is never accepted, and no call returns the answer to another request.',
    requirements: ['REP-7', 'SLP-1'],
    occasion: replying,
    brokenBy: ['D-3', 'sequenceMatches'],
    bounds: one,
    never: { marks: ['accepts an older number', 'takes the answer to another request'] },
  },
  {
    kind: 'always',
    name: 'accepted-once',
    text: 'A reply is accepted only for a request that waits for one, and so at most once.',
    requirements: ['REP-2', 'REP-6'],
    occasion: replying,
    brokenBy: ['contextPending'],
    bounds: one,
    never: { marks: ['accepts a reply that nobody waits for'] },
  },
  {
    kind: 'always',
    name: 'only-the-user-completes',
    text: 'No process of another user ever completes a request; over netlink 2.6.21 as long as no pid is used again.',
    requirements: ['REP-4'],
    profiles: ['seed', 'netlink-2.6.21', 'device-2.6.26'],
    applies: ({ profile, environment, defects }) =>
      profile.name !== 'netlink-2.6.21' || !environment.pidReuse || defects.has('D-2'),
    occasion: ['reply/other-user', 'reply/other-process', ...replying],
    brokenBy: ['D-2'],
    bounds: 'Two users show it, or one user and a stranger with the pid of his dead daemon.',
    never: { marks: ['accepts a reply of another user'] },
  },
  {
    kind: 'always',
    name: 'only-the-daemon-completes',
    text: 'Only the process that is registered when the reply comes completes a request.',
    requirements: ['REP-3', 'REP-5', 'REP-10'],
    profiles: ['seed', 'netlink-2.6.21', 'device-2.6.26'],
    occasion: replying,
    brokenBy: ['senderIsDaemon'],
    bounds: 'Two processes of one user show it.',
    never: { marks: ['accepts a reply of another process'] },
  },
  {
    kind: 'always',
    name: 'only-a-handle-completes',
    text: 'Only a process that has the device open completes a request.',
    requirements: ['REP-12'],
    profiles: ['device-2.6.26', 'device-6'],
    occasion: replying,
    brokenBy: ['handleIsOpen'],
    bounds: 'A process without the device open shows it.',
    never: { marks: ['accepts a reply without a handle'] },
  },
  {
    kind: 'always',
    name: 'only-the-user-sees',
    text: "No process of another user ever sees a request's payload, as long as no pid is used again.",
    requirements: ['REQ-1'],
    applies: ({ environment }) => !environment.pidReuse,
    occasion: ['request/sent'],
    brokenBy: ['requestUser'],
    bounds: 'Two users show it.',
    never: { marks: ['delivers to another user'] },
  },
  {
    kind: 'always',
    name: 'one-daemon',
    text: 'A user has at most one registered daemon.',
    requirements: ['REG-2'],
    occasion: ['helo/replaces', 'helo/duplicates', 'helo/second-refused'],
    brokenBy: ['D-11'],
    bounds: 'Two processes of one user show it.',
    never: {
      states: ({ bounds, defects }) =>
        range(defects.has('D-11') ? bounds.users : 0).map((user) => [
          { at: at('shadow', user), notIn: ['none'] },
        ]),
    },
  },
  {
    kind: 'always',
    name: 'only-itself-quits',
    text: 'Only the registered process itself ends its registration.',
    requirements: ['REG-7'],
    occasion: ['quit/registered'],
    brokenBy: ['quitSender'],
    bounds: 'Two processes of one user show it.',
    never: { marks: ['unregisters for another process'] },
  },
  {
    kind: 'always',
    name: 'ended-is-withdrawn',
    text: 'No process reads a message whose request has ended.',
    requirements: ['QUE-3'],
    profiles: ['device-2.6.26', 'device-6'],
    applies: ({ bounds }) => bounds.queue > 0,
    occasion: ['QUE-3'],
    brokenBy: ['D-7'],
    bounds: 'One request in one queue shows it.',
    never: {
      states: ({ bounds, queueStates }) => [
        ...range(bounds.users * bounds.processes).map((queue) => [
          {
            at: at('queue', queue),
            in: queueStates.filter((one) => one.includes('x')).map(nameOfQueue),
          },
        ]),
        ...range(bounds.contexts).flatMap((context) =>
          range(bounds.users * bounds.processes).map((queue) => [
            { at: at('context', context), in: ['free'] },
            {
              at: at('queue', queue),
              in: queueStates.filter((one) => one.includes(context)).map(nameOfQueue),
            },
          ]),
        ),
      ],
    },
  },
  {
    kind: 'always',
    name: 'every-send-returns',
    text: 'Every HELO, QUIT and request returns, with success or refused.',
    requirements: ['REQ-9'],
    occasion: ['request/sent'],
    brokenBy: ['D-14'],
    bounds: 'One lock and one user show it.',
    never: { unanswered: ['helo', 'quit', 'request'] },
  },
  {
    kind: 'always',
    name: 'refusals-are-reported',
    text: 'The sender of a reply that is refused is told so.',
    requirements: ['REP-15'],
    profiles: ['seed', 'device-2.6.26', 'device-6'],
    occasion: ['reply/bad-index', 'reply/not-in-use', 'reply/not-pending', 'reply/wrong-sequence'],
    brokenBy: ['D-15'],
    bounds: 'One refused reply shows it.',
    never: { marks: ['hides a refusal'] },
  },
  {
    kind: 'always',
    name: 'never-crashes',
    text: 'Some step is always possible: no message crashes the kernel side, and nothing gets stuck.',
    requirements: ['SYS-1'],
    occasion: ['reply/bad-index', 'reply/crash'],
    brokenBy: ['D-5', 'indexInRange'],
    bounds:
      'One reply shows a crash; that processes get stuck in each other could need more of them.',
    never: 'deadlock',
  },
  {
    kind: 'eventually',
    name: 'every-sleeper-resumes',
    text: 'Every sleeping process returns, if time passes and it looks.',
    requirements: ['SLP-2', 'SLP-3', 'SLP-4'],
    leaves: ({ defects, orphans }) => [
      {
        region: { at: at('task', 0), in: ['sleeping'] },
        fair: [
          { do: 'expire', context: 0 },
          { do: 'look', context: 0 },
        ],
        handsOver: (action, choice) => action.do === 'request' && choice === 0,
      },
      ...range(defects.has('D-3') ? Math.min(orphans, 1) : 0).map((): Response => ({
        region: { at: at('orphan', 0), in: ['sleeping'] },
        fair: [
          { do: 'orphan-expires', orphan: 0 },
          { do: 'orphan-looks', orphan: 0 },
        ],
      })),
    ],
  },
  {
    kind: 'sometimes',
    name: 'pool-is-exhausted',
    text: 'All contexts are in use, and a request is refused for this reason.',
    requirements: ['CTX-1', 'CTX-4'],
    reached: { steps: ['request/no-context'] },
  },
  {
    kind: 'sometimes',
    name: 'a-reply-wins-over-the-time',
    text: 'A process whose time is over looks and finds the reply.',
    requirements: ['SLP-5'],
    reached: { steps: ['look/answered-late'] },
  },
  {
    kind: 'sometimes',
    name: 'a-sleeper-times-out',
    text: 'A process is not answered in time.',
    requirements: ['SLP-3', 'CTX-6'],
    reached: { steps: ['look/timed-out'] },
  },
  {
    kind: 'sometimes',
    name: 'a-sleeper-is-answered',
    text: 'A process is answered in time.',
    requirements: ['SLP-1', 'CTX-5', 'REP-9'],
    reached: { steps: ['look/answered'] },
  },
  {
    kind: 'sometimes',
    name: 'a-daemon-dies-silently',
    text: 'A registered process is dead and its user does not know.',
    requirements: ['REG-9'],
    profiles: ['seed', 'netlink-2.6.21'],
    reached: {
      states: ({ bounds }) =>
        range(bounds.users).map((user) => [{ at: at('daemon', user), in: ['stale'] }]),
    },
  },
  {
    kind: 'sometimes',
    name: 'a-dead-daemon-is-reclaimed',
    text: 'A user registers again after his daemon died.',
    requirements: ['REG-5'],
    profiles: ['seed', 'netlink-2.6.21'],
    reached: { steps: ['helo/reclaims'] },
  },
  {
    kind: 'sometimes',
    name: 'a-request-outlives-its-daemon',
    text: 'A request waits while its user has no registered daemon.',
    requirements: ['REG-11'],
    reached: {
      states: ({ bounds }) =>
        range(bounds.users).flatMap((user) =>
          range(bounds.contexts).map((nth) => [
            { at: at('daemon', user), in: ['unregistered'] },
            { at: at('owner', nth), in: [`is${user}`] },
            { at: at('context', nth), in: ['pending'] },
          ]),
        ),
    },
  },
  {
    kind: 'sometimes',
    name: 'a-message-waits-unread',
    text: 'A message waits in a queue while its request sleeps.',
    requirements: ['QUE-1'],
    applies: ({ bounds }) => bounds.queue > 0,
    reached: { steps: ['read/request'] },
  },
];

/** Whether a property is claimed for what the rules describe. */
export function isClaimed(property: Property, rules: Rules): boolean {
  const { profiles, applies } = property;
  if (profiles !== undefined && !profiles.includes(rules.profile.name)) return false;
  return applies === undefined || applies(rules);
}
