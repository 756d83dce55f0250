import { describe, expect, it } from 'vitest';
import { seed, selectCases, suitesOf } from '../../conformance/index.js';
import { selecting } from '../../conformance/select.js';

/** Which cases a run chooses, and that it derives no more than it needs. */

/** The suites that a selection derives. */
function derived(suites: readonly string[], filters: readonly string[]): string[] {
  return [...selecting(seed, suites, filters)].map(({ suite }) => suite);
}

describe('a selection', () => {
  it('derives the suite that an id names, and no other', () => {
    expect(derived([], ['time/idle'])).toEqual(['time']);
    expect(derived([], ['time/idle', 'soak/renewed-only'])).toEqual(['time', 'soak']);
    expect(derived(['wire', 'time'], [])).toEqual(['time', 'wire']);
    expect(derived(['rejections'], ['REP-7'])).toEqual(['rejections']);
  });

  it('derives the part of a suite that an id names, and no other', () => {
    const suite = suitesOf(seed, { contexts: 1 }).find(({ name }) => name === 'tour');
    const ids = suite?.cases('tour/1x2/held/001').map(({ id }) => id) ?? [];
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !id.startsWith('tour/1x2/held/'))).toEqual([]);
  });

  it('names every case by the beginning of its part', () => {
    for (const suite of suitesOf(seed)) {
      expect(suite.prefixes.length).toBeGreaterThan(0);
      for (const prefix of suite.prefixes) {
        expect(prefix.startsWith(`${suite.name}/`)).toBe(true);
        expect(suite.cases(prefix).some(({ id }) => id.startsWith(prefix))).toBe(true);
      }
    }
  });

  it.each([
    ['CTX-99', [], 'there is no case or requirement "CTX-99"; near: CTX-9, CTX-1, CTX-2'],
    ['pahts/x', [], 'there is no case or requirement "pahts/x"; near: paths/'],
    ['\u001b[2J', [], 'there is no case or requirement "\\x1b[2J"'],
    ['paths', ['pats'], 'there is no suite "pats"; known: paths,'],
  ])('refuses %j before it derives anything', (filter, suites, message) => {
    expect(() => selecting(seed, suites, [filter]).next()).toThrow(message);
  });

  it('names the nearest case of the part that is meant', () => {
    expect(() => selectCases(seed, [], ['time/idel'])).toThrow(
      'there is no case "time/idel"; near: time/idle',
    );
  });

  it('finds a case that only a budget pays for, and derives it alone', () => {
    const [one, ...more] = selectCases(seed, [], ['complete/h2x2/0001']);
    expect([one?.suite, more.length]).toEqual(['complete', 0]);
  });
});
