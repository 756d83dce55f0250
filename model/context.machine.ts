import { setup } from 'xstate';

/**
 * One message context: the slot that a request occupies from the moment it is sent until the
 * process that sent it has looked at the outcome.
 *
 * Theory of operation. The kernel side keeps a fixed array of contexts, each on exactly one of two
 * lists. `free` is the free list; `pending` and `done` are the allocated list. A request takes a
 * free context and makes it pending. Exactly one thing fills it: an accepted reply, which makes it
 * done. It returns to the free list when the sleeper takes the reply away or gives up, after its
 * time-out or because of a signal, and when the message could not be sent in the first place.
 *
 * The machine is finite and has no clock: that the time has run out is an event.
 *
 * Source: the 2006 mail ("moves a msg ctx from the free list to the allocated list, sets its state
 * to pending"; "sets the state in the msg ctx to done"); Linux 6.1 fs/ecryptfs/messaging.c.
 */
export type ContextEvent =
  | { type: 'ACQUIRE' }
  | { type: 'SEND_FAILED' }
  | { type: 'ACCEPT' }
  | { type: 'EXPIRE' }
  | { type: 'INTERRUPT' }
  | { type: 'RELEASE' };

/** The lifecycle of one message context: free, pending, done. See the file head. */
export const contextMachine = setup({
  types: {} as { events: ContextEvent },
  actions: {
    storeReply: () => undefined,
    wakeSleeper: () => undefined,
  },
}).createMachine({
  id: 'context',
  description: 'One message context, from the free list to the allocated list and back.',
  initial: 'free',
  states: {
    free: {
      description: 'On the free list. Serves nobody; every reply that names it is refused.',
      on: {
        ACQUIRE: {
          target: 'pending',
          description: 'A request takes the context and gets a fresh sequence number.',
          meta: { requirements: ['CTX-2', 'CTX-3'] },
        },
      },
    },
    pending: {
      description: 'On the allocated list. The request is out; the process that asked sleeps.',
      on: {
        ACCEPT: {
          target: 'done',
          actions: ['storeReply', 'wakeSleeper'],
          description: 'A reply passed every check.',
          meta: { requirements: ['REP-9'] },
        },
        EXPIRE: {
          target: 'free',
          description: 'The sleeper looked after its time-out and found no reply.',
          meta: { requirements: ['CTX-6', 'SLP-3'] },
        },
        INTERRUPT: {
          target: 'free',
          description: 'A signal ended the sleep.',
          meta: { requirements: ['SLP-8'] },
        },
        SEND_FAILED: {
          target: 'free',
          description: 'The message could not be handed to the daemon.',
          meta: { requirements: ['CTX-7'] },
        },
      },
    },
    done: {
      description: 'On the allocated list, with a reply in it that nobody has taken yet.',
      on: {
        RELEASE: {
          target: 'free',
          description: 'The sleeper took the reply away.',
          meta: { requirements: ['CTX-5'] },
        },
      },
    },
  },
});
