import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Report, Subject } from '../../conformance/index.js';
import { run, seed, selectCases } from '../../conformance/index.js';
import { daemonFaults } from '../../conformance/mutants/daemon/faults.js';
import { DaemonMutantSubject } from '../../conformance/mutants/daemon/subject.js';
import { daemonVariants } from '../../conformance/mutants/daemon/variants.js';

/** Every fault of a daemon is found by the cases of its rule, and no right daemon is accused. */

const readFile = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

function hold(subject: Subject, filters: string[] = []): Promise<Report> {
  const cases = selectCases(seed, ['daemon'], filters);
  return run({ subject, profile: seed, strict: false, cases, seed: 1, runs: 20, bail: false });
}

const wrong = ({ cases }: Report) =>
  cases.filter(({ verdict }) => verdict === 'fail').map(({ id, why }) => `${id}: ${why}`);

describe('a right daemon', () => {
  it.each(daemonVariants.map((variant) => [variant.id, variant] as const))(
    'that is %s is not accused',
    async (id, { options }) => {
      const report = await hold(new DaemonMutantSubject({ readFile, ...options }));
      expect(wrong(report)).toEqual([]);
      expect(report.cases.some((one) => one.denied)).toBe(false);
      expect(report.totals.pass).toBeGreaterThan(3);
      const lacks = ['no-raw', 'no-files', 'bare', 'small-payloads'].includes(id);
      expect(report.totals.unsupported > 0).toBe(lacks);
    },
  );

  it('is one of many, and each is another', () => {
    expect(daemonVariants.length).toBe(23);
    expect(new Set(daemonVariants.map(({ text }) => text)).size).toBe(23);
  });
});

describe('a fault', () => {
  it.each(daemonFaults.map((fault) => [fault.id, fault] as const))(
    '%s is found by the cases of its rule',
    async (_, { id, requirement }) => {
      const report = await hold(new DaemonMutantSubject({ readFile, fault: id }), [requirement]);
      expect(report.verdict).toBe('fail');
      const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
      expect(failed.flatMap(({ requirements }) => requirements)).toContain(requirement);
    },
  );

  it('is one of many, and each is another', () => {
    expect(daemonFaults.length).toBe(97);
    expect(new Set(daemonFaults.map(({ text }) => text)).size).toBe(97);
  });
});
