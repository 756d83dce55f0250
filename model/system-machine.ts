import type { EventObject, MachineContext } from 'xstate';
import { and, or, setup, stateIn } from 'xstate';
import type { GuardPredicate } from 'xstate/guards';
import type { System } from './system.js';
import { keyOfAction } from './system.js';
import { isMet, stateAfter } from './table.js';
import type { Action, Vector } from './vector.js';

/**
 * The joined system as one XState parallel machine, generated from the synchronisation vectors.
 *
 * Each component is a region. An event is an action together with the choice that is left to the
 * implementation (`request 0 c1`: user 0 asks and gets context 1). Each vector becomes a guard over
 * the states of the regions it speaks of, made of `stateIn`. This machine exists so that XState's
 * own tools can walk and draw the system; a test holds it against the walk in system.ts.
 */

/** An event of the system machine and the action that it stands for. */
export interface SystemEvent {
  readonly type: string;
  readonly action: Action;
  readonly choice?: number;
  readonly option?: string;
}

/** The type of the event of an action and what is chosen in it. */
export function eventOf(action: Action, { choice, option }: Vector): string {
  const chosen = choice === undefined ? '' : ` c${choice}`;
  return `${keyOfAction(action)}${chosen}${option === undefined ? '' : ` ${option}`}`;
}

/** Every event of a system machine. */
export function systemEvents(system: System): readonly SystemEvent[] {
  const events = new Map<string, SystemEvent>();
  for (const action of system.actions()) {
    for (const vector of system.vectors(action)) {
      const { choice, option } = vector;
      const type = eventOf(action, vector);
      const chosen = choice === undefined ? {} : { choice };
      events.set(type, { type, action, ...chosen, ...(option === undefined ? {} : { option }) });
    }
  }
  return [...events.values()];
}

/** Builds the parallel machine of a system. Its size grows fast: for the smallest bounds only. */
export function createSystemMachine(system: System) {
  const regions = system.components.map((component) => ({
    ...component,
    region: `${component.kind}${component.nth}`,
    on: component.table.states.map(
      (): Record<string, { guard: string; target?: string }[]> => ({}),
    ),
  }));
  const guards: Record<string, Guard> = {};
  for (const action of system.actions()) {
    system.vectors(action).forEach((vector, nth) => {
      const type = eventOf(action, vector);
      const guard = `${type}: ${vector.name} ${nth}`;
      // and() leaves the type of named guards open; there are none inside.
      guards[guard] = and(conditions(system, vector)) as Guard;
      const moved = vector.moves.map((move) => ({
        region: regions.find(({ kind, nth: at }) => kind === move.at.kind && at === move.at.nth),
        move,
      }));
      // A vector that moves nothing still is a transition: it stands in the first region.
      const all = moved.length === 0 ? [{ region: regions[0], move: undefined }] : moved;
      for (const { region, move } of all) {
        region?.on.forEach((on, from) => {
          const target = move === undefined ? from : stateAfter(region.table, from, move);
          if (target === undefined) return;
          (on[type] ??= []).push(
            target === from ? { guard } : { guard, target: idOf(region, target) },
          );
        });
      }
    });
  }
  return setup({ guards }).createMachine({
    id: 'system',
    type: 'parallel',
    states: Object.fromEntries(
      regions.map((region) => [
        region.region,
        {
          initial: keyOf(region.table.states[0]),
          states: Object.fromEntries(
            region.table.states.map((name, number) => [
              keyOf(name),
              { id: idOf(region, number).slice(1), on: region.on[number] ?? {} },
            ]),
          ),
        },
      ]),
    ),
  });
}

type Guard = GuardPredicate<MachineContext, EventObject, unknown, never>;
type Component = System['components'][number];

/** XState takes a dot for a path. */
function keyOf(state: string | undefined): string {
  return (state ?? '').replaceAll('.', '-');
}

function idOf({ kind, nth, table }: Component, state: number): string {
  return `#${kind}${nth} ${keyOf(table.states[state])}`;
}

function conditions(system: System, vector: Vector) {
  const component = (kind: string, nth: number) =>
    system.components.find((one) => one.kind === kind && one.nth === nth);
  const within = (one: Component | undefined, holds: (state: string, number: number) => boolean) =>
    or(
      (one?.table.states ?? []).flatMap((state, number) =>
        one !== undefined && holds(state, number) ? [stateIn(idOf(one, number))] : [],
      ),
    );
  return [
    ...vector.when.map((condition) =>
      within(component(condition.at.kind, condition.at.nth), (state) => isMet(state, condition)),
    ),
    ...vector.moves.map((move) => {
      const one = component(move.at.kind, move.at.nth);
      return within(
        one,
        (_, number) => one !== undefined && stateAfter(one.table, number, move) !== undefined,
      );
    }),
  ];
}
