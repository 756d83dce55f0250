import { describe, expect, it } from 'vitest';
import type { CaseReport, Report } from '../../conformance/index.js';
import { ReferenceSubject, run, seed, selectCases } from '../../conformance/index.js';
import type { Deviation } from '../../conformance/known.js';
import { Known, updated } from '../../conformance/known.js';
import { conclusionOf, reportOf, ruleVerdict } from '../../conformance/report.js';
import { asidesOf } from '../../conformance/report/conversation.js';

/** The list of known deviations: what it excuses, what is stale, and how it is brought up to date. */

const none = { requirements: [], kept: [], why: '', trace: [], allowed: [], replay: [] } as const;
const failing = (id: string, ...requirements: CaseReport['requirements']): CaseReport => ({
  ...none, id, suite: 'paths', verdict: 'fail', requirements, why: `${id} failed`,
}); // prettier-ignore
const passing = (id: string, ...kept: CaseReport['kept']): CaseReport => ({
  ...none, id, suite: 'paths', verdict: 'pass', requirements: kept, kept,
}); // prettier-ignore
const dying = (id: string): CaseReport => ({ ...failing(id), breach: 'death' });

function judged(deviations: readonly Deviation[], cases: readonly CaseReport[], isCovered = true) {
  const options = { deviations, version: '1', today: '2026-01-01', isCovered: () => isCovered };
  const known = new Known(options);
  return { cases: cases.map((one) => known.judge([one])), listed: known.rules };
}

function report(
  deviations: readonly Deviation[],
  cases: readonly CaseReport[],
  isCovered = true,
): Report {
  return reportOf({
    implementation: {
      name: 'mine', version: '1', role: 'kernel', profile: 'seed', capabilities: [],
      contextsMin: 1, contextsMax: 2, payloadMax: 4, timeoutMinMs: 1, timeoutStepMs: 1,
    },
    profile: 'seed', seed: 1, strict: false, notJudged: [],
    covered: { states: '', transitions: '', refusals: [], requirements: [] },
    ...judged(deviations, cases, isCovered),
  }); // prettier-ignore
}

const update = (deviations: readonly Deviation[], cases: readonly CaseReport[]) => {
  const found = judged(deviations, cases);
  return updated(deviations, found.cases, found.listed);
};

