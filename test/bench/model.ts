import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAdjacencyMap, getShortestPaths } from '@xstate/graph';
import type { Bounds } from '../../model/index.js';
import {
  calm,
  completeSuite,
  createSystemMachine,
  mealyOf,
  Packed,
  profiles,
  promelaOf,
  seed,
  Symmetry,
  System,
  systemEvents,
  walk,
} from '../../model/index.js';
import { head, median, print, quick, turns } from './measure.js';

/**
 * How fast the model is walked: `npm run bench`.
 *
 * Both sides say how many states they found, and where they differ no ratio is printed. How it is
 * measured is in measure.ts.
 */

const statesMax = 100_000_000;

interface Side {
  readonly states: number;
  readonly transitions?: number;
  readonly seconds: number;
}

function timed(find: () => Omit<Side, 'seconds'>): Side {
  const begin = performance.now();
  const found = find();
  return { ...found, seconds: (performance.now() - begin) / 1000 };
}

const environment = { ...calm, sendFails: true, signals: true };
const nothing = { defects: [], without: [], environment };

/** Builds the tables and walks them: both are timed. */
function packedWalk(bounds: Bounds, name: string, symmetric = false): Omit<Side, 'seconds'> {
  const packed = new Packed(new System(bounds, profiles[name] ?? seed, nothing));
  const options = symmetric ? { symmetry: new Symmetry(packed) } : {};
  const { count, transitions } = walk(packed, { statesMax, ...options });
  return { states: count, transitions };
}

/** Both sides in turns; prints a row. */
function compare(what: string, theirs: () => Side, ours: () => Side, wanted: string): void {
  const rows = Array.from({ length: turns }, () => ({ theirs: theirs(), ours: ours() }));
  const [one] = rows;
  if (one === undefined) return;
  const seconds = {
    theirs: median(rows.map((row) => row.theirs.seconds)),
    ours: median(rows.map((row) => row.ours.seconds)),
  };
  const same =
    one.theirs.states === one.ours.states &&
    (one.theirs.transitions ?? one.ours.transitions) === one.ours.transitions;
  const ratio = same
    ? `${(seconds.theirs / seconds.ours).toFixed(1)}x (wanted ${wanted})`
    : 'no ratio: they did not find the same';
  print([
    what,
    `${one.theirs.states} / ${one.ours.states}`,
    `${one.theirs.transitions ?? '-'} / ${one.ours.transitions ?? '-'}`,
    `${seconds.theirs.toFixed(3)} s / ${seconds.ours.toFixed(4)} s`,
    ratio,
  ]);
}

/** The small bounds take no time: they are walked again and again, and the mean of that is taken. */
function repeated(bounds: Bounds, name: string, times: number): Side {
  const begin = performance.now();
  let found: Omit<Side, 'seconds'> = { states: 0 };
  for (let nth = 0; nth < times; nth += 1) found = packedWalk(bounds, name);
  return { states: found.states, seconds: (performance.now() - begin) / 1000 / times };
}

function againstXState(): void {
  head('Against @xstate/graph over the joined machine (its construction left out; ours left in):', [
    'what',
    'states theirs / ours',
    'transitions',
    'median theirs / ours',
    'ratio',
  ]);
  for (const contexts of quick ? [2] : [2, 3]) {
    const bounds = { contexts, users: 2, processes: 2 };
    const system = new System(bounds, seed, nothing);
    const machine = createSystemMachine(system);
    // The events of the machine are made from data, so their type is not known to the compiler.
    const events = systemEvents(system) as never;
    const wanted = contexts === 2 ? '50x' : '1000x';
    const ours = () => repeated(bounds, 'seed', contexts === 2 ? 20 : 5);
    const label = `(${contexts},2) seed, 2 processes`;
    const map = () => ({ states: Object.keys(getAdjacencyMap(machine, { events })).length });
    compare(`getAdjacencyMap ${label}`, () => timed(map), ours, wanted);
    const paths = () => ({ states: getShortestPaths(machine, { events }).length });
    compare(`getShortestPaths ${label}`, () => timed(paths), ours, wanted);
  }
}

/** SPIN's checker of the exported model, compiled as fast as was found; the compiler is not timed. */
function checkerOf(bounds: Bounds, name: string, folder: string): () => Side {
  const system = new System(bounds, profiles[name] ?? seed, nothing);
  writeFileSync(join(folder, 'model.pml'), promelaOf(system));
  execFileSync('spin', ['-a', 'model.pml'], { cwd: folder });
  const flags = ['-O3', '-w', '-DSAFETY', '-DNOREDUCE', '-DNOFAIR', '-DNOCOMP', '-DNOBOUNDCHECK'];
  execFileSync('cc', [...flags, '-DMEMLIM=16000', '-o', 'pan', 'pan.c'], { cwd: folder });
  return () => {
    let out = '';
    const side = timed(() => {
      out = execFileSync('./pan', ['-c0', '-m20000000', '-w22'], { cwd: folder, encoding: 'utf8' });
      return { states: Number(/(\d+) states, stored/.exec(out)?.[1]) };
    });
    // SPIN counts the initial state as a step, and rounds large numbers.
    const [, text = ''] = /([\d.e+]+) transitions/.exec(out) ?? [];
    return text.includes('e') ? side : { ...side, transitions: Number(text) - 1 };
  };
}

