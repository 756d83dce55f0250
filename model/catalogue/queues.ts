import type { Entry } from './entry.js';

/** The rules of the messages that wait for a daemon process. */
export const queues = {
  'QUE-1': {
    level: 'MUST',
    text: 'The messages to a process wait in the order in which they were sent, and each is read once.',
    source:
      'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read (oldest first); the receive queue of a netlink socket',
    elements: ['queue READ', 'queue PUSH', 'read/request', 'read/ended', 'read/nothing'],
  },
  'QUE-2': {
    level: 'MUST',
    text: 'When a process ends, the messages that wait for it are dropped; on the device, when its handle is closed. Their requests go on sleeping.',
    source: 'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_release (with its defect mended)',
    elements: ['queue CLEAR'],
  },
  'QUE-3': {
    level: 'MUST',
    text: 'If a request ends before its message was read: over netlink the message can still be read, on the device it is withdrawn, and the seed allows both.',
    source:
      'Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read (with its defect mended); the receive queue of a netlink socket',
    elements: ['queue WITHDRAW', 'queue LEAVE', 'read/ended'],
  },
} as const satisfies Record<string, Entry>;
