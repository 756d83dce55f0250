import { contextMachine } from './context.machine.js';
import { daemonMachine } from './daemon.machine.js';
import type { Profile } from './profiles.js';
import { createRegisterMachine } from './register.machine.js';
import { cascade } from './reply.machine.js';
import type { Table } from './table.js';
import { isAmong, tabulate } from './table.js';
import { taskMachine } from './task.machine.js';
import type { Action, Bounds, Kind, Ref, Vector } from './vectors.js';
import { vectorsOf } from './vectors.js';

/**
 * The joined system: N contexts with their owners and tasks, U daemons with their registrants.
 *
 * A state is an array of bytes, one for each component, that numbers the states of the component's
 * table. What can happen is read from the synchronisation vectors (vectors.ts), what becomes of a
 * component from its own machine. The walk knows no rule of the protocol.
 */

/** A state of the joined system: for each component the number of its state. */
export type State = Uint8Array;

/** A component's action that was run in a step, such as `sendQuit` of the daemon of user 0. */
export interface Effect extends Ref {
  readonly action: string;
}

/** One component's transition within a step, by names, for coverage. */
export interface Taken extends Ref {
  readonly from: string;
  readonly event: string;
}

/** What a vector makes of a state. */
export interface Step {
  readonly action: Action;
  readonly vector: Vector;
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly taken: readonly Taken[];
}

interface Compiled {
  readonly vector: Vector;
  readonly when: readonly { readonly position: number; readonly allowed: ReadonlySet<number> }[];
  readonly moves: readonly { readonly position: number; readonly events: readonly number[] }[];
}

/** The largest system; a byte numbers a component's states. */
export const boundsMax = { contexts: 4096, users: 200, processes: 200 } as const;

/** The joined system for some bounds under a profile. */
export class System {
  readonly bounds: Bounds;
  readonly profile: Profile;
  /** The components, in the order of a state's bytes. */
  readonly components: readonly (Ref & { readonly table: Table })[];
  readonly #positions: ReadonlyMap<Kind, number>;
  readonly #paths: ReturnType<typeof cascade>;
  readonly #compiled = new Map<string, readonly Compiled[]>();

  constructor(bounds: Bounds, profile: Profile) {
    for (const name of ['contexts', 'users', 'processes'] as const) {
      const value = bounds[name];
      if (!Number.isInteger(value) || value < 1 || value > boundsMax[name]) {
        throw new RangeError(`${value} ${name} is outside 1 to ${boundsMax[name]}`);
      }
    }
    this.bounds = bounds;
    this.profile = profile;
    this.#paths = cascade(profile);
    const kinds: [Kind, Table, number][] = [
      ['context', componentTable('context', bounds), bounds.contexts],
      ['owner', componentTable('owner', bounds), bounds.contexts],
      ['task', componentTable('task', bounds), bounds.contexts],
      ['daemon', componentTable('daemon', bounds), bounds.users],
      ['registrant', componentTable('registrant', bounds), bounds.users],
    ];
    const positions = new Map<Kind, number>();
    this.components = kinds.flatMap(([kind, table, count], nth) => {
      positions.set(
        kind,
        kinds.slice(0, nth).reduce((sum, [, , before]) => sum + before, 0),
      );
      return Array.from({ length: count }, (_, place) => ({ kind, nth: place, table }));
    });
    this.#positions = positions;
  }

  /** All contexts free, no daemon, nobody asleep. */
  get initial(): State {
    return new Uint8Array(this.components.length);
  }

  /** The name of a component's state: `this.at(state, { kind: 'context', nth: 0 })` is `free`. */
  at(state: State, ref: Ref): string {
    const position = this.#position(ref);
    return this.components[position]?.table.states[state[position] ?? 0] ?? '';
  }

