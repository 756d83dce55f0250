import type { System } from '../system.js';
import type { Chart } from './chart.js';
import { chartOf } from './chart.js';
import { layoutOf } from './picture/layout.js';
import { regionsOf } from './regions.js';
import { figure } from './svg.js';

/** Figures for a page that has a style of its own; see `figure` in svg.ts for how they are marked. */

/** A chart as a figure. */
export async function figureOf(chart: Chart): Promise<string> {
  return figure(chart, await layoutOf(chart));
}

/** The components of a joined system as one figure; a state is named `context0.pending`. */
export async function systemFigureOf(system: System): Promise<string> {
  const charts = new Map(system.components.map(({ table }) => [table, chartOf(table.machine)]));
  const regions = system.components.flatMap(({ kind, nth, table }) => {
    const chart = charts.get(table);
    return chart === undefined ? [] : [{ name: `${kind}${nth}`, chart }];
  });
  const { chart, picture } = await regionsOf('system', regions);
  return figure(chart, picture);
}
