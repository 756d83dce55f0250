import type { AnyStateMachine, AnyStateNode } from 'xstate';

/**
 * A component machine as plain data, for whoever writes it down in another language.
 *
 * XState keeps a machine as objects that point at each other. An exporter wants names: which states
 * there are, and what leads from where to where on which event, under which guard, with which actions.
 * Only what the component machines are made of is read: nested states, events, eventless transitions,
 * and guards and actions that have a name. Regions, delays, invoked actors, and functions without a
 * name are refused: an export that left them out would be another machine.
 */
export interface Chart {
  readonly name: string;
  readonly description: string;
  readonly initial: string;
  readonly states: readonly ChartState[];
}

/** A state with what is in it and what leads out of it. */
export interface ChartState {
  /** The dotted path, `sleeping.waiting`, unique in the machine. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly isFinal: boolean;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** What runs while the state is in, beside the machine; a component has none. */
  readonly invoked?: readonly string[];
  /** The child that is entered with this state, where it has children; of regions all are. */
  readonly initial: string | undefined;
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

/** What leads from one state to another. */
export interface ChartTransition {
  readonly from: string;
  /** Undefined where the state is not left. */
  readonly to: string | undefined;
  /** Undefined for an eventless transition. */
  readonly event: string | undefined;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  /** Whether a state that leads to itself or into itself is left and entered anew. */
  readonly reenters: boolean;
  readonly description: string;
  readonly requirements: readonly string[];
}

/** Reads a machine. @throws Error for a machine with something that has no name or no place in a chart */
export function chartOf(machine: AnyStateMachine): Chart {
  const { root } = machine;
  refuse(
    root.type === 'parallel' || transitionsOf(root).length > 0,
    root,
    'regions or transitions',
  );
  return {
    name: machine.id,
    description: root.description ?? '',
    initial: initialOf(root) ?? '',
    states: childrenOf(root).map(stateOf),
  };
}

/** Every state of a chart, parents before their children. */
export function allStates(states: readonly ChartState[]): readonly ChartState[] {
  return states.flatMap((state) => [state, ...allStates(state.states)]);
}

/** Whether one path lies inside another state. */
export function isInside(path: string, state: string): boolean {
  return path.startsWith(`${state}.`);
}

/** Transitions with the same ends: a picture draws one arrow for them. */
export interface Strand {
  readonly from: string;
  readonly to: string;
  readonly transitions: readonly ChartTransition[];
}

/** All transitions by their ends; those that no event triggers apart from the others. */
export function strandsOf(chart: Chart): readonly Strand[] {
  const strands = new Map<string, Strand>();
  for (const transition of allStates(chart.states).flatMap((state) => state.transitions)) {
    const { from, to = from, event } = transition;
    const key = JSON.stringify([from, to, event === undefined]);
    const transitions = [...(strands.get(key)?.transitions ?? []), transition];
    strands.set(key, { from, to, transitions });
  }
  return [...strands.values()];
}

/** The states that something enters by their own name: only there an initial arrow tells something. */
export function enteredIn(chart: Chart): ReadonlySet<string> {
  const states = allStates(chart.states);
  const targets = states.flatMap(({ transitions }) => transitions.map(({ to }) => to));
  const entered = new Set([chart.initial, ...targets.filter((to) => to !== undefined)]);
  for (const { path, initial, states: inner } of states) {
    if (!entered.has(path)) continue;
    if (initial !== undefined) entered.add(initial);
    else for (const region of inner) entered.add(region.path);
  }
  return entered;
}

function stateOf(node: AnyStateNode): ChartState {
  refuse(node.type === 'parallel' || node.type === 'history', node, `the type ${node.type}`);
  refuse(node.invoke.length > 0 || node.after.length > 0, node, 'delays or invoked actors');
  return {
    path: pathOf(node),
    name: node.key,
    description: node.description ?? '',
    isFinal: node.type === 'final',
    entry: namesOf(node.entry, node),
    exit: namesOf(node.exit, node),
    initial: initialOf(node),
    states: childrenOf(node).map(stateOf),
    transitions: transitionsOf(node),
  };
}

function transitionsOf(node: AnyStateNode): readonly ChartTransition[] {
  const all = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  return all.map((transition) => {
    const target = transition.target?.[0];
    const event = String(transition.eventType);
    refuse(event.startsWith('xstate.'), node, `the event ${event} of XState itself`);
    return {
      from: pathOf(node),
      to: target === undefined ? undefined : pathOf(target),
      event: event === '' ? undefined : event,
      guard: guardOf(transition.guard, node),
      actions: namesOf(transition.actions, node),
      reenters: transition.reenter,
      description: transition.description ?? '',
      requirements: requirementsIn(transition.meta),
    };
  });
}

function guardOf(guard: unknown, node: AnyStateNode): string | undefined {
  return guard === undefined ? undefined : nameOf(guard, node);
}

function requirementsIn(meta: unknown): readonly string[] {
  if (typeof meta !== 'object' || meta === null || !('requirements' in meta)) return [];
  return Array.isArray(meta.requirements) ? meta.requirements.map(String) : [];
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

/** A machine's own names for its states are any strings, so the compiler knows their values as any. */
function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states) as AnyStateNode[];
}

function initialOf(node: AnyStateNode): string | undefined {
  const first = node.initial.target[0];
  return first === undefined ? undefined : pathOf(first);
}

function namesOf(things: readonly unknown[], node: AnyStateNode): readonly string[] {
  return things.map((thing) => nameOf(thing, node));
}

/** A guard or an action is written as its name, or as an object that has it as its type. */
function nameOf(thing: unknown, node: AnyStateNode): string {
  if (typeof thing === 'string') return thing;
  const named = typeof thing === 'object' && thing !== null && 'type' in thing;
  refuse(!named || typeof thing.type !== 'string', node, 'a guard or an action without a name');
  return named ? String(thing.type) : '';
}

function refuse(condition: boolean, node: AnyStateNode, what: string): void {
  if (condition) throw new Error(`${node.id} has ${what}, which no export of a component can say`);
}
