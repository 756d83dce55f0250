import type { Entries } from './entry.js';

/** Faults in who may answer. */
export const identity = {
  'ignores-user': {
    rule: 'REP-4',
    text: 'the user of a sender is not compared (D-2)',
    with: ['exit', 'pidReuse'],
  },
  'ignores-missing-daemon': {
    rule: 'REP-3',
    text: 'it is not asked whether a daemon is registered',
    equivalent:
      'where none is registered no process can be the registered one, and the next checks refuse with the same errno',
  },
  'ignores-process': { rule: 'REP-5', text: 'any process of the user may answer' },
  'ignores-sender': { rule: 'REP-5', text: 'anybody may answer' },
  'any-daemon': { rule: 'REP-4', text: 'the daemon of any user may answer' },
  'root-may-answer': { rule: 'REP-4', text: 'a process of root may answer for everybody' },
  'user-of-latest': {
    rule: 'REP-4',
    text: 'a sender is compared with the user of the latest request',
  },
  'process-in-8-bits': { rule: 'REP-5', text: 'pids are compared in their low 8 bits' },
  'process-in-16-bits': { rule: 'REP-5', text: 'pids are compared in their low 16 bits' },
  'process-in-31-bits': { rule: 'REP-5', text: 'pids are compared without the highest bit' },
  'user-in-8-bits': { rule: 'REG-12', text: 'users are told apart by the low 8 bits of their uid' },
  'user-in-16-bits': {
    rule: 'REG-12',
    text: 'users are told apart by the low 16 bits of their uid',
  },
  'user-in-31-bits': {
    rule: 'REG-12',
    text: 'users are told apart without the highest bit of their uid',
  },
  'predecessor-too': { rule: 'REP-5', text: 'a process that was registered once may still answer' },
  'recipient-too': {
    rule: 'REP-5',
    text: 'the process that got the request may answer, registered or not',
  },
  'recipient-only': { rule: 'REP-10', text: 'only the process that got the request may answer' },
  'first-daemon-only': {
    rule: 'REP-10',
    text: 'only the first daemon that its user ever had may answer',
  },
  'anybody-after-death': {
    rule: 'REP-3',
    text: 'while the registered process is dead any process of the user may answer',
  },
  'anybody-after-quit': {
    rule: 'REP-3',
    text: 'while no daemon is registered any process of the user may answer',
  },
  'daemon-after-quit': { rule: 'REP-3', text: 'who unregistered may still answer what it got' },
} as const satisfies Entries;

/** Faults in HELO, QUIT and death. */
export const registration = {
  'first-stays': {
    rule: 'REG-2',
    text: 'a second daemon of a user is told that it is registered, and is not',
  },
  'second-refused': { rule: 'REG-2', text: 'a second daemon of a user is refused' },
  'helo-does-nothing': { rule: 'REG-1', text: 'HELO registers nobody' },
  'helo-adds': {
    rule: 'REG-2',
    text: 'HELO does not retire the record before: when the new one goes it is back (D-11)',
  },
  'helo-replaces-everybody': { rule: 'REG-12', text: "HELO takes every other user's daemon out" },
  'helo-waits-for-requests': {
    rule: 'REG-2',
    text: 'HELO is without effect while a request of the user sleeps',
  },
  'renewal-unregisters': { rule: 'REG-4', text: 'HELO by the registered process unregisters it' },
  'renewal-refused': { rule: 'REG-4', text: 'HELO by the registered process is refused' },
  'root-cannot-register': { rule: 'REG-1', text: 'the daemon of uid 0 is not found' },
  'reclaim-refused': {
    rule: 'REG-5',
    text: 'HELO is refused while the registered process is dead',
  },
  'reclaim-does-nothing': {
    rule: 'REG-5',
    text: 'HELO is without effect while the registered process is dead',
  },
  'death-unnoticed': { rule: 'REQ-6', text: 'a request to a dead daemon is sent, and sleeps' },
  'death-of-anyone': {
    rule: 'REG-10',
    text: 'the death of any process of a user makes the registration stale',
  },
  'death-brings-back': {
    rule: 'REG-9',
    text: 'when the daemon dies the one that it replaced is registered again',
  },
  'death-unregisters-all': {
    rule: 'REG-12',
    text: 'the death of a daemon makes every registration stale',
  },
  'helo-drops-requests': {
    rule: 'REG-11',
    text: 'HELO makes the requests of the user return an error',
  },
  'quit-drops-requests': {
    rule: 'REG-11',
    text: 'QUIT makes the requests of the user return an error',
  },
  'death-drops-requests': {
    rule: 'REG-11',
    text: 'the death of a daemon makes the requests of its user return an error',
  },
  'quit-frees-contexts': {
    rule: 'REG-11',
    text: 'QUIT frees the contexts of the user under their sleepers (D-3)',
  },
  'helo-frees-contexts': {
    rule: 'REG-11',
    text: 'HELO frees the contexts of the user under their sleepers (D-3)',
  },
  'helo-sends-again': {
    rule: 'REQ-2',
    text: 'a new daemon is sent what its predecessor has not answered',
  },
  'quit-does-nothing': { rule: 'REG-6', text: 'QUIT succeeds and unregisters nobody' },
  'quit-refused': { rule: 'REG-6', text: 'QUIT by the registered process is refused' },
  'quit-by-any-process': { rule: 'REG-7', text: 'any process of a user can unregister the daemon' },
  'quit-by-any-user': {
    rule: 'REG-12',
    text: 'QUIT of a user without a daemon unregisters the first daemon that there is',
  },
  'quit-unregisters-all': { rule: 'REG-12', text: 'QUIT unregisters the daemon of every user' },
  'quit-by-another-is-ok': {
    rule: 'REG-7',
    text: 'QUIT by another process is told that it succeeded',
  },
  'quit-of-nobody-is-ok': {
    rule: 'REG-8',
    text: 'QUIT of a user without a daemon is told that it succeeded',
  },
  'quit-unsent': { rule: 'REG-3', text: 'who is replaced is not told to quit' },
  'quit-sent-twice': { rule: 'REG-3', text: 'who is replaced is told to quit twice' },
  'quit-to-successor': {
    rule: 'REG-3',
    text: 'the new daemon is told to quit, and not the old one',
  },
  'quit-to-both': { rule: 'REG-3', text: 'the new daemon is told to quit as well as the old one' },
  'quit-to-everybody': {
    rule: 'REG-3',
    text: 'when a daemon is replaced the daemon of every user is told to quit',
  },
  'quit-to-dead': { rule: 'REG-5', text: 'a dead process is told to quit when it is replaced' },
  'quit-to-first': { rule: 'REG-3', text: 'who registers first is told to quit' },
  'quit-echoed': { rule: 'REG-3', text: 'who unregisters is told to quit' },
  'timeout-unregisters': {
    rule: 'REQ-7',
    text: 'a daemon that lets a request time out is unregistered',
  },
  'wrong-reply-unregisters': {
    rule: 'CTX-9',
    text: 'a daemon that sends a wrong number is unregistered',
  },
  'lock-kept-by-quit': {
    rule: 'REQ-9',
    text: 'a refused QUIT leaves the table locked, and every later call waits for ever',
  },
} as const satisfies Entries;
