import { setup } from 'xstate';

/**
 * The registration of one user's daemon.
 *
 * Theory of operation. A user has at most one registered daemon. HELO registers the process that
 * sends it; a HELO by another process of the user replaces the one before, which is told to quit.
 * QUIT by the registered process unregisters it. A daemon that dies says nothing: its association
 * stays behind, *stale*, sends to it fail, and the user's next HELO replaces it. Meanwhile its pid may
 * be given to a process of somebody else: *usurped*. Which process is registered is kept beside this
 * machine, in the register `registrant`.
 *
 * Source: the 2006 mail ("There is a stale uid<->pid association in the hash table for that user.
 * When the user registers a new daemon, eCryptfs cleans up the old association and generates a new
 * one"); Linux 2.6.21 fs/ecryptfs/messaging.c ecryptfs_process_helo and ecryptfs_process_quit.
 */
export type DaemonEvent =
  | { type: 'REGISTER' }
  | { type: 'RENEW' }
  | { type: 'RENEW_AND_QUIT' }
  | { type: 'REPLACE' }
  | { type: 'RECLAIM' }
  | { type: 'UNREGISTER' }
  | { type: 'DIE' }
  | { type: 'CLOSE' }
  | { type: 'USURP' }
  | { type: 'SEND' }
  | { type: 'SEND_FAILS' }
  | { type: 'LOOKUP_FAILS' };

/** The registration of one user's daemon: unregistered, registered, stale. See the file head. */
export const daemonMachine = setup({
  types: {} as { events: DaemonEvent },
  actions: {
    deliverRequest: () => undefined,
    sendQuit: () => undefined,
    maySendQuit: () => undefined,
    deliverToStranger: () => undefined,
    mayTellStranger: () => undefined,
  },
}).createMachine({
  id: 'daemon',
  description: "Who answers a user's requests.",
  initial: 'unregistered',
  states: {
    unregistered: {
      description: 'The user has no daemon; his requests are refused.',
      on: {
        REGISTER: {
          target: 'registered',
          description: 'HELO by any process of the user.',
          meta: { requirements: ['REG-1'] },
        },
        LOOKUP_FAILS: {
          target: 'unregistered',
          description: 'A request of the user finds nobody to ask.',
          meta: { requirements: ['REQ-5'] },
        },
      },
    },
    registered: {
      description: 'A living process of the user is registered and gets his requests.',
      on: {
        SEND: {
          target: 'registered',
          actions: 'deliverRequest',
          description: 'A request is unicast to the registered process.',
          meta: { requirements: ['REQ-1', 'REQ-2'] },
        },
        RENEW: {
          target: 'registered',
          actions: 'maySendQuit',
          description: 'HELO by the process that is registered already.',
          meta: { requirements: ['REG-4'] },
        },
        RENEW_AND_QUIT: {
          target: 'registered',
          actions: 'sendQuit',
          description: 'The same, where the kernel does not see that it is the same process.',
          meta: { requirements: ['REG-13'] },
        },
        REPLACE: {
          target: 'registered',
          actions: 'sendQuit',
          description: 'HELO by another process of the user; the old one is told to quit.',
          meta: { requirements: ['REG-2', 'REG-3'] },
        },
        UNREGISTER: {
          target: 'unregistered',
          description: 'QUIT by the registered process.',
          meta: { requirements: ['REG-6'] },
        },
        DIE: {
          target: 'stale',
          description: 'The registered process dies without a word.',
          meta: { requirements: ['REG-9'] },
        },
        CLOSE: {
          target: 'unregistered',
          description: 'The registered process dies, and its handle is closed with it.',
          meta: { requirements: ['REG-15'] },
        },
      },
    },
    stale: {
      description: 'The association names a process that is dead.',
      on: {
        SEND_FAILS: {
          target: 'stale',
          description: 'A request cannot be handed over.',
          meta: { requirements: ['REQ-6'] },
        },
        RECLAIM: {
          target: 'registered',
          description: 'HELO by a new process; the old association is cleaned up.',
          meta: { requirements: ['REG-5'] },
        },
        USURP: {
          target: 'usurped',
          description: "A process of another user gets the dead daemon's pid.",
          meta: { requirements: ['REG-9'] },
        },
      },
    },
    usurped: {
      description: 'The association names a pid that a process of another user has.',
      on: {
        SEND: {
          target: 'usurped',
          actions: 'deliverToStranger',
          description: 'The request reaches that process: a pid is all that the transport knows.',
          meta: { requirements: ['REG-9'] },
        },
        RECLAIM: {
          target: 'registered',
          actions: 'mayTellStranger',
          description: 'HELO by a new process; the old association is cleaned up.',
          meta: { requirements: ['REG-5'] },
        },
      },
    },
  },
});
