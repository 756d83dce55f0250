import { createMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { allStates, enteredIn } from '../../model/export/chart.js';
import { faultsOf } from '../../model/export/picture/picture.js';
import { layoutOf } from '../../model/export/picture/layout.js';
import { regionsOf } from '../../model/export/regions.js';
import {
  chartOf,
  contextMachine,
  daemonMachine,
  figureOf,
  seed,
  sketchOf,
  System,
  systemFigureOf,
  taskMachine,
} from '../../model/index.js';
import { allElements, parseXml } from './xml.js';

/** Figures for a page: machines of the model, the joined system, and machines of others. */

/** A machine with everything that a component must not have. */
const foreign = createMachine({
  id: 'player',
  type: 'parallel',
  on: { POWER: '#player.disc.out' },
  states: {
    disc: {
      initial: 'out',
      states: {
        out: { on: { INSERT: { target: 'in.spinning', guard: () => true } } },
        in: {
          initial: 'stopped',
          states: {
            stopped: { on: { PLAY: 'spinning' } },
            spinning: { after: { 3000: 'stopped' }, entry: () => undefined },
            last: { type: 'history', history: 'deep' },
          },
          on: { EJECT: 'out', BACK: '.last' },
        },
      },
    },
    load: {
      initial: 'busy',
      states: {
        busy: { invoke: { src: 'reader', onDone: 'ready', onError: 'broken' } },
        ready: {},
        broken: { type: 'final' },
      },
    },
  },
});

const stateMarks = (svg: string) =>
  allElements(parseXml(svg)).flatMap(({ attributes }) => attributes['data-state'] ?? []);

describe('a sketch', () => {
  const chart = sketchOf(foreign);
  const transitions = allStates(chart.states).flatMap((state) => state.transitions);

  it('has the states of any machine, those of XState itself in words', () => {
    expect(allStates(chart.states).map(({ name }) => name)).toEqual([
      ...['player', 'disc', 'out', 'in', 'stopped', 'spinning', 'last (H*)'],
      ...['load', 'busy', 'ready', 'broken'],
    ]);
    expect(transitions.map(({ event, guard, to }) => `${event} ${guard} ${to}`)).toEqual([
      'POWER undefined player.disc.out',
      'INSERT guard player.disc.in.spinning',
      'EJECT undefined player.disc.out',
      'BACK undefined player.disc.in.last',
      'PLAY undefined player.disc.in.spinning',
      'after 3000 ms undefined player.disc.in.stopped',
      'done undefined player.load.ready',
      'error undefined player.load.broken',
    ]);
    const busy = allStates(chart.states).find(({ path }) => path === 'player.load.busy');
    expect(busy?.invoked).toEqual(['reader']);
  });

  it('enters every region, and is drawn without faults', async () => {
    const entered = enteredIn(chart);
    const first = ['disc', 'load', 'disc.out', 'load.busy'].map((path) => `player.${path}`);
    expect(first.filter((path) => !entered.has(path))).toEqual([]);
    expect(faultsOf(await layoutOf(chart))).toEqual([]);
    expect(stateMarks(await figureOf(chart)).length).toBe(11);
  });

  it('is the chart itself for a component', () => {
    const plain = (one: unknown) =>
      JSON.stringify(one).replaceAll(/"requirements":\[[^\]]*\]/g, '');
    for (const machine of [contextMachine, daemonMachine, taskMachine]) {
      const sketched = plain(sketchOf(machine)).replaceAll(',"invoked":[]', '');
      expect(sketched).toBe(plain(chartOf(machine)));
    }
  });
});

describe('the figure of a joined system', () => {
  const system = new System({ contexts: 2, users: 1, processes: 2 }, seed);

  it('has every state of every component', async () => {
    const expected = system.components.flatMap(({ kind, nth, table }) => [
      `${kind}${nth}`,
      ...allStates(chartOf(table.machine).states).map(({ path }) => `${kind}${nth}.${path}`),
    ]);
    expect(stateMarks(await systemFigureOf(system)).sort()).toEqual(expected.sort());
  });

  it('has its regions apart from each other, within the picture', async () => {
    const chart = chartOf(taskMachine);
    const one = { chart, picture: await layoutOf(chart) };
    const regions = ['a', 'b', 'c'].map((name) => ({ name, ...one }));
    const { picture } = await regionsOf('three', regions);
    expect(faultsOf(picture)).toEqual([]);
  });

  it('marks arrows by their ends, and the lines of their labels by events', async () => {
    const elements = allElements(parseXml(await figureOf(chartOf(contextMachine))));
    const back = elements.find(
      ({ attributes }) => attributes['data-from'] === 'pending' && attributes['data-to'] === 'free',
    );
    expect(back && allElements(back).flatMap((one) => one.attributes['data-event'] ?? [])).toEqual([
      'EXPIRE',
      'INTERRUPT',
      'SEND_FAILED',
    ]);
    expect(elements.some(({ name }) => name === 'style')).toBe(false);
  });
});