  /** Every step that an action may be in a state; none when the action cannot happen there. */
  steps(state: State, action: Action): readonly Step[] {
    return this.#vectors(action).flatMap((compiled) => {
      const step = this.#take(state, action, compiled);
      return step === undefined ? [] : [step];
    });
  }

  /** Every vector of an action, possible or not. */
  vectors(action: Action): readonly Vector[] {
    return this.#vectors(action).map(({ vector }) => vector);
  }

  /** Every action of these bounds. A reply from outside the array needs no sequence number. */
  actions(): readonly Action[] {
    const { contexts, users, processes } = this.bounds;
    const range = (count: number) => Array.from({ length: count }, (_, nth) => nth);
    const bySender = range(users).flatMap((user) =>
      range(processes).flatMap((process): Action[] => [
        { do: 'helo', user, process },
        { do: 'quit', user, process },
        { do: 'exit', user, process },
        ...range(contexts).flatMap((context): Action[] => [
          { do: 'reply', user, process, context, sequence: 'current' },
          { do: 'reply', user, process, context, sequence: 'older' },
        ]),
        { do: 'reply', user, process, context: 'outside', sequence: 'current' },
      ]),
    );
    return [
      ...bySender,
      ...range(users).map((user): Action => ({ do: 'request', user })),
      ...range(contexts).flatMap((context): Action[] => [
        { do: 'expire', context },
        { do: 'look', context },
      ]),
    ];
  }

  #position(ref: Ref): number {
    return (this.#positions.get(ref.kind) ?? 0) + ref.nth;
  }

  #vectors(action: Action): readonly Compiled[] {
    const key = keyOfAction(action);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = vectorsOf(action, this.bounds, this.profile, this.#paths).map((vector) =>
      this.#compile(vector),
    );
    this.#compiled.set(key, made);
    return made;
  }

  #compile(vector: Vector): Compiled {
    const tableAt = (position: number) => this.components[position]?.table;
    return {
      vector,
      when: vector.when.map((condition) => {
        const position = this.#position(condition.at);
        const names = 'in' in condition ? condition.in : condition.notIn;
        const states = tableAt(position)?.states ?? [];
        const allowed = states.flatMap((state, number) =>
          isAmong(state, names) === 'in' in condition ? [number] : [],
        );
        return { position, allowed: new Set(allowed) };
      }),
      moves: vector.moves.map(({ at, events }) => {
        const position = this.#position(at);
        return {
          position,
          events: events.map((event) => tableAt(position)?.events.indexOf(event) ?? -1),
        };
      }),
    };
  }

  #take(state: State, action: Action, { vector, when, moves }: Compiled): Step | undefined {
    for (const { position, allowed } of when) {
      if (!allowed.has(state[position] ?? 0)) return undefined;
    }
    const after = state.slice();
    const effects: Effect[] = [];
    const taken: Taken[] = [];
    for (const { position, events } of moves) {
      const component = this.components[position];
      if (component === undefined) return undefined;
      const { kind, nth, table } = component;
      for (const event of events) {
        const from = after[position] ?? 0;
        const next = table.next(from, event);
        if (next === undefined) return undefined;
        for (const action of table.actions(from, event)) effects.push({ kind, nth, action });
        taken.push({ kind, nth, from: table.states[from] ?? '', event: table.events[event] ?? '' });
        after[position] = next;
      }
    }
    return { action, vector, state: after, effects, taken };
  }
}

/** An action as a key: equal for equal actions. */
export function keyOfAction(action: Action): string {
  switch (action.do) {
    case 'helo':
    case 'quit':
    case 'exit':
      return `${action.do} ${action.user}.${action.process}`;
    case 'request':
      return `request ${action.user}`;
    case 'reply':
      return `reply ${action.user}.${action.process} ${action.context} ${action.sequence}`;
    case 'expire':
    case 'look':
      return `${action.do} ${action.context}`;
  }
}

const tables = new Map<string, Table>();

/** The table of one kind of component; the two registers depend on the bounds. */
export function componentTable(kind: Kind, bounds: Bounds): Table {
  const values = kind === 'owner' ? bounds.users : kind === 'registrant' ? bounds.processes : 0;
  const key = `${kind} ${values}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = tabulate(machineOf(kind, values));
  tables.set(key, made);
  return made;
}

function machineOf(kind: Kind, values: number) {
  switch (kind) {
    case 'context':
      return contextMachine;
    case 'task':
      return taskMachine;
    case 'daemon':
      return daemonMachine;
    case 'owner':
    case 'registrant':
      return createRegisterMachine(kind, values);
  }
}
