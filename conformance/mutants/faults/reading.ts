import type { Entries } from './entry.js';

/** Faults in the messages that wait for a process until it reads. */
export const reading = {
  'queue-newest-first': {
    rule: 'QUE-1',
    text: 'a process reads the newest of the messages that wait for it',
    with: ['manualRead'],
  },
  'queue-holds-one': {
    rule: 'QUE-1',
    text: 'a message that comes while another one waits is lost',
    with: ['manualRead'],
  },
  'queue-holds-three': {
    rule: 'QUE-1',
    text: 'a message that comes while three wait is lost',
    with: ['manualRead'],
  },
  'read-gives-time': {
    rule: 'SLP-3',
    text: 'a request whose message is read lives for 2 ms at least from then on',
    with: ['manualRead'],
  },
  'queue-shared': {
    rule: 'REQ-1',
    text: 'whoever reads gets the oldest message that waits for anybody',
    with: ['manualRead'],
  },
  'queue-read-twice': {
    rule: 'QUE-1',
    text: 'a message is gone only when it was read twice',
    with: ['manualRead'],
  },
  'queue-empty-repeats': {
    rule: 'QUE-1',
    text: 'who finds nothing that waits reads its latest message again',
    with: ['manualRead'],
  },
  'queue-quit-first': {
    rule: 'QUE-1',
    text: 'a message to quit is read before the requests that came before it',
    with: ['manualRead'],
  },
  'quit-unqueued': {
    rule: 'QUE-1',
    text: 'a message to quit does not wait until it is read',
    with: ['manualRead'],
  },
  'quit-clears-queue': {
    rule: 'QUE-1',
    text: 'QUIT takes away the messages that wait for the process',
    with: ['manualRead'],
  },
  'helo-clears-queue': {
    rule: 'QUE-1',
    text: 'who is replaced loses the messages that wait for it',
    with: ['manualRead'],
  },
  'helo-moves-queue': {
    rule: 'QUE-1',
    text: 'the messages that wait for a daemon go over to the one that replaces it',
    with: ['manualRead'],
  },
  'exit-keeps-queue': {
    rule: 'QUE-2',
    text: 'a process reads what waited for a dead one with the same pid',
    with: ['manualRead', 'exit', 'pidReuse'],
  },
  'exit-frees-unread': {
    rule: 'QUE-2',
    text: 'death frees the contexts of unread messages under their sleepers (D-3)',
    with: ['manualRead', 'exit'],
  },
  'ended-clears-queue': {
    rule: 'QUE-3',
    text: 'a request that ends takes every message of its daemon away, and not its own alone',
    with: ['manualRead'],
  },
  'ended-renumbered': {
    rule: 'QUE-3',
    text: 'an unread message carries the number that its context has when it is read',
    with: ['manualRead'],
  },
  'ended-read-leaks': {
    rule: 'CTX-6',
    text: 'reading the message of a request that has ended takes its context for ever',
    with: ['manualRead'],
  },
  'ended-read-revives': {
    rule: 'REP-2',
    text: 'after its message was read a request that has ended can be answered',
    with: ['manualRead'],
  },
  'read-newest-bytes': {
    rule: 'REQ-3',
    text: 'a message carries the bytes of the request that came last before it was read',
    with: ['manualRead'],
  },
  'unread-expires-never': {
    rule: 'SLP-3',
    text: 'a request expires only once its message was read',
    with: ['manualRead'],
  },
  'restarts-on-read': {
    rule: 'SLP-4',
    text: 'the reading of its message gives a sleeper its whole time again',
    with: ['manualRead'],
  },
} as const satisfies Entries;
