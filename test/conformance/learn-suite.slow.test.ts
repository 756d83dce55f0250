import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActor, createMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { Answer, Call, Subject } from '../../conformance/index.js';
import { profiles, ReferenceSubject, seed } from '../../conformance/index.js';
import { UsageError } from '../../conformance/usage.js';
import type { Clock } from '../../conformance/real-time.js';
import { chance } from '../../conformance/learn/chance.js';
import type { LearnOptions } from '../../conformance/learn/learn.js';
import { learn } from '../../conformance/learn/learn.js';
import type { MachineRead } from '../../conformance/learn/machine-file.js';
import { configOf, parseMachine } from '../../conformance/learn/machine-file.js';
import { differenceSvg } from '../../conformance/learn/picture.js';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { captured } from '../captured.js';
import { plainLStar } from './l-star.js';

/** The machine of an implementation is learnt, and told apart from the model's. */

const cli = captured();

/** Time stands still. */
const still: Clock = { nowMs: () => 0, sleep: () => Promise.resolve() };

function learnt(subject: Subject, contexts: number, options: Partial<LearnOptions> = {}) {
  return learn({
    ...{ subject, profile: seed, extent: { contexts, users: 1 }, budgetMs: Infinity },
    ...{ clock: still, random: chance(), draws: 100, ...options },
  });
}

/** The reference implementation, with something wrong about it. */
class Spoilt implements Subject {
  readonly #subject = new ReferenceSubject();
  readonly #spoil: (answer: Answer, call: Call, nth: number) => Answer;
  #calls = 0;

  constructor(spoil: (answer: Answer, call: Call, nth: number) => Answer) {
    this.#spoil = spoil;
  }

  get claims() {
    return this.#subject.claims;
  }

  async call(call: Call): Promise<Answer> {
    this.#calls += 1;
    return this.#spoil(await this.#subject.call(call), call, this.#calls);
  }

  close(): Promise<void> {
    return this.#subject.close();
  }
}

describe('the reference implementation', () => {
  it.each([
    [1, 15],
    [2, 87],
  ])('is the same machine as the model, at %i contexts and one user', async (contexts, states) => {
    const found = await learnt(new ReferenceSubject(), contexts);
    expect(found.verdict).toBe('same');
    expect(found.machine?.states).toBe(states);
    expect(found.language.model.states).toBe(states);
  });

  it('is learnt with a fifth of the inputs that plain L* asks', async () => {
    const found = await learnt(new ReferenceSubject(), 2);
    const asked = found.symbols - found.examined.symbols;
    const theirs = plainLStar(found.language.model);
    // One more than the model's: where an input made no sense nothing is said any more.
    expect(theirs.states).toBe(88);
    expect(theirs.symbols / asked).toBeGreaterThan(5);
  });
});

describe('a fault', () => {
  it.each<[FaultId, string, string]>([
    ['ignores-number', 'helo 0.0, request 0, reply 0.0 0 older', 'ok'],
    ['leaks-on-timeout', 'helo 0.0, request 0, expire 0, look 0, reply 0.0 0 current', 'ok'],
    ['sends-twice', 'helo 0.0, request 0', 'ok, request to 0.0, request with old numbers to 0.0'],
  ])('%s is told apart from the model by a shortest conversation', async (fault, word, said) => {
    const found = await learnt(new MutantSubject({ fault }), 1);
    expect(found.verdict).toBe('different');
    const { shortest } = found.comparison ?? {};
    const names = shortest?.word.map((input) => found.language.alphabet.names[input]);
    expect([names?.join(', '), shortest?.learnt]).toEqual([word, said]);
  });

  it('is drawn in colour', async () => {
    const found = await learnt(new MutantSubject({ fault: 'ignores-number' }), 1);
    const { machine, comparison } = found;
    if (machine === undefined || comparison === undefined) {
      throw new TypeError('a machine was learnt');
    }
    const svg = await differenceSvg(machine, comparison);
    expect(svg.match(/class="changed"/g)?.length).toBe(4);
    expect(svg).toContain('(model: refused)');
  });
});

/** What `msgctx learn --machine` writes. */
async function written(subject: Subject) {
  const { machine, comparison, verdict } = await learnt(subject, 1);
  if (machine === undefined) throw new Error('nothing was learnt');
  const { name, version } = subject.claims;
  const config = configOf(machine, {
    ...{ implementation: { name, version }, profile: 'seed', contexts: 1, users: 1, verdict },
    capabilities: ['exit', 'manualWake', 'results'],
  });
  return { machine, comparison, config };
}

