import type { ProfileName, RequirementId } from './requirements.js';

/**
 * Profiles: what differs between the versions of the protocol, as data.
 *
 * `seed` is the design as its author explained it in 2006, with the check of the user that isolation
 * needs. The others are what a kernel did: 2.6.21, the first release with the messaging code, over
 * netlink; 2.6.26, the first over the device /dev/ecryptfs; 6 stands for 3.6 and later, where the open
 * handle is the registration and nobody asks who sends a reply. In all four the defects that are known
 * are mended: a defect is a switch (defects.ts). What a version simply does not check is no defect.
 *
 * Source: fs/ecryptfs/messaging.c, netlink.c and miscdev.c of the versions named.
 */

/** A question about a reply that decides whether it is accepted. */
export type ReplyFact =
  | 'handleIsOpen'
  | 'indexInRange'
  | 'contextInUse'
  | 'contextEverUsed'
  | 'ownerAlive'
  | 'daemonRegistered'
  | 'senderIsUser'
  | 'senderInNamespace'
  | 'senderIsDaemon'
  | 'contextPending'
  | 'sequenceMatches';

/** Why something was refused; the word before the slash is the command. */
export type Refusal =
  | 'helo/again'
  | 'helo/other-registered'
  | 'request/no-daemon'
  | 'request/no-context'
  | 'request/dead-daemon'
  | 'request/send-failed'
  | 'quit/not-registered'
  | 'quit/other-process'
  | `reply/${ReplyRefusal}`;

/** Why a reply was refused. */
export type ReplyRefusal =
  | 'no-handle'
  | 'bad-index'
  | 'not-in-use'
  | 'owner-dead'
  | 'no-daemon'
  | 'other-user'
  | 'other-namespace'
  | 'other-process'
  | 'not-pending'
  | 'wrong-sequence';

/** One step of the cascade: what is asked, and what follows when the answer is no. */
export interface ReplyCheck {
  readonly fact: ReplyFact;
  readonly otherwise: ReplyRefusal;
  readonly requirement: RequirementId;
  /** The question in words. */
  readonly text: string;
}

/** A version of the protocol. */
export interface Profile {
  readonly name: ProfileName;
  readonly description: string;
  /** The cascade of checks on a reply, first failing check wins. */
  readonly checks: readonly ReplyCheck[];
  /** HELO (device: open) by the process that is registered already. */
  readonly heloAgain: 'stays, may be told to quit' | 'stays, is told to quit' | 'refused';
  /** HELO (device: open) while another living process of the user is registered. */
  readonly heloOfAnother: 'replaces' | 'refused';
  /** What remains of a registration when its process dies. */
  readonly death: 'leaves it stale' | 'ends it';
  /** What becomes of a message that nobody has read when its request ends. */
  readonly unread: readonly ('withdrawn' | 'delivered')[];
  /** What becomes of the messages that wait for a process when it quits (device: closes). */
  readonly queueAtQuit: 'stays' | 'is dropped';
  /** What a signal to a sleeping process does. */
  readonly signal: 'may end the sleep' | 'is ignored';
  /**
   * When the call returns whose reply was accepted. The kernels sleep first and look afterwards: a
   * reply that comes before the sleep wakes nobody, and is found when the time is up.
   */
  readonly accepted: 'returns at once' | 'may return as late as the time-out';
  /** Whether a context that is free again keeps the trace of the user it served. */
  readonly owner: 'is forgotten' | 'is kept';
  /** Whether user namespaces exist. */
  readonly namespaces: boolean;
  /** The errnos for each refusal that can occur; several where versions dispute the order. */
  readonly errnos: Readonly<Partial<Record<Refusal, readonly string[]>>>;
  /** The errnos of a call that timed out. */
  readonly timeoutErrnos: readonly string[];
}

const check: Readonly<Record<ReplyFact, ReplyCheck>> = {
  handleIsOpen: {
    fact: 'handleIsOpen',
    otherwise: 'no-handle',
    requirement: 'REP-12',
    text: 'Has the sender the device open?',
  },
  indexInRange: {
    fact: 'indexInRange',
    otherwise: 'bad-index',
    requirement: 'REP-1',
    text: 'Is the index inside the array?',
  },
  contextInUse: {
    fact: 'contextInUse',
    otherwise: 'not-in-use',
    requirement: 'REP-2',
    text: 'Does the context serve a request?',
  },
  contextEverUsed: {
    fact: 'contextEverUsed',
    otherwise: 'not-in-use',
    requirement: 'REP-2',
    text: 'Has the context ever served a request?',
  },
  ownerAlive: {
    fact: 'ownerAlive',
    otherwise: 'owner-dead',
    requirement: 'REP-13',
    text: 'Is the process that the context served last alive?',
  },
  daemonRegistered: {
    fact: 'daemonRegistered',
    otherwise: 'no-daemon',
    requirement: 'REP-3',
    text: "Has the requester's user a registered daemon?",
  },
  senderIsUser: {
    fact: 'senderIsUser',
    otherwise: 'other-user',
    requirement: 'REP-4',
    text: "Is the sender of the requester's user?",
  },
  senderInNamespace: {
    fact: 'senderInNamespace',
    otherwise: 'other-namespace',
    requirement: 'REP-14',
    text: "Is the sender in the requester's user namespace?",
  },
  senderIsDaemon: {
    fact: 'senderIsDaemon',
    otherwise: 'other-process',
    requirement: 'REP-5',
    text: 'Is the sender the registered process?',
  },
  contextPending: {
    fact: 'contextPending',
    otherwise: 'not-pending',
    requirement: 'REP-6',
    text: 'Is the context still without a reply?',
  },
  sequenceMatches: {
    fact: 'sequenceMatches',
    otherwise: 'wrong-sequence',
    requirement: 'REP-7',
    text: "Is the sequence number the pending request's?",
  },
};

