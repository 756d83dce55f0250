import type { Command, Process, System } from '../model/index.js';
import type { Ledger } from './ledger.js';
import type { Hypothesis } from './prediction.js';

/**
 * Which commands make sense now: what the adapter can do, what the conversation has come to, and what
 * the protocol says something about. A command that makes none is left out.
 */

/** What is known at a moment of a conversation. */
export interface Scene {
  readonly hypotheses: readonly Hypothesis[];
  readonly system: System;
  readonly ledger: Ledger;
  readonly capabilities: ReadonlySet<string>;
}

/** What an adapter must be able to do for a command. */
export const capabilityOf: Readonly<Partial<Record<Command['do'], string>>> = {
  exit: 'exit',
  inspect: 'inspect',
  read: 'manualRead',
  interrupt: 'interrupt',
  'fail-send': 'sendFault',
  reuse: 'pidReuse',
  raw: 'raw',
};

/** Whether a command can be carried out, and judged. */
export function makesSense(command: Command, scene: Scene): boolean {
  const { hypotheses, ledger, capabilities } = scene;
  const needed = capabilityOf[command.do];
  if (needed !== undefined && !capabilities.has(needed)) return false;
  const { manualRead } = ledger.settings;
  switch (command.do) {
    case 'wake':
      return isSleeping(scene, command.request);
    case 'advance':
      return isSleeping(scene, command.request) && canWait(scene, command.lateMs);
    case 'interrupt':
      return canInterrupt(scene, command.request);
    case 'fail-send':
      return hypotheses.every(({ failsIn }) => failsIn === undefined);
    case 'exit':
      return ledger.lives(command.by) && !isUsurper(scene, ledger.pidOf(command.by));
    case 'reuse':
      return (
        !manualRead || (!isStale(scene, command.of) && fits(scene, 'helo', command.by.user - 1))
      );
    case 'helo':
    case 'raw':
      return !manualRead || fits(scene, 'helo', command.by.user - 1);
    case 'request':
      return !manualRead || fits(scene, 'request', command.user - 1);
    case 'read':
      return !endsUnread(scene, command.by);
    case 'quit':
    case 'reply':
    case 'pass':
    case 'inspect':
    case 'settle':
    case 'reset':
      return true;
  }
}

function isSleeping({ hypotheses }: Scene, request: number): boolean {
  return hypotheses.some(({ slots }) => slots.some((slot) => slot.request === request));
}

/** Where time is real it can be waited for, but not to the millisecond. */
function canWait({ ledger }: Scene, lateMs: number): boolean {
  const { time } = ledger.settings;
  return time === 'virtual' || (time === 'real' && lateMs >= 0);
}

/** What a signal does to a process that has something to see, nobody says. */
function canInterrupt({ hypotheses, system }: Scene, request: number): boolean {
  return hypotheses.every(({ state, slots }) => {
    const nth = slots.findIndex((slot) => slot.request === request);
    const task = nth === -1 ? '' : system.at(state, { kind: 'task', nth });
    return task === 'sleeping.waiting' && slots[nth]?.reply === undefined;
  });
}

/** Whether a process has got the pid of a dead daemon; what its own death does, nobody says. */
function isUsurper({ hypotheses, system }: Scene, pid: number): boolean {
  return hypotheses.some(({ state, pids }) =>
    pids.some((one, nth) => one === pid && system.at(state, { kind: 'daemon', nth }) === 'usurped'),
  );
}

/** Whether the time of a request is up whose message waits, and its process has not looked. */
function endsUnread({ hypotheses, system }: Scene, { user, process }: Process): boolean {
  const queue = (user - 1) * system.bounds.processes + process - 1;
  return hypotheses.some(({ state, mail }) =>
    mail.some(
      (one) =>
        one.queue === queue &&
        one.index >= 0 &&
        one.ended !== true &&
        system.at(state, { kind: 'task', nth: one.index }) === 'sleeping.expired',
    ),
  );
}

/** Whether a dead process may still be registered: what waits for a pid that is used again, nobody says. */
function isStale({ hypotheses, ledger }: Scene, by: Process): boolean {
  const pid = ledger.lastPidOf(by);
  return hypotheses.some(({ pids }) => pids[by.user - 1] === pid);
}

/**
 * Whether what a command sends fits into the queue that it would wait in, and no process is told to
 * quit twice between its reads.
 */
function fits({ hypotheses, system }: Scene, what: 'helo' | 'request', user: number): boolean {
  const { processes, queue = 0 } = system.bounds;
  return hypotheses.every(({ state, mail }) => {
    const registrant = system.at(state, { kind: 'registrant', nth: user });
    if (registrant === 'none') return true;
    const own = mail.filter((one) => one.queue === user * processes + Number(registrant.slice(2)));
    if (what === 'request') return own.length < queue;
    const isTold = own.some(({ request }) => request === undefined);
    return own.length < queue && !isTold;
  });
}
