/**
 * What the protocol leaves to an implementation: which free context a request gets, which number,
 * which errno a refusal carries, and whether what MAY be done is done.
 *
 * The default habits are those of the Linux module as far as the suites can see them; a legitimate
 * variant has others.
 */

/** Why something is refused. */
export type Refusal =
  | 'request/no-daemon'
  | 'request/no-context'
  | 'request/dead-daemon'
  | 'request/send-failed'
  | 'helo/not-now'
  | 'quit/nobody'
  | 'quit/another'
  | 'reply/no-handle'
  | 'reply/index'
  | 'reply/idle'
  | 'reply/no-daemon'
  | 'reply/user'
  | 'reply/process'
  | 'reply/answered'
  | 'reply/number';

/** How requests are numbered: each number is the one before times `times` plus `plus`, in 32 bits. */
export interface Numbering {
  readonly from: number;
  readonly times: number;
  readonly plus: number;
  /** What has a counter of its own, and what makes it go on. */
  readonly counts: 'requests' | 'requests of a context' | 'releases';
  /** Whether a reset leaves the counter where it is. */
  readonly goesOn: boolean;
}

/** The habits of an implementation. */
export interface Habits {
  readonly order: 'lowest' | 'highest' | 'longest free' | 'freed last' | 'random';
  readonly numbering: Numbering;
  readonly errnos: Readonly<Record<Refusal | 'time-out', string>>;
  /** A daemon that registers again is told to quit, as Linux 2.6.21 did. */
  readonly quitsOnRenewal: boolean;
  /** A dead daemon is forgotten at once, and its user has none. */
  readonly forgetsTheDead: boolean;
  /** Of several requests whose time is up the newest returns first. */
  readonly expiresBackwards: boolean;
  /** Whether a stranger is compared with the last user of a context that is free. */
  readonly remembersLastUser: boolean;
  /** What is asked about the sender of a reply; see reply.ts. */
  readonly sender: 'user and process' | 'process' | 'handle';
  /** HELO is the opening of a device: a user can have it open once, and nobody is told to quit. */
  readonly opensOnce: boolean;
  /** The messages that wait for a process go when it unregisters. */
  readonly quitDropsQueue: boolean;
  /** What becomes of a message that nobody has read when its request ends. */
  readonly unread: 'delivered' | 'withdrawn';
  /** What a signal does to a sleeper. */
  readonly signals: 'ignored' | 'end';
  /** Whoever has the pid of a dead daemon is told to quit when a new one registers. */
  readonly tellsStranger: boolean;
  /** A request to a dead daemon counts as a message that `failSend` can choose. */
  readonly countsDeadSends: boolean;
  /** The number of a request that could not be sent is given to the next one. */
  readonly reusesUnsentNumbers: boolean;
  /** An answered process looks only when its time is up: the reply came before it slept. */
  readonly returnsAtTimeout: boolean;
}

/** The habits of a kernel that nobody asked to be different. */
export const usualHabits: Habits = {
  order: 'lowest',
  numbering: { from: 1, times: 1, plus: 1, counts: 'requests', goesOn: false },
  errnos: {
    'request/no-daemon': 'ENOTCONN',
    'request/no-context': 'ENOMEM',
    'request/dead-daemon': 'ECONNREFUSED',
    'request/send-failed': 'ENOMEM',
    'helo/not-now': 'EINVAL',
    'quit/nobody': 'EINVAL',
    'quit/another': 'EINVAL',
    'reply/no-handle': 'EBADF',
    'reply/index': 'EINVAL',
    'reply/idle': 'EINVAL',
    'reply/no-daemon': 'EBADMSG',
    'reply/user': 'EBADMSG',
    'reply/process': 'EBADMSG',
    'reply/answered': 'EINVAL',
    'reply/number': 'EINVAL',
    'time-out': 'ENOMSG',
  },
  quitsOnRenewal: false,
  forgetsTheDead: false,
  expiresBackwards: false,
  remembersLastUser: false,
  sender: 'user and process',
  opensOnce: false,
  quitDropsQueue: false,
  unread: 'delivered',
  signals: 'end',
  tellsStranger: false,
  countsDeadSends: true,
  reusesUnsentNumbers: false,
  returnsAtTimeout: false,
};
