import { describe, expect, it } from 'vitest';
import { expiry } from '../../conformance/real-time.js';
import type { Answer, Subject, SubjectEvent } from '../../conformance/subject.js';

/** How a time-out is waited for, by a clock that moves only when somebody sleeps. */

const returned: SubjectEvent = { event: 'complete', task: 1, errno: 'EIO' };
const other: SubjectEvent = { event: 'complete', task: 2, errno: 'EIO' };

/** A subject whose calls return at certain times, and how it was waited for. */
function waitFor(returns: ReadonlyMap<number, SubjectEvent>, { looks = true, lateMs = 0 } = {}) {
  let nowMs = 0;
  let looked = 0;
  const left = new Map(returns);
  const subject: Pick<Subject, 'call'> = {
    call: () => {
      looked += 1;
      const due = [...left].filter(([atMs]) => atMs <= nowMs);
      for (const [atMs] of due) left.delete(atMs);
      const answer: Answer = { events: due.map(([, event]) => event), result: {} };
      return Promise.resolve(answer);
    },
  };
  const clock = {
    nowMs: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const moment = { mayMs: 1000, mustMs: 2000 };
  const ended = expiry({ subject, clock, request: 1, lateMs, moment, looks });
  return ended.then((events) => ({ events, nowMs, looked }));
}

describe('a time-out that is waited for', () => {
  it('ends the wait when the request has returned, and what came is kept', async () => {
    const arrivals = new Map([
      [900, other],
      [1100, returned],
    ]);
    const { events, nowMs } = await waitFor(arrivals);
    expect(events).toEqual([other, returned]);
    expect(nowMs).toBe(1100);
  });

  it('is waited for until it must have come where it does not come', async () => {
    const { events, nowMs, looked } = await waitFor(new Map([[900, other]]));
    expect([events, nowMs, looked]).toEqual([[other], 2000, 49]);
  });

  it('is followed by as much time as the command says', async () => {
    expect((await waitFor(new Map([[1000, returned]]), { lateMs: 70 })).nowMs).toBe(1070);
    expect((await waitFor(new Map(), { lateMs: 70 })).nowMs).toBe(2070);
  });

  it('is not looked for where sleepers are held', async () => {
    const { nowMs, looked } = await waitFor(new Map([[1100, returned]]), { looks: false });
    expect([nowMs, looked]).toEqual([2000, 0]);
  });
});
