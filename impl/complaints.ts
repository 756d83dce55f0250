import type { Clock } from './clock.js';
import { machineClock } from './clock.js';

/**
 * Sentences for a person, no more of them than the person can read: whoever causes them may be hostile.
 *
 * So many are passed on in each period; the others are counted, and the first sentence of a later period
 * says how many there were.
 */

const perPeriodUsual = 10;
const periodUsualMs = 10_000;

/** How many are passed on. */
export interface ComplaintOptions {
  readonly clock?: Clock;
  readonly perPeriod?: number;
  readonly periodMs?: number;
}

/** Limits what is told. */
export function limited(
  told: (sentence: string) => void,
  {
    clock = machineClock,
    perPeriod = perPeriodUsual,
    periodMs = periodUsualMs,
  }: ComplaintOptions = {},
): (sentence: string) => void {
  let beganMs = Number.NEGATIVE_INFINITY;
  let passed = 0;
  let leftOut = 0;
  return (sentence) => {
    const nowMs = clock.nowMs();
    if (nowMs - beganMs >= periodMs) {
      if (leftOut > 0) told(`${leftOut} more messages were left out`);
      [beganMs, passed, leftOut] = [nowMs, 0, 0];
    }
    passed += 1;
    if (passed <= perPeriod) told(sentence);
    else leftOut += 1;
  };
}
