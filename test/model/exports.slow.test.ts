import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  ExecutableActionsFrom,
  StateValue,
} from 'xstate';
import { createMachine, initialTransition, transition } from 'xstate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../conformance/cli/main.js';
import { allStates, chartOf } from '../../model/export/chart.js';
import { draw } from '../../model/export/svg.js';
import type { Box, Point } from '../../model/export/picture/geometry.js';
import { around } from '../../model/export/picture/geometry.js';
import { layoutOf } from '../../model/export/picture/layout.js';
import { contextMachine, dotOf, jsonOf, scxmlOf, svgOf, tabulate } from '../../model/index.js';
import { nameOfValue } from '../../model/table.js';
import type { Played, PlayedEvent } from './scxml-player.js';
import { ScxmlPlayer } from './scxml-player.js';
import { breaches } from './scxml-rules.js';
import { cascades, cornerMachine, factsOf, machines, tabled } from './specimens.js';
import { allElements, parseXml } from './xml.js';

/** A machine that is written down in another language is the same machine. */

const namesOf = (record: Readonly<Record<string, unknown>>) => Object.keys(record);
const layouts = new Map<string, ReturnType<typeof layoutOf>>();
const laidOut = (name: string) => {
  const layout = layouts.get(name) ?? layoutOf(chartOf(machineOf(name)));
  layouts.set(name, layout);
  return layout;
};
const machineOf = (name: string) => {
  const machine = machines[name];
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  return machine;
};

/** All that a table says. */
function rowsOf(machine: AnyStateMachine) {
  const table = tabulate(machine);
  return table.states.map((state, from) => ({
    state,
    events: table.events.map((event, nth) => ({
      event,
      to: table.states[table.next(from, nth) ?? -1],
      actions: table.actions(from, nth),
    })),
  }));
}

/** A machine made of JSON, with guards by name: a guard is the fact of its name. */
function reread(machine: AnyStateMachine): AnyStateMachine {
  const guards = allStates(chartOf(machine).states)
    .flatMap(({ transitions }) => transitions.map(({ guard }) => guard))
    .filter((guard) => guard !== undefined);
  const read = (guard: string) => (args: { event: { facts?: Record<string, boolean> } }) =>
    args.event.facts?.[guard] === true;
  const given = { guards: Object.fromEntries(guards.map((guard) => [guard, read(guard)])) };
  // The compiler knows neither what the text holds nor that it asks for these guards.
  return createMachine(JSON.parse(jsonOf(machine)) as never, given as never);
}

describe('a machine as JSON', () => {
  it.each(namesOf(tabled))('has the same table when it is read again: %s', (name) => {
    expect(rowsOf(reread(machineOf(name)))).toEqual(rowsOf(machineOf(name)));
  });

  it.each(namesOf(cascades))(
    'decides every reply the same when it is read again: %s',
    (profile) => {
      const [one, other] = [machineOf(`reply ${profile}`), reread(machineOf(`reply ${profile}`))];
      const [start, again]: AnyMachineSnapshot[] = [one, other].map(
        (machine) => initialTransition(machine)[0],
      );
      for (const facts of factsOf(profile)) {
        const event = { type: 'REPLY', facts };
        const [after] = transition(one, start as never, event);
        const [afterToo] = transition(other, again as never, event);
        expect(afterToo.value).toEqual(after.value);
      }
    },
  );

  it.each(namesOf(machines))('keeps descriptions, requirements and names: %s', (name) => {
    expect(chartOf(reread(machineOf(name)))).toEqual(chartOf(machineOf(name)));
  });

  it('is refused for a machine with a function that has no name', () => {
    const machine = createMachine({ id: 'f', entry: () => undefined });
    expect(() => jsonOf(machine)).toThrow('f has a function at "entry", which JSON cannot say');
  });
});

/** Plays events to a new machine each time, by an interpreter of SCXML that knows nothing of XState. */
function interpreterOf(machine: AnyStateMachine) {
  const document = scxmlOf(machine);
  const plain = (id: string) =>
    id.replaceAll(/_x([0-9A-F]+)_/g, (_, code: string) => String.fromCodePoint(parseInt(code, 16)));
  return (events: readonly PlayedEvent[]): Played => {
    const player = new ScxmlPlayer(document);
    for (const event of events) player.send(event);
    const { state, actions } = player.played;
    return { state: plain(state), actions };
  };
}

/** The shortest events that lead to each state of a machine. */
function waysOf(machine: AnyStateMachine): ReadonlyMap<string, readonly string[]> {
  const rows = rowsOf(machine);
  const ways = new Map<string, readonly string[]>([[rows[0]?.state ?? '', []]]);
  for (const [state, way] of ways) {
    for (const { event, to } of rows.find((row) => row.state === state)?.events ?? []) {
      if (to !== undefined && !ways.has(to)) ways.set(to, [...way, event]);
    }
  }
  return ways;
}

