import type { Entry } from './entry.js';

const messaging = 'fs/ecryptfs/messaging.c';

/** The rules of the message contexts. */
export const contexts = {
  'CTX-1': {
    level: 'MUST',
    text: 'In a fresh system of N contexts, all N are free: N requests can sleep at the same time, and no more.',
    source: `mail 2006 "maintains an array of message context structs and places the elements of the array on two lists"; Linux 6.1 ${messaging} ecryptfs_init_messaging`,
    elements: ['context.free'],
  },
  'CTX-2': {
    level: 'MUST',
    text: 'A request takes a context from the free list and makes it pending.',
    source: `mail 2006 "moves a msg ctx from the free list to the allocated list, sets its state to pending"; Linux 6.1 ${messaging} ecryptfs_msg_ctx_free_to_alloc`,
    elements: ['context.free ACQUIRE'],
  },
  'CTX-3': {
    level: 'MUST',
    text: 'A context that serves a request is given to no other request until it is free again.',
    source: `mail 2006 "a free and an allocated list"; Linux 6.1 ${messaging} ecryptfs_acquire_free_msg_ctx`,
    elements: ['context.free ACQUIRE'],
  },
  'CTX-4': {
    level: 'MUST',
    text: 'A request that finds no free context is refused at once and does not sleep.',
    source: `Linux 6.1 ${messaging} ecryptfs_acquire_free_msg_ctx (an empty free list is ENOMEM)`,
    elements: ['request/no-context'],
  },
  'CTX-5': {
    level: 'MUST',
    text: 'When the sleeper has taken its reply, the context is free again.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response, ecryptfs_msg_ctx_alloc_to_free`,
    elements: ['context.done RELEASE', 'look/answered'],
  },
  'CTX-6': {
    level: 'MUST',
    text: 'A context whose request timed out is free again.',
    source: `Linux 6.1 ${messaging} ecryptfs_wait_for_response, ecryptfs_msg_ctx_alloc_to_free`,
    elements: ['context.pending EXPIRE', 'look/timed-out'],
  },
  'CTX-7': {
    level: 'MUST',
    text: 'A context whose message could not be sent is free again at once.',
    source: `Linux 2.6.21 to 7.1 ${messaging} ecryptfs_send_message leaks it; the rule is the mended behaviour (patch "release message context on send failure", 2026)`,
    elements: ['context.pending SEND_FAILED'],
  },
  'CTX-8': {
    level: 'MUST',
    text: 'The index of a message is the place of its context in the array, from 0 to N-1.',
    source: 'mail 2006 "The msg->index contains the offset of the array of msg ctx structs"',
    elements: ['daemon/deliverRequest'],
  },
  'CTX-9': {
    level: 'MUST',
    text: 'A refused request, reply or QUIT leaves every context as it was.',
    source: `Linux 6.1 ${messaging} ecryptfs_process_response and ecryptfs_send_message (error exits)`,
    elements: [
      'request/no-context',
      'request/no-daemon',
      'quit/not-registered',
      'quit/other-process',
    ],
  },
} as const satisfies Record<string, Entry>;
