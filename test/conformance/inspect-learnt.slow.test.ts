import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LearntMachine } from '../../conformance/inspect/learnt.js';
import { chance } from '../../conformance/learn/chance.js';
import { learn } from '../../conformance/learn/learn.js';
import { configOf, parseMachine } from '../../conformance/learn/machine-file.js';
import { differenceFigure } from '../../conformance/learn/picture.js';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { seed } from '../../model/index.js';
import { captured } from '../captured.js';

/** Learnt machines in the inspector, without a browser. */

const cli = captured();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-learnt-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A configuration that can be spoilt. */
interface Config {
  readonly states: Record<string, { readonly on: Record<string, object> }>;
}

/** What `msgctx learn --machine` writes. */
async function configIn(options: { readonly fault?: FaultId }): Promise<Config> {
  const extent = { contexts: 1, users: 1 };
  const { machine, verdict } = await learn({
    subject: new MutantSubject(options),
    ...{ profile: seed, extent, budgetMs: Infinity, random: chance(), draws: 100 },
    clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
  });
  if (machine === undefined) throw new Error('nothing was learnt');
  const { states, ...rest } = configOf(machine, {
    ...{ implementation: { name: 'it', version: '1' }, profile: 'seed', ...extent, verdict },
    capabilities: ['exit', 'manualWake', 'results'],
  });
  const copied = Object.entries(states).map(([name, { on }]) => [name, { on: { ...on } }] as const);
  return { ...rest, states: Object.fromEntries(copied) };
}

function machineOf(config: Config): LearntMachine {
  return new LearntMachine(parseMachine(JSON.stringify(config), 'it'), 'it.json');
}

describe('a learnt machine', () => {
  let right: LearntMachine;
  let faulty: LearntMachine;
  beforeAll(async () => {
    right = machineOf(await configIn({}));
    faulty = machineOf(await configIn({ fault: 'ignores-number' }));
  });

  it('says what it is, and how it differs from the model', () => {
    expect(right.shown).toEqual({
      ...{ file: 'it.json', implementation: 'it 1', profile: 'seed', contexts: 1, users: 1 },
      ...{ states: 15, modelStates: 15, isSame: true, isCertain: true, shortest: [] },
      counts: { changed: 0, extra: 0, missing: 0 },
    });
    expect(faulty.shown).toMatchObject({
      ...{ isSame: false, counts: { changed: 4, extra: 0, missing: 0 } },
      shortest: ['helo 0_0', 'request 0', 'reply 0_0 0 older'],
    });
  });

  it('is stepped through by hand, and says where an input that is not possible would be', () => {
    const { active, trail, choices } = right.walk(['helo 0_0', 'request 0']);
    expect(active).toEqual(['s2']);
    expect(trail.map(({ label, outcome }) => `${label}: ${outcome}`)).toEqual([
      'helo u1.d1: ok → s1',
      'request u1: ok, request to u1.d1 → s2',
    ]);
    expect(choices.filter(({ enabled }) => enabled)).toHaveLength(15);
    const expire = right.walk([]).choices.find(({ label }) => label === 'expire 0');
    expect(expire).toMatchObject({ enabled: false, outcome: '' });
    expect(expire?.checks).toEqual([
      {
        ...{ name: 'in s2 or s5 or s6 or s7 or s8 or s11', holds: false },
        text: 'the machine is in s0, and the next time-out is not that of this context',
      },
    ]);
    expect(() => right.walk(['helo 0_0', 'look 0'])).toThrow(
      '"look 0" is not possible in s1; undo it',
    );
    expect(() => right.walk(['dance'])).toThrow('"dance" is not possible in s0; undo it');
  });

  it('differs at the step that the model would not take so, and nowhere before', () => {
    const { trail } = faulty.walk(faulty.shown.shortest);
    expect(trail.map(({ differs }) => differs)).toEqual([
      ...[undefined, undefined],
      { kind: 'changed', model: 'refused' },
    ]);
    const { choices } = faulty.walk(['helo 0_0', 'request 0']);
    const wrong = choices.filter(({ differs }) => differs !== undefined);
    expect(wrong.map(({ label }) => label)).toEqual(['reply u1.d1 0 older']);
  });

  it('is drawn with what differs, and without a picture where it is too large', async () => {
    const { drawing } = faulty;
    if (typeof drawing === 'string' || !('learnt' in drawing)) throw new Error('not drawn');
    const svg = await differenceFigure(drawing.learnt.machine, drawing.learnt.comparison);
    expect(svg.match(/class="changed"/g)).toHaveLength(4);
    expect(svg).toContain('data-event="≠ reply u1·d1 0 older → ok (model: refused)"');
    expect(svg).not.toContain('<style>');
    const config = await configIn({});
    for (let nth = 15; nth <= 40; nth += 1) config.states[`s${nth}`] = { on: {} };
    const large = machineOf(config);
    expect(large.drawing).toBe(
      'a machine with 41 states is not drawn (at most 40); step through it',
    );
    expect(large.walk(['helo 0_0']).active).toEqual(['s1']);
  });

  it('shows what only the model has, and what it has not, apart', async () => {
    const config = await configIn({});
    delete config.states['s2']?.on['expire 0'];
    Object.assign(config.states['s0']?.on ?? {}, {
      'look 0': { target: 's0', actions: ['refused'] },
    });
    const machine = machineOf(config);
    expect(machine.shown.counts).toEqual({ changed: 0, extra: 1, missing: 1 });
    const { trail, choices } = machine.walk(['look 0', 'helo 0_0', 'request 0']);
    expect(trail[0]?.differs).toEqual({ kind: 'extra', model: 'makes no sense' });
    const missing = choices.find(({ label }) => label === 'expire 0');
    expect(missing?.enabled).toBe(false);
    expect(missing?.differs).toEqual({ kind: 'missing', model: 'ok' });
  });
});

describe('msgctx inspect --machine', () => {
  const file = join(folder, 'machine.json');
  it.each([
    ['', 'expected a learnt machine, found nothing'],
    [Buffer.from([0xff, 0xfe, 0x7b, 0x00]), 'expected a learnt machine in UTF-8'],
    ['{\n"meta": {\n"schema": "msgctx-report/1"}}', 'machine.json:3: expected "meta" with'],
    ['{\n"id": 1,\n}', 'machine.json:3: expected JSON ('],
  ])('refuses a file that holds %j', async (bytes, sentence) => {
    writeFileSync(file, bytes);
    expect(await cli.msgctx('inspect', '--machine', file)).toBe(2);
    expect(cli.err).toContain(sentence);
    expect(cli.err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a file that is not there, and one that is too large', async () => {
    expect(await cli.msgctx('inspect', '--machine', join(folder, 'none'))).toBe(2);
    expect(cli.err).toContain('none: cannot be read (ENOENT');
    // A hole: it is as large as it says, and takes no room.
    truncateSync(file, 2 ** 27);
    expect(await cli.msgctx('inspect', '--machine', file)).toBe(2);
    expect(cli.err).toContain('machine.json: expected at most 67108864 bytes, found 134217728');
  });
});
