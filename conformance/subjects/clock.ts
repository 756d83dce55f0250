import type { Clock } from '../real-time.js';

/** So long nobody else has to wait for a turn. */
const breathMs = 15;
let breathedMs = 0;

/**
 * Lets signals, timers and sockets of this process have their turn, now and then: a subject that answers
 * at once, such as one in memory, would keep them out until the run is over.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - breathedMs < breathMs) return;
  await new Promise((resolve) => setImmediate(resolve));
  breathedMs = performance.now();
}

/** The clock of this machine: monotonic, in milliseconds. */
export const machineClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
