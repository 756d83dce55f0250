import type { AnyStateMachine } from 'xstate';
import { createMachine } from 'xstate';
import type { Profile } from '../../model/index.js';
import {
  allStates,
  componentFigureOf,
  contextMachine,
  createReplyMachine,
  daemonMachine,
  figureOf,
  profiles,
  sketchOf,
  System,
  systemFigureOf,
  taskMachine,
} from '../../model/index.js';

/** The pictures that the page shows, laid out once each. */

/** The machines that can be looked at and stepped through, and what each is. */
export const machineNames = ['context', 'daemon', 'reply', 'task', 'system'] as const;

/** The name of one of them. */
export type MachineName = (typeof machineNames)[number];

/** Which machine, under which profile; the bounds are those of the joined system. */
export interface Chosen {
  readonly machine: MachineName;
  readonly profile: Profile;
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
}

/** What cannot be shown; the message is one sentence for the page. */
export class ShowError extends Error {
  override readonly name = 'ShowError';
}

const boundsShown = { contexts: 3, users: 2, processes: 2 } as const;
const statesMax = 150;
const figuresMax = 200;

/** Reads what a link says. @throws ShowError when there is no such thing */
export function chosenIn(query: URLSearchParams): Chosen {
  const name = query.get('machine') ?? 'context';
  const machine = machineNames.find((one) => one === name);
  if (machine === undefined) {
    throw new ShowError(`there is no machine "${name}"; known: ${machineNames.join(', ')}`);
  }
  const wanted = query.get('profile') ?? 'seed';
  const profile = profiles[wanted];
  if (profile === undefined) {
    throw new ShowError(
      `there is no profile "${wanted}"; known: ${Object.keys(profiles).join(', ')}`,
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
  throw new ShowError(`${name} "${text ?? ''}" is outside 1 to ${most}`);
}

/** The joined system that is meant. */
export function systemOf({ profile, contexts, users, processes }: Chosen): System {
  const environment = { sendFails: true, signals: true, pidReuse: false };
  const switches = { defects: [], without: [], environment };
  return new System({ contexts, users, processes }, profile, switches);
}

/** The component machine that is meant. */
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
      throw new ShowError('the joined system is no component');
  }
}

/** Figures by what they show. */
export class Figures {
  readonly #made = new Map<string, Promise<string>>();

  /** A machine of the model, or the joined system. */
  of(chosen: Chosen): Promise<string> {
    const { machine, profile, contexts, users, processes } = chosen;
    const key = [machine, profile.name, contexts, users, processes].join(' ');
    return this.#once(key, () =>
      machine === 'system'
        ? systemFigureOf(systemOf(chosen))
        : componentFigureOf(machineOf(chosen)),
    );
  }

  /** A machine of a program by its definition, which is JSON. @throws ShowError when it cannot be drawn */
  ofDefinition(definition: string): Promise<string> {
    return this.#once(definition, () => {
      const chart = sketchOf(readMachine(definition));
      const states = allStates(chart.states).length;
      if (states <= statesMax) return figureOf(chart);
      throw new ShowError(`${states} states are too many for a picture; the most is ${statesMax}`);
    });
  }

  /** Lays out what is looked at first, before anybody asks. */
  async warm(isWanted: () => boolean): Promise<void> {
    for (const machine of ['context', 'daemon', 'task', 'reply', 'system']) {
      if (isWanted()) await this.of(chosenIn(new URLSearchParams({ machine })));
    }
  }

  #once(key: string, make: () => Promise<string>): Promise<string> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size >= figuresMax) this.#made.clear();
    const made = Promise.resolve().then(make);
    this.#made.set(key, made);
    return made;
  }
}

function readMachine(definition: string): AnyStateMachine {
  try {
    const config: unknown = JSON.parse(definition);
    const isMachine = typeof config === 'object' && config !== null && 'states' in config;
    if (!isMachine) throw new ShowError('this actor is no state machine');
    // What the program says of itself is whatever it says; what is no machine is refused by XState.
    return createMachine(config as never);
  } catch (error) {
    if (error instanceof ShowError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ShowError(`the definition of this machine cannot be read (${reason})`);
  }
}
