import { afterEach, describe, expect, it, vi } from 'vitest';
import { LogCheck } from '../../conformance/log/check.js';
import { LogReader } from '../../conformance/log/entry.js';
import { Oracle } from '../../conformance/oracle.js';
import { seed } from '../../model/index.js';

/** The search for requests that nobody logged costs no more where there are more contexts. */

afterEach(() => {
  vi.restoreAllMocks();
});

const line = (command: string, ...observed: string[]) => JSON.stringify({ command, observed });
const asked = [
  line('helo u1.d1', 'ok'),
  line('request r1 u1', 'ok', 'message to u1.d1: request, index 0, seq 9, payload a0000001'),
  line('reply u1.d1 0 seq=9', 'ok', 'r1 returns payload b0000001'),
];

function headOf(contexts: number): string {
  const settings = {
    ...{ contexts, users: 2, processes: 2, timeoutMs: 3000, payloadMax: 4, time: 'real' },
    ...{ manualWake: false, manualRead: false, wideLabels: false },
  };
  return JSON.stringify({ schema: 'msgctx-trace/1', case: 'mine', settings });
}

/** What is said of a log, and how many accounts of it were made. */
function judge(contexts: number, lines: readonly string[]) {
  const fork = vi.spyOn(Oracle.prototype, 'fork');
  const reader = new LogReader('log');
  const head = reader.read({ nth: 1, text: headOf(contexts) });
  if (head?.kind !== 'head') throw new TypeError('a log begins with a head');
  const check = new LogCheck(head, seed);
  for (const [nth, text] of lines.entries()) {
    const entry = reader.read({ nth: nth + 2, text });
    if (entry?.kind === 'entry') check.take(entry);
  }
  const finding = check.finish();
  const forks = fork.mock.calls.length;
  fork.mockRestore();
  return { ...finding, forks };
}

describe('the search for requests that nobody logged', () => {
  it('tries one of the contexts that are alike: a wrong log costs the same at 32, 64 and 128', () => {
    const wrong = [...asked, line('reply u1.d1 0 seq=9', 'ok')];
    const [small, large, huge] = [32, 64, 128].map((contexts) => judge(contexts, wrong));
    expect(small?.verdict).toBe('not explained');
    expect(small?.trouble?.requirements).toEqual(['REP-2']);
    expect(small?.trouble?.candidates()).toEqual(['32 contexts, u1-d1+u2-unregistered']);
    expect(small?.forks).toBeLessThan(2000);
    expect(large?.forks).toBe(small?.forks);
    expect(huge?.forks).toBe(small?.forks);
  });

  it('keeps every context possible for lines that are still to come', () => {
    const missing = [
      ...asked,
      line('reply u1.d1 r2', 'ok', 'r2 returns payload b0000002'),
      line('request r3 u1', 'ok', 'message to u1.d1: request, index 5, seq 10, payload a0000003'),
      line('request r4 u1', 'ok', 'message to u1.d1: request, index 1, seq 11, payload a0000004'),
    ];
    const { verdict, missing: found } = judge(8, missing);
    expect(verdict).toBe('explained');
    expect(found).toEqual([{ before: 5, user: 1 }]);
  });

  it.each([
    [
      'an unused index',
      line('reply u1.d1 unused seq=77', 'refused with EINVAL'),
      line('reply u1.d1 r3', 'ok', 'r3 returns payload b0000003'),
    ],
    [
      'an index next to that of a request',
      line('reply u1.d1 r2', 'ok', 'r2 returns payload b0000002'),
      line('reply u1.d1 r2+1 seq=r2', 'refused with EINVAL'),
    ],
  ])('is as sure where a line speaks of %s', (_, ...lines) => {
    const { verdict, missing } = judge(4, [...asked, ...lines]);
    expect(verdict).toBe('explained');
    expect(missing).toHaveLength(1);
  });
});

describe('a log without answers', () => {
  const silent = (count: number) =>
    Array.from({ length: count }, (_, nth) => line(`request r${nth + 10} u1`));

  it('is given up after a while, however long it is', () => {
    const { verdict, why, lines, unseen } = judge(8, [...asked, ...silent(5000)]);
    expect([verdict, why]).toEqual([
      'inconclusive',
      'too many lines in a row have no answer; what follows was not judged',
    ]);
    expect(unseen).toBeGreaterThan(2);
    expect(lines[1]).toBeLessThan(100);
  });

  it('is judged on where answers come again before that', () => {
    expect(judge(8, [...asked, ...silent(2), line('helo u2.d1', 'ok')]).verdict).toBe('explained');
  });
});
