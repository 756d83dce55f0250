import type { Entries } from './entry.js';

/** Faults where the pid of a dead daemon belongs to a process of another user. */
export const reuse = {
  'usurper-quits-other': {
    rule: 'REG-12',
    text: 'QUIT by a process with the pid of a dead daemon unregisters that daemon',
    with: ['exit', 'pidReuse'],
  },
  'usurper-is-registered': {
    rule: 'REQ-5',
    text: 'a process with the pid of a dead daemon is registered for its user without HELO',
    with: ['exit', 'pidReuse'],
  },
  'usurper-helo-takes-over': {
    rule: 'REP-11',
    text: 'HELO by a process with the pid of a dead daemon ends the registration of that one',
    strict: true,
    with: ['exit', 'pidReuse'],
  },
  'usurper-death-unregisters': {
    rule: 'REG-10',
    text: 'the death of a process with the pid of a dead daemon ends the registration of that one',
    with: ['exit', 'pidReuse'],
    equivalent:
      'the model does not say what the death of such a process does, so that nothing is asked of it',
  },
  'usurper-helps-itself': {
    rule: 'REP-4',
    text: 'a stranger with the pid of a dead daemon may answer once it is a daemon itself (D-2)',
    with: ['exit', 'pidReuse'],
  },
  'reuse-clears-stale': {
    rule: 'REP-11',
    text: 'a dead daemon is forgotten when its pid is used again',
    strict: true,
    with: ['exit', 'pidReuse'],
  },
  'usurped-reclaim-refused': {
    rule: 'REG-5',
    text: 'HELO is refused while the pid of the dead daemon is used by somebody else',
    with: ['exit', 'pidReuse'],
  },
  'usurped-timeout-leaks': {
    rule: 'CTX-6',
    text: 'a request that a stranger got keeps its context when it times out',
    with: ['exit', 'pidReuse'],
  },
  'same-pid-stays-dead': {
    rule: 'REG-5',
    text: 'HELO by a new process of the user with the pid of its dead daemon registers nobody',
    with: ['exit', 'pidReuse'],
  },
} as const satisfies Entries;
