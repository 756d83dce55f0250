import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  ExecutableActionsFrom,
  StateValue,
} from 'xstate';
import { initialTransition, transition } from 'xstate';
import type { Condition, Move } from './vector.js';

/**
 * A component machine as a table, made by asking XState once for each state and event.
 *
 * Nothing here knows what a machine means. States and events become small numbers, so that a joined
 * system is an array of bytes; the names stay beside them.
 */
export interface Table {
  readonly name: string;
  readonly machine: AnyStateMachine;
  /** Stable states by number, as dotted names; number 0 is the initial state. */
  readonly states: readonly string[];
  /** Events by number. */
  readonly events: readonly string[];
  /** The state after an event, or undefined where the state does not accept it. */
  next(state: number, event: number): number | undefined;
  /** The named actions that the machine runs when it takes the event, in order. */
  actions(state: number, event: number): readonly string[];
}

/** The dotted name of a state value without parallel regions: `sleeping.waiting`. */
export function nameOfValue(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [[parent, child] = ['', undefined]] = Object.entries(value);
  return child === undefined ? parent : `${parent}.${nameOfValue(child)}`;
}

/** Whether a state is one of the named ones; a parent's name stands for its children. */
export function isAmong(state: string, names: readonly string[]): boolean {
  return names.some((name) => state === name || state.startsWith(`${name}.`));
}

/** Whether a component in a state, given by name, is as a condition wants it. */
export function isMet(state: string, condition: Condition): boolean {
  return 'in' in condition ? isAmong(state, condition.in) : !isAmong(state, condition.notIn);
}

/** What a move makes of a component's state, or undefined where it is not accepted. */
export function stateAfter(table: Table, from: number, move: Move): number | undefined {
  if ('to' in move) return table.states.indexOf(move.to);
  return move.events.reduce<number | undefined>(
    (state, event) =>
      state === undefined ? undefined : table.next(state, table.events.indexOf(event)),
    from,
  );
}

/** Asks a machine for its whole table. The machine must be finite: no context, no delays. */
export function tabulate(machine: AnyStateMachine): Table {
  const events = (machine.events as string[]).filter((event) => event !== '*');
  const [first] = initialTransition(machine);
  const snapshots: AnyMachineSnapshot[] = [first];
  const states = [nameOfValue(first.value as StateValue)];
  const rows: { next: number | undefined; actions: readonly string[] }[][] = [];
  for (let from = 0; from < snapshots.length; from += 1) {
    const snapshot = snapshots[from];
    if (snapshot === undefined) break;
    rows.push(
      events.map((type) => {
        if (!snapshot.can({ type })) return { next: undefined, actions: [] };
        const [after, effects]: [AnyMachineSnapshot, ExecutableActionsFrom<AnyStateMachine>[]] =
          transition(machine, snapshot, { type });
        const name = nameOfValue(after.value as StateValue);
        if (!states.includes(name)) {
          states.push(name);
          snapshots.push(after);
        }
        return { next: states.indexOf(name), actions: effects.map((effect) => effect.type) };
      }),
    );
  }
  return {
    name: machine.id,
    machine,
    states,
    events,
    next: (state, event) => rows[state]?.[event]?.next,
    actions: (state, event) => rows[state]?.[event]?.actions ?? [],
  };
}
