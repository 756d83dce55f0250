import type { Command, Step } from '../../model/index.js';

/** The time-out of conversations that are spaced: long, so that there is room between deadlines. */
export const spacedTimeoutMs = 60_000;

const gapMs = 90;

/**
 * Lets time pass between requests that sleep, so that what is tried after one expires does not expire
 * the next: each request, refused or not, takes a millisecond. Where a sleeper has little time left
 * none passes, since that would expire it.
 */
export function spaced(commands: readonly Command[], steps: readonly Step[]): readonly Command[] {
  const followed = new Set<number>();
  const deadlines = new Map<number, number>();
  let [nowMs, requests] = [0, 0];
  for (const { action, vector } of steps) {
    if (action.do === 'request') {
      requests += 1;
      if (vector.name === 'request/sent') {
        const isTight = [...deadlines.values()].some((deadline) => deadline - nowMs < 2 * gapMs);
        deadlines.set(vector.choice ?? 0, nowMs + spacedTimeoutMs);
        if (!isTight) {
          followed.add(requests);
          nowMs += gapMs;
        }
      }
      nowMs += 1;
    } else if (action.do === 'expire') {
      nowMs = deadlines.get(action.context) ?? nowMs;
      deadlines.delete(action.context);
    } else if (action.do === 'look' && vector.name !== 'look/nothing') {
      deadlines.delete(action.context);
    }
  }
  return commands.flatMap((command): Command[] =>
    command.do === 'request' && followed.has(command.request)
      ? [command, { do: 'pass', ms: gapMs }]
      : [command],
  );
}
