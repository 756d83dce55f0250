import type { AnyStateMachine } from 'xstate';
import type { System } from '../system.js';
import type { Chart } from './chart.js';
import { chartOf } from './chart.js';
import { layoutOf } from './picture/layout.js';
import type { Region } from './regions.js';
import { regionsOf } from './regions.js';
import type { Marks } from './svg.js';
import { figure } from './svg.js';

/** Figures for a page that has a style of its own; see `figure` in svg.ts for how they are marked. */

/** A chart as a figure, with marks of whoever colours it. */
export async function figureOf(chart: Chart, marks?: Marks): Promise<string> {
  return figure(chart, await layoutOf(chart), marks);
}

/** A component machine as a figure. */
export async function componentFigureOf(machine: AnyStateMachine): Promise<string> {
  const { chart, picture } = await laidOut(machine);
  return figure(chart, picture);
}

/** The components of a joined system as one figure; a state is named `context0.pending`. */
export async function systemFigureOf(system: System): Promise<string> {
  const regions: Region[] = [];
  for (const { kind, nth, table } of system.components) {
    regions.push({ name: `${kind}${nth}`, ...(await laidOut(table.machine)) });
  }
  const { chart, picture } = await regionsOf('system', regions);
  return figure(chart, picture);
}

type LaidOut = Omit<Region, 'name'>;

const known = new WeakMap<AnyStateMachine, Promise<LaidOut>>();

/** Components are the same machines in every system. */
function laidOut(machine: AnyStateMachine): Promise<LaidOut> {
  const layout = async () => {
    const chart = chartOf(machine);
    return { chart, picture: await layoutOf(chart) };
  };
  const made = known.get(machine) ?? layout();
  known.set(machine, made);
  return made;
}
