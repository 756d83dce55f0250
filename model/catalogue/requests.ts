import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of a request, from the call to the message. */
export const requests = {
  'REQ-1': {
    level: 'MUST',
    text: "A request goes to the process that is registered as the daemon of the requester's user, and to no other process.",
    source:
      'mail 2006 "passes it to the daemon registered for the current->euid via a netlink unicast to the PID of the daemon"',
    elements: ['daemon.registered SEND', 'owner SET', 'request/sent'],
  },
  'REQ-2': {
    level: 'MUST',
    text: 'An accepted request causes exactly one message.',
    source: 'mail 2006 "fires off the message to the user\'s registered daemon"',
    elements: ['daemon.registered SEND', 'daemon/deliverRequest'],
  },
  'REQ-3': {
    level: 'MUST',
    text: "The message carries the request's bytes unchanged.",
    source:
      'mail 2006 "puts together a decrypt request packet [...] then it passes it to the daemon"',
    elements: ['daemon/deliverRequest'],
  },
  'REQ-4': {
    level: 'MUST',
    text: 'The message carries a sequence number, and its pair of index and sequence number has not been used since the start.',
    source: `mail 2006 "validates a sequence number between the received packet and the msg ctx"; Linux 6.1 ${messaging} ecryptfs_msg_ctx_free_to_alloc (one global counter)`,
    elements: ['context.free ACQUIRE'],
  },
  'REQ-5': {
    level: 'MUST',
    text: 'A request of a user without a registered daemon is refused.',
    source: `mail 2006 "Each user who opens a file [...] must be running a daemon"; Linux 6.1 ${messaging} ecryptfs_send_message_locked (ENOTCONN)`,
    elements: ['daemon.unregistered LOOKUP_FAILS', 'request/no-daemon'],
  },
  'REQ-6': {
    level: 'MUST',
    text: 'A request of a user whose registered process is dead is refused.',
    source:
      'mail 2006 "There is a stale uid<->pid association"; Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_send_netlink (ECONNREFUSED)',
    profiles: ['seed', 'netlink-2.6.21'],
    elements: ['daemon.stale SEND_FAILS', 'request/dead-daemon'],
  },
  'REQ-7': {
    level: 'MUST',
    text: 'A request that finds a living daemon and a free context is accepted, and its process sleeps.',
    source: `mail 2006 "it is now in ecryptfs_wait_for_response()"; Linux 6.1 ${messaging} ecryptfs_send_message`,
    elements: ['task.running ASK', 'request/sent'],
  },
  'REQ-8': {
    level: 'MUST',
    text: 'A request is refused if the transport cannot deliver its message.',
    source: `Linux 6.1 ${messaging} ecryptfs_send_message_locked (the error of the transport is returned); Linux 2.6.21 fs/ecryptfs/netlink.c ecryptfs_send_netlink`,
    elements: ['request/send-failed', 'request/queue-full'],
  },
  'REQ-9': {
    level: 'MUST',
    text: 'Every call into the kernel side returns: no HELO, QUIT or request waits forever for a lock.',
    source:
      'patch "fix imbalanced mutex locking" (2008) to Linux 2.6.26 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read',
    elements: ['request/sent', 'helo/first'],
  },
} as const satisfies Record<string, Entry>;
