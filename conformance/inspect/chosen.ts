import type { AnyStateMachine } from 'xstate';
import type { Profile } from '../../model/index.js';
import {
  contextMachine,
  createReplyMachine,
  daemonMachine,
  profiles,
  System,
  taskMachine,
} from '../../model/index.js';
import { printable } from '../printable.js';

/** Which machine a link of the page names. */

/** The machines that the page shows and steps through. */
export const machineNames = ['context', 'daemon', 'reply', 'task', 'system'] as const;

/** The name of one of them. */
export type MachineName = (typeof machineNames)[number];

/** A machine under a profile; the bounds are those of the joined system. */
export interface Chosen {
  readonly machine: MachineName;
  readonly profile: Profile;
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
}

/** Something that cannot be shown. The message is one sentence for the page. */
export class ShowError extends Error {
  override readonly name = 'ShowError';
}

const shownMax = 100;
const boundsShown = { contexts: 3, users: 2, processes: 2 } as const;

/** Reads a link. @throws ShowError if it names a machine, profile or bound that does not exist */
export function chosenIn(query: URLSearchParams): Chosen {
  const name = query.get('machine') ?? 'context';
  const machine = machineNames.find((one) => one === name);
  if (machine === undefined) {
    throw new ShowError(
      `there is no machine "${printable(name, shownMax)}"; known: ${machineNames.join(', ')}`,
    );
  }
  const wanted = query.get('profile') ?? 'seed';
  const profile = Object.hasOwn(profiles, wanted) ? profiles[wanted] : undefined;
  if (profile === undefined) {
    throw new ShowError(
      `there is no profile "${printable(wanted, shownMax)}"; known: ${Object.keys(profiles).join(', ')}`,
    );
  }
  return {
    machine,
    profile,
    contexts: bound(query, 'contexts', 2),
    users: bound(query, 'users', 1),
    processes: bound(query, 'processes', 2),
  };
}

function bound(query: URLSearchParams, name: keyof typeof boundsShown, usual: number): number {
  const text = query.get(name);
  const value = text === null ? usual : Number(text);
  const most = boundsShown[name];
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new ShowError(`${name} "${printable(text ?? '', shownMax)}" is outside 1 to ${most}`);
}

/** The joined system of a link. */
export function systemOf({ profile, contexts, users, processes }: Chosen): System {
  const environment = { sendFails: true, signals: true, pidReuse: false };
  const switches = { defects: [], without: [], environment };
  return new System({ contexts, users, processes }, profile, switches);
}

/** The component machine of a link. */
export function machineOf({ machine, profile }: Chosen): AnyStateMachine {
  switch (machine) {
    case 'context':
      return contextMachine;
    case 'daemon':
      return daemonMachine;
    case 'task':
      return taskMachine;
    case 'reply':
      return createReplyMachine(profile);
    case 'system':
      throw new ShowError('the joined system is not a component');
  }
}
