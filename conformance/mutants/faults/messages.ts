import type { Entries } from './entry.js';

/** Faults in the message to the daemon. */
export const delivery = {
  'sends-nothing': { rule: 'REQ-2', text: 'a request is accepted, and its message is not sent' },
  'sends-twice': { rule: 'REQ-2', text: 'a message is sent twice' },
  'accepts-without-daemon': {
    rule: 'REQ-5',
    text: 'a request without a daemon is accepted, and forgotten',
  },
  'serves-by-any-daemon': {
    rule: 'REQ-5',
    text: 'a request without a daemon goes to the first daemon that there is',
  },
  'sends-late': { rule: 'REQ-2', text: 'a message is sent with the next thing that happens' },
  'sends-to-everybody': { rule: 'REQ-2', text: 'a message goes to the daemon of every user' },
  'sends-to-first': {
    rule: 'REQ-1',
    text: 'a message goes to the daemon that registered first of all',
  },
  'sends-to-latest': {
    rule: 'REQ-1',
    text: 'a message goes to the daemon that registered last of all',
  },
  'sends-to-predecessor': {
    rule: 'REQ-1',
    text: 'a message goes to the first daemon that its user ever had',
  },
  'sends-when-full': {
    rule: 'CTX-9',
    text: 'a request that finds no context is refused, and its message is sent',
  },
  'message-index-zero': { rule: 'CTX-3', text: 'every message names context 0' },
  'message-of-before': { rule: 'REQ-3', text: 'a message carries the bytes of the request before' },
  'request-cut-at-128': { rule: 'REQ-3', text: 'a message carries 128 bytes at most' },
  'request-cut-at-255': { rule: 'REQ-3', text: 'the length of a message is kept in 8 bits' },
  'request-ends-at-zero': { rule: 'REQ-3', text: 'a message ends before its first byte 0x00' },
  'request-loses-high-bits': {
    rule: 'REQ-3',
    text: 'the highest bit of every byte of a message is lost',
  },
  'request-padded': { rule: 'REQ-3', text: 'a message is filled up to a multiple of four bytes' },
  'request-line-ends': { rule: 'REQ-3', text: 'the byte 0x0a of a message becomes 0x0d 0x0a' },
  'refuses-empty-request': { rule: 'REQ-7', text: 'a request without bytes is refused' },
} as const satisfies Entries;

/** Faults in what the sleeper gets. */
export const waking = {
  'wakes-nobody': {
    rule: 'SLP-1',
    text: 'an answered sleeper is not woken, and looks only at its time-out',
  },
  'wakes-oldest': { rule: 'SLP-1', text: 'a reply wakes the one who sleeps longest' },
  'wakes-everybody': { rule: 'SLP-2', text: 'a reply makes everybody who sleeps return with it' },
  'returns-twice': { rule: 'SLP-2', text: 'an answered call returns twice' },
  'returns-late': {
    rule: 'SLP-1',
    text: 'an answered call returns with the next thing that happens',
  },
  'returns-latest-reply': {
    rule: 'SLP-1',
    text: 'a sleeper gets the bytes of the reply that came last',
  },
  'returns-request': { rule: 'SLP-1', text: 'a sleeper gets the bytes of its request back' },
  'returns-appended': {
    rule: 'SLP-1',
    text: 'a reply is appended to the one that the context held before',
  },
  'reply-cut-at-128': { rule: 'SLP-1', text: 'a sleeper gets 128 bytes at most' },
  'reply-cut-at-255': { rule: 'SLP-1', text: 'the length of a reply is kept in 8 bits' },
  'reply-ends-at-zero': { rule: 'SLP-1', text: 'a sleeper gets the bytes before the first 0x00' },
  'reply-inverts-last-ff': { rule: 'SLP-1', text: 'a last byte 0xff of a reply becomes 0x00' },
  'empty-reply-is-error': { rule: 'SLP-1', text: 'a reply without bytes makes the call fail' },
  'empty-reply-refused': { rule: 'REP-9', text: 'a reply without bytes is refused' },
  'second-reply-wins': {
    rule: 'REP-6',
    text: 'a second reply is accepted, and replaces the first',
  },
  'second-reply-noted': {
    rule: 'REP-6',
    text: 'a second reply is accepted, and is without effect',
  },
  'second-reply-overwrites': {
    rule: 'REP-6',
    text: 'a second reply is refused, and replaces the first all the same',
  },
  'refused-reply-ends-sleep': { rule: 'REP-8', text: 'a refused reply makes the call fail' },
  'refused-reply-spoils': {
    rule: 'REP-8',
    text: 'after a refused reply the context takes no other',
  },
  'refusals-unreported': {
    rule: 'REP-15',
    text: 'a refused reply is told that it was accepted (D-15)',
  },
  'late-reply-accepted': {
    rule: 'REP-2',
    text: 'a reply to a context that is free is accepted, and is without effect',
  },
  'crashes-on-unused': {
    rule: 'SYS-1',
    text: 'a reply to a context that never served a request brings the kernel down (D-5)',
  },
  'crashes-outside': { rule: 'SYS-1', text: 'an index outside the array brings the kernel down' },
  'look-ends-sleep': { rule: 'SLP-7', text: 'who looks and finds nothing gives up' },
  'look-loses-place': {
    rule: 'SLP-7',
    text: 'who has looked and found nothing is not woken by its reply',
  },
} as const satisfies Entries;
