import type { Has } from './faults.js';
import type { Habits } from './habits.js';

/** What a kernel is made with. */
export interface Making {
  readonly contexts: number;
  readonly timeoutMs: number;
  /** Processes read when the runner says so. */
  readonly manualRead: boolean;
  /** Sleepers look when the runner says so. */
  readonly manualWake: boolean;
  /** The number that the system before gave out last. */
  readonly latest: number;
  readonly habits: Habits;
  readonly has: Has;
}
