import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { profiles, seed } from '../../conformance/index.js';
import { chance } from '../../conformance/learn/chance.js';
import { learn } from '../../conformance/learn/learn.js';
import { faults } from '../../conformance/mutants/faults.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { captured } from '../captured.js';
import { lacks } from '../needs.js';

/**
 * Every fault as a machine of one context and one user.
 *
 * Those that are learnt as the model's own machine differ only in what no word there can try: another user, a
 * second context, many requests, payloads of other lengths, errnos, messages that wait to be read, messages that
 * fail, signals, pids used again, bytes, calls that overlap, or what a probe sees. By group that is seen below: a group that
 * is about those things alone has none that differs.
 */

vi.setConfig({ testTimeout: 300_000 });

it('every fault that shows with one context and one user is another machine', async () => {
  const counts: Record<string, { different: number; inconclusive: number; same: number }> = {};
  for (const { id, group, profile, with: words } of faults) {
    // Calls do not overlap here.
    if (words.includes('concurrent')) continue;
    const random = chance();
    const { verdict } = await learn({
      subject: new MutantSubject({ fault: id, profile, with: words }),
      profile: profiles[profile] ?? seed,
      extent: { contexts: 1, users: 1 },
      ...{
        budgetMs: Infinity,
        clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
        random,
        draws: 100,
      },
    });
    const own = (counts[group] ??= { different: 0, inconclusive: 0, same: 0 });
    own[verdict] += 1;
  }
  const total = (name: 'different' | 'inconclusive' | 'same') =>
    Object.values(counts).reduce((sum, one) => sum + one[name], 0);
  expect([total('different'), total('inconclusive'), total('same')]).toEqual([108, 4, 207]);
  expect(counts).toMatchInlineSnapshot(`
    {
      "correlation": {
        "different": 13,
        "inconclusive": 0,
        "same": 15,
      },
      "datagrams": {
        "different": 0,
        "inconclusive": 0,
        "same": 15,
      },
      "delivery": {
        "different": 10,
        "inconclusive": 0,
        "same": 9,
      },
      "device": {
        "different": 7,
        "inconclusive": 0,
        "same": 5,
      },
      "errnos": {
        "different": 0,
        "inconclusive": 0,
        "same": 18,
      },
      "identity": {
        "different": 9,
        "inconclusive": 0,
        "same": 11,
      },
      "lifecycle": {
        "different": 13,
        "inconclusive": 0,
        "same": 9,
      },
      "netlink": {
        "different": 3,
        "inconclusive": 0,
        "same": 7,
      },
      "packets": {
        "different": 0,
        "inconclusive": 0,
        "same": 11,
      },
      "rare": {
        "different": 2,
        "inconclusive": 0,
        "same": 18,
      },
      "reading": {
        "different": 0,
        "inconclusive": 0,
        "same": 21,
      },
      "registration": {
        "different": 29,
        "inconclusive": 1,
        "same": 9,
      },
      "resets": {
        "different": 0,
        "inconclusive": 1,
        "same": 2,
      },
      "reuse": {
        "different": 0,
        "inconclusive": 0,
        "same": 9,
      },
      "signals": {
        "different": 0,
        "inconclusive": 0,
        "same": 11,
      },
      "time": {
        "different": 11,
        "inconclusive": 0,
        "same": 8,
      },
      "transport": {
        "different": 0,
        "inconclusive": 0,
        "same": 17,
      },
      "waking": {
        "different": 11,
        "inconclusive": 2,
        "same": 12,
      },
    }
  `);
});

const folder = mkdtempSync(join(tmpdir(), 'msgctx-learn-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each([
  { program: 'node', command: ['node', 'examples/javascript/kernel.mjs'] },
  { program: 'python3', command: ['python3', 'examples/python/kernel.py'] },
  { program: 'cc', command: [join(folder, 'kernel')] },
])('the foreign example of $program', ({ program, command }) => {
  const said = captured();

  it.skipIf(lacks(program, 'the machine of an example is not learnt'))(
    "is the model's machine, and with a fault another",
    async () => {
      if (program === 'cc') {
        const args = ['-std=c11', '-O2', '-o', join(folder, 'kernel'), 'examples/c/kernel.c'];
        expect(spawnSync('cc', args).status).toBe(0);
      }
      expect(await said.msgctx('learn', '--', ...command)).toBe(0);
      expect(said.out).toContain("equal to the model's machine (15 states)");
      expect(await said.msgctx('learn', '--', ...command, '--fault', 'overwrites-reply')).toBe(1);
      expect(said.out).toContain('  reply u1.d1 0 current\n  reply u1.d1 0 current\n  learnt: ok');
    },
  );
});