describe('a machine as SCXML', () => {
  it.each(namesOf(tabled))('does the same in another interpreter: %s', (name) => {
    const play = interpreterOf(machineOf(name));
    const rows = rowsOf(machineOf(name));
    const effects: ExecutableActionsFrom<AnyStateMachine>[] = initialTransition(machineOf(name))[1];
    // What happens on the way to the first state.
    const starting = { state: rows[0]?.state, actions: effects.map(({ type }) => type) };
    expect(play([])).toEqual(starting);
    for (const [state, way] of waysOf(machineOf(name))) {
      for (const { event, to, actions } of rows.find((row) => row.state === state)?.events ?? []) {
        const shown = play([...way, event].map((type) => ({ type })));
        const expected = { state, event, to: to ?? state, actions };
        expect({ state, event, to: shown.state, actions: shown.actions }).toEqual(expected);
      }
    }
  });

  it.each(namesOf(cascades))('decides every reply the same elsewhere: %s', (profile) => {
    const machine = machineOf(`reply ${profile}`);
    const play = interpreterOf(machine);
    const start = initialTransition(machine)[0] as AnyMachineSnapshot;
    for (const facts of factsOf(profile)) {
      const event = { type: 'REPLY', facts };
      const [after]: [AnyMachineSnapshot, unknown] = transition(machine, start, event);
      const { state, actions } = play([event]);
      expect({ facts, state, actions }).toEqual({
        facts,
        state: nameOfValue(after.value as StateValue),
        actions: [],
      });
    }
  });

  it('asks a guard of a plain transition too', () => {
    const play = interpreterOf(cornerMachine);
    const maybe = (isnt: boolean) =>
      play([{ type: 'OUT' }, { type: 'MAYBE', facts: { "isn't": isnt } }]);
    expect(maybe(true)).toEqual({ state: 'outer.two', actions: ['enterOuter', 'enterTwo'] });
    expect(maybe(false)).toEqual({ state: 'a<b> "c" & d', actions: ['noteAgain'] });
  });

  it.each(namesOf(machines))('has the structure that the recommendation asks for: %s', (name) => {
    expect(breaches(parseXml(scxmlOf(machineOf(name))))).toEqual([]);
  });

  it('would not have it with a mistake in it', () => {
    const document = scxmlOf(machineOf('task'));
    const broken = (from: RegExp | string, to: string) => {
      const text = document.replace(from, to);
      expect(text).not.toBe(document);
      return breaches(parseXml(text));
    };
    expect(broken('version="1.0" name', 'name')).toEqual(['3.2: scxml lacks version']);
    expect(broken('initial="running"', 'initial="walking"')).toEqual([
      '3.2, 3.3: the initial state walking is not inside',
    ]);
    expect(broken('target="sleeping"', 'target="asleep"')).toEqual([
      '3.5: no state has the id asleep',
    ]);
    expect(broken('id="running"', 'id="sleeping.waiting"')).toContain(
      '3.14: the id sleeping.waiting is there twice',
    );
    expect(broken(' event="ASK" target="sleeping"', '')).toEqual([
      '3.5: a transition has none of event, cond and target',
    ]);
    expect(broken('event="EXPIRE"', 'event="IT IS / OVER"')).toEqual([
      '3.5: transition has event="IT IS / OVER"',
    ]);
    expect(broken(/<onentry>[\s\S]*?<\/onentry>/, '<log label="action"/>')).toEqual([
      '3.3: state contains log',
    ]);
    expect(broken('<log label="action"', '<log name="action"')).toEqual([
      '4.7: log has name="action"',
    ]);
    expect(broken('<onentry>', '<onentry>now')).toEqual(['3.8: onentry contains text']);
  });

  it('needs a data model with expressions only where something is asked or done', () => {
    expect(scxmlOf(machineOf('register'))).toContain('datamodel="null"');
    expect(scxmlOf(machineOf('task'))).toContain('datamodel="ecmascript"');
  });

  it('carries what a transition is for and its rules as comments', () => {
    expect(scxmlOf(contextMachine)).toContain('<!-- A reply passed every check. REP-9 -->');
  });
});

const overlap = (one: Box, other: Box) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

/** The straight pieces of a path, as boxes that are two pixels wide. */
const drawn = (points: readonly Point[]) =>
  points.slice(1).map((end, nth): Box => {
    const start = points[nth] ?? end;
    return {
      x: Math.min(start.x, end.x) - 1,
      y: Math.min(start.y, end.y) - 1,
      width: Math.abs(start.x - end.x) + 2,
      height: Math.abs(start.y - end.y) + 2,
    };
  });

