import { describe, expect, it } from 'vitest';
import { ReferenceSubject, run, seed, selectCases, suitesOf } from '../../conformance/index.js';
import { captured } from '../captured.js';

/** Suites of another size than usual: `msgctx run --contexts N --users N`. */

const bounded = ['tour', 'complete', 'adversary'];
const javascript = ['--', process.execPath, 'examples/javascript/kernel.mjs'];
const said = captured();

/** How many cases there are of each part, as `tour/3x1/held`. */
function partsOf(extent: { contexts?: number; users?: number }, suites = bounded) {
  const parts = new Map<string, number>();
  for (const { id } of selectCases(seed, suites, [], { extent })) {
    const part = id.replace(/\/\d+$/, '');
    parts.set(part, (parts.get(part) ?? 0) + 1);
  }
  return Object.fromEntries([...parts].filter(([part]) => /\d|^complete/.test(part)));
}

describe('the extent of suites', () => {
  it('is in the names of what they explore, and theirs where it is not said', () => {
    expect(partsOf({})).toEqual({ 'complete/h': 2245 });
    expect(partsOf({ contexts: 2, users: 2 }, ['adversary'])).toMatchObject({
      'adversary/2x2/held': 1,
    });
    expect(partsOf({ contexts: 1, users: 1 })).toEqual({
      ...{ 'tour/1x1/held': 3, 'tour/1x1/plain': 1, 'complete/h1x1': 278 },
      ...{ 'adversary/1x1/held': 1, 'adversary/1x1/plain': 1 },
    });
    expect(partsOf({ users: 1 })).toMatchObject({ 'tour/2x1/plain': 2, 'complete/h': 2245 });
  });

  it('leaves the suites alone that have cases of their own sizes', () => {
    const small = ['paths', 'rejections', 'time', 'resets', 'soak'];
    const others = (extent: object) =>
      suitesOf(seed, extent)
        .filter(({ name }) => small.includes(name))
        .map((suite) => suite.cases().map(({ id }) => id));
    expect(others({ contexts: 3, users: 1 })).toEqual(others({}));
  });

  it('is that of the conversations, and the reference passes them', async () => {
    const filters = ['tour/3x1', 'adversary/3x1'];
    const extent = { contexts: 3, users: 1 };
    const cases = selectCases(seed, bounded, filters, { extent });
    expect(new Set(cases.map(({ setup }) => `${setup.contexts}x${setup.users}`))).toEqual(
      new Set(['3x1']),
    );
    const subject = new ReferenceSubject();
    const terms = { profile: seed, strict: true, seed: 1, runs: 20, bail: false };
    const { totals } = await run({ ...terms, subject, cases });
    expect(totals.pass).toBe(cases.length);
  });

  it('is printed, and said again where a failure is held again', async () => {
    const size = ['--contexts', '1', '--users', '1'];
    const fault = [...javascript, '--fault', 'skips-sequence-check'];
    expect(await said.msgctx('run', '--suite', 'complete', ...size, ...fault)).toBe(1);
    expect(said.out).toContain('278 cases of complete, contexts: 1, users: 1; random seed 1');
    const again = /again: +msgctx (.*)/.exec(said.out)?.[1] ?? '';
    expect(again).toContain('--filter complete/h1x1/');
    expect(await said.msgctx(...again.split(' '))).toBe(1);
  });

  it('that is too large is refused in a sentence', async () => {
    expect(await said.msgctx('run', '--suite', 'complete', '--users', '4')).toBe(2);
    expect(said.err).toBe(
      'msgctx: suite complete cannot be made so large (more than 20000 states; choose smaller bounds): take fewer --contexts or --users, or another --suite\n',
    );
    expect(await said.msgctx('run', '--users', '5')).toBe(2);
    expect(said.err).toContain("'5' is invalid. Expected a whole number from 1 to 4.");
  });
});