/** The design as the mail of 2006 states it. */
export const seed: Profile = {
  name: 'seed',
  description: 'the design as its author explained it in 2006, with its known defects mended',
  checks: [
    check.indexInRange,
    check.contextInUse,
    check.daemonRegistered,
    check.senderIsUser,
    check.senderIsDaemon,
    check.contextPending,
    check.sequenceMatches,
  ],
  heloAgain: 'stays, may be told to quit',
  heloOfAnother: 'replaces',
  death: 'leaves it stale',
  unread: ['withdrawn', 'delivered'],
  queueAtQuit: 'stays',
  signal: 'may end the sleep',
  accepted: 'returns at once',
  owner: 'is forgotten',
  namespaces: false,
  errnos: {
    'request/no-daemon': ['ENOTCONN'],
    'request/no-context': ['ENOMEM'],
    'request/dead-daemon': ['ECONNREFUSED'],
    'request/send-failed': ['ENOMEM'],
    'quit/not-registered': ['EINVAL'],
    'quit/other-process': ['EINVAL'],
    'reply/bad-index': ['EINVAL'],
    // A context that is free keeps the trace of its last user; versions dispute whether the sender
    // is compared with it before the state is.
    'reply/not-in-use': ['EINVAL', 'EBADMSG'],
    'reply/no-daemon': ['EBADMSG'],
    'reply/other-user': ['EBADMSG'],
    'reply/other-process': ['EBADMSG'],
    'reply/not-pending': ['EINVAL'],
    'reply/wrong-sequence': ['EINVAL'],
  },
  timeoutErrnos: ['ENOMSG', 'EIO'],
};

/** Linux 2.6.21: netlink; who answers is told by the process alone. */
const netlink2621: Profile = {
  ...seed,
  name: 'netlink-2.6.21',
  description: 'Linux 2.6.21 over netlink: the sender of a reply is told by its pid alone',
  checks: [
    check.indexInRange,
    check.contextEverUsed,
    check.daemonRegistered,
    check.senderIsDaemon,
    check.contextPending,
    check.sequenceMatches,
  ],
  heloAgain: 'stays, is told to quit',
  unread: ['delivered'],
  signal: 'is ignored',
  accepted: 'may return as late as the time-out',
  owner: 'is kept',
  errnos: {
    'request/no-daemon': ['ENOTCONN'],
    'request/no-context': ['ENOMEM'],
    'request/dead-daemon': ['ECONNREFUSED'],
    'request/send-failed': ['ENOMEM'],
    'quit/not-registered': ['EINVAL'],
    'quit/other-process': ['EINVAL'],
    'reply/bad-index': ['EINVAL'],
    'reply/not-in-use': ['EINVAL'],
    'reply/no-daemon': ['EBADMSG'],
    'reply/other-process': ['EBADMSG'],
    'reply/not-pending': ['EINVAL'],
    'reply/wrong-sequence': ['EINVAL'],
  },
};

/** Linux 3.6 and later: the device; whoever has it open may answer anything. */
const device6: Profile = {
  ...netlink2621,
  name: 'device-6',
  description: 'Linux 3.6 to 7.1 over /dev/ecryptfs: whoever has it open may answer any request',
  checks: [check.handleIsOpen, check.indexInRange, check.contextPending, check.sequenceMatches],
  heloAgain: 'refused',
  heloOfAnother: 'refused',
  death: 'ends it',
  unread: ['withdrawn'],
  queueAtQuit: 'is dropped',
  owner: 'is forgotten',
  errnos: {
    'helo/again': ['EINVAL'],
    'helo/other-registered': ['EINVAL'],
    'request/no-daemon': ['ENOTCONN'],
    'request/no-context': ['ENOMEM'],
    'request/send-failed': ['ENOMEM'],
    // Who has no handle has nothing to close.
    'quit/not-registered': ['EINVAL', 'EBADF'],
    'quit/other-process': ['EINVAL', 'EBADF'],
    'reply/no-handle': ['EBADF'],
    'reply/bad-index': ['EINVAL'],
    'reply/not-pending': ['EINVAL'],
    'reply/wrong-sequence': ['EINVAL'],
  },
};

/** Linux 2.6.26: the first over the device; the sender is compared in every respect. */
const device2626: Profile = {
  ...device6,
  name: 'device-2.6.26',
  description: 'Linux 2.6.26 over /dev/ecryptfs: user, namespace and process of the sender count',
  checks: [
    check.handleIsOpen,
    check.indexInRange,
    check.contextEverUsed,
    check.ownerAlive,
    check.daemonRegistered,
    check.senderIsUser,
    check.senderInNamespace,
    check.senderIsDaemon,
    check.contextPending,
    check.sequenceMatches,
  ],
  owner: 'is kept',
  namespaces: true,
  errnos: {
    ...device6.errnos,
    'helo/again': ['EBUSY'],
    'reply/not-in-use': ['EINVAL'],
    'reply/owner-dead': ['EBADMSG'],
    'reply/no-daemon': ['EBADMSG'],
    'reply/other-user': ['EBADMSG'],
    'reply/other-namespace': ['EBADMSG'],
    'reply/other-process': ['EBADMSG'],
  },
};

/** Every profile by name. */
export const profiles: Readonly<Record<string, Profile>> = {
  seed,
  'netlink-2.6.21': netlink2621,
  'device-2.6.26': device2626,
  'device-6': device6,
};
