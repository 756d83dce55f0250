import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of the kernel side as a whole. */
export const kernel = {
  'INS-1': {
    level: 'MUST',
    text: 'What an implementation shows with inspect agrees with what it did: lists, states, sequence numbers, registrations.',
    source: 'the adapter protocol, method inspect; mail 2006 "a free and an allocated list"',
    elements: [],
  },
  'SYS-1': {
    level: 'MUST',
    text: 'No message crashes the kernel side, however malformed it is.',
    source: `Linux 2.6.21 to 3.5 ${messaging} ecryptfs_process_response (followed the owner of a context that never had one)`,
    elements: ['reply/bad-index', 'reply/not-in-use', 'reply/not-pending'],
  },
} as const satisfies Record<string, Entry>;
