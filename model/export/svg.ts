import type { AnyStateMachine } from 'xstate';
import type { Chart, ChartState, ChartTransition } from './chart.js';
import { chartOf } from './chart.js';
import type { Box, Point } from './picture/geometry.js';
import { grown } from './picture/geometry.js';
import { layoutOf } from './picture/layout.js';
import type { Arrow, Label, Picture, StateBox } from './picture/picture.js';
import {
  behaviourOf,
  fontSize,
  letterWidth,
  lineHeight,
  linesOf,
  nameSize,
} from './picture/text.js';
import { escapedXml } from './xml.js';

/**
 * A machine as a picture, SVG 1.1 with the names in it as text.
 *
 * States are boxes, a state with states in it is a container with its name on top, and a final state
 * has a double border. What leads a state to itself is a loop; what no event triggers is dashed. The
 * picture brings its own ground, light or dark as the reader's preference is, and needs no script and
 * no font of its own. Descriptions and rules are shown where a reader points at a state or an arrow.
 */
export async function svgOf(machine: AnyStateMachine, marks: Marks = plain): Promise<string> {
  const chart = chartOf(machine);
  return draw(chart, await layoutOf(chart), marks);
}

/** A mark is a class of what is drawn, for whoever colours a picture; plain things have none. */
export interface Marks {
  state(path: string): string;
  /** Of an arrow, which may stand for several transitions. */
  arrow(transitions: readonly ChartTransition[]): string;
}

const plain: Marks = { state: () => '', arrow: () => '' };

/** Draws a machine that is laid out already. */
export function draw(chart: Chart, picture: Picture, marks = plain): string {
  const { width, height } = picture;
  const ground = `<rect class="ground" width="${width}" height="${height}" rx="8"/>`;
  return frame(chart, picture, { marks, ground: [`<style>${style}</style>`, ground] });
}

/**
 * The same for a page that has a style of its own: no ground and no style. States are marked with
 * `data-state`, arrows with `data-from` and `data-to`, the lines of their labels with `data-event`.
 */
export function figure(chart: Chart, picture: Picture, marks = plain): string {
  return frame(chart, picture, { marks, ground: [] });
}

interface Frame {
  readonly marks: Marks;
  /** What is drawn first. */
  readonly ground: readonly string[];
}

