import type { Entries } from './entry.js';

const racy = { with: ['concurrent'] } as const;

/** Faults that show only when calls overlap: what was found to be so is no longer so when it is acted upon. */
export const concurrency = {
  'racy-second-reply': {
    ...racy,
    rule: 'REP-6',
    text: 'two replies that overlap both find the context pending, and both are accepted',
  },
  'racy-late-reply': {
    ...racy,
    rule: 'REP-2',
    text: 'a reply that passed the checks is accepted after its request has timed out meanwhile',
  },
  'racy-reply-to-next': {
    ...racy,
    rule: 'REP-7',
    text: 'a reply that passed the checks goes to whoever has the context by the time it is stored',
  },
  'racy-expiry-again': {
    ...racy,
    rule: 'SLP-2',
    text: 'a request that is answered while its time-out is being handled returns once more',
  },
  'racy-expiry-wins': {
    ...racy,
    rule: 'SLP-5',
    text: 'a reply that is accepted while the time-out is being handled is thrown away',
  },
  'racy-free-twice': {
    ...racy,
    rule: 'CTX-3',
    text: 'a context whose request is answered while its time-out is being handled is freed twice',
  },
  'racy-context': {
    ...racy,
    rule: 'CTX-3',
    text: 'two requests that overlap find the same context free, and both take it',
  },
  'racy-full': {
    ...racy,
    rule: 'REQ-2',
    text: 'two requests find one context free, and the second sleeps without any',
  },
  'racy-recipient': {
    ...racy,
    rule: 'REQ-1',
    text: 'a request goes to the daemon that was replaced while the request was being made',
  },
  'racy-death-leaks': {
    ...racy,
    rule: 'CTX-7',
    text: 'a daemon that dies while a request to it is being made takes the context with it',
  },
  'racy-helo': {
    ...racy,
    rule: 'REG-3',
    text: 'of two processes that register at once the one that loses is not told to quit',
  },
  'racy-quit': {
    ...racy,
    rule: 'REG-7',
    text: 'a process that was replaced while it was quitting unregisters its successor',
  },
  'racy-lock-order': {
    ...racy,
    rule: 'REQ-9',
    text: 'request and HELO take the two locks in different orders, and wait for each other for ever',
  },
} as const satisfies Entries;
