import type { Entries } from './entry.js';

/** Faults in what Linux 2.6.21 does otherwise. */
export const netlink = {
  'renewal-untold': {
    rule: 'REG-13',
    text: 'who registers again is not told to quit',
    profile: 'netlink-2.6.21',
  },
  'renewal-told-and-dropped': {
    rule: 'REG-13',
    text: 'who registers again is told to quit, and is unregistered',
    profile: 'netlink-2.6.21',
  },
  'netlink-asks-for-user': {
    rule: 'REP-9',
    text: 'a reply with the right pid is refused for its user',
    profile: 'netlink-2.6.21',
    with: ['exit', 'pidReuse'],
  },
  'netlink-ignores-process': {
    rule: 'REP-5',
    text: 'the pid of a sender is not compared',
    profile: 'netlink-2.6.21',
  },
  'netlink-withdraws': {
    rule: 'QUE-3',
    text: 'the unread message of a request that has ended is withdrawn',
    profile: 'netlink-2.6.21',
    with: ['manualRead'],
  },
  'netlink-signal-ends': {
    rule: 'SLP-9',
    text: 'a signal ends the sleep, over netlink',
    profile: 'netlink-2.6.21',
    with: ['interrupt'],
  },
  'last-user-forgotten': {
    rule: 'REP-11',
    text: 'a reply to a context that is free again is refused before its last user is looked up',
    profile: 'netlink-2.6.21',
    strict: true,
  },
  'unused-has-daemon': {
    rule: 'REP-11',
    text: 'a reply to a context that was never used is refused for want of a daemon',
    profile: 'netlink-2.6.21',
    strict: true,
  },
  'netlink-state-first': {
    rule: 'REP-11',
    text: 'whether a context waits for a reply is looked at before its daemon',
    profile: 'netlink-2.6.21',
    strict: true,
  },
  'netlink-number-first': {
    rule: 'REP-11',
    text: 'the number of a reply is looked at before the pid of its sender',
    profile: 'netlink-2.6.21',
    strict: true,
  },
} as const satisfies Entries;

/** Faults in what the device does otherwise. */
export const device = {
  'second-open-replaces': {
    rule: 'REG-14',
    text: 'a second open by another process of the user replaces the first',
    profile: 'device-6',
  },
  'open-again-succeeds': {
    rule: 'REG-14',
    text: 'a second open by the process that has the device open succeeds',
    profile: 'device-6',
  },
  'refused-open-closes': {
    rule: 'REG-14',
    text: 'a second open is refused, and ends the registration',
    profile: 'device-6',
  },
  'device-asks-for-sender': {
    rule: 'REP-9',
    text: 'a reply by the daemon of another user than the one who asked is refused',
    profile: 'device-6',
  },
  'reply-without-handle': {
    rule: 'REP-12',
    text: 'a reply by a process that never opened the device is accepted',
    profile: 'device-6',
  },
  'reply-after-close': {
    rule: 'REP-12',
    text: 'a process that had the device open once may still answer',
    profile: 'device-6',
  },
  'device-death-leaves-stale': {
    rule: 'REG-15',
    text: 'the death of a process leaves its registration behind',
    profile: 'device-6',
    with: ['exit'],
  },
  'close-drops-requests': {
    rule: 'REG-11',
    text: 'a close makes the requests of the user return an error',
    profile: 'device-6',
  },
  'close-keeps-queue': {
    rule: 'QUE-2',
    text: 'what waited for a process is there again when it opens the device anew',
    profile: 'device-6',
    with: ['manualRead'],
  },
  'close-frees-unread': {
    rule: 'QUE-2',
    text: 'a close frees the contexts of unread messages under their sleepers',
    profile: 'device-6',
    with: ['manualRead'],
  },
  'device-leaves-unread': {
    rule: 'QUE-3',
    text: 'the unread message of a request that has ended stays in the queue (D-7)',
    profile: 'device-6',
    with: ['manualRead'],
  },
  'device-signal-ends': {
    rule: 'SLP-9',
    text: 'a signal ends the sleep, on the device',
    profile: 'device-6',
    with: ['interrupt'],
  },
} as const satisfies Entries;