function againstSpin(): void {
  head(
    "Against SPIN's checker (compile time left out; start of the process left in, on their side):",
    ['bounds', 'states theirs / ours', 'transitions', 'median theirs / ours', 'ratio'],
  );
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-bench-'));
  try {
    for (const [name, contexts, processes] of [
      ['device-6', 4, 2],
      ['seed', 4, 1],
      ...(quick
        ? []
        : ([
            ['device-6', 5, 2],
            ['seed', 5, 1],
          ] as const)),
    ] as const) {
      const bounds = { contexts, users: 2, processes, queue: 1 };
      const label = `(${contexts},2) ${name}, ${processes} processes, queues of 1, no quit markers`;
      const ours = () => timed(() => packedWalk(bounds, name));
      compare(label, checkerOf(bounds, name, folder), ours, '1x, aim 3x');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function symmetryGain(): void {
  head('Symmetry: states for one of each orbit, beside the number of renumberings:', [
    'bounds',
    'states / orbits',
    'factor in states',
    'orbits by counting: theoretical factor',
    'renumberings',
    'factor in time',
  ]);
  for (const [name, contexts, users, queue] of [
    ['seed', 3, 2, 0],
    ['seed', 2, 3, 0],
    ['seed', 4, 2, 0],
    ['seed', 5, 2, 0],
    ['device-6', 4, 2, 1],
    ...(quick ? [] : ([['device-6', 5, 2, 1]] as const)),
  ] as const) {
    const bounds = { contexts, users, processes: 2, queue };
    const packed = new Packed(new System(bounds, profiles[name] ?? seed, nothing));
    const symmetry = new Symmetry(packed);
    const rows = Array.from({ length: turns }, () => ({
      plain: timed(() => ({ states: walk(packed, { statesMax }).count })),
      reduced: timed(() => ({ states: walk(packed, { statesMax, symmetry }).count })),
    }));
    const all = walk(packed, { statesMax });
    // Each state stands for one nth of an orbit of n: the sum is the number of orbits.
    let orbits = 0;
    for (let at = 0; at < all.count; at += 1) {
      orbits += 1 / symmetry.orbitSize(all.low[at] ?? 0, all.high[at] ?? 0);
    }
    const reduced = rows[0]?.reduced.states ?? 0;
    const inTime =
      median(rows.map((row) => row.plain.seconds)) / median(rows.map((row) => row.reduced.seconds));
    print([
      `(${contexts},${users}) ${name}, 2 processes, queues of ${queue}`,
      `${all.count} / ${reduced}`,
      (all.count / reduced).toFixed(1),
      `${(all.count / orbits).toFixed(1)} (${((100 * orbits) / reduced).toFixed(0)} % reached)`,
      String(symmetry.order),
      inTime.toFixed(1),
    ]);
  }
}

function memory(): void {
  head('Memory without symmetry, the whole process at its largest:', ['bounds', 'states', 'MiB']);
  for (const [name, queue] of [
    ['seed', 0],
    ['device-6', 1],
  ] as const) {
    const { states } = packedWalk({ contexts: 5, users: 2, processes: 2, queue }, name);
    const mebibytes = process.resourceUsage().maxRSS / 1024;
    print([`(5,2) ${name}, queues of ${queue}`, String(states), mebibytes.toFixed(0)]);
  }
}

function completeSuites(): void {
  head('Complete suites of (2,2) seed, 2 processes, no extra states:', [
    'method',
    'words',
    'symbols',
    'median seconds',
  ]);
  for (const method of ['h', 'hsi', 'w'] as const) {
    const system = new System({ contexts: 2, users: 2, processes: 2 }, seed);
    const runs = Array.from({ length: turns }, () => {
      const begin = performance.now();
      const { words, symbols } = completeSuite(mealyOf(system), { method, extraStates: 0 });
      return { words, symbols, seconds: (performance.now() - begin) / 1000 };
    });
    const [one] = runs;
    const seconds = median(runs.map((run) => run.seconds));
    print([method, String(one?.words), String(one?.symbols), seconds.toFixed(2)]);
  }
}

memory();
symmetryGain();
completeSuites();
againstSpin();
againstXState();
