import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of a reply. */
export const replies = {
  'REP-1': {
    level: 'MUST',
    text: 'A reply whose index is outside the array is refused.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (EINVAL before any lock)`,
    elements: ['reply[indexInRange]', 'reply/bad-index'],
  },
  'REP-2': {
    level: 'MUST',
    text: 'A reply to a context that serves no request now is refused, whether it ever served one or not.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (state other than pending is EINVAL)`,
    elements: ['reply[contextInUse]', 'reply[contextEverUsed]', 'reply/not-in-use'],
  },
  'REP-3': {
    level: 'MUST',
    text: "A reply is refused while the requester's user has no registered daemon.",
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_response (EBADMSG)',
    profiles: ['seed', 'netlink-2.6.21', 'device-2.6.26'],
    elements: ['reply[daemonRegistered]', 'reply/no-daemon'],
  },
  'REP-4': {
    level: 'MUST',
    text: "A reply by a process of another user than the requester's is refused.",
    source:
      'mail 2006 "Nothing running under another UID should be able to access that channel of communication"; LKML 25 August 2006, uid check patch (EBADMSG)',
    profiles: ['seed', 'device-2.6.26'],
    elements: ['reply[senderIsUser]', 'reply/other-user'],
  },
  'REP-5': {
    level: 'MUST',
    text: "A reply by a process of the requester's user that is not the registered one is refused.",
    source:
      'mail 2006 "verifies that the registered daemon PID is the same as the PID of the process that sent the message"',
    profiles: ['seed', 'netlink-2.6.21', 'device-2.6.26'],
    elements: ['reply[senderIsDaemon]', 'reply/other-process'],
  },
  'REP-6': {
    level: 'MUST',
    text: 'A reply to a context that has a reply already is refused; the first reply is kept.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response (state other than pending is EINVAL)`,
    elements: ['reply[contextPending]', 'reply/not-pending'],
  },
  'REP-7': {
    level: 'MUST',
    text: "A reply whose sequence number is not the pending request's is refused.",
    source: 'mail 2006 "validates a sequence number between the received packet and the msg ctx"',
    elements: ['reply[sequenceMatches]', 'reply/wrong-sequence'],
  },
  'REP-8': {
    level: 'MUST',
    text: 'A refused reply does not end the sleep: the request goes on waiting, and the right reply is still accepted.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response and ecryptfs_wait_for_response (state unchanged, sleeps on)`,
    elements: ['reply.refused', 'reply.received REPLY'],
  },
  'REP-9': {
    level: 'MUST',
    text: 'A reply that passes every check is accepted and makes the context done.',
    source:
      'mail 2006 "copies the contents of the message [...] sets the state in the msg ctx to done"',
    elements: ['context.pending ACCEPT', 'context/storeReply', 'reply/accepted', 'reply.accepted'],
  },
  'REP-10': {
    level: 'MUST',
    text: 'After a daemon was replaced, its successor can answer its requests: the process that is registered when the reply comes counts.',
    source:
      'mail 2006 "the registered daemon PID"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_response (lookup at reply time)',
    elements: ['reply[senderIsDaemon]'],
  },
  'REP-11': {
    level: 'SHOULD',
    text: 'A refusal carries the errno of the first check that fails, in the order of the profile (judged with --strict).',
    source:
      'Linux 2.6.24 fs/ecryptfs/messaging.c ecryptfs_process_response, ecryptfs_send_message, ecryptfs_process_quit',
    elements: ['reply.refused'],
  },
  'REP-12': {
    level: 'MUST',
    text: 'A reply by a process that does not have the device open is refused.',
    source:
      'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write (a descriptor is needed: EBADF)',
    profiles: ['device-2.6.26', 'device-6'],
    elements: ['reply[handleIsOpen]', 'reply/no-handle'],
  },
  'REP-13': {
    level: 'MUST',
    text: 'A reply to a context whose last user is a dead process is refused.',
    source: 'Linux 2.6.26 fs/ecryptfs/messaging.c ecryptfs_process_response (EBADMSG)',
    profiles: ['device-2.6.26'],
    elements: ['reply[ownerAlive]', 'reply/owner-dead'],
  },
  'REP-14': {
    level: 'MUST',
    text: 'A reply by a process of another user namespace than the requester is refused.',
    source: 'Linux 2.6.26 fs/ecryptfs/messaging.c ecryptfs_process_response (EBADMSG)',
    profiles: ['device-2.6.26'],
    elements: ['reply[senderInNamespace]', 'reply/other-namespace'],
  },
  'REP-15': {
    level: 'MUST',
    text: 'The sender of a refused reply is told that it was refused.',
    source:
      'Linux 3.6 to 7.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_write (2.6.26 to 3.3 reported success)',
    profiles: ['seed', 'device-2.6.26', 'device-6'],
    elements: ['reply.refused'],
  },
} as const satisfies Record<string, Entry>;
