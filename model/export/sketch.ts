import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Chart, ChartState, ChartTransition } from './chart.js';

/**
 * Any XState machine as a chart, for a picture and nothing else.
 *
 * What a component never has is drawn as well as it can be: regions as containers without an initial
 * arrow, delays and the ends of invoked actors as words on arrows, history as a state. What has no name
 * is called so. No other machine could be made of a sketch; for that see chart.ts, which refuses.
 */
export function sketchOf(machine: AnyStateMachine): Chart {
  const name = machine.id;
  const description = machine.root.description ?? '';
  const { initial, states, ...root } = stateOf(machine.root, pathOf);
  const does = [...root.transitions, ...root.entry, ...root.exit, ...(root.invoked ?? [])];
  if (initial !== undefined && does.length === 0) return { name, description, initial, states };
  // What the machine does as a whole is drawn as what a state around all others does.
  const inRoot = (node: AnyStateNode) => [name, ...node.path].join('.');
  return { name, description, initial: name, states: [stateOf(machine.root, inRoot)] };
}

type Naming = (node: AnyStateNode) => string;

const pathOf: Naming = (node) => node.path.join('.');

function stateOf(node: AnyStateNode, path: Naming): ChartState {
  const first = node.type === 'compound' ? node.initial.target[0] : undefined;
  const isHistory = node.type === 'history';
  return {
    path: path(node),
    name: isHistory ? `${node.key} (${node.history === 'deep' ? 'H*' : 'H'})` : node.key,
    description: node.description ?? '',
    isFinal: node.type === 'final',
    entry: node.entry.map(nameOf),
    exit: node.exit.map(nameOf),
    invoked: node.invoke.map(({ src }) => nameOf(src)),
    initial: first === undefined ? undefined : path(first),
    // A machine's own names for its states are any strings, so the compiler knows their values as any.
    states: (Object.values(node.states) as AnyStateNode[]).map((one) => stateOf(one, path)),
    transitions: transitionsOf(node, path),
  };
}

function transitionsOf(node: AnyStateNode, path: Naming): readonly ChartTransition[] {
  const all = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  return all.flatMap((transition) =>
    // A transition into several regions is an arrow to each.
    (transition.target ?? [undefined]).map((target): ChartTransition => {
      const { guard, description } = transition;
      return {
        from: path(node),
        to: target === undefined ? undefined : path(target),
        event: eventOf(String(transition.eventType)),
        guard: guard === undefined ? undefined : nameOf(guard),
        actions: transition.actions.map(nameOf),
        reenters: transition.reenter,
        description: description ?? '',
        requirements: [],
      };
    }),
  );
}

const ownEvents: readonly [RegExp, string][] = [
  [/^xstate\.after\.(\d+)\..*$/, 'after $1 ms'],
  [/^xstate\.after\.(.+?)\..*$/, 'after $1'],
  [/^xstate\.done\.state\..*$/, 'done'],
  [/^xstate\.done\.actor\..*$/, 'done'],
  [/^xstate\.error\.actor\..*$/, 'error'],
  [/^xstate\.snapshot\..*$/, 'snapshot'],
];

/** An event by its name, those of XState itself by what they mean; none triggers an eventless transition. */
function eventOf(type: string): string | undefined {
  const [pattern, meaning] = ownEvents.find(([one]) => one.test(type)) ?? [];
  if (pattern !== undefined && meaning !== undefined) return type.replace(pattern, meaning);
  return type === '' ? undefined : type;
}

/** A guard, an action or an actor by its name: a string, an object with a type, or a function. */
function nameOf(thing: unknown): string {
  if (typeof thing === 'string') return thing;
  const named = typeof thing === 'object' && thing !== null && 'type' in thing;
  const name = typeof thing === 'function' ? thing.name : named ? thing.type : undefined;
  return typeof name === 'string' && name !== '' ? name : '(unnamed)';
}
