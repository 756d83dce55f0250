import type { Clock, Subject, SubjectEvent } from './subject.js';
import type { Moment } from './ways.js';

/** Where time is real: how a time-out is waited for. */

export type { Clock };

/** What is waited for. */
export interface Expecting {
  readonly subject: Pick<Subject, 'call'>;
  readonly clock: Clock;
  readonly request: number;
  /** How much longer is waited, in milliseconds. */
  readonly lateMs: number;
  /** From when on the request may have returned, and when it must have. */
  readonly moment: Moment;
  /** Whether its return can be seen before it must have come. */
  readonly looks: boolean;
}

/** How often is looked. */
const lookEveryMs = 20;
const settle = { method: 'settle', params: {} } as const;

/** Waits until a request has returned, or must have. Returns what came meanwhile. */
export async function expiry(expecting: Expecting): Promise<readonly SubjectEvent[]> {
  const { subject, clock, request, lateMs, moment, looks } = expecting;
  const events: SubjectEvent[] = [];
  if (looks) await clock.sleep(Math.max(0, moment.mayMs - clock.nowMs()));
  while (looks && clock.nowMs() + lookEveryMs < moment.mustMs) {
    const { events: some } = await subject.call(settle);
    events.push(...some);
    if (some.some((one) => one.event === 'complete' && one.task === request)) {
      await clock.sleep(lateMs);
      return events;
    }
    await clock.sleep(lookEveryMs);
  }
  await clock.sleep(Math.max(0, moment.mustMs + lateMs - clock.nowMs()));
  return events;
}
