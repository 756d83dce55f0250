import type { Entries } from './entry.js';

/** Faults of a reset: something of the system before is left. */
export const resets = {
  'reset-keeps-daemons': {
    rule: 'REQ-5',
    text: 'after a reset everybody is registered who was before',
  },
  'reset-keeps-unread': {
    rule: 'QUE-1',
    text: 'after a reset messages wait that nobody read before',
    with: ['manualRead'],
  },
  'reset-keeps-failures': {
    rule: 'REQ-8',
    text: 'a fault that had not come due fails a message after a reset',
    with: ['sendFault'],
  },
} as const satisfies Entries;
