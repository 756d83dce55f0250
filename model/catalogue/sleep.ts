import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of the process that sleeps. */
export const sleep = {
  'SLP-1': {
    level: 'MUST',
    text: 'An accepted reply wakes the process that asked, and its call returns the bytes of that reply.',
    source:
      'mail 2006 "wakes up the process that was sleeping"; "it returns a pointer to the message contents (the reply packet)"',
    elements: [
      'task.sleeping LOOK_REPLY',
      'task.resumed.answered always',
      'context/wakeSleeper',
      'task/returnReply',
      'look/answered',
    ],
  },
  'SLP-2': {
    level: 'MUST',
    text: 'A call returns once: after a reply to its own request was accepted, or after its own time-out has passed.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response`,
    elements: ['task.sleeping', 'task.resumed'],
  },
  'SLP-3': {
    level: 'MUST',
    text: 'A call that is not answered within the time-out returns an error.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (ENOMSG)`,
    elements: [
      'task.sleeping.expired LOOK_EXPIRED',
      'task.resumed.timedOut always',
      'task/returnTimeout',
      'context.pending EXPIRE',
    ],
  },
  'SLP-4': {
    level: 'MUST',
    text: 'A request expires when its whole time-out has passed since it was made, and not before.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (schedule_timeout_interruptible with what remains)`,
    elements: ['task.sleeping.waiting EXPIRE', 'expire'],
  },
  'SLP-5': {
    level: 'MUST',
    text: 'If a reply is accepted before the sleeper looks, the reply wins over the time-out, however late the sleeper looks.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (tests the state first, then the time)`,
    elements: ['task.sleeping LOOK_REPLY', 'look/answered-late'],
  },
  'SLP-6': {
    level: 'MUST',
    text: "One request's expiry or answer leaves every other request as it is.",
    source: 'mail 2006 (a context for each request)',
    elements: ['task'],
  },
  'SLP-7': {
    level: 'MUST',
    text: 'A sleeper that looks before its time is over and finds no reply sleeps on.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (sleeps again with the remaining time)`,
    elements: ['task.sleeping.waiting LOOK_NOTHING', 'look/nothing'],
  },
  'SLP-8': {
    level: 'MAY',
    text: 'A signal either ends the sleep with an error and frees the context, or changes nothing.',
    source: 'mail 2006 (silent); the adapter protocol, method interrupt',
    profiles: ['seed'],
    elements: [
      'context.pending INTERRUPT',
      'task.sleeping INTERRUPT',
      'task.resumed.interrupted always',
      'task/returnInterrupted',
      'interrupt/ignored',
      'interrupt/ends',
    ],
  },
  'SLP-9': {
    level: 'MUST',
    text: 'A signal does not end the sleep.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response (sleeps again with the remaining time)`,
    profiles: ['netlink-2.6.21', 'device-2.6.26', 'device-6'],
    elements: ['interrupt/ignored'],
  },
} as const satisfies Record<string, Entry>;
