import type { Entries } from './entry.js';

/** Faults in the time that a sleeper has. */
export const time = {
  'expires-early': { rule: 'SLP-4', text: 'a request expires 1 ms before its time' },
  'expires-late': { rule: 'SLP-4', text: 'a request expires 1 ms after its time' },
  'expires-at-twice': { rule: 'SLP-4', text: 'a request expires at twice its time' },
  'expires-never': { rule: 'SLP-3', text: 'a request never expires' },
  'expires-in-seconds': { rule: 'SLP-4', text: 'a deadline is kept in whole seconds' },
  'time-in-16-bits': { rule: 'SLP-4', text: 'a time-out is kept in 16 bits' },
  'expires-one-at-a-time': {
    rule: 'SLP-4',
    text: 'of several requests whose time is up only the oldest returns',
  },
  'expires-newest': {
    rule: 'SLP-6',
    text: 'when time is up the newest request returns in place of the oldest',
  },
  'expires-all': { rule: 'SLP-6', text: 'when the time of a request is up everybody returns' },
  'expires-with-success': {
    rule: 'SLP-3',
    text: 'a request that timed out returns no bytes, and no error',
  },
  'restarts-on-refused-reply': {
    rule: 'SLP-4',
    text: 'a refused reply gives the sleeper its whole time again',
  },
  'restarts-on-request': {
    rule: 'SLP-6',
    text: 'another request gives every sleeper its whole time again',
  },
  'restarts-on-helo': {
    rule: 'REG-11',
    text: 'HELO gives the sleepers of the user their whole time again',
  },
  'restarts-on-answer': {
    rule: 'SLP-6',
    text: 'an answer gives all other sleepers their whole time again',
  },
  'restarts-on-look': {
    rule: 'SLP-7',
    text: 'who looks and finds nothing gets its whole time again',
  },
  'time-beats-reply': {
    rule: 'SLP-5',
    text: 'who looks after its time gets the time-out, though a reply is there',
  },
  'expired-takes-no-reply': {
    rule: 'SLP-5',
    text: 'a reply after the time and before the look is refused',
  },
  'expires-answered': {
    rule: 'SLP-2',
    text: 'an answered call returns a second time when its time is up',
  },
  'late-reply-lost': {
    rule: 'SLP-5',
    text: 'a reply after the time and before the look is accepted and lost',
  },
} as const satisfies Entries;

/** Faults that only the errno shows. */
export const errnos = {
  'full-before-daemon': {
    rule: 'REP-11',
    text: 'the pool is looked at before the daemon',
    strict: true,
  },
  'death-before-full': {
    rule: 'REP-11',
    text: 'whether the daemon is alive is looked at before the pool',
    strict: true,
  },
  'state-before-sender': {
    rule: 'REP-11',
    text: 'whether a context has its reply is looked at before the sender',
    strict: true,
  },
  'number-before-sender': {
    rule: 'REP-11',
    text: 'the number of a reply is looked at before the sender',
    strict: true,
  },
  'sender-before-use': {
    rule: 'REP-11',
    text: 'the sender is compared before it is asked whether the context is used',
    strict: true,
  },
  'no-daemon-is-connrefused': {
    rule: 'REP-11',
    text: 'a request without a daemon is refused with ECONNREFUSED',
    strict: true,
  },
  'full-is-eagain': {
    rule: 'REP-11',
    text: 'a request that finds no context is refused with EAGAIN',
    strict: true,
  },
  'dead-is-notconn': {
    rule: 'REP-11',
    text: 'a request to a dead daemon is refused with ENOTCONN',
    strict: true,
  },
  'timeout-is-etimedout': {
    rule: 'REP-11',
    text: 'a time-out is reported as ETIMEDOUT',
    strict: true,
  },
  'quit-of-nobody-is-notconn': {
    rule: 'REP-11',
    text: 'QUIT without a registration is refused with ENOTCONN',
    strict: true,
  },
  'quit-by-another-is-perm': {
    rule: 'REP-11',
    text: 'QUIT by another process is refused with EPERM',
    strict: true,
  },
  'index-is-erange': {
    rule: 'REP-11',
    text: 'an index outside the array is refused with ERANGE',
    strict: true,
  },
  'idle-is-noent': {
    rule: 'REP-11',
    text: 'a reply to a free context is refused with ENOENT',
    strict: true,
  },
  'unregistered-is-inval': {
    rule: 'REP-11',
    text: 'a reply without a registered daemon is refused with EINVAL',
    strict: true,
  },
  'user-is-perm': {
    rule: 'REP-11',
    text: 'a reply by another user is refused with EPERM',
    strict: true,
  },
  'process-is-inval': {
    rule: 'REP-11',
    text: 'a reply by another process is refused with EINVAL',
    strict: true,
  },
  'second-is-badmsg': {
    rule: 'REP-11',
    text: 'a second reply is refused with EBADMSG',
    strict: true,
  },
  'number-is-badmsg': {
    rule: 'REP-11',
    text: 'a wrong number is refused with EBADMSG',
    strict: true,
  },
} as const satisfies Entries;

/** Faults that need a rare occasion. */
export const rare = {
  'loses-33rd-message': { rule: 'REQ-2', text: 'the message of the 33rd request is lost' },
  'leaks-after-300': {
    rule: 'CTX-5',
    text: 'the context of every request after the 300th stays taken',
  },
  'wears-out-at-1000': { rule: 'REQ-7', text: 'every request after the 1,000th is refused' },
  'full-pool-trusts': {
    rule: 'REP-7',
    text: 'while no context is free the number of a reply is not compared',
  },
  'context-7-leaks': { rule: 'CTX-6', text: 'context 7 stays taken when its request times out' },
  'high-contexts-alias': {
    rule: 'CTX-5',
    text: 'context 32 and above are given back as the one 32 below',
  },
  'holds-32': { rule: 'CTX-1', text: 'the pool has at most 32 contexts' },
  'cut-at-4096': { rule: 'REQ-3', text: 'a message carries 4,096 bytes at most' },
  'three-users-mixed': {
    rule: 'REQ-1',
    text: 'while three users have daemons the third one is sent what is for the second',
  },
  'third-successor-silent': {
    rule: 'REG-3',
    text: 'at the third replacement of a user nobody is told to quit',
  },
  'sixteen-daemons': {
    rule: 'REG-1',
    text: 'the table holds 16 daemons, and one more is not registered',
  },
  'buckets-overflow': { rule: 'REG-1', text: 'users whose uid is 3 modulo 4 are not found (D-4)' },
  'fifth-guess-accepted': {
    rule: 'REP-7',
    text: 'the fifth wrong number in a row for one context is accepted',
  },
  'second-death-unnoticed': {
    rule: 'REQ-6',
    text: 'a dead daemon refuses one request, and takes the next',
  },
  'second-reclaim-refused': {
    rule: 'REG-5',
    text: 'a user can come back from a dead daemon once only',
  },
  'third-timeout-leaks': { rule: 'CTX-6', text: 'every third time-out in a row keeps its context' },
  'idle-unregisters': {
    rule: 'REG-6',
    text: 'a daemon that hears nothing for ten time-outs is unregistered',
  },
  'same-time-one-expires': {
    rule: 'SLP-4',
    text: 'of two requests with one deadline only one expires',
  },
  'quit-then-helo-refused': { rule: 'REG-1', text: 'who has unregistered cannot register again' },
  'successor-answer-leaks': { rule: 'CTX-5', text: 'an answer by a successor keeps the context' },
} as const satisfies Entries;
