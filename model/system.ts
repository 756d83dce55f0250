import type { Component } from './components.js';
import { componentsOf } from './components.js';
import type { Switches } from './defects.js';
import { asSpecified } from './defects.js';
import type { Profile } from './profiles.js';
import { isMet } from './table.js';
import type { Action, Bounds, Kind, Move, Ref, Vector } from './vector.js';
import { BoundsError } from './vector.js';
import type { Rules } from './vectors/rules.js';
import { rulesOf } from './vectors/rules.js';
import { actionsOf, vectorsOf } from './vectors.js';

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
  /** For each condition the component, and for each of its states whether it is met. */
  readonly when: readonly { readonly position: number; readonly allowed: readonly boolean[] }[];
  readonly moves: readonly (
    | { readonly position: number; readonly events: readonly number[] }
    | { readonly position: number; readonly to: number }
  )[];
}

/** The largest system; a byte numbers a component's states. */
export const boundsMax = { contexts: 4096, users: 200, processes: 200 } as const;

const queueMax = 32;
const tasksMax = 2 * boundsMax.contexts;

const statesOfComponentMax = 256;
/** A system remembers the steps from so many states. */
const rememberedMax = 20_000;

/** The joined system for some bounds under a profile, with what is switched in it. */
export class System {
  readonly bounds: Bounds;
  readonly profile: Profile;
  readonly rules: Rules;
  /** The components, in the order of a state's bytes. */
  readonly components: readonly Component[];
  readonly #positions: ReadonlyMap<Kind, number>;
  readonly #compiled = new Map<string, readonly Compiled[]>();
  readonly #actions: readonly Action[];
  /** All contexts free, no daemon, nobody asleep. */
  readonly initial: State;
  /** One array for all equal states, and the steps from it that were asked for before. */
  readonly #states = new Map<string, State>();
  readonly #steps = new WeakMap<State, Map<string, readonly Step[]>>();
  /** The keys of the system's own actions. */
  readonly #keys: ReadonlyMap<Action, string>;

  constructor(bounds: Bounds, profile: Profile, switches: Switches = asSpecified) {
    mustFit(bounds);
    this.bounds = bounds;
    this.profile = profile;
    this.rules = rulesOf(bounds, profile, switches);
    this.#actions = actionsOf(this.rules);
    this.#keys = new Map(this.#actions.map((action) => [action, keyOfAction(action)]));
    this.components = componentsOf(this.rules);
    const positions = new Map<Kind, number>();
    this.components.forEach(({ kind }, position) => {
      if (!positions.has(kind)) positions.set(kind, position);
    });
    this.#positions = positions;
    this.initial = this.#only(new Uint8Array(this.components.length));
  }

  /** The name of a component's state: `this.at(state, { kind: 'context', nth: 0 })` is `free`. */
  at(state: State, ref: Ref): string {
    const position = this.#position(ref);
    return this.components[position]?.table.states[state[position] ?? 0] ?? '';
  }

  /** A state in which one component is as it was before it took an event; all others stay. */
  undo(state: State, { kind, nth, from }: Taken): State {
    const position = this.#position({ kind, nth });
    const before = state.slice();
    before[position] = this.components[position]?.table.states.indexOf(from) ?? 0;
    return this.#only(before);
  }

  /**
   * Every step that an action may be in a state; none when the action cannot happen there. Steps are
   * remembered: the same ones come again, and nobody may write into their states.
   *
   * @param choice where the implementation chose a context: which, to have no other considered
   */
  steps(state: State, action: Action, choice?: number): readonly Step[] {
    const name = this.#keyOf(action);
    const key = choice === undefined ? name : `${name} ${choice}`;
    const from = this.#steps.get(state) ?? new Map<string, readonly Step[]>();
    const known = from.get(key);
    if (known !== undefined) return known;
    const made = this.#make(state, action, choice);
    this.#steps.set(state, from.set(key, made));
    return made;
  }

