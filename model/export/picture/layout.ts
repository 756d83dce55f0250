import type { Chart } from '../chart.js';
import { allStates } from '../chart.js';
import { columnOf, withColumn } from './column.js';
import type { Setting } from './elk.js';
import { pictureOf } from './elk.js';
import type { Picture } from './picture.js';
import { badnessOf, faultsOf } from './picture.js';
import { straightened } from './straighten.js';

/**
 * The best picture of a machine.
 *
 * The layout kernel has many switches, and none is best for every machine: a few settings are tried,
 * and the picture without faults that has the fewest crossings and bends is taken. The same machine
 * always gets the same picture. A large machine is tried with one setting only, since each takes its time: no
 * picture of it is without crossings, and that setting's are the narrowest.
 */

const transitionsMany = 80;
const narrowest: Setting = { 'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX' };
const placements: readonly Setting[] = [
  {},
  { 'elk.layered.nodePlacement.bk.fixedAlignment': 'LEFTUP' },
  { 'elk.layered.nodePlacement.bk.fixedAlignment': 'LEFTDOWN' },
  narrowest,
];
const orders: readonly Setting[] = [
  {},
  { 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES' },
];
const settings = orders.flatMap((order) =>
  placements.map((placement): Setting => ({ ...order, ...placement })),
);

/** Lays a chart out. */
export async function layoutOf(chart: Chart): Promise<Picture> {
  // The kernel is 1.6 megabytes that nothing but a picture needs.
  const { default: elk } = await import('elkjs/lib/elk.bundled.js');
  const kernel = new elk.default();
  const isLarge =
    allStates(chart.states).flatMap((state) => state.transitions).length > transitionsMany;
  const tried = async (part: Chart) => {
    const pictures: Picture[] = [];
    for (const setting of isLarge ? [narrowest] : settings)
      pictures.push(await pictureOf(part, setting, (graph) => kernel.layout(graph)));
    return pictures;
  };
  const column = columnOf(chart);
  if (column !== undefined) {
    const beside = bestOf((await tried(column.rest)).map((rest) => withColumn(rest, column)));
    if (faultsOf(beside).length === 0) return beside;
  }
  return bestOf(await tried(chart));
}

function bestOf(pictures: readonly Picture[]): Picture {
  const ranked = pictures.map(straightened).map((picture) => ({
    picture,
    badness: badnessOf(picture),
  }));
  const [best] = ranked.sort((one, other) => one.badness - other.badness);
  if (best === undefined) throw new Error('there is no setting to lay a machine out with');
  return best.picture;
}
