import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { allStates, chartOf, enteredIn, strandsOf } from '../../model/export/chart.js';
import { dotOf, scxmlOf, svgOf } from '../../model/index.js';
import { lacks } from '../needs.js';
import { machines } from './specimens.js';

/** What other programs say of what a machine is exported to. */

const all = Object.entries(machines);

/** Runs a program on a text; whatever it complains of is in the answer. */
function told(program: string, args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe.skipIf(lacks('dot', 'Graphviz checks the DOT export', '-V'))('Graphviz', () => {
  it.each(all)('lays out every state and arrow without a complaint: %s', (_, machine) => {
    const { status, stdout, stderr } = told('dot', ['-Tsvg'], dotOf(machine));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const drawn = (kind: string) => stdout.split(`class="${kind}"`).length - 1;
    const chart = chartOf(machine);
    const states = allStates(chart.states);
    const containers = states.filter((state) => state.states.length > 0);
    const paths = new Set(containers.map(({ path }) => path));
    const entered = [...enteredIn(chart)].filter((path) => paths.has(path));
    const inwards = strandsOf(chart).filter(({ from, to }) => to.startsWith(`${from}.`));
    const within = strandsOf(chart).filter(({ from, to }) => from === to && paths.has(from));
    const dots = 1 + entered.length;
    expect(drawn('cluster')).toBe(containers.length);
    expect(drawn('node')).toBe(states.length - containers.length + dots + inwards.length);
    expect(drawn('edge')).toBe(strandsOf(chart).length - within.length + dots);
  });
});

describe.skipIf(lacks('xmllint', 'libxml2 checks the XML exports'))('libxml2', () => {
  it.each(all)('finds SVG and SCXML well-formed, namespaces included: %s', async (_, machine) => {
    const quiet = { status: 0, stdout: '', stderr: '' };
    expect(told('xmllint', ['--noout', '-'], await svgOf(machine))).toEqual(quiet);
    expect(told('xmllint', ['--noout', '-'], scxmlOf(machine))).toEqual(quiet);
  });

  it('complains of a document that is not', () => {
    expect(told('xmllint', ['--noout', '-'], '<a><b></a>').status).not.toBe(0);
  });
});
