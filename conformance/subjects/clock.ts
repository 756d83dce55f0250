import type { Clock } from '../real-time.js';

/** The clock of this machine: monotonic, in milliseconds. */
export const machineClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
