import { describe, expect, it } from 'vitest';
import { ReferenceSubject, run, seed, selectCases } from '../../conformance/index.js';

/** The reference implementation against the suites, but for those that take long. */

describe('the reference implementation', () => {
  it.each(['paths', 'rejections', 'time', 'wire', 'adversary'])(
    'conforms in suite %s, errnos included',
    async (suite) => {
      const cases = selectCases(seed, [suite], []);
      const options = { profile: seed, strict: true, cases, seed: 1, runs: 20, bail: true };
      const report = await run({ subject: new ReferenceSubject(), ...options });
      const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
      expect(failed.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
      expect(report.verdict).toBe('pass');
    },
  );
});
