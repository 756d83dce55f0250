import type { ElkNode } from 'elkjs/lib/elk-api.js';
import type { Chart, ChartState } from './chart.js';
import { allStates } from './chart.js';
import type { Box, Point } from './picture/geometry.js';
import { moved } from './picture/geometry.js';
import type { Arrow, Picture, StateBox } from './picture/picture.js';

/**
 * Charts beside each other: the components of a joined system as the regions of one picture.
 *
 * Each region is laid out already, and the layout kernel packs them. A state's path begins with the
 * name of its region, `context0.pending`.
 */
export interface Region {
  readonly name: string;
  readonly chart: Chart;
  readonly picture: Picture;
}

const padding = 12;
const titleHeight = 28;
const gap = 20;

/** Puts regions together. */
export async function regionsOf(
  name: string,
  regions: readonly Region[],
): Promise<{ readonly chart: Chart; readonly picture: Picture }> {
  const parts = regions.map(({ name: region, chart, picture }) => ({
    state: regionOf(region, chart),
    picture,
  }));
  const sizes = parts.map(({ picture }) => ({
    width: picture.width + 2 * padding,
    height: picture.height + titleHeight + padding,
  }));
  const { width, height, places } = await packed(sizes);
  const placed = parts.map(({ state, picture }, nth) =>
    within(state, picture, { ...(places[nth] ?? { x: 0, y: 0 }), ...(sizes[nth] ?? sizeless) }),
  );
  const states = parts.map(({ state }) => state);
  return {
    chart: { name, description: 'The components, which move together.', initial: '', states },
    picture: {
      width,
      height,
      states: placed.flatMap((one) => one.states),
      dots: placed.flatMap((one) => one.dots),
      arrows: placed.flatMap((one) => one.arrows),
    },
  };
}

const sizeless = { width: 0, height: 0 };

/** Puts boxes beside and below each other. */
async function packed(sizes: readonly { readonly width: number; readonly height: number }[]) {
  const { default: elk } = await import('elkjs/lib/elk.bundled.js');
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'rectpacking',
      'elk.aspectRatio': '1.2',
      'elk.spacing.nodeNode': String(gap),
      'elk.padding': `[top=${gap},left=${gap},bottom=${gap},right=${gap}]`,
    },
    children: sizes.map((size, nth) => ({ id: String(nth), ...size })),
  };
  const root = await new elk.default().layout(graph);
  const places = (root.children ?? []).map(({ x = 0, y = 0 }): Point => ({
    x: Math.round(x),
    y: Math.round(y),
  }));
  return { width: Math.ceil(root.width ?? 0), height: Math.ceil(root.height ?? 0), places };
}

/** A chart as a state, with the region's name before all of its paths. */
function regionOf(region: string, chart: Chart): ChartState {
  const renamed = (state: ChartState): ChartState => ({
    ...state,
    path: `${region}.${state.path}`,
    initial: state.initial && `${region}.${state.initial}`,
    states: state.states.map(renamed),
    transitions: state.transitions.map((one) => ({
      ...one,
      from: `${region}.${one.from}`,
      to: one.to && `${region}.${one.to}`,
    })),
  });
  return {
    path: region,
    name: region,
    description: chart.description,
    isFinal: false,
    entry: [],
    exit: [],
    initial: `${region}.${chart.initial}`,
    states: chart.states.map(renamed),
    transitions: [],
  };
}

/** The picture of a region in its box. */
function within(region: ChartState, picture: Picture, box: Box): Picture {
  const by = { x: box.x + padding, y: box.y + titleHeight };
  const title = { x: box.x + padding, y: box.y + 6, width: box.width - 2 * padding, height: 20 };
  const inner = new Map(allStates(region.states).map((state) => [state.path, state]));
  const named = (path: string) => inner.get(`${region.name}.${path}`);
  const states = picture.states.map((one): StateBox => ({
    ...moved(one, by),
    title: moved(one.title, by),
    state: named(one.state.path) ?? one.state,
  }));
  const arrows = picture.arrows.map((arrow): Arrow => ({
    points: arrow.points.map((point) => moved(point, by)),
    label: arrow.label && moved(arrow.label, by),
    transitions: arrow.transitions.map((one) => ({
      ...one,
      from: `${region.name}.${one.from}`,
      to: one.to && `${region.name}.${one.to}`,
    })),
  }));
  return {
    ...picture,
    states: [{ ...box, state: region, title }, ...states],
    dots: picture.dots.map((dot) => moved(dot, by)),
    arrows,
  };
}
