/**
 * The requirement catalogue: every normative rule of the seed profile, in our own words.
 *
 * An id is stable for ever. A rule's text says what an observer can hold against an implementation.
 * The source names where the rule comes from: "mail 2006" is Michael Halcrow's explanation on the
 * Linux kernel mailing list (25 August 2006, sent again on 6 December 2006), with the words that
 * carry the rule; kernel sources are named by version, file and function.
 */

/** How binding a rule is, in the sense of RFC 2119. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** What the catalogue says of a rule. */
interface Entry {
  readonly level: Level;
  /** The rule, in one or two sentences. */
  readonly text: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** The element of the model that carries it. */
  readonly element: string;
}

const messaging = 'fs/ecryptfs/messaging.c';

const entries = {
  'CTX-1': {
    level: 'MUST',
    text: 'A fresh system of N contexts has all N free: N requests can sleep at once, and not one more.',
    source: `mail 2006 "maintains an array of message context structs and places the elements of the array on two lists"; Linux 6.1 ${messaging} ecryptfs_init_messaging`,
    element: 'context.free',
  },
  'CTX-2': {
    level: 'MUST',
    text: 'A request takes a context from the free list and makes it pending.',
    source: `mail 2006 "moves a msg ctx from the free list to the allocated list, sets its state to pending"; Linux 6.1 ${messaging} ecryptfs_msg_ctx_free_to_alloc`,
    element: 'context.free ACQUIRE',
  },
  'CTX-3': {
    level: 'MUST',
    text: 'A context that serves a request is given to no other request until it is free again.',
    source: `mail 2006 "a free and an allocated list"; Linux 6.1 ${messaging} ecryptfs_acquire_free_msg_ctx`,
    element: 'context.free ACQUIRE',
  },
  'CTX-4': {
    level: 'MUST',
    text: 'A request that finds no free context is refused at once and does not sleep.',
    source: `Linux 6.1 ${messaging} ecryptfs_acquire_free_msg_ctx (an empty free list is ENOMEM)`,
    element: 'request/no-context',
  },
  'CTX-5': {
    level: 'MUST',
    text: 'A context whose reply has been taken by the sleeper is free again.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response, ecryptfs_msg_ctx_alloc_to_free`,
    element: 'context.done RELEASE',
  },
  'CTX-6': {
    level: 'MUST',
    text: 'A context whose request timed out is free again.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response, ecryptfs_msg_ctx_alloc_to_free`,
    element: 'context.pending EXPIRE',
  },
  'CTX-7': {
    level: 'MUST',
    text: 'A context whose message could not be sent is free again at once.',
    source: `Linux 2.6.21 to 7.1 ${messaging} ecryptfs_send_message leaks it; the rule is the mended behaviour (patch "release message context on send failure", 2026)`,
    element: 'context.pending SEND_FAILED',
  },
  'CTX-8': {
    level: 'MUST',
    text: "A message's index is the offset of its context in the array: 0 to N-1.",
    source: 'mail 2006 "The msg->index contains the offset of the array of msg ctx structs"',
    element: 'daemon.registered SEND',
  },
  'CTX-9': {
    level: 'MUST',
    text: 'What is refused (a request, a reply, a QUIT) leaves every context as it was.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response and ecryptfs_send_message (error exits)`,
    element: 'refusals',
  },
  'REQ-1': {
    level: 'MUST',
    text: "A request goes to the process that is registered as the daemon of the requester's user, and to nobody else.",
    source:
      'mail 2006 "passes it to the daemon registered for the current->euid via a netlink unicast to the PID of the daemon"',
    element: 'daemon.registered SEND',
  },
  'REQ-2': {
    level: 'MUST',
    text: 'An accepted request causes exactly one message.',
    source: 'mail 2006 "fires off the message to the user\'s registered daemon"',
    element: 'daemon.registered SEND',
  },
  'REQ-3': {
    level: 'MUST',
    text: "The message carries the request's bytes unchanged.",
    source:
      'mail 2006 "puts together a decrypt request packet [...] then it passes it to the daemon"',
    element: 'daemon.registered SEND',
  },
  'REQ-4': {
    level: 'MUST',
    text: 'The message carries a sequence number that makes its pair (index, sequence number) new since the start.',
    source: `mail 2006 "validates a sequence number between the received packet and the msg ctx"; Linux 6.1 ${messaging} ecryptfs_msg_ctx_free_to_alloc (one global counter)`,
    element: 'context.free ACQUIRE',
  },
  'REQ-5': {
    level: 'MUST',
    text: 'A request of a user without a registered daemon is refused.',
    source: `mail 2006 "Each user who opens a file [...] must be running a daemon"; Linux 6.1 ${messaging} ecryptfs_send_message_locked (ENOTCONN)`,
    element: 'daemon.unregistered LOOKUP_FAILS',
  },
  'REQ-6': {
    level: 'MUST',
    text: 'A request of a user whose registered process is dead is refused.',
    source:
      'mail 2006 "There is a stale uid<->pid association"; Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_send_netlink (ECONNREFUSED)',
    element: 'daemon.stale SEND_FAILS',
  },
  'REQ-7': {
    level: 'MUST',
    text: 'A request that finds a living daemon and a free context is accepted, and its process sleeps.',
    source: `mail 2006 "it is now in ecryptfs_wait_for_response()"; Linux 6.1 ${messaging} ecryptfs_send_message`,
    element: 'task.running ASK',
  },
  'REG-1': {
    level: 'MUST',
    text: "HELO registers the sending process as its user's daemon.",
    source:
      'mail 2006 "registers itself with the eCryptfs kernel module"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo',
    element: 'daemon.unregistered REGISTER',
  },
  'REG-2': {
    level: 'MUST',
    text: 'HELO by another process of the user replaces the registered one: a user has at most one daemon.',
    source:
      'mail 2006 "eCryptfs cleans up the old association and generates a new one"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo',
    element: 'daemon.registered REPLACE',
  },
  'REG-3': {
    level: 'MUST',
    text: 'A living daemon that is replaced is sent QUIT; but for what REG-4 leaves open, nobody else is.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo (QUIT to the old pid)',
    element: 'daemon.registered REPLACE',
  },
  'REG-4': {
    level: 'MUST',
    text: 'HELO by the process that is registered already leaves it registered; it MAY be sent QUIT.',
    source:
      'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo (no comparison of old and new pid)',
    element: 'daemon.registered RENEW',
  },
  'REG-5': {
    level: 'MUST',
    text: 'HELO while the registered process is dead registers the new one, and sends nothing.',
    source:
      'mail 2006 "When the user registers a new daemon, eCryptfs cleans up the old association"',
    element: 'daemon.stale RECLAIM',
  },
  'REG-6': {
    level: 'MUST',
    text: 'QUIT by the registered process unregisters it.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit',
    element: 'daemon.registered UNREGISTER',
  },
  'REG-7': {
    level: 'MUST',
    text: 'QUIT by another process than the registered one is refused, and the registration stays.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit (EINVAL)',
    element: 'quit/other-process',
  },
  'REG-8': {
    level: 'MUST',
    text: 'QUIT of a user who has no registration is refused.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit (EINVAL)',
    element: 'quit/not-registered',
  },
  'REG-9': {
    level: 'MUST',
    text: 'The death of the registered process changes nothing but that sends to it fail, until the user registers again.',
    source:
      'mail 2006 "exits without sending a quit message? There is a stale uid<->pid association"',
    element: 'daemon.registered DIE',
  },
  'REG-10': {
    level: 'MUST',
    text: 'The death of a process that is not registered changes nothing.',
    source: 'mail 2006 "registered daemon" (only the registered process matters)',
    element: 'exit/other-process',
  },
  'REG-11': {
    level: 'MUST',
    text: 'HELO, QUIT and death touch no request: those that sleep go on sleeping until answered or expired.',
    source: `Linux 2.6.21 ${messaging} ecryptfs_process_helo and ecryptfs_process_quit (neither reads the context array)`,
    element: 'helo, quit, exit',
  },
  'REG-12': {
    level: 'MUST',
    text: "One user's HELO, QUIT and death leave every other user's registration as it is.",
    source: 'mail 2006 "we can have multiple daemons (one per user)"',
    element: 'daemon',
  },
  'REP-1': {
    level: 'MUST',
    text: 'A reply whose index is outside the array is refused.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (EINVAL before any lock)`,
    element: 'reply.checkIndexInRange',
  },
  'REP-2': {
    level: 'MUST',
    text: 'A reply to a context that serves no request, or never did, is refused.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (state other than pending is EINVAL)`,
    element: 'reply.checkContextInUse',
  },
  'REP-3': {
    level: 'MUST',
    text: "A reply is refused while the requester's user has no registered daemon.",
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_response (EBADMSG)',
    element: 'reply.checkDaemonRegistered',
  },
  'REP-4': {
    level: 'MUST',
    text: "A reply by a process of another user than the requester's is refused.",
    source:
      'mail 2006 "Nothing running under another UID should be able to access that channel of communication"; LKML 25 August 2006, uid check patch (EBADMSG)',
    element: 'reply.checkSenderIsUser',
  },
  'REP-5': {
    level: 'MUST',
    text: "A reply by a process of the requester's user that is not the registered one is refused.",
    source:
      'mail 2006 "verifies that the registered daemon PID is the same as the PID of the process that sent the message"',
    element: 'reply.checkSenderIsDaemon',
  },
  'REP-6': {
    level: 'MUST',
    text: 'A reply to a context that has a reply already is refused; the first reply is kept.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (state other than pending is EINVAL)`,
    element: 'reply.checkContextPending',
  },
  'REP-7': {
    level: 'MUST',
    text: "A reply whose sequence number is not the pending request's is refused.",
    source: 'mail 2006 "validates a sequence number between the received packet and the msg ctx"',
    element: 'reply.checkSequenceMatches',
  },
  'REP-8': {
    level: 'MUST',
    text: 'A refused reply wakes no sleeper for good: the request goes on waiting, and the right reply is still accepted.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response and ecryptfs_wait_for_response (state unchanged, sleeps on)`,
    element: 'reply.refused',
  },
  'REP-9': {
    level: 'MUST',
    text: 'A reply that passes every check is accepted and makes the context done.',
    source:
      'mail 2006 "copies the contents of the message [...] sets the state in the msg ctx to done"',
    element: 'context.pending ACCEPT',
  },
  'REP-10': {
    level: 'MUST',
    text: 'The successor of the daemon that got a request can answer it: what counts is who is registered when the reply comes.',
    source:
      'mail 2006 "the registered daemon PID"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_response (lookup at reply time)',
    element: 'reply.checkSenderIsDaemon',
  },
  'REP-11': {
    level: 'SHOULD',
    text: 'A refusal carries the errno of the first check that fails, in the order of the profile (judged with --strict).',
    source:
      'Linux 2.6.24 fs/ecryptfs/messaging.c ecryptfs_process_response, ecryptfs_send_message, ecryptfs_process_quit',
    element: 'profile.errnos',
  },
  'SLP-1': {
    level: 'MUST',
    text: 'An accepted reply wakes the process that asked, and its call returns the bytes of that reply.',
    source:
      'mail 2006 "wakes up the process that was sleeping"; "it returns a pointer to the message contents (the reply packet)"',
    element: 'task.sleeping LOOK_REPLY',
  },
  'SLP-2': {
    level: 'MUST',
    text: 'A call returns once, and only after a reply to its own request was accepted or its own time-out has passed.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response`,
    element: 'task.sleeping',
  },
  'SLP-3': {
    level: 'MUST',
    text: 'A call that is not answered within the time-out returns an error.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (ENOMSG)`,
    element: 'task.sleeping.expired LOOK_EXPIRED',
  },
  'SLP-4': {
    level: 'MUST',
    text: 'A request is not expired before its whole time-out has passed since it was made, and is expired when it has.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (schedule_timeout_interruptible with what remains)`,
    element: 'task.sleeping.waiting EXPIRE',
  },
  'SLP-5': {
    level: 'MUST',
    text: 'A reply that is accepted before the sleeper looks wins over the time-out, however late it looks.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (tests the state first, then the time)`,
    element: 'task.sleeping LOOK_REPLY',
  },
  'SLP-6': {
    level: 'MUST',
    text: "One request's expiry or answer leaves every other request as it is.",
    source: 'mail 2006 (a context for each request)',
    element: 'task',
  },
  'SLP-7': {
    level: 'MUST',
    text: 'A sleeper that looks and finds neither a reply nor its time gone sleeps on.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (sleeps again with the remaining time)`,
    element: 'task.sleeping.waiting LOOK_NOTHING',
  },
  'INS-1': {
    level: 'MUST',
    text: 'What an implementation shows of its inside agrees with what it did: lists, states, sequence numbers, registrations.',
    source: 'the adapter protocol, method inspect; mail 2006 "a free and an allocated list"',
    element: 'inspect',
  },
} as const satisfies Record<string, Entry>;

/** The id of a rule, such as `CTX-3`. */
export type RequirementId = keyof typeof entries;

/** One normative rule. */
export interface Requirement extends Entry {
  readonly id: RequirementId;
}

/** Every rule, in the order of the catalogue. */
export const requirements: readonly Requirement[] = Object.entries(entries).map(
  // Object.entries widens the keys of a constant object to string.
  ([id, entry]) => ({ id: id as RequirementId, ...entry }),
);

/** One rule by its id. */
export function requirement(id: RequirementId): Requirement {
  return { id, ...entries[id] };
}

/** Whether a word is the id of a rule. */
export function isRequirementId(word: string): word is RequirementId {
  return Object.hasOwn(entries, word);
}