describe('an updated list', () => {
  it('has one entry per requirement, and entries for cases only where the adapter broke', () => {
    const cases = [
      ...Array.from({ length: 500 }, (_, nth) => failing(`paths/a${nth}`, 'REP-7')),
      failing('paths/b', 'REP-5', 'REP-7'),
      dying('paths/c'),
      passing('paths/d', 'REP-7', 'CTX-2'),
    ];
    const list = update([], cases);
    expect(list.map(({ id }) => id)).toEqual(['REP-5', 'REP-7', 'paths/c']);
    expect(list.at(-1)?.fails).toEqual(['death']);
    const again = judged(list, cases).cases;
    expect(again.filter(({ verdict }) => verdict === 'known').length).toBe(502);
    expect(again.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });

  it('keeps reasons, and replaces entries without one by their requirement', () => {
    const before = [
      { id: 'paths/a', reason: 'see the ticket', fails: ['REP-7'] },
      { id: 'paths/b', reason: 'not explained yet', fails: ['REP-5'] },
      { id: 'REG-1', reason: 'by design' },
    ];
    const cases = [
      failing('paths/a', 'REP-7'),
      failing('paths/b', 'REP-5'),
      failing('paths/e', 'REG-1'),
    ];
    expect(update(before, cases)).toEqual([
      { id: 'REG-1', reason: 'by design' },
      { id: 'REP-5', reason: 'not explained yet' },
      { id: 'paths/a', reason: 'see the ticket', fails: ['REP-7'] },
    ]);
  });

  it('has no entry that is stale', () => {
    const before = [
      { id: 'REP-7', reason: 'old' },
      { id: 'paths/a', reason: 'old', fails: ['REP-5'] },
    ];
    expect(update(before, [passing('paths/a', 'REP-7')])).toEqual([]);
  });
});

describe('a stale entry', () => {
  const entry = { id: 'REP-7', reason: 'numbers are not checked yet' };

  it('is reported as such, and leaves its requirement green', () => {
    const found = report([entry], [passing('paths/a', 'REP-7')]);
    expect(found.verdict).toBe('fail');
    expect(ruleVerdict('REP-7', found.cases)).toBe('pass');
    expect(conclusionOf(found)).toEqual({
      badge: 'stale entries',
      text: 'the list of known deviations is out of date: 1 entry is stale',
    });
    expect(found.cases.at(-1)?.why).toBe(
      'REP-7 is listed as a known deviation (numbers are not checked yet), but 1 case passed and none failed by it: remove the entry',
    );
  });

  it('for a case leaves the requirements of the case green', () => {
    const found = report(
      [{ id: 'paths/a', reason: 'old', fails: ['REP-7'] }],
      [passing('paths/a', 'REP-7')],
    );
    expect([found.verdict, ruleVerdict('REP-7', found.cases)]).toEqual(['fail', 'pass']);
  });

  it.each([
    ['a case that could need it was not selected', false, []],
    [
      'a case that could need it was not decided',
      true,
      [{ ...failing('paths/b', 'REP-7'), verdict: 'inconclusive' as const }],
    ],
  ])('is none where %s', (_, isCovered, more) => {
    const found = report([entry], [passing('paths/a', 'REP-7'), ...more], isCovered);
    expect(found.totals.unexpectedPass).toBe(0);
    expect(found.cases.some(({ suite }) => suite === 'known')).toBe(false);
  });
});

describe('a run that is interrupted', () => {
  it('calls no entry stale that a later case could need', async () => {
    const subject = new ReferenceSubject();
    const deviations = [{ id: 'WIR-4', reason: 'headers are trusted' }];
    const carryOut = (casesMax: number) => {
      let done = 0;
      return run({
        ...{ subject, profile: seed, strict: false, seed: 1, runs: 1, bail: false },
        cases: selectCases(seed, [], ['WIR-4']),
        known: new Known({ deviations, version: '1', today: '2026-01-01' }),
        progress: () => (done += 1),
        interrupted: () => done >= casesMax,
      });
    };
    expect((await carryOut(Infinity)).totals.unexpectedPass).toBe(1);
    const { totals, listed } = await carryOut(2);
    expect([totals.pass, totals.unexpectedPass]).toEqual([2, 0]);
    expect(listed).toMatchObject([{ id: 'WIR-4', failed: 0, complete: false }]);
  });
});

describe('a run with known deviations', () => {
  const list = [
    { id: 'REP-7', reason: 'numbers' },
    { id: 'REP-5', reason: 'users' },
    { id: 'paths/c', reason: 'crash', fails: ['death'] },
  ];
  const cases = [
    failing('paths/a', 'REP-7'),
    failing('paths/b', 'REP-5', 'REP-7'),
    dying('paths/c'),
    failing('paths/d', 'REP-7'),
  ];

  it('is as expected, and never conforms', () => {
    expect(conclusionOf(report(list, cases))).toEqual({
      badge: 'known deviations',
      text: 'as expected: 4 cases fail for 2 listed requirements and 1 listed case; 0 cases passed',
    });
    expect(conclusionOf(report([], [passing('paths/a', 'REP-7')])).text).toBe(
      'conforms to profile seed, as far as these cases go',
    );
  });

  it('is shown by entry, not by case', () => {
    expect(
      asidesOf(report(list, cases).cases).map(({ why, count }) => `${count} × ${why}`),
    ).toEqual(['2 × REP-7 (numbers)', '1 × REP-5 (users), REP-7 (numbers)', '1 × paths/c (crash)']);
  });
});
