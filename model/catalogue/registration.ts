import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of registration: HELO, QUIT, death; on the device open and close. */
export const registration = {
  'REG-1': {
    level: 'MUST',
    text: "HELO registers the sending process as its user's daemon.",
    source:
      'mail 2006 "registers itself with the eCryptfs kernel module"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo',
    elements: ['daemon.unregistered REGISTER', 'registrant SET', 'helo/first'],
  },
  'REG-2': {
    level: 'MUST',
    text: 'HELO by another process of the user replaces the registered one: a user has at most one daemon.',
    source:
      'mail 2006 "eCryptfs cleans up the old association and generates a new one"; Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo',
    profiles: ['seed', 'netlink-2.6.21'],
    elements: ['daemon.registered REPLACE', 'helo/replaces'],
  },
  'REG-3': {
    level: 'MUST',
    text: 'When a living daemon is replaced, it is sent QUIT. Apart from REG-4, no other process is sent QUIT.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo (QUIT to the old pid)',
    profiles: ['seed', 'netlink-2.6.21'],
    elements: ['daemon.registered REPLACE', 'daemon/sendQuit', 'queue PUSH_QUIT', 'read/quit'],
  },
  'REG-4': {
    level: 'MUST',
    text: 'HELO by the process that is already registered leaves it registered. The kernel side MAY send it QUIT.',
    source:
      'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo (no comparison of old and new pid)',
    profiles: ['seed'],
    elements: ['daemon.registered RENEW', 'daemon/maySendQuit', 'helo/again'],
  },
  'REG-5': {
    level: 'MUST',
    text: 'HELO while the registered process is dead registers the new one, and sends nothing.',
    source:
      'mail 2006 "When the user registers a new daemon, eCryptfs cleans up the old association"',
    profiles: ['seed', 'netlink-2.6.21'],
    elements: [
      'daemon.stale RECLAIM',
      'daemon.usurped RECLAIM',
      'daemon/mayTellStranger',
      'helo/reclaims',
    ],
  },
  'REG-6': {
    level: 'MUST',
    text: 'QUIT by the registered process unregisters it.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit',
    elements: ['daemon.registered UNREGISTER', 'registrant CLEAR', 'quit/registered'],
  },
  'REG-7': {
    level: 'MUST',
    text: 'QUIT by another process than the registered one is refused, and the registration stays.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit (EINVAL)',
    elements: ['quit/other-process'],
  },
  'REG-8': {
    level: 'MUST',
    text: 'QUIT of a user who has no registration is refused.',
    source: 'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_quit (EINVAL)',
    elements: ['quit/not-registered'],
  },
  'REG-9': {
    level: 'MUST',
    text: 'When the registered process dies, only one thing changes: messages to it fail, until the user registers again.',
    source:
      'mail 2006 "exits without sending a quit message? There is a stale uid<->pid association"',
    profiles: ['seed', 'netlink-2.6.21'],
    elements: [
      'daemon.registered DIE',
      'daemon.stale USURP',
      'daemon.usurped SEND',
      'daemon/deliverToStranger',
      'exit/registered',
      'reuse-pid',
    ],
  },
  'REG-10': {
    level: 'MUST',
    text: 'The death of a process that is not registered changes nothing.',
    source: 'mail 2006 "registered daemon" (only the registered process matters)',
    elements: ['exit/other-process'],
  },
  'REG-11': {
    level: 'MUST',
    text: 'HELO, QUIT and the death of a process affect no request: it sleeps until it is answered or expires.',
    source: `Linux 2.6.21 ${messaging} ecryptfs_process_helo and ecryptfs_process_quit (neither reads the context array)`,
    elements: ['helo/first', 'quit/registered', 'exit/registered'],
  },
  'REG-12': {
    level: 'MUST',
    text: "HELO, QUIT and death of one user's processes leave every other user's registration as it is.",
    source: 'mail 2006 "we can have multiple daemons (one per user)"',
    elements: ['daemon', 'registrant'],
  },
  'REG-13': {
    level: 'MUST',
    text: 'HELO by the process that is already registered leaves it registered, and the kernel side sends it QUIT.',
    source:
      'Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo (no comparison of old and new pid)',
    profiles: ['netlink-2.6.21'],
    elements: ['daemon.registered RENEW_AND_QUIT', 'helo/again'],
  },
  'REG-14': {
    level: 'MUST',
    text: 'A second open by a user who has a daemon is refused, and the registration stays.',
    source:
      'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_open (EINVAL); Linux 2.6.26 (EBUSY for the same process)',
    profiles: ['device-2.6.26', 'device-6'],
    elements: ['helo/again-refused', 'helo/second-refused'],
  },
  'REG-15': {
    level: 'MUST',
    text: 'The death of the registered process closes its handle and so ends the registration.',
    source: 'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_release',
    profiles: ['device-2.6.26', 'device-6'],
    elements: ['daemon.registered CLOSE', 'exit/registered'],
  },
} as const satisfies Record<string, Entry>;