function frame({ name, description }: Chart, picture: Picture, { marks, ground }: Frame): string {
  const { width, height, states, dots, arrows } = picture;
  const containers = states.filter(({ state }) => state.states.length > 0);
  const leaves = states.filter(({ state }) => state.states.length === 0);
  const head = `head-${name}`.replaceAll(/[^\w-]/g, '_');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="machine" role="img"` +
      ` width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapedXml(name)}</title>`,
    `<desc>${escapedXml(description)}</desc>`,
    ...ground,
    `<defs><marker id="${head}" viewBox="0 0 9 8" refX="9" refY="4" markerUnits="userSpaceOnUse"` +
      ` markerWidth="11.7" markerHeight="10.4" orient="auto"><path class="head"` +
      ` d="M0 0L9 4L0 8Z"/></marker></defs>`,
    ...containers.map((box) => container(box, marks)),
    ...arrows.map((arrow) => line(arrow, head, marks)),
    ...dots.map(dot),
    ...leaves.map((box) => leaf(box, marks)),
    '</svg>',
    '',
  ].join('\n');
}

const radius = 7;
const baseline = 12;

const style = `
.machine{font:${fontSize}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
.machine .ground{fill:#fff}
.machine .container{fill:#f3f5f8;stroke:#8c959f}
.machine .state{fill:#fff;stroke:#424a53;stroke-width:1.3}
.machine .inner,.machine .rule{fill:none;stroke:#8c959f}
.machine .line{fill:none;stroke:#57606a;stroke-width:1.3}
.machine .eventless{stroke-dasharray:5 3}
.machine .head,.machine .dot{fill:#424a53}
.machine text{fill:#1f2328}
.machine .name{font-size:${nameSize}px;font-weight:bold}
.machine .event{font-weight:bold}
.machine .does{fill:#4b535d}
@media (prefers-color-scheme:dark){
.machine .ground{fill:#0d1117}
.machine .container{fill:#161b22;stroke:#6e7681}
.machine .state{fill:#21262d;stroke:#9ea7b3}
.machine .inner,.machine .rule{stroke:#6e7681}
.machine .line{stroke:#9ea7b3}
.machine .head,.machine .dot{fill:#c9d1d9}
.machine text{fill:#e6edf3}
.machine .does{fill:#b3bcc6}
}
`;

function container({ state, title, ...box }: StateBox, marks: Marks): string {
  return group({ mark: marks.state(state.path), state: state.path }, [
    hint(tellState(state)),
    rect('container', box),
    text('name', { x: title.x, y: title.y + baseline + 2 }, state.name),
    ...behaviour(state, title),
  ]);
}

function leaf({ state, title, ...box }: StateBox, marks: Marks): string {
  const below = title.y + 20;
  const middle = { x: box.x + box.width / 2, y: title.y + baseline + 2 };
  const hasBehaviour = behaviourOf(state).length > 0;
  return group({ mark: marks.state(state.path), state: state.path }, [
    hint(tellState(state)),
    rect('state', box),
    ...(state.isFinal ? [rect('inner', grown(box, -3))] : []),
    text('name', middle, state.name, ' text-anchor="middle"'),
    ...(hasBehaviour ? [`<path class="rule" d="M${box.x} ${below}H${box.x + box.width}"/>`] : []),
    ...behaviour(state, { x: title.x, y: title.y + 3 }),
  ]);
}

function behaviour(state: ChartState, { x, y }: Point): string[] {
  return behaviourOf(state).map((does, nth) =>
    text('does', { x: x + 4, y: y + 20 + nth * lineHeight + baseline }, does),
  );
}

function dot({ x, y, width, height }: Box): string {
  return `<circle class="dot" cx="${x + width / 2}" cy="${y + height / 2}" r="${width / 2}"/>`;
}

function line({ points, transitions, label }: Arrow, head: string, marks: Marks): string {
  const isEventless = transitions.some(({ event }) => event === undefined);
  const kind = isEventless ? 'line eventless' : 'line';
  const [{ from, to = from } = { from: '' }] = transitions;
  return group({ mark: marks.arrow(transitions), from, to }, [
    hint(transitions.map(tellTransition).join('\n')),
    `<path class="${kind}" d="${rounded(points)}" marker-end="url(#${head})"/>`,
    ...(label === undefined ? [] : labelTexts(label, transitions)),
  ]);
}

/** Events stand out; `always` is none. */
function labelTexts({ x, y }: Label, transitions: readonly ChartTransition[]): string[] {
  const lines = transitions.flatMap((one) => linesOf(one).map((words) => [words, one] as const));
  return lines.map(([words, { event = '' }], nth) => {
    const trimmed = words.trimStart();
    const indent = words.length - trimmed.length;
    const at = { x: x + 4 + indent * letterWidth, y: y + nth * lineHeight + baseline + 1 };
    const kind = event === '' || indent > 0 ? 'does' : 'does triggered';
    return text(kind, at, trimmed, ` data-event="${escapedXml(event)}"`);
  });
}

/** A path with round corners. */
function rounded(points: readonly Point[]): string {
  return points
    .map((point, nth) => {
      const [before, after] = [points[nth - 1], points[nth + 1]];
      if (before === undefined) return `M${point.x} ${point.y}`;
      if (after === undefined) return `L${point.x} ${point.y}`;
      const from = towards(point, before);
      const to = towards(point, after);
      return `L${from.x} ${from.y}Q${point.x} ${point.y} ${to.x} ${to.y}`;
    })
    .join('');
}

/** The point near `start` on the way to `end`, at most half of the way. */
function towards(start: Point, end: Point): Point {
  const length = Math.abs(end.x - start.x) + Math.abs(end.y - start.y);
  const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part };
}

function tellState({ path, description }: ChartState): string {
  return description === '' ? path : `${path}: ${description}`;
}

function tellTransition({ description, requirements }: ChartTransition): string {
  return [description, ...requirements].filter((part) => part !== '').join(' ');
}

/** A part of the picture, with its mark and what else a page may want to know of it. */
function group(
  { mark, ...names }: Readonly<Record<string, string>> & { readonly mark: string },
  parts: readonly string[],
): string {
  const data = Object.entries(names).map(([name, one]) => ` data-${name}="${escapedXml(one)}"`);
  const marked = mark === '' ? '' : ` class="${escapedXml(mark)}"`;
  return `<g${marked}${data.join('')}>${parts.join('')}</g>`;
}

function hint(words: string): string {
  return words.trim() === '' ? '' : `<title>${escapedXml(words)}</title>`;
}

function rect(kind: string, { x, y, width, height }: Box): string {
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

/** A line of text; one that is triggered begins with its event. */
function text(kind: string, { x, y }: Point, words: string, more = ''): string {
  const [event = '', ...rest] = words.split(' ');
  const marked = `<tspan class="event">${escapedXml(event)}</tspan> ${escapedXml(rest.join(' '))}`;
  const content = kind.endsWith('triggered') ? marked.trimEnd() : escapedXml(words);
  return `<text class="${kind}" x="${x}" y="${y}"${more}>${content}</text>`;
}
