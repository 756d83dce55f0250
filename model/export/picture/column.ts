import type { Chart, ChartState, ChartTransition } from '../chart.js';
import { allStates } from '../chart.js';
import { inset, leafSize, titleIn, titleSize } from './elk.js';
import type { Box } from './geometry.js';
import { around } from './geometry.js';
import type { Arrow, Picture, StateBox } from './picture.js';
import { lineHeight, linesOf, widthOf } from './text.js';

/**
 * A container of ends, set as a column beside the rest of the picture.
 *
 * In a cascade of checks every check has its own way out, and all ways out end in states of one
 * container. A layout in layers puts that container below the last check and leads long arrows to it.
 * Beside the cascade, each end stands on the line of its check, and its arrow is short and straight.
 */
export interface Column {
  /** The container, which stands in the column. */
  readonly state: ChartState;
  /** The machine without it, which is laid out as usual. */
  readonly rest: Chart;
  /** Each end with what leads to it. */
  readonly ends: readonly {
    readonly end: ChartState;
    readonly transitions: readonly ChartTransition[];
  }[];
}

const gap = 14;
const aboveLine = 3;

/** The container of ends, where a machine has one: nothing leads out of it, and one state to each end. */
export function columnOf(chart: Chart): Column | undefined {
  const all = allStates(chart.states).flatMap(({ transitions }) => transitions);
  for (const state of chart.states) {
    const ends = state.states.map((end) => ({
      end,
      transitions: all.filter(({ to }) => to === end.path),
    }));
    const sources = ends.map(({ transitions }) => new Set(transitions.map(({ from }) => from)));
    const leadsOut = allStates([state]).some(({ transitions }) => transitions.length > 0);
    const isEntered = chart.initial === state.path || all.some(({ to }) => to === state.path);
    const isFlat = state.states.length > 0 && state.states.every((end) => end.states.length === 0);
    const oneEach = sources.every(({ size }) => size === 1);
    const apart = new Set(sources.flatMap((set) => [...set])).size === ends.length;
    if (leadsOut || isEntered || !isFlat || !oneEach || !apart) continue;
    return { state, ends, rest: without(chart, state) };
  }
  return undefined;
}

function without(chart: Chart, state: ChartState): Chart {
  const paths = new Set(allStates([state]).map(({ path }) => path));
  const keep = (one: ChartState): ChartState => ({
    ...one,
    states: one.states.map(keep),
    transitions: one.transitions.filter(({ to }) => to === undefined || !paths.has(to)),
  });
  return { ...chart, states: chart.states.filter((one) => one !== state).map(keep) };
}

/** The picture of the rest with the column beside it. */
export function withColumn(rest: Picture, { state, ends }: Column): Picture {
  const rows = ends.flatMap(({ end, transitions }) => {
    const source = rest.states.find((box) => box.state.path === transitions[0]?.from);
    const lines = transitions.flatMap(linesOf);
    return source === undefined ? [] : [{ end, transitions, source, lines }];
  });
  const right = Math.max(...rows.map(({ source }) => source.x + source.width));
  const labelWidth = Math.max(...rows.map(({ lines }) => widthOf(lines)));
  const x = right + gap + labelWidth + gap + inset;
  const width = Math.max(...rows.map(({ end }) => leafSize(end).width), titleSize(state).width);
  const boxes = rows.map(({ end, source }): StateBox => {
    const { height } = leafSize(end);
    const box = { x, y: Math.round(source.y + (source.height - height) / 2), width, height };
    return { ...box, state: end, title: titleIn(box, end) };
  });
  const arrows = rows.map(({ source, lines, transitions }): Arrow => {
    const y = source.y + source.height / 2;
    const height = lines.length * lineHeight;
    const label = {
      x: right + gap,
      y: y - height - aboveLine,
      width: widthOf(lines),
      height,
      lines,
    };
    const points = [
      { x: source.x + source.width, y },
      { x, y },
    ];
    return { points, transitions, label };
  });
  const container = containerOf(state, boxes);
  const states = [...rest.states, container, ...boxes];
  return {
    width: Math.max(rest.width, container.x + container.width + inset),
    height: Math.max(rest.height, container.y + container.height + inset),
    states,
    dots: rest.dots,
    arrows: [...rest.arrows, ...arrows],
  };
}

function containerOf(state: ChartState, boxes: readonly Box[]): StateBox {
  const inner = around(boxes);
  const title = titleSize(state);
  const [x, y] = [inner.x - inset, inner.y - inset - title.height];
  const box = {
    x,
    y,
    width: inner.width + 2 * inset,
    height: inner.height + 2 * inset + title.height,
  };
  return { ...box, state, title: { x: inner.x, y: y + inset / 2, ...title } };
}
