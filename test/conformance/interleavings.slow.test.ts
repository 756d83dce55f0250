import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseReport, Command, Settings, Subject } from '../../conformance/index.js';
import {
  converse,
  parseCommand,
  parseTraces,
  printCommand,
  printTraces,
  ReferenceSubject,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import type { FaultId } from '../../conformance/mutants/faults.js';
import { faults } from '../../conformance/mutants/faults.js';
import { RacySubject } from '../../conformance/mutants/racy.js';
import type { Scheduler } from '../../conformance/stage.js';
import { seededScheduler } from '../../conformance/stage.js';
import { overlapping } from '../../conformance/suites/interleavings.js';

/** Commands that overlap, against kernels in this process whose calls really do. */

const setup = { contexts: 1, users: 2, processes: 2, manualWake: false };
const settings: Settings = {
  ...setup,
  timeoutMs: 3000,
  manualRead: false,
  time: 'virtual',
  payloadMax: 64,
  wideLabels: false,
};

function hold(subject: Subject, commands: readonly Command[], manualWake = false) {
  const { capabilities } = subject.claims;
  const terms = { profile: seed, strict: false, capabilities, slackMs: 250 };
  return converse({ subject, settings: { ...settings, manualWake }, terms }, commands);
}

/** The scheduler of fast-check: it chooses, and it shrinks what it chose. */
const chosenBy = (scheduler: fc.Scheduler): Scheduler => ({
  turn: (label) => scheduler.schedule(Promise.resolve(), label),
  next: () => void scheduler.waitNext(1),
});

async function suite(subject: Subject, options: { filters?: string[]; path?: string } = {}) {
  const cases = selectCases(seed, ['interleavings'], options.filters ?? []);
  const { path } = options;
  const bail = { bail: true, seed: 1, runs: 100, ...(path === undefined ? {} : { path }) };
  return { report: await run({ subject, profile: seed, strict: false, cases, ...bail }) };
}

const failureOf = (cases: readonly CaseReport[]) => cases.find(({ verdict }) => verdict === 'fail');
const racy = faults.filter(({ group }) => group === 'concurrency');

describe('a kernel that holds its locks', () => {
  it('passes the suite', async () => {
    const { report } = await suite(new RacySubject());
    expect(report.totals).toMatchObject({ pass: 580, fail: 0, unsupported: 0 });
  });

  it.each([false, true])('passes hundreds of schedules (held: %s)', async (held) => {
    const conversations = overlapping({ ...setup, manualWake: held });
    await fc.assert(
      fc.asyncProperty(conversations, fc.scheduler(), async (commands, scheduler) => {
        const subject = new RacySubject({ scheduler: chosenBy(scheduler) });
        expect((await hold(subject, commands, held)).failure).toBeUndefined();
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('passes as the reference implementation, with waits before every delivery', async () => {
    const { report } = await suite(new ReferenceSubject({ scheduler: seededScheduler(5) }));
    expect(report.totals).toMatchObject({ pass: 580, fail: 0, unsupported: 0 });
  });
});

describe('a race', () => {
  it('has many faults to be found', () => {
    expect(racy.length).toBe(13);
  });

  it.each(racy.map(({ id }) => id))(
    '%s is found, made minimal, and shown again by its case and by its trace',
    async (id) => {
      const { report } = await suite(new RacySubject({ fault: id }));
      const failed = failureOf(report.cases);
      expect(failed?.trace.filter(({ probe }) => probe === undefined).length).toBeLessThan(7);
      const again = await suite(new RacySubject({ fault: id }), { filters: [failed?.id ?? ''] });
      expect(failureOf(again.report.cases)?.why).toBe(failed?.why);
      const text = printTraces(report);
      const [trace] = parseTraces(text, 'trace');
      const subject = new RacySubject({ fault: id });
      const terms = { profile: seed, strict: false, slackMs: 250 };
      const { capabilities } = subject.claims;
      const held = await converse(
        { subject, settings: trace?.settings ?? settings, terms: { ...terms, capabilities } },
        trace?.commands ?? [],
      );
      expect(held.failure?.why).toBe(failed?.why);
    },
  );

  it('of a random case is shown again by seed and path', async () => {
    const filters = ['interleavings/one'];
    const { report } = await suite(new RacySubject({ fault: 'racy-context' }), { filters });
    const failed = failureOf(report.cases);
    const path = failed?.replay.at(-1) ?? '';
    const again = await suite(new RacySubject({ fault: 'racy-context' }), {
      filters: [failed?.id ?? ''],
      path,
    });
    expect(failureOf(again.report.cases)?.why).toBe(failed?.why);
  });

  it('is found by schedules of fast-check, and shown again by seed and path', async () => {
    const lines = ['helo u1.d1', 'request r1 u1', 'reply u1.d1 r1', '& reply u1.d1 r1'];
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const fault: FaultId = 'racy-second-reply';
      const subject = new RacySubject({ fault, scheduler: chosenBy(scheduler) });
      return (await hold(subject, lines.map(parseCommand))).verdict === 'pass';
    });
    const found = await fc.check(property, { seed: 1, numRuns: 100 });
    expect(found.failed).toBe(true);
    const path = found.counterexamplePath ?? '';
    const again = await fc.check(property, { seed: 1, path, endOnFailure: true });
    expect(again.failed).toBe(true);
    expect(fc.stringify(again.counterexample)).toBe(fc.stringify(found.counterexample));
  });
});

describe('a group', () => {
  it('keeps its marks in what was carried out, and begins without one', async () => {
    const lines = ['& helo u1.d1', '& reply u1.d1 r9', 'wake r1', '& helo u1.d2', '& inspect'];
    const held = await hold(new ReferenceSubject(), lines.map(parseCommand));
    expect(held.verdict).toBe('pass');
    expect(held.commands.map(printCommand)).toEqual(['helo u1.d1', 'helo u1.d2', 'inspect']);
  });

  it('is held in the order of its lines without capability concurrent', async () => {
    const inner = new ReferenceSubject();
    const waiting: (() => void)[] = [];
    // Works the second of two HELOs off first.
    const turned: Subject = {
      claims: inner.claims,
      close: () => inner.close(),
      call: async (call) => {
        if (call.method === 'helo' && waiting.length === 0) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        const answer = await inner.call(call);
        waiting.pop()?.();
        if (call.method === 'helo') waiting.push(() => undefined);
        return answer;
      },
    };
    const held = await hold(turned, ['helo u1.d1', '& helo u1.d2'].map(parseCommand));
    expect(held.failure?.why).toContain('helo u1.d2: no such event');
  });
});
