import { setup } from 'xstate';

/**
 * One process that asked: it sends a request and sleeps until it is answered or its time is up.
 *
 * Theory of operation. A sleeping process is woken by an accepted reply or by its time-out, but it
 * decides what happened only when it *looks*: a reply that is there wins, whether or not the time
 * has run out meanwhile. A look that finds neither reply nor expiry is a spurious wake-up, and the
 * process sleeps on. `resumed` is passed through: a process that has resumed runs again.
 *
 * Source: the 2006 mail ("wakes up the process that was sleeping while waiting for the reply");
 * Linux 6.1 fs/ecryptfs/messaging.c ecryptfs_wait_for_response.
 */
export type TaskEvent =
  | { type: 'ASK' }
  | { type: 'EXPIRE' }
  | { type: 'LOOK_NOTHING' }
  | { type: 'LOOK_REPLY' }
  | { type: 'LOOK_EXPIRED' }
  | { type: 'INTERRUPT' };

/** The process that waits on one context: running, sleeping, resumed. See the file head. */
export const taskMachine = setup({
  types: {} as { events: TaskEvent },
  actions: {
    returnReply: () => undefined,
    returnTimeout: () => undefined,
    returnInterrupted: () => undefined,
  },
}).createMachine({
  id: 'task',
  description: 'A process that sends a request and sleeps for the reply.',
  initial: 'running',
  states: {
    running: {
      description: 'Not waiting for a reply.',
      on: {
        ASK: {
          target: 'sleeping',
          description: 'Its request was handed to the daemon.',
          meta: { requirements: ['REQ-7'] },
        },
      },
    },
    sleeping: {
      description: 'Waiting for the reply to its own request.',
      initial: 'waiting',
      on: {
        LOOK_REPLY: {
          target: 'resumed.answered',
          description: 'It looks and finds the reply.',
          meta: { requirements: ['SLP-1', 'SLP-5'] },
        },
        INTERRUPT: {
          target: 'resumed.interrupted',
          description: 'A signal ends the sleep, where the profile lets it.',
          meta: { requirements: ['SLP-8'] },
        },
      },
      states: {
        waiting: {
          description: 'Time remains.',
          on: {
            EXPIRE: {
              target: 'expired',
              description: 'Its whole time-out has passed since it asked.',
              meta: { requirements: ['SLP-4'] },
            },
            LOOK_NOTHING: {
              target: 'waiting',
              description: 'A spurious wake-up: no reply, time remains, it sleeps on.',
              meta: { requirements: ['SLP-7'] },
            },
          },
        },
        expired: {
          description: 'No time remains, and it has not looked yet. Its context is still its own.',
          on: {
            LOOK_EXPIRED: {
              target: '#task.resumed.timedOut',
              description: 'It looks, finds no reply, and gives up.',
              meta: { requirements: ['SLP-3'] },
            },
          },
        },
      },
    },
    resumed: {
      description: 'Back from the call, with the reply or with an error.',
      initial: 'answered',
      states: {
        answered: {
          entry: 'returnReply',
          description: 'The call returns the bytes of the reply.',
          always: { target: '#task.running', meta: { requirements: ['SLP-1'] } },
        },
        timedOut: {
          entry: 'returnTimeout',
          description: 'The call returns an error.',
          always: { target: '#task.running', meta: { requirements: ['SLP-3'] } },
        },
        interrupted: {
          entry: 'returnInterrupted',
          description: 'The call returns an error because of a signal.',
          always: { target: '#task.running', meta: { requirements: ['SLP-8'] } },
        },
      },
    },
  },
});