describe('a learnt machine', () => {
  it('is a machine of XState that does the same', async () => {
    const { config } = await written(new ReferenceSubject());
    const actor = createActor(createMachine(config)).start();
    actor.send({ type: 'helo 0_0' });
    actor.send({ type: 'request 0' });
    actor.send({ type: 'reply 0_0 0 current' });
    actor.send({ type: 'look 0' });
    actor.send({ type: 'quit 0_0' });
    expect(actor.getSnapshot().value).toBe('s0');
  });

  it('comes back from its file with the same differences', async () => {
    const { config, machine, comparison } = await written(
      new MutantSubject({ fault: 'leaks-on-timeout' }),
    );
    const read = parseMachine(JSON.stringify(config), 'it');
    expect([read.machine.states, read.model.states]).toEqual([machine.states, 15]);
    expect([...read.machine.next]).toEqual([...machine.next]);
    expect(read.comparison).toEqual(comparison);
  });

  it('is refused with the line and what was expected where its file says something else', async () => {
    const { config } = await written(new ReferenceSubject());
    const text = JSON.stringify(config, null, 2);
    const refusal = (wrong: string): string => {
      let read: MachineRead | undefined;
      try {
        read = parseMachine(wrong, 'it');
      } catch (error) {
        // How JSON is wrong each version of V8 says in its own words.
        const { message } = error instanceof UsageError ? error : { message: String(error) };
        return message.replace(/ \(.*\)$/, '');
      }
      return `read ${read.machine.states} states`;
    };
    const said = ([from, to]: readonly [string, string]) => refusal(text.replace(from, to));
    expect(wrongs.map(said)).toMatchInlineSnapshot(`
      [
        "it:3: expected JSON",
        "it:5: expected "meta" with "schema": "msgctx-machine/1", as msgctx learn --machine writes it",
        "it:10: expected a "profile" among seed, netlink-2.6.21, device-6",
        "it:11: expected "contexts" from 1 to 3",
        "it:14: expected "capabilities" as a list of exit, manualWake, results",
        "it:13: expected a "verdict": same, different or inconclusive",
        "it:6: expected "implementation" with "name" and "version"",
        "it:3: expected "initial": "s0"",
        "it:279: expected "s3", found "three"",
        "it:1: expected "states", 1 to 20000 of them",
        "it:21: expected "on" with the transitions of s0",
        "it:23: expected an input of the model at these bounds, found "hello 0_0"",
        "it:23: expected "target", one of the states",
        "it:29: expected "actions", a list of one output: ok …, or refused …",
      ]
    `);
    const others = ['[]', '{', '\nhello', `{"a":${' '.repeat(99)}\n\nx:${' '.repeat(99)}}`];
    expect([...others, '{\n"meta": 1}'].map(refusal)).toMatchInlineSnapshot(`
      [
        "it:1: expected a JSON object, as msgctx learn --machine writes it",
        "it:1: expected JSON",
        "it:2: expected JSON",
        "it:3: expected JSON",
        "it:2: expected "meta" with "schema": "msgctx-machine/1", as msgctx learn --machine writes it",
      ]
    `);
  });
});

const wrongs: readonly (readonly [string, string])[] = [
  ['"learnt",', '"learnt"'],
  ['msgctx-machine/1', 'msgctx-machine/2'],
  ['"profile": "seed"', '"profile": "device-2.6.26"'],
  ['"contexts": 1', '"contexts": 0'],
  ['"exit"', '"raw"'],
  ['"verdict": "same"', '"verdict": "good"'],
  ['"version"', '"edition"'],
  ['"initial": "s0"', '"initial": "s1"'],
  ['"s3": {', '"three": {'],
  ['"states"', '"places"'],
  ['"on"', '"off"'],
  ['"helo 0_0"', '"hello 0_0"'],
  ['"target": "s1"', '"target": "s99"'],
  ['"refused"', '"perhaps"'],
];