  #keyOf(action: Action): string {
    return this.#keys.get(action) ?? keyOfAction(action);
  }

  #make(state: State, action: Action, choice: number | undefined): readonly Step[] {
    const steps: Step[] = [];
    for (const compiled of this.#vectors(action)) {
      if (choice !== undefined && (compiled.vector.choice ?? choice) !== choice) continue;
      const step = this.#take(state, action, compiled);
      if (step !== undefined) steps.push(step);
    }
    return steps;
  }

  /** Every vector of an action, possible or not. */
  vectors(action: Action): readonly Vector[] {
    return this.#vectors(action).map(({ vector }) => vector);
  }

  /** Every action of this system, possible now or not. */
  actions(): readonly Action[] {
    return this.#actions;
  }

  /** The events of a kind of component that something in this system can cause. */
  eventsOf(kind: Kind): ReadonlySet<string> {
    const moves = this.actions().flatMap((action) =>
      this.vectors(action).flatMap((vector) => vector.moves),
    );
    return new Set(
      moves.flatMap((move) => ('events' in move && move.at.kind === kind ? move.events : [])),
    );
  }

  #position(ref: Ref): number {
    const first = this.#positions.get(ref.kind);
    if (first === undefined) throw new RangeError(`the system has no ${ref.kind}`);
    return first + ref.nth;
  }

  #vectors(action: Action): readonly Compiled[] {
    const key = this.#keyOf(action);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = vectorsOf(action, this.rules).map((vector) => this.#compile(vector));
    this.#compiled.set(key, made);
    return made;
  }

  #compile(vector: Vector): Compiled {
    const tableAt = (position: number) => this.components[position]?.table;
    return {
      vector,
      when: vector.when.map((condition) => {
        const position = this.#position(condition.at);
        const states = tableAt(position)?.states ?? [];
        return { position, allowed: states.map((state) => isMet(state, condition)) };
      }),
      moves: vector.moves.map((move: Move) => {
        const position = this.#position(move.at);
        const table = tableAt(position);
        if ('to' in move) return { position, to: table?.states.indexOf(move.to) ?? -1 };
        return {
          position,
          events: move.events.map((event) => table?.events.indexOf(event) ?? -1),
        };
      }),
    };
  }

  #take(state: State, action: Action, { vector, when, moves }: Compiled): Step | undefined {
    for (const { position, allowed } of when) {
      if (allowed[state[position] ?? 0] !== true) return undefined;
    }
    const after = state.slice();
    const effects: Effect[] = [];
    const taken: Taken[] = [];
    for (const move of moves) {
      const { position } = move;
      const component = this.components[position];
      if (component === undefined) return undefined;
      if ('to' in move) {
        after[position] = move.to;
        continue;
      }
      const { kind, nth, table } = component;
      for (const event of move.events) {
        const from = after[position] ?? 0;
        const next = table.next(from, event);
        if (next === undefined) return undefined;
        for (const action of table.actions(from, event)) effects.push({ kind, nth, action });
        taken.push({ kind, nth, from: table.states[from] ?? '', event: table.events[event] ?? '' });
        after[position] = next;
      }
    }
    return { action, vector, state: this.#only(after), effects, taken };
  }

  /** The one array that stands for all equal ones; when there are too many all are forgotten. */
  #only(state: State): State {
    const key = keyOfState(state);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= rememberedMax) this.#states.clear();
    this.#states.set(key, state);
    return state;
  }
}

/** The key of a state: equal for equal states. */
export function keyOfState(state: State): string {
  // Four times as fast as spreading the array.
  return Reflect.apply(String.fromCharCode, undefined, state) as string;
}

/** An action as a key: equal for equal actions. */
export function keyOfAction(action: Action): string {
  switch (action.do) {
    case 'helo':
    case 'quit':
    case 'exit':
    case 'read':
    case 'read-twice':
      return `${action.do} ${action.user}.${action.process}`;
    case 'request':
      return `request ${action.user}${action.sendFails === true ? ' fails' : ''}`;
    case 'reuse-pid':
      return `reuse-pid ${action.user}`;
    case 'reply': {
      const by = action.guise ?? action.process;
      return `reply ${action.user}.${by} ${action.context} ${action.sequence}`;
    }
    case 'expire':
    case 'look':
    case 'interrupt':
      return `${action.do} ${action.context}`;
    case 'orphan-expires':
    case 'orphan-looks':
      return `${action.do} ${action.orphan}`;
  }
}

function mustFit(bounds: Bounds): void {
  for (const name of ['contexts', 'users', 'processes'] as const) {
    mustBeWithin(name, bounds[name], 1, boundsMax[name]);
  }
  const { contexts, tasks = contexts, queue = 0, quitMarkers = false } = bounds;
  mustBeWithin('messages in a queue', queue, 0, queueMax);
  mustBeWithin('tasks', tasks, 1, tasksMax);
  if (tasks < contexts) {
    throw new BoundsError(
      `${tasks} tasks are fewer than ${contexts} contexts: each has one of its own`,
    );
  }
  if (quitMarkers && queue === 0) {
    throw new BoundsError('quit markers wait in queues, and there are none: choose a queue length');
  }
  if (contentsOf(queue, contexts, 1 + Number(quitMarkers)) > statesOfComponentMax) {
    throw new BoundsError(
      `a queue of ${queue} messages of ${contexts} contexts has more than ${statesOfComponentMax} contents; choose a shorter one`,
    );
  }
}

/**
 * How many contents a queue can have: sequences of contexts, each at most once, and of marks, which may
 * come again. Above the limit the count need not be exact.
 */
function contentsOf(length: number, contexts: number, marks: number): number {
  let contents = 0;
  // How many contents of one length hold so many contexts.
  let holding = new Map([[0, 1]]);
  for (let at = 0; at <= length && contents <= statesOfComponentMax; at += 1) {
    const longer = new Map<number, number>();
    for (const [used, ways] of holding) {
      contents += ways;
      longer.set(used, (longer.get(used) ?? 0) + ways * marks);
      longer.set(used + 1, ways * (contexts - used));
    }
    holding = longer;
  }
  return contents;
}

function mustBeWithin(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new BoundsError(`${value} ${name} is outside ${least} to ${most}`);
  }
}
