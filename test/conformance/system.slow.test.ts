import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, seed, selectCases } from '../../conformance/index.js';
import { SystemSubject } from '../../conformance/subjects/system.js';
import { transports } from '../impl/transports.js';
import { gone } from '../gone.js';
import { lacksWhen } from '../needs.js';
import { transpiled } from '../transpiled.js';

/** The reference system as real processes of several users, held by the suites in real time. */

const isMissing =
  transports.some((one) => one.isMissing) ||
  lacksWhen(() => {
    if (process.getuid?.() !== 0) throw new Error('processes of several users need root');
  });
/** Starting processes takes its time where many others run. */
const deadlineMs = 60_000;
const halfAnHour = 1_800_000;
const programs = transpiled();
afterAll(() => {
  programs.remove();
});

describe.skipIf(isMissing).each(['netlink', 'channel'] as const)('over %s', (transport) => {
  let subject: SystemSubject;
  beforeAll(async () => {
    const program = programs.path('conformance/subjects/party.js');
    subject = await SystemSubject.start({ transport, deadlineMs, program });
  });
  afterAll(async () => {
    const { pids } = subject;
    await subject.close();
    expect(pids.length).toBeGreaterThan(1);
    expect(await Promise.all(pids.map((pid) => gone(pid)))).not.toContain(false);
  });

  it.each([
    ['rejections', [], 63],
    ['manual-read', [], 81],
    ['wire', [], 167],
    ['paths', ['paths/machine.context'], 9],
    ['adversary', ['adversary/two'], 2],
  ] as const)(
    'conforms in suite %s, errnos included',
    async (suite, filters, passing) => {
      const cases = selectCases(seed, [suite], filters);
      const options = { profile: seed, strict: true, cases, seed: 1, runs: 2, bail: true };
      const report = await run({ subject, ...options });
      const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
      expect(failed.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
      const { pass, unsupported, inconclusive } = report.totals;
      expect([pass + unsupported, inconclusive]).toEqual([cases.length, 0]);
      expect(pass).toBe(passing);
      const reasons = report.cases.filter(({ verdict }) => verdict === 'unsupported');
      expect(reasons.filter(({ why }) => !why.startsWith('the adapter lacks'))).toEqual([]);
    },
    halfAnHour,
  );
});
