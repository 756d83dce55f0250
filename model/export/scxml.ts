import type { AnyStateMachine } from 'xstate';
import type { Chart, ChartState, ChartTransition } from './chart.js';
import { allStates, chartOf, isInside } from './chart.js';
import { escapedXml } from './xml.js';

/**
 * A machine as SCXML 1.0, the W3C's language for state charts.
 *
 * State names are dotted paths, `sleeping.waiting`; what an XML name cannot have is written as its code,
 * `_x2B_` for a plus. A guard is a fact that the event brings: whoever sends REPLY sends the facts with
 * it as `{ facts: { indexInRange: true, … } }`, and eventless transitions read them too, because the
 * event stays the current one until the next is taken. An action is a line in the interpreter's log,
 * with the label `action` and the action's name. Descriptions and rules are comments.
 *
 * SCXML takes `event="A"` for an event `A.B` too: events with a dot in their name would need care that
 * is not taken here.
 *
 * Source: W3C Recommendation "State Chart XML (SCXML): State Machine Notation for Control Abstraction",
 * 1 September 2015, sections 3 and 4; the type `internal` is in 3.5.
 */
export function scxmlOf(machine: AnyStateMachine): string {
  const chart = chartOf(machine);
  const attributes = {
    xmlns: 'http://www.w3.org/2005/07/scxml',
    version: '1.0',
    name: idOf(chart.name),
    datamodel: hasExpressions(chart) ? 'ecmascript' : 'null',
    initial: idOf(chart.initial),
  };
  const content = [...comment(chart.description), ...chart.states.flatMap(stateElement)];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...element('scxml', attributes, content),
  ];
  return `${lines.join('\n')}\n`;
}

/** Conditions and what is logged are expressions, which the data model `null` does not have. */
function hasExpressions(chart: Chart): boolean {
  return allStates(chart.states).some(
    ({ entry, exit, transitions }) =>
      entry.length + exit.length > 0 ||
      transitions.some(({ guard, actions }) => guard !== undefined || actions.length > 0),
  );
}

function stateElement(state: ChartState): string[] {
  const initial = state.initial === undefined ? {} : { initial: idOf(state.initial) };
  return element(state.isFinal ? 'final' : 'state', { id: idOf(state.path), ...initial }, [
    ...comment(state.description),
    ...(state.entry.length > 0 ? element('onentry', {}, state.entry.flatMap(action)) : []),
    ...(state.exit.length > 0 ? element('onexit', {}, state.exit.flatMap(action)) : []),
    ...state.transitions.flatMap((transition) => transitionElement(transition, state)),
    ...state.states.flatMap(stateElement),
  ]);
}

function transitionElement(transition: ChartTransition, state: ChartState): string[] {
  const { event, guard, actions, description, requirements } = transition;
  const attributes = {
    ...(event === undefined ? {} : { event }),
    ...(guard === undefined ? {} : { cond: conditionOf(guard) }),
    ...targetOf(transition, state),
  };
  const words = [description, ...requirements].filter((part) => part !== '').join(' ');
  return element('transition', attributes, [...comment(words), ...actions.flatMap(action)]);
}

/**
 * A transition of SCXML leaves its state even if it leads back to it, unless it is internal; an
 * internal one must lead to a state inside.
 */
function targetOf({ from, to, reenters }: ChartTransition, state: ChartState): Attributes {
  if (to === undefined) return {};
  if (reenters || (to !== from && !isInside(to, from))) return { target: idOf(to) };
  const inside = to === from ? state.initial : to;
  return inside === undefined ? {} : { target: idOf(inside), type: 'internal' };
}

function conditionOf(guard: string): string {
  const isName = /^[A-Za-z_$][\w$]*$/.test(guard);
  return `_event.data.facts${isName ? `.${guard}` : `[${quoted(guard)}]`}`;
}

function action(name: string): string[] {
  return element('log', { label: 'action', expr: quoted(name) }, []);
}

/** A string of ECMAScript in single quotes, which need no escape in XML's double ones. */
function quoted(words: string): string {
  return `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** An id as XML wants it: letters, digits, `.`, `-` and `_`, a letter or `_` first. */
function idOf(path: string): string {
  const code = (char: string) => `_x${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}_`;
  return path.replaceAll(/[^\w.-]/gu, code).replace(/^[\d.-]/, code);
}

type Attributes = Readonly<Record<string, string>>;

function element(name: string, attributes: Attributes, content: readonly string[]): string[] {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapedXml(value)}"`,
  );
  const start = `<${name}${written.join('')}`;
  if (content.length === 0) return [`${start}/>`];
  return [`${start}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}

/** Two hyphens would end the comment. */
function comment(words: string): string[] {
  return words === ''
    ? []
    : [`<!-- ${words.replaceAll(/\s+/g, ' ').replaceAll(/-(?=-)/g, '- ')} -->`];
}
