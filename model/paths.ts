import { getShortestPaths } from '@xstate/graph';
import type { EventObject, StateValue } from 'xstate';
import { Quotient } from './explore.js';
import type { Profile } from './profiles.js';
import type { ReplyEvent } from './reply.machine.js';
import { createReplyMachine } from './reply.machine.js';
import type { State, Step, System } from './system.js';
import { keyOfState } from './system.js';
import { componentTable } from './components.js';
import { systemEvents } from './system-machine.js';
import { nameOfValue } from './table.js';
import { commandsOf } from './trace.js';
import type { Kind } from './vector.js';

/**
 * Paths through the machines, generated with @xstate/graph.
 *
 * The paths of a component machine say how each of its transitions is reached; they are lifted to
 * shortest runs of a small joined system that make the component go that way. The paths of the
 * system machine reach every state of a small system; of states that differ only in numbering one
 * is kept.
 */

/** A run from the initial state, with the name of what it is for. */
export interface Path {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly state: State;
}

/**
 * A shortest run of the system to every orbit of its states, breadth first: the paths that
 * `getShortestPaths` of @xstate/graph finds in the system machine, which a test compares. Of the
 * runs to an orbit the first that one clock allows is kept.
 */
export function systemPaths(system: System): readonly Path[] {
  const events = systemEvents(system);
  const quotient = new Quotient(system);
  const found = new Map<State, { readonly by: Step; readonly from: State } | undefined>();
  found.set(system.initial, undefined);
  const paths = new Map<string, { readonly path: Path; readonly isSayable: boolean }>();
  for (const [state] of found) {
    const orbit = quotient.orbit(state);
    if (paths.get(orbit)?.isSayable !== true) {
      const steps = stepsTo(state, found);
      const isSayable = commandsOf(steps) !== undefined;
      if (isSayable || !paths.has(orbit)) {
        paths.set(orbit, { path: { name: nameOfState(system, state), steps, state }, isSayable });
      }
    }
    for (const { action, choice } of events) {
      const step = system.steps(state, action).find(({ vector }) => vector.choice === choice);
      if (step !== undefined && !found.has(step.state))
        found.set(step.state, { by: step, from: state });
    }
  }
  return Array.from(paths.values(), ({ path }) => path);
}

/** The steps by which a state was found. */
function stepsTo(
  state: State,
  found: ReadonlyMap<State, { readonly by: Step; readonly from: State } | undefined>,
): readonly Step[] {
  const steps: Step[] = [];
  for (let at = found.get(state); at !== undefined; at = found.get(at.from)) steps.push(at.by);
  return steps.reverse();
}

/** A state in words: `u1-waiting+free.u1-d1+u2-none`. */
export function nameOfState(system: System, state: State): string {
  const { contexts, users } = system.bounds;
  const at = (kind: Kind, nth: number) => system.at(state, { kind, nth });
  const label = (register: string) => Number(register.slice(2)) + 1;
  const slots = Array.from({ length: contexts }, (_, nth) => {
    if (at('context', nth) === 'free') return 'free';
    const expired = at('task', nth) === 'sleeping.expired';
    const done = at('context', nth) === 'done';
    const what = done ? (expired ? 'done-late' : 'done') : expired ? 'expired' : 'waiting';
    return `u${label(at('owner', nth))}-${what}`;
  });
  const daemons = Array.from({ length: users }, (_, nth) => {
    const daemon = at('daemon', nth);
    const who = daemon === 'registered' ? `d${label(at('registrant', nth))}` : daemon;
    return `u${nth + 1}-${who}`;
  });
  return `${slots.join('+')}.${daemons.join('+')}`;
}

const componentKinds = ['context', 'task', 'daemon'] as const;

/** A run for every transition of the component machines and every way out of the reply cascade. */
export function componentPaths(system: System): readonly Path[] {
  const transitions = componentKinds.flatMap((kind) => {
    const table = componentTable(kind, system.bounds);
    const used = system.eventsOf(kind);
    return getShortestPaths(table.machine).flatMap(({ state, steps }) => {
      const before = steps
        .map(({ event }) => (event as EventObject).type)
        .filter((type) => table.events.includes(type));
      // A machine without parallel regions: its value is a name or a nest of one name each.
      const from = table.states.indexOf(nameOfValue(state.value as StateValue));
      return table.events
        .filter((_, event) => table.next(from, event) !== undefined)
        .filter((event) => [...before, event].every((type) => used.has(type)))
        .map((event) => ({
          name: `${kind}.${table.states[from] ?? ''}.${event}`,
          wanted: [...before, event].map(
            (type) => (step: Step) =>
              step.taken.some((one) => one.kind === kind && one.nth === 0 && one.event === type),
          ),
        }));
    });
  });
  const outcomes = replyOutcomes(system.profile).map((outcome) => ({
    name: `reply.${outcome}`,
    wanted: [(step: Step) => step.vector.name === `reply/${outcome}`],
  }));
  return [...transitions, ...outcomes].map(({ name, wanted }) => ({
    name,
    ...realize(system, name, wanted),
  }));
}

/** Every end of the cascade, by XState's own shortest paths over every combination of facts. */
function replyOutcomes(profile: Profile): string[] {
  const facts = profile.checks.map(({ fact }) => fact);
  const events = Array.from({ length: facts.length + 1 }, (_, failing): ReplyEvent => ({
    type: 'REPLY',
    // One entry for each fact of the profile.
    facts: Object.fromEntries(
      facts.map((fact, nth) => [fact, nth !== failing]),
    ) as ReplyEvent['facts'],
  }));
  const paths = getShortestPaths(createReplyMachine(profile), { events });
  return paths
    .map(({ state }) => nameOfValue(state.value).replace('refused.', ''))
    .filter((name) => name !== 'received');
}

/** The shortest run whose steps meet the wanted predicates one after the other. */
function realize(
  system: System,
  name: string,
  wanted: readonly ((step: Step) => boolean)[],
): Omit<Path, 'name'> {
  interface Node {
    readonly state: State;
    readonly met: number;
    readonly steps: readonly Step[];
  }
  const queue: Node[] = [{ state: system.initial, met: 0, steps: [] }];
  const seen = new Set<string>();
  for (const node of queue) {
    for (const action of system.actions()) {
      for (const step of system.steps(node.state, action)) {
        let met = node.met;
        while (wanted[met]?.(step) === true) met += 1;
        const next = { state: step.state, met, steps: [...node.steps, step] };
        if (met === wanted.length) return next;
        const key = `${keyOfState(step.state)}${met}`;
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push(next);
      }
    }
  }
  throw new Error(`no run of ${JSON.stringify(system.bounds)} reaches ${name}`);
}

/** The steps that leave a state as it is: refusals and other things without consequence. */
export function loopsOf(system: System, state: State): readonly Step[] {
  const key = keyOfState(state);
  return system
    .actions()
    .flatMap((action) =>
      system.steps(state, action).filter((step) => keyOfState(step.state) === key),
    );
}
