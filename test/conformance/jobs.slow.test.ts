import { describe, expect, it } from 'vitest';
import { fitted } from '../../conformance/fit.js';
import type { Clock, Subject } from '../../conformance/subject.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import type { MutantOptions } from '../../conformance/mutants/subject.js';
import {
  parseTraces,
  printTraces,
  ReferenceSubject,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import { merge } from '../../conformance/merge.js';
import { printJson } from '../../conformance/report/json.js';
import { parseReport } from '../../conformance/report/read.js';
import { settingsOf } from '../../conformance/settings.js';
import { isInShard } from '../../conformance/shard.js';

/** Runs by several subjects side by side, that are interrupted, and of who is patient. */

/** A subject that counts how many cases it was held to. */
function counted(): { readonly subject: Subject; readonly resets: () => number } {
  const inner = new ReferenceSubject();
  let resets = 0;
  const call: Subject['call'] = (asked) => {
    if (asked.method === 'reset') resets += 1;
    return inner.call(asked);
  };
  const subject = { claims: inner.claims, call, close: () => inner.close() };
  return { subject, resets: () => resets };
}

describe('subjects side by side', () => {
  const cases = selectCases(seed, ['time', 'resets'], []);
  const options = { profile: seed, strict: true, cases, seed: 1, runs: 1, bail: false };

  it('share the cases, and the report is that of one', async () => {
    const three = [counted(), counted(), counted()] as const;
    const [{ subject }, ...rest] = three;
    const together = await run({ subject, others: rest.map((one) => one.subject), ...options });
    const alone = await run({ subject: new ReferenceSubject(), ...options });
    expect(together.cases).toEqual(alone.cases);
    for (const { resets } of three) expect(resets()).toBeGreaterThan(cases.length / 6);
  });
});

describe('the report of an implementation that fails and counts on from case to case', () => {
  const cases = selectCases(seed, ['rejections', 'interleavings'], []);
  const options = { profile: seed, strict: true, seed: 1, runs: 3, bail: false };
  const wrong = () => new MutantSubject({ fault: 'ignores-number' });
  const whole = run({ subject: wrong(), cases, ...options });

  it('has failures, with numbers that count from the first one', async () => {
    const { cases: found } = await whole;
    const texts = found.flatMap(({ trace }) => trace.flatMap(({ observed }) => observed));
    expect(texts.filter((text) => /^message .* seq 1,/.test(text)).length).toBeGreaterThan(3);
    expect(found.some(({ minimal }) => minimal?.full !== undefined)).toBe(true);
  });

  it('is the same to the byte with three subjects', async () => {
    const others = [wrong(), wrong()];
    const together = await run({ subject: wrong(), others, cases, ...options });
    expect(printJson(together)).toBe(printJson(await whole));
  });

  it('is the same to the byte when it is merged from parts, in any order of the parts', async () => {
    const parts = await Promise.all(
      [3, 1, 2].map(async (nth) => {
        const shard = { nth, all: 3 };
        const own = cases.filter(({ id }) => isInShard(id, shard));
        const report = await run({ subject: wrong(), cases: own, shard, ...options });
        const file = `part-${nth}.json`;
        return { file, report: parseReport(printJson(report), file) };
      }),
    );
    const [merged, ...more] = merge(parts);
    expect(more).toEqual([]);
    expect(merged && printJson(merged)).toBe(printJson(await whole));
  });
});

describe('a run that is interrupted', () => {
  it('ends, though its subject answers at once', async () => {
    const stop = { isAsked: false };
    const timer = setTimeout(() => {
      stop.isAsked = true;
    });
    const cases = selectCases(seed, ['complete'], []);
    const { totals } = await run({
      ...{ subject: new ReferenceSubject(), profile: seed, strict: true, cases, seed: 1, runs: 1 },
      ...{ bail: false, interrupted: () => stop.isAsked },
    });
    clearTimeout(timer);
    expect(totals.inconclusive).toBeGreaterThan(0);
    expect(totals.fail).toBe(0);
  });
});

describe('what only a budget pays for', () => {
  it('is recorded when it fails', async () => {
    const filters = ['paths/machine.reply.wrong-sequence/plain'];
    const paid = selectCases(seed, ['paths'], filters);
    const subject = new MutantSubject({ fault: 'ignores-number' });
    const budget = { cases: paid, ms: 60_000 };
    const terms = { profile: seed, strict: true, seed: 1, runs: 1, bail: false };
    const report = await run({ subject, ...terms, cases: [], budget });
    expect(parseTraces(printTraces(report), 'trace')).toMatchObject([
      { case: filters[0], settings: { contexts: 1 } },
    ]);
  });
});

describe('who is patient', () => {
  const { claims } = new ReferenceSubject();
  const capabilities = new Set([...claims.capabilities].filter((word) => word !== 'virtualTime'));
  const real = { ...claims, capabilities };
  const cases = selectCases(seed, ['time', 'adversary'], []);
  const timed = (held: readonly { id: string; needs: readonly string[] }[]) =>
    held.filter(({ needs }) => needs.includes('virtualTime')).map(({ id }) => id);

  it('waits for time-outs, but not for clocks that turn over', () => {
    expect(timed(fitted(cases, { claims: real }))).toHaveLength(54);
    const left = timed(fitted(cases, { claims: real }, 'patient'));
    expect(left).toHaveLength(12);
    expect(left.filter((id) => !/^time\/(?:idle|late|length)/.test(id))).toEqual([]);
  });

  it('waits in random conversations too', () => {
    const [one] = fitted(selectCases(seed, ['adversary'], []), { claims: real }, 'patient');
    if (one === undefined) throw new Error('no case');
    expect(settingsOf(one, { ...counted().subject, claims: real }).time).toBe('real');
  });

  it('has nothing to wait for where time is virtual', () => {
    expect(fitted(cases, { claims }, 'patient')).toEqual(cases);
  });
});

describe('a subject with a clock of its own', () => {
  const cases = selectCases(seed, ['time'], []);
  const options = { profile: seed, strict: true, cases, seed: 1, runs: 1, bail: false };
  const totals = async (mutant: MutantOptions) => {
    let nowMs = 0;
    const clock: Clock = {
      nowMs: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
    };
    const own = new MutantSubject({ ...mutant, realTime: { clock: clock.nowMs } });
    const subject = Object.assign(own, { clock });
    return (await run({ subject, ...options })).totals;
  };

  it('is patient by itself, and is judged by that clock', async () => {
    expect(await totals({})).toMatchObject({ pass: 43, fail: 0, unsupported: 12 });
    expect((await totals({ fault: 'restarts-on-helo' })).fail).toBeGreaterThan(0);
  });
});
