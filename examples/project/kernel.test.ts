import type { ChosenCase } from 'msgctx';
import { conversations, run, seed } from 'msgctx';
import { describeConformance } from 'msgctx/vitest';
import { expect, it } from 'vitest';
import { KernelSubject } from './kernel.js';

describeConformance('my kernel', () => new KernelSubject(), { suites: ['paths', 'rejections'] });

it('withstands random conversations', async () => {
  const subject = new KernelSubject();
  const some = { users: 3, processes: 2, exchanges: 3, held: false, drawsMin: 20, drawsMax: 200 };
  const mine: ChosenCase = {
    kind: 'random',
    id: 'mine/random',
    suite: 'mine',
    setup: { contexts: 4, users: 3, processes: 2, manualWake: false },
    needs: [],
    requirements: [],
    share: 1,
    conversations: conversations(some),
  };
  const report = await run({
    ...{ subject, cases: [mine], profile: seed },
    ...{ strict: true, seed: 1, runs: 50, bail: false },
  });
  expect(report.cases[0]?.why).toBe('');
  expect(report.verdict).toBe('pass');
});
