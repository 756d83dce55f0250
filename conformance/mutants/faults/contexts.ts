import type { Entries } from './entry.js';

/** Faults in how contexts are taken and given back. */
export const lifecycle = {
  'leaks-on-timeout': { rule: 'CTX-6', text: 'a context whose request timed out stays taken' },
  'leaks-on-answer': { rule: 'CTX-5', text: 'a context whose reply was taken stays taken' },
  'leaks-on-late-answer': {
    rule: 'CTX-5',
    text: 'a context stays taken when its reply was taken after the time-out',
  },
  'leaks-on-dead-daemon': {
    rule: 'CTX-7',
    text: 'a request to a dead daemon keeps the context that it took (D-1)',
  },
  'leaks-without-daemon': {
    rule: 'CTX-9',
    text: 'a request without a daemon takes a context before the look-up fails',
  },
  'leaks-on-wrong-number': {
    rule: 'CTX-9',
    text: 'a context whose reply had a wrong number is not given back at its time-out',
  },
  'frees-on-reply': {
    rule: 'CTX-3',
    text: 'an answered context is given away before its sleeper has looked',
  },
  'frees-at-expiry': {
    rule: 'CTX-3',
    text: 'an expired context is given away before its sleeper has looked',
  },
  'frees-on-refused-reply': {
    rule: 'CTX-9',
    text: 'a refused reply puts the context back on the free list',
  },
  'frees-twice-on-timeout': {
    rule: 'CTX-3',
    text: 'a context is on the free list twice after a time-out',
  },
  'frees-twice-on-answer': {
    rule: 'CTX-3',
    text: 'a context is on the free list twice after an answer',
  },
  'gives-answered-context': { rule: 'CTX-3', text: 'a full pool gives an answered context away' },
  'gives-pending-context': {
    rule: 'CTX-4',
    text: 'a full pool gives away the context that waits longest',
  },
  'forgets-without-context': {
    rule: 'CTX-4',
    text: 'a request that finds no context is accepted, and forgotten',
  },
  'full-pool-times-out': {
    rule: 'CTX-4',
    text: 'a request that finds no context is refused only at its time-out',
  },
  'one-context-too-few': { rule: 'CTX-1', text: 'the pool has one context less than it was told' },
  'one-context-too-many': { rule: 'CTX-4', text: 'the pool has one context more than it was told' },
  'takes-two': { rule: 'CTX-2', text: 'a request takes two contexts, and gives two back' },
  'one-request-a-user': {
    rule: 'REQ-7',
    text: 'a user who has a request that sleeps is refused a second one',
  },
  'keeps-old-reply': {
    rule: 'SLP-3',
    text: 'a time-out returns the reply that the context held for somebody before (D-6)',
  },
  'shows-free-as-done': {
    rule: 'INS-1',
    text: 'a context that was given back is still shown as done',
  },
  'shows-late-list': {
    rule: 'INS-1',
    text: 'an answered context is missing in the list of the allocated',
  },
} as const satisfies Entries;

/** Faults in how a reply is led to its request. */
export const correlation = {
  'index-from-one': {
    rule: 'CTX-8',
    text: 'contexts are numbered from 1, in messages and in replies',
  },
  'index-one-too-high': {
    rule: 'REP-9',
    text: 'a reply is looked up at the context after the one it names',
  },
  'index-in-8-bits': { rule: 'REP-1', text: 'only the low 8 bits of an index count' },
  'index-in-16-bits': { rule: 'REP-1', text: 'only the low 16 bits of an index count' },
  'index-in-31-bits': { rule: 'REP-1', text: 'the highest bit of an index does not count' },
  'index-modulo-pool': {
    rule: 'REP-1',
    text: 'an index outside the array comes round to its beginning',
  },
  'index-last-is-last': {
    rule: 'REP-1',
    text: 'the index 2^32 - 1 is taken for -1, the last context',
  },
  'outside-is-first': {
    rule: 'REP-1',
    text: 'an index outside the array is taken for the first context',
  },
  'finds-by-number': {
    rule: 'REP-7',
    text: 'a reply finds its request by the sequence number alone',
  },
  'ignores-number': { rule: 'REP-7', text: 'the sequence number of a reply is not compared' },
  'number-in-8-bits': { rule: 'REP-7', text: 'sequence numbers are compared in their low 8 bits' },
  'number-in-16-bits': {
    rule: 'REP-7',
    text: 'sequence numbers are compared in their low 16 bits',
  },
  'number-in-31-bits': {
    rule: 'REP-7',
    text: 'sequence numbers are compared without the highest bit',
  },
  'number-without-low-bit': {
    rule: 'REP-7',
    text: 'sequence numbers are compared without the lowest bit',
  },
  'number-swapped-too': {
    rule: 'REP-7',
    text: 'a number in the other byte order is accepted as well',
  },
  'number-at-least': { rule: 'REP-7', text: 'a number above the right one is accepted' },
  'number-at-most': { rule: 'REP-7', text: 'a number below the right one is accepted' },
  'number-zero-fits-all': {
    rule: 'REP-7',
    text: 'sequence number 0 is accepted for every request',
  },
  'number-before-too': {
    rule: 'REP-7',
    text: 'the number that the context had before is accepted as well',
  },
  'number-of-anybody': { rule: 'REP-7', text: 'the number of any request that sleeps is accepted' },
  'compares-with-latest': {
    rule: 'REP-9',
    text: 'numbers are compared with the one that was given out last',
  },
  'number-is-index': { rule: 'REQ-4', text: 'every request of a context has the same number' },
  'numbers-mod-256': { rule: 'REQ-4', text: 'after 256 numbers the first comes again' },
  'numbers-mod-65536': { rule: 'REQ-4', text: 'after 65,536 numbers the first comes again' },
  'numbers-end-at-200': { rule: 'REQ-4', text: 'the counter stands still after 200 numbers' },
  'number-back-on-timeout': {
    rule: 'REQ-4',
    text: 'a request that timed out leaves its number to the next one',
  },
  'number-again-after-helo': { rule: 'REQ-4', text: 'the counter begins anew with every HELO' },
  'message-number-in-8-bits': {
    rule: 'REP-9',
    text: 'a message carries the low 8 bits of its number only',
  },
} as const satisfies Entries;
