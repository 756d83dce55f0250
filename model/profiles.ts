import type { RequirementId } from './requirements.js';

/**
 * Profiles: what differs between the versions of the protocol, as data.
 *
 * The one profile so far is `seed`: the design as its author explained it in 2006, with the check of
 * the user that isolation needs, and with the known defects of the kernels mended. Its order of
 * checks and its errnos are those of Linux 2.6.24, fs/ecryptfs/messaging.c.
 */

/** A question about a reply that decides whether it is accepted. */
export type ReplyFact =
  | 'indexInRange'
  | 'contextInUse'
  | 'daemonRegistered'
  | 'senderIsUser'
  | 'senderIsDaemon'
  | 'contextPending'
  | 'sequenceMatches';

/** Why something was refused; the word before the slash is the command. */
export type Refusal =
  | 'request/no-daemon'
  | 'request/no-context'
  | 'request/dead-daemon'
  | 'quit/not-registered'
  | 'quit/other-process'
  | `reply/${ReplyRefusal}`;

/** Why a reply was refused. */
export type ReplyRefusal =
  | 'bad-index'
  | 'not-in-use'
  | 'no-daemon'
  | 'other-user'
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
  readonly name: string;
  readonly description: string;
  /** The cascade of checks on a reply, first failing check wins. */
  readonly checks: readonly ReplyCheck[];
  /** The errnos that `--strict` takes for each refusal; several where versions dispute the order. */
  readonly errnos: Readonly<Record<Refusal, readonly string[]>>;
  /** The errnos of a call that timed out. */
  readonly timeoutErrnos: readonly string[];
}

/** The design as the mail of 2006 states it. */
export const seed: Profile = {
  name: 'seed',
  description: 'the design as its author explained it in 2006, with its known defects mended',
  checks: [
    {
      fact: 'indexInRange',
      otherwise: 'bad-index',
      requirement: 'REP-1',
      text: 'Is the index inside the array?',
    },
    {
      fact: 'contextInUse',
      otherwise: 'not-in-use',
      requirement: 'REP-2',
      text: 'Does the context serve a request?',
    },
    {
      fact: 'daemonRegistered',
      otherwise: 'no-daemon',
      requirement: 'REP-3',
      text: "Has the requester's user a registered daemon?",
    },
    {
      fact: 'senderIsUser',
      otherwise: 'other-user',
      requirement: 'REP-4',
      text: "Is the sender of the requester's user?",
    },
    {
      fact: 'senderIsDaemon',
      otherwise: 'other-process',
      requirement: 'REP-5',
      text: 'Is the sender the registered process?',
    },
    {
      fact: 'contextPending',
      otherwise: 'not-pending',
      requirement: 'REP-6',
      text: 'Is the context still without a reply?',
    },
    {
      fact: 'sequenceMatches',
      otherwise: 'wrong-sequence',
      requirement: 'REP-7',
      text: "Is the sequence number the pending request's?",
    },
  ],
  errnos: {
    'request/no-daemon': ['ENOTCONN'],
    'request/no-context': ['ENOMEM'],
    'request/dead-daemon': ['ECONNREFUSED'],
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

/** Every profile by name. */
export const profiles: Readonly<Record<string, Profile>> = { seed };
