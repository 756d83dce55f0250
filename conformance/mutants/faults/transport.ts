import type { Entries } from './entry.js';

/** Faults where the transport cannot hand a message over. */
export const transport = {
  'failed-send-leaks': {
    rule: 'CTX-7',
    text: 'a request that could not be sent keeps its context (D-1)',
    with: ['sendFault'],
  },
  'second-failure-leaks': {
    rule: 'CTX-7',
    text: 'only the first request that could not be sent gives its context back',
    with: ['sendFault'],
  },
  'failed-send-sleeps': {
    rule: 'REQ-8',
    text: 'a request that could not be sent is accepted, and sleeps until its time-out',
    with: ['sendFault'],
  },
  'failed-send-forgotten': {
    rule: 'REQ-8',
    text: 'a request that could not be sent is accepted, and never returns',
    with: ['sendFault'],
  },
  'failed-send-sent': {
    rule: 'REQ-8',
    text: 'a request that could not be sent is refused, and its message comes all the same',
    with: ['sendFault'],
  },
  'failed-send-sent-later': {
    rule: 'REQ-8',
    text: 'the message of a request that was refused is sent again with the next thing that happens',
    with: ['sendFault'],
  },
  'failed-send-takes-another': {
    rule: 'CTX-7',
    text: 'a request that could not be sent gives its context back, and takes another one',
    with: ['sendFault'],
  },
  'failed-send-frees-oldest': {
    rule: 'CTX-3',
    text: 'a request that could not be sent frees the context of the one who sleeps longest',
    with: ['sendFault'],
  },
  'failed-send-ends-others': {
    rule: 'SLP-6',
    text: 'a send that fails makes the other requests of the user return an error',
    with: ['sendFault'],
  },
  'failed-send-unregisters': {
    rule: 'REQ-7',
    text: 'a send that fails unregisters the daemon',
    with: ['sendFault'],
  },
  'failure-sticks': {
    rule: 'REQ-7',
    text: 'after a send has failed every later one fails',
    with: ['sendFault'],
  },
  'failed-quit-refuses-helo': {
    rule: 'REG-2',
    text: 'HELO is refused when the old daemon could not be told to quit',
    with: ['sendFault'],
  },
  'failed-quit-keeps-old': {
    rule: 'REG-2',
    text: 'the old daemon stays registered when it could not be told to quit',
    with: ['sendFault'],
  },
  'failed-quit-takes-context': {
    rule: 'CTX-1',
    text: 'a message to quit that could not be sent keeps a context',
    with: ['sendFault'],
  },
  'failed-quit-waits': {
    rule: 'REG-3',
    text: 'a message to quit that failed on its way waits, and is read all the same',
    with: ['sendFault', 'manualRead'],
  },
  'failure-gone-with-barrier': {
    rule: 'REQ-8',
    text: 'a message that is to fail does not, once nothing moves any more',
    with: ['sendFault'],
  },
  'failed-send-is-connrefused': {
    rule: 'REP-11',
    text: 'a request that could not be sent is refused with ECONNREFUSED',
    with: ['sendFault'],
    strict: true,
  },
} as const satisfies Entries;

/** Faults in what a signal does to a sleeper. */
export const signals = {
  'interrupt-keeps-context': {
    rule: 'SLP-8',
    text: 'a call that a signal ended keeps its context',
    with: ['interrupt'],
  },
  'interrupt-keeps-guessed': {
    rule: 'SLP-8',
    text: 'a call that a signal ended keeps its context if a reply with a wrong number had come',
    with: ['interrupt'],
  },
  'interrupt-frees-only': {
    rule: 'CTX-3',
    text: 'a signal frees the context, and its sleeper sleeps on',
    with: ['interrupt'],
  },
  'interrupt-frees-twice': {
    rule: 'CTX-3',
    text: 'a context is on the free list twice after a signal',
    with: ['interrupt'],
  },
  'interrupt-returns-twice': {
    rule: 'SLP-2',
    text: 'a call that a signal ended returns twice',
    with: ['interrupt'],
  },
  'interrupt-returns-empty': {
    rule: 'SLP-8',
    text: 'a call that a signal ended returns no bytes, and no error',
    with: ['interrupt'],
  },
  'interrupt-wakes-another': {
    rule: 'SLP-6',
    text: 'a signal ends the sleep of somebody else',
    with: ['interrupt'],
  },
  'interrupt-ends-all': {
    rule: 'SLP-6',
    text: 'a signal ends the sleep of everybody',
    with: ['interrupt'],
  },
  'interrupted-takes-reply': {
    rule: 'REP-2',
    text: 'a reply to a request that a signal ended is accepted',
    with: ['interrupt'],
  },
  'interrupt-beats-reply': {
    rule: 'SLP-1',
    text: 'a signal ends a sleep whose reply is there already',
    with: ['interrupt', 'manualWake'],
    equivalent:
      'what a signal does to a sleeper that has its answer and has not looked is not said',
  },
  'interrupt-restarts': {
    rule: 'SLP-4',
    text: 'a signal gives the sleeper its whole time again',
    with: ['interrupt'],
  },
} as const satisfies Entries;
