import type { AnyStateMachine } from 'xstate';
import type { ChartState, Strand } from './chart.js';
import { allStates, chartOf, enteredIn, isInside, strandsOf } from './chart.js';
import { behaviourOf, linesOf } from './picture/text.js';

/**
 * A machine in the language of Graphviz, for whoever lays graphs out with `dot`.
 *
 * A state with states in it is a cluster. Graphviz has no arrows to and from clusters: an arrow leads to
 * a state inside and is cut off at the border. What leads a cluster to itself is a line below its name,
 * and what leads from it to a state inside starts at a point inside. Transitions with the same ends
 * share an arrow; what no event triggers is dashed.
 */
export function dotOf(machine: AnyStateMachine): string {
  const chart = chartOf(machine);
  const states = allStates(chart.states);
  const graph: Graph = {
    strands: strandsOf(chart),
    entered: enteredIn(chart),
    state: (path) => states.find((state) => state.path === path),
  };
  const lines = [
    `digraph ${quoted(chart.name)} {`,
    `  tooltip=${quoted(chart.description)};`,
    '  compound=true; newrank=true; nodesep=0.4; ranksep=0.5; fontname="Helvetica"; fontsize=12;',
    '  node [fontname="Helvetica", fontsize=12, shape=box, style=rounded];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...initialLines('', chart.initial, graph),
    ...chart.states.flatMap((state) => stateLines(state, graph)),
    ...graph.strands.flatMap((strand) => strandLines(strand, graph)),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

interface Graph {
  readonly strands: readonly Strand[];
  readonly entered: ReadonlySet<string>;
  state(path: string): ChartState | undefined;
}

function stateLines(state: ChartState, graph: Graph): string[] {
  const { path, name, description, isFinal } = state;
  const tooltip = quoted(description === '' ? path : description);
  const words = [name, ...behaviourOf(state)];
  if (state.states.length === 0) {
    const border = isFinal ? ', peripheries=2' : '';
    return [`  ${quoted(path)} [label=${quoted(words.join('\n'))}, tooltip=${tooltip}${border}];`];
  }
  const loops = graph.strands.filter(({ from, to }) => from === path && to === path);
  const label = quoted([...words, ...loops.flatMap(labelOf)].join('\n'));
  const inwards = graph.strands.some(({ from, to }) => from === path && isInside(to, from));
  const content = [
    `label=${label}; labeljust=l; style=rounded; color=gray50; tooltip=${tooltip};`,
    ...(inwards ? [`${quoted(pointIn(path))} [label="", shape=point, width=0.06];`] : []),
    ...(graph.entered.has(path) ? initialLines(path, state.initial ?? '', graph) : []),
    ...state.states.flatMap((child) => stateLines(child, graph)),
  ];
  return [
    `  subgraph ${quoted(clusterOf(path))} {`,
    ...content.map((line) => `  ${line.startsWith(' ') ? '' : '  '}${line}`),
    '  }',
  ];
}

/** The dot and the arrow to the state that is entered first. */
function initialLines(path: string, first: string, graph: Graph): string[] {
  const dot = quoted(`${path} initial`.trimStart());
  const head = headOf(first, path, graph);
  return [
    `  ${dot} [label="", shape=point, width=0.15];`,
    `  ${dot} -> ${head.node}${listed(head.at)};`,
  ];
}

function strandLines(strand: Strand, graph: Graph): string[] {
  const { from, to, transitions } = strand;
  const isCluster = (graph.state(from)?.states.length ?? 0) > 0;
  if (from === to && isCluster) return [];
  const head = headOf(to, from, graph);
  const isInwards = isInside(to, from);
  const tail = quoted(isCluster && isInwards ? pointIn(from) : leafIn(from, graph));
  const attributes = [
    `label=${aside(labelOf(strand))}`,
    ...(isCluster && !isInwards ? [`ltail=${quoted(clusterOf(from))}`] : []),
    ...head.at,
    ...(transitions.some(({ event }) => event === undefined) ? ['style=dashed'] : []),
  ];
  return [`  ${tail} -> ${head.node}${listed(attributes)};`];
}

/** Where an arrow ends: at a state, or at one inside of a cluster, cut off at the cluster's border. */
function headOf(to: string, from: string, graph: Graph): { node: string; at: readonly string[] } {
  const isCluster = (graph.state(to)?.states.length ?? 0) > 0;
  const at = isCluster && !isInside(from, to) ? [`lhead=${quoted(clusterOf(to))}`] : [];
  return { node: quoted(leafIn(to, graph)), at };
}

/** The state without states in it that is entered with another. */
function leafIn(path: string, graph: Graph): string {
  const initial = graph.state(path)?.initial;
  return initial === undefined ? path : leafIn(initial, graph);
}

function labelOf({ transitions }: Strand): readonly string[] {
  return transitions.flatMap(linesOf);
}

function clusterOf(path: string): string {
  return `cluster ${path}`;
}

function pointIn(path: string): string {
  return `${path} point`;
}

function listed(attributes: readonly string[]): string {
  return attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`;
}

/** Lines set to the left, with some air between them and the arrow. */
function aside(lines: readonly string[]): string {
  return `"${lines.map((line) => `  ${quoted(line).slice(1, -1)}\\l`).join('')}"`;
}

function quoted(words: string): string {
  return `"${words.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