const pairs = <T>(all: readonly T[]) =>
  all.flatMap((one, nth) => all.slice(nth + 1).map((other) => [one, other] as const));

describe('a machine as a picture', () => {
  it.each(namesOf(machines))(
    'has its texts apart from each other and from lines: %s',
    async (name) => {
      const { states, arrows } = await laidOut(name);
      const leaves = states.filter(({ state }) => state.states.length === 0);
      const labels = arrows.flatMap(({ label }) => (label === undefined ? [] : [label]));
      const titles = states.map(({ state, title }) => ({ ...title, lines: [state.name] }));
      const texts = [...labels, ...titles];
      const said = ({ lines }: { lines: readonly string[] }) => lines.join(' ');
      for (const [one, other] of pairs(texts))
        expect(overlap(one, other) && [said(one), said(other)]).toBe(false);
      for (const label of labels) {
        for (const leaf of leaves)
          expect(overlap(label, leaf) && [said(label), leaf.state.path]).toBe(false);
        const longest = Math.max(...label.lines.map((line) => line.length));
        expect(label.width).toBeGreaterThanOrEqual(longest * 12 * 0.6);
        expect(label.height).toBeGreaterThanOrEqual(label.lines.length * 12);
      }
      for (const { points } of arrows) {
        for (const text of texts)
          expect(drawn(points).some((piece) => overlap(piece, text)) && said(text)).toBe(false);
      }
    },
  );

  it.each(namesOf(machines))('has its states apart, and all of it in sight: %s', async (name) => {
    const { states, arrows, dots, width, height } = await laidOut(name);
    const leaves = states.filter(({ state }) => state.states.length === 0);
    for (const [one, other] of pairs(leaves)) expect(overlap(one, other)).toBe(false);
    for (const inner of states) {
      const parent = inner.state.path.split('.').slice(0, -1).join('.');
      for (const outer of states.filter((one) => one !== inner && overlap(one, inner))) {
        const related = [inner.state.path, outer.state.path].sort();
        expect(related[1]?.startsWith(`${related[0] ?? ''}.`)).toBe(true);
      }
      const outer = states.find(({ state }) => state.path === parent);
      if (outer !== undefined) expect(around([outer, inner])).toEqual(around([outer]));
    }
    const labels = arrows.flatMap(({ label }) => (label === undefined ? [] : [label]));
    const all = around([
      ...states,
      ...labels,
      ...dots,
      ...arrows.flatMap((one) => drawn(one.points)),
    ]);
    expect(all.x).toBeGreaterThanOrEqual(0);
    expect(all.y).toBeGreaterThanOrEqual(0);
    expect(all.x + all.width).toBeLessThanOrEqual(width);
    expect(all.y + all.height).toBeLessThanOrEqual(height);
    expect(width).toBeLessThanOrEqual(1000);
  });

  it.each(namesOf(machines))(
    'leads arrows from the side of a state to the side of a state: %s',
    async (name) => {
      const { states, dots, arrows } = await laidOut(name);
      const touches = ({ x, y }: Point, { width, height, ...box }: Box) =>
        ((x === box.x || x === box.x + width) && y >= box.y && y <= box.y + height) ||
        ((y === box.y || y === box.y + height) && x >= box.x && x <= box.x + width);
      const boxOf = (path: string) => states.filter(({ state }) => state.path === path);
      for (const { points, transitions } of arrows) {
        const [first, last] = [points.at(0), points.at(-1)];
        if (first === undefined || last === undefined) throw new Error('an arrow without ends');
        const [{ from, to = from } = { from: '', to: '' }] = transitions;
        const starts = transitions.length === 0 ? dots : boxOf(from);
        const ends = transitions.length === 0 ? states : boxOf(to);
        expect(
          starts.some((box) => touches(first, box)),
          `from ${from}`,
        ).toBe(true);
        expect(
          ends.some((box) => touches(last, box)),
          `to ${to}`,
        ).toBe(true);
        for (const [nth, point] of points.slice(1).entries())
          expect(point.x === points[nth]?.x || point.y === points[nth]?.y).toBe(true);
      }
    },
  );

  it.each(namesOf(machines))('names every state, event, guard and action: %s', async (name) => {
    const machine = machineOf(name);
    const { states, description } = chartOf(machine);
    const picture = parseXml(draw(chartOf(machine), await laidOut(name)));
    const parts = allElements(picture);
    const texts = parts
      .filter((part) => part.name === 'text')
      .map((part) =>
        allElements(part)
          .map(({ text }) => text)
          .join(' '),
      );
    const words = texts.join(' ').split(/[ ,]+/);
    const named = allStates(states).flatMap((state) => [
      ...[...state.entry, ...state.exit],
      ...state.transitions.flatMap(({ event = 'always', guard, actions }) => [
        event,
        ...(guard === undefined ? [] : [`[${guard}]`]),
        ...actions,
      ]),
    ]);
    expect(named.filter((word) => !words.includes(word))).toEqual([]);
    const names = parts.filter(({ attributes }) => attributes['class'] === 'name');
    expect(names.map(({ text }) => text).sort()).toEqual(
      allStates(states)
        .map((state) => state.name)
        .sort(),
    );
    const drawnAs = (kind: string) =>
      parts.filter(({ attributes }) => attributes['class'] === kind).length;
    expect(drawnAs('inner')).toBe(allStates(states).filter((state) => state.isFinal).length);
    expect(drawnAs('dot')).toBeGreaterThan(0);
    expect(picture.children.slice(0, 2).map(({ name: tag, text }) => [tag, text])).toEqual([
      ['title', machine.id],
      ['desc', description],
    ]);
  });

  it('is the same every time, and brings its own ground for light and for dark', async () => {
    const [one, other] = [await svgOf(contextMachine), await svgOf(contextMachine)];
    expect(other).toBe(one);
    expect(one).toContain('<rect class="ground"');
    expect(one).toContain('@media (prefers-color-scheme:dark)');
  });

  it('stands the ways out of a cascade on the lines of their checks', async () => {
    const { states } = await laidOut('reply seed');
    const middle = (path: string) => {
      const box = states.find(({ state }) => state.path === path);
      return (box?.y ?? 0) + (box?.height ?? 0) / 2;
    };
    expect(middle('refused.bad-index')).toBe(middle('checkIndexInRange'));
    expect(middle('refused.wrong-sequence')).toBe(middle('checkSequenceMatches'));
  });
});

