import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { Chart, ChartState, Strand } from '../chart.js';
import { allStates, enteredIn, strandsOf } from '../chart.js';
import type { Box, Point } from './geometry.js';
import { moved, runsThrough } from './geometry.js';
import type { Arrow, Picture, StateBox } from './picture.js';
import { behaviourOf, lineHeight, linesOf, nameSize, widthOf } from './text.js';

/**
 * A machine as a graph of the Eclipse Layout Kernel, and its answer as a picture.
 *
 * The kernel finds places for boxes and labels whose sizes it is told, and paths for arrows. It leaves
 * room for a container's name but leads arrows through it: the name steps aside afterwards.
 */

/** Options of the kernel's layered algorithm by name. */
export type Setting = Readonly<Record<string, string>>;

/** What does the work: the kernel's `layout`. */
export type Engine = (graph: ElkNode) => Promise<ElkNode>;

/** Between the border of a container and what is in it. */
export const inset = 16;
/** The height of a state without actions. */
export const stateHeight = 36;

const rootId = ' root';
const dotSize = 12;
const loopHeight = 16;
const nameHeight = 20;
const besideName = 8;
const stateWidthMin = 76;

const spacing: Setting = {
  'elk.spacing.nodeNode': '28',
  'elk.spacing.nodeSelfLoop': '18',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
};
const options: Setting = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.padding': `[top=${inset},left=${inset},bottom=${inset},right=${inset}]`,
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  ...spacing,
};

/** Lays a chart out. */
export async function pictureOf(chart: Chart, setting: Setting, layout: Engine): Promise<Picture> {
  const strands = strandsOf(chart);
  const entered = enteredIn(chart);
  const root = await layout({
    id: rootId,
    layoutOptions: { ...options, ...setting },
    children: [dotIn(rootId), ...chart.states.map((state) => nodeOf(state, entered))],
    edges: [
      initialEdge(rootId, chart.initial),
      ...allStates(chart.states)
        .filter(({ path }) => entered.has(path))
        .flatMap(({ path, initial }) => (initial === undefined ? [] : initialEdge(path, initial))),
      ...strands.map(edgeOf),
    ],
  });
  return read(chart, strands, root);
}

/** The size of a state's name and what it does on entry, as they stand in its box. */
export function titleSize(state: ChartState): { readonly width: number; readonly height: number } {
  const behaviour = behaviourOf(state);
  return {
    width: Math.max(widthOf([state.name], nameSize), widthOf(behaviour)),
    height: nameHeight + behaviour.length * lineHeight,
  };
}

/** The size of a state that has no states in it. */
export function leafSize(state: ChartState): { readonly width: number; readonly height: number } {
  const { width, height } = titleSize(state);
  return {
    width: Math.max(stateWidthMin, width + 2 * besideName),
    height: stateHeight - nameHeight + height,
  };
}

/** The title of a state whose box is known, at the top in the middle. */
export function titleIn(box: Box, state: ChartState): Box {
  const { width, height } = titleSize(state);
  return { x: box.x + (box.width - width) / 2, y: box.y + besideName, width, height };
}

function nodeOf(state: ChartState, entered: ReadonlySet<string>): ElkNode {
  if (state.states.length === 0) return { id: state.path, ...leafSize(state) };
  const { width, height } = titleSize(state);
  const [top, side] = [besideName + height + inset / 2, inset];
  return {
    id: state.path,
    layoutOptions: {
      ...spacing,
      'elk.padding': `[top=${top},left=${side},bottom=${side},right=${side}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width + 2 * side}, ${top + stateHeight})`,
    },
    children: [
      ...(state.initial !== undefined && entered.has(state.path) ? [dotIn(state.path)] : []),
      ...state.states.map((child) => nodeOf(child, entered)),
    ],
  };
}

function dotIn(path: string): ElkNode {
  return { id: `dot ${path}`, width: dotSize, height: dotSize };
}

function initialEdge(path: string, initial: string): ElkExtendedEdge {
  return { id: `from dot ${path}`, sources: [`dot ${path}`], targets: [initial] };
}

function edgeOf({ from, to, transitions }: Strand, nth: number): ElkExtendedEdge {
  const lines = transitions.flatMap(linesOf);
  const size = { width: widthOf(lines), height: lines.length * lineHeight + 2 };
  // The kernel finds no place for a label without text.
  const label = { text: lines.join(' '), ...size };
  return { id: `arrow ${nth}`, sources: [from], targets: [to], labels: [label] };
}

/** The kernel's answer, with all places on whole pixels so that lines are sharp. */
function read(chart: Chart, strands: readonly Strand[], root: ElkNode): Picture {
  const boxes = new Map(insideOf(root).map((node) => [node.id, boxOf(node)]));
  const arrows = (root.edges ?? []).map((edge): Arrow => {
    const strand = strands.find((_, nth) => edge.id === `arrow ${nth}`);
    const transitions = strand?.transitions ?? [];
    const label = edge.labels?.[0];
    const points = pointsOf(edge);
    return {
      points: strand?.from === strand?.to ? widened(points) : points,
      transitions,
      label: label && { ...boxOf(label), lines: transitions.flatMap(linesOf) },
    };
  });
  const states = allStates(chart.states).map((state): StateBox => {
    const box = boxes.get(state.path);
    if (box === undefined) throw new Error(`the layout has no place for the state ${state.path}`);
    const title = state.states.length === 0 ? titleIn(box, state) : titleAside(box, state, arrows);
    return { ...box, state, title };
  });
  const dots = [...boxes].filter(([id]) => id.startsWith('dot ')).map(([, box]) => box);
  const { width, height } = boxOf(root);
  return { width, height, states, dots, arrows };
}

function insideOf(node: ElkNode): readonly ElkNode[] {
  return (node.children ?? []).flatMap((child) => [child, ...insideOf(child)]);
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  const [left, top] = [Math.round(x), Math.round(y)];
  return {
    x: left,
    y: top,
    width: Math.round(x + width) - left,
    height: Math.round(y + height) - top,
  };
}

function pointsOf({ sections = [] }: ElkExtendedEdge): readonly Point[] {
  return sections
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
}

/** The kernel makes a loop at the side of a state too flat for its head. */
function widened(points: readonly Point[]): readonly Point[] {
  const [first, , , last] = points;
  if (first === undefined || last === undefined || first.x !== last.x) return points;
  const middle = (first.y + last.y) / 2;
  const down = first.y < last.y ? loopHeight / 2 : -loopHeight / 2;
  return points.map((point, nth) => ({ ...point, y: middle + (nth < 2 ? -down : down) }));
}

/** The leftmost place at the top of a container where no arrow runs through its name. */
function titleAside(box: Box, state: ChartState, arrows: readonly Arrow[]): Box {
  const first = { x: box.x + inset, y: box.y + besideName, ...titleSize(state) };
  const places = Array.from(
    { length: Math.max(1, box.width - 2 * inset - first.width) },
    (_, nth) => moved(first, { x: nth, y: 0 }),
  );
  const free = places.find((place) => !arrows.some(({ points }) => runsThrough(points, place)));
  return free ?? first;
}