describe('what cannot be learnt', () => {
  it('is inconclusive where the same word is answered in two ways, and both are told', async () => {
    const fickle = new Spoilt((answer, { method }, nth) =>
      method === 'quit' && nth > 500 ? { events: [], result: {} } : answer,
    );
    const { verdict, conflict, states } = await learnt(fickle, 1);
    expect([verdict, conflict?.first, conflict?.second]).toEqual(['inconclusive', 'refused', 'ok']);
    expect(states).toBeGreaterThan(1);
  });

  it('is inconclusive without a reset, and when the time is over', async () => {
    const unsupported = { events: [], error: { code: 'UNSUPPORTED' } };
    const stuck = new Spoilt((answer, { method }) => (method === 'reset' ? unsupported : answer));
    expect((await learnt(stuck, 1)).why).toBe('reset answers UNSUPPORTED: nothing can be learnt');
    let nowMs = 0;
    const slow = await learnt(new ReferenceSubject(), 1, {
      budgetMs: 900,
      clock: { ...still, nowMs: () => (nowMs += 1) },
    });
    expect([slow.verdict, slow.why]).toEqual(['inconclusive', 'the budget of 1 s is used up']);
    expect(slow.states).toBeGreaterThan(1);
  });
});

describe('a kernel in real time', () => {
  /** A clock that moves when somebody sleeps, and with every look at it. */
  function clockThatTakes(ms: number): Clock {
    let nowMs = 0;
    return {
      nowMs: () => (nowMs += ms),
      sleep: (sleptMs) => {
        nowMs += sleptMs;
        return Promise.resolve();
      },
    };
  }

  it.each(['seed', 'device-6'] as const)('is learnt as the machine of %s', async (profile) => {
    const clock = clockThatTakes(0.01);
    const claims = { timeoutMinMs: 1000, timeoutStepMs: 1000 };
    const options = { profile, claims, realTime: { clock: () => clock.nowMs() } };
    const subject = new MutantSubject({ ...options, without: ['manualWake', 'payload'] });
    const { verdict, why, states } = await learnt(subject, 1, {
      profile: profiles[profile] ?? seed,
      clock,
    });
    expect([verdict, why, states]).toEqual(['same', undefined, 6]);
    const two = await learnt(subject, 2, { clock });
    expect(two.why).toContain('cannot be kept apart; take --contexts 1');
  });

  it('is not taken for another because words took longer than the time-out', async () => {
    const clock = clockThatTakes(300);
    const options = { realTime: { clock: () => clock.nowMs() }, without: ['manualWake'] };
    const { verdict, why } = await learnt(new MutantSubject(options), 1, { clock });
    expect(verdict).toBe('inconclusive');
    expect(why).toMatch(/took longer than the time-out, 3 times: the machine is too busy$/);
  });
});

describe('msgctx learn', () => {
  it('writes a machine that is exported in other languages, and a file that holds none is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-learnt-'));
    const file = join(folder, 'learnt.json');
    expect(await cli.msgctx('learn', '--machine', file)).toBe(0);
    expect(await cli.msgctx('export', 'mermaid', '--machine', file)).toBe(0);
    expect(cli.out.match(/ as s\d+$/gm) ?? []).toHaveLength(15);
    for (const wrong of [
      '',
      '{',
      '[]',
      '{"states":1}',
      '{"states":{"a":{"invoke":{"src":"x"}}}}',
    ]) {
      writeFileSync(file, wrong);
      expect(await cli.msgctx('export', 'mermaid', '--machine', file)).toBe(2);
      expect(cli.err).toContain(`msgctx: ${file}: expected`);
    }
    rmSync(folder, { recursive: true });
  });

  it('says what it learnt, as text and as JSON', async () => {
    expect(await cli.msgctx('learn')).toBe(0);
    expect(cli.out.replace(/[\d.]+ s$/m, 'S s')).toMatchInlineSnapshot(`
      "profile seed: 1 context, 1 user, 2 processes per user, 15 inputs
      15 states after 1302 queries with 7385 inputs; 597 of these queries, with 4085 inputs, tested the result; S s
      equal to the model's machine (15 states)
      "
    `);
    expect(await cli.msgctx('learn', '--json')).toBe(0);
    const { schema, verdict, machine } = JSON.parse(cli.out) as Record<string, unknown>;
    expect([schema, verdict]).toEqual(['msgctx-learn/1', 'same']);
    expect(machine).toMatchObject({ id: 'learnt', initial: 's0' });
  });

  it('is inconclusive when the budget is used up, and refuses bounds that nobody learns', async () => {
    expect(await cli.msgctx('learn', '--contexts', '2', '--users', '2', '--budget', '1')).toBe(4);
    expect(cli.out).toContain('inconclusive: the budget of 1 s is used up');
    expect(await cli.msgctx('learn', '--contexts', '9')).toBe(2);
  });
});