describe('a machine in the language of Graphviz', () => {
  it.each(namesOf(machines))('has a node or a cluster for every state: %s', (name) => {
    const lines = dotOf(machineOf(name)).split('\n');
    const states = allStates(chartOf(machineOf(name)).states);
    const quoted = (words: string) => `"${words.replaceAll('"', '\\"')}"`;
    for (const { path, states: inner } of states) {
      const start =
        inner.length === 0 ? `${quoted(path)} [label=` : `subgraph ${quoted(`cluster ${path}`)} {`;
      expect(lines.filter((line) => line.trim().startsWith(start))).toHaveLength(1);
    }
  });

  it('dashes what no event triggers, and cuts arrows off at the border of a cluster', () => {
    const dot = dotOf(machineOf('task'));
    expect(dot).toContain('"resumed.answered" -> "running" [label="  always\\l", style=dashed];');
    expect(dot).toContain(
      '"running" -> "sleeping.waiting" [label="  ASK\\l", lhead="cluster sleeping"];',
    );
  });
});

describe('a machine that no export can say', () => {
  it('is refused with a sentence that names the state', () => {
    const region = { states: { a: {}, b: {} } };
    const parallel = createMachine({
      id: 'p',
      initial: 'x',
      states: { x: { type: 'parallel', ...region } },
    });
    const late = createMachine({
      id: 'l',
      initial: 'x',
      states: { x: { after: { 10: 'y' } }, y: {} },
    });
    const nameless = createMachine({
      id: 'n',
      initial: 'x',
      states: { x: { entry: () => undefined } },
    });
    expect(() => scxmlOf(parallel)).toThrow('p.x has the type parallel, which no export');
    expect(() => dotOf(late)).toThrow('l.x has delays or invoked actors, which no export');
    expect(() => scxmlOf(nameless)).toThrow('n.x has a guard or an action without a name');
  });
});

describe('msgctx export', () => {
  afterEach(() => vi.restoreAllMocks());

  async function msgctx(line: string) {
    const shown = { out: '', err: '', status: 0 };
    vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
      shown.out += String(part);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
      shown.err += String(part);
      return true;
    });
    shown.status = await main(line.split(' '));
    return shown;
  }

  it.each(['svg', 'scxml', 'json', 'dot'])('prints a machine as %s', async (format) => {
    const machine = machineOf('reply device-6');
    const texts: Readonly<Record<string, string>> = {
      svg: await svgOf(machine),
      scxml: scxmlOf(machine),
      json: jsonOf(machine),
      dot: dotOf(machine),
    };
    const shown = await msgctx(`export ${format} --machine reply --profile device-6`);
    expect(shown).toEqual({ out: texts[format], err: '', status: 0 });
  });

  it('names the formats where one does not exist', async () => {
    const { out, err, status } = await msgctx('export png');
    expect({ out, status }).toEqual({ out: '', status: 2 });
    expect(err).toMatch(/^msgctx: there is no format "png"; known: mermaid, svg, scxml, json, dot/);
  });
});
