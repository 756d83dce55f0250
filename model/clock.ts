import type { Step } from './system.js';
import type { Action } from './vector.js';

/**
 * One clock runs for all sleepers: time passes for the oldest first.
 *
 * The model lets the time of any sleeper pass. A conversation cannot: a request that was made later
 * has its deadline later. Runs that shall become conversations keep the contexts whose sleepers have
 * time left in the order in which they fell asleep.
 */
export type Sleepers = readonly number[];

/** Whether one clock lets an action happen. */
export function clockAllows(sleepers: Sleepers, action: Action): boolean {
  return action.do !== 'expire' || action.context === sleepers[0];
}

/** Whose time is left after a step, oldest first. */
export function sleepersAfter(sleepers: Sleepers, { action, vector }: Step): Sleepers {
  if (vector.name === 'request/sent') return [...sleepers, vector.choice ?? 0];
  const isOver =
    action.do === 'expire' ||
    (action.do === 'look' && vector.name !== 'look/nothing') ||
    vector.name === 'interrupt/ends';
  return isOver && 'context' in action
    ? sleepers.filter((context) => context !== action.context)
    : sleepers;
}
