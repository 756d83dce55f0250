import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { parseMachine } from '../../conformance/learn/machine-file.js';
import { captured } from '../captured.js';

/** A machine from a file is drawn with all of its guards, or not at all. */

const cli = captured();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function draw(config: unknown) {
  const file = join(folder, 'machine.json');
  writeFileSync(file, JSON.stringify(config));
  const status = await cli.msgctx('export', 'mermaid', '--machine', file);
  return { status, out: cli.out, err: cli.err.replaceAll(file, 'FILE') };
}

const withTransition = (transition: unknown) => ({
  initial: 'a',
  states: { a: { on: { GO: transition } }, b: {} },
});
const withState = (state: object) => ({ initial: 'a', states: { a: state, b: {} } });
const toggle = createMachine({
  initial: 'a',
  states: { a: { on: { GO: { target: 'b', guard: 'isOk' } } }, b: {} },
});

describe('a machine of XState 4', () => {
  it.each<[string, unknown, string]>([
    ['a guard', withTransition({ target: 'b', cond: 'isOk' }), '"cond"'],
    ['guards in a list', withTransition([{ target: 'b' }, { target: 'b', cond: 'c' }]), '"cond"'],
    ['a guard with parameters', withTransition({ target: 'b', cond: { type: 'c' } }), '"cond"'],
    ['a state to be in', withTransition({ target: 'b', in: '#a.b' }), '"in"'],
    ['an internal transition', withTransition({ actions: 'x', internal: true }), '"internal"'],
    ['the data of a final state', withState({ type: 'final', data: {} }), '"data"'],
    ['activities', withState({ activities: ['beep'] }), '"activities"'],
    ['always', withState({ always: [{ target: 'b', cond: 'c' }] }), '"cond"'],
    ['after', withState({ after: { 10: { target: 'b', cond: 'c' } } }), '"cond"'],
    ['done', withState({ onDone: { target: 'b', cond: 'c' } }), '"cond"'],
    [
      'done of something invoked',
      withState({ invoke: { src: 'x', onDone: [{ target: 'b', cond: 'c' }] } }),
      '"cond"',
    ],
    ['the data of something invoked', withState({ invoke: [{ src: 'x', data: {} }] }), '"data"'],
    ['no event', withState({ on: { '': 'b' } }), 'a transition without an event'],
    ['a schema', { schema: {}, ...withState({}) }, '"schema"'],
    ['a nested state', withState({ initial: 'c', states: { c: { data: 1 } } }), '"data"'],
  ])('is refused with the place and what to do: %s', async (_, config, what) => {
    const { status, out, err } = await draw(config);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain('msgctx: FILE: expected the configuration of an XState 5 machine, found');
    expect(err).toContain(what);
    expect(err).toContain('write JSON.stringify(machine.config) of an XState 5 machine');
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('the definition of a machine', () => {
  it.each<[string, unknown]>([
    ['JSON.stringify(machine)', toggle],
    ['machine.definition', toggle.definition],
    ['a machine with its configuration in it', { config: toggle.config }],
    ['a list', [toggle.config]],
  ])('is refused: %s', async (_, value) => {
    const { status, err } = await draw(value);
    expect(status).toBe(2);
    expect(err).toContain('write JSON.stringify(machine.config)');
  });
});

describe('a configuration of XState 5', () => {
  it('is drawn with its guards', async () => {
    const { status, out } = await draw(toggle.config);
    expect(status).toBe(0);
    expect(out).toContain('isOk');
  });

  it.each<[string, object]>([
    [
      'states and events named as members of XState 4',
      {
        initial: 'data',
        states: {
          data: { on: { cond: 'schema', in: 'schema' } },
          schema: { on: { order: 'data' } },
        },
      },
    ],
    [
      'anything in context, meta and parameters',
      {
        ...{ context: { cond: 1, data: {} }, meta: { schema: 1, in: 'x' } },
        ...withTransition({ target: 'b', guard: { type: 'g', params: { cond: 1, data: 2 } } }),
      },
    ],
    ['actions with parameters', withTransition({ target: 'b', actions: [{ type: 'x', data: 1 }] })],
    ['what msgctx exports', JSON.parse(JSON.stringify(toggle.config)) as object],
  ])('may have %s', async (_, config) => {
    expect(await draw(config)).toMatchObject({ status: 0, err: '' });
  });

  it('is what msgctx export json writes, for every machine', async () => {
    for (const machine of ['context', 'daemon', 'reply', 'task']) {
      expect(await cli.msgctx('export', 'json', '--machine', machine)).toBe(0);
      expect((await draw(JSON.parse(cli.out))).status).toBe(0);
    }
  });
});

describe('a name in a machine', () => {
  it('reaches no terminal raw', async () => {
    const evil = 'a\u001b[2J\u202e';
    const { err } = await draw({ initial: evil, states: { [evil]: { data: 1 } } });
    expect(err).toContain('at states.a\\x1b[2J\\u202e;');
  });
});

describe('a learnt machine', () => {
  it('is not shown without its guards', () => {
    const text = JSON.stringify(withTransition({ target: 'b', cond: 'isOk' }));
    expect(() => parseMachine(text, 'it')).toThrow('found "cond" of XState 4 at states.a.on.GO');
  });
});
