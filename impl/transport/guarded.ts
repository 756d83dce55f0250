import { native } from './native.js';
import { TransportUnavailable } from './transport.js';

/**
 * Keeps the memory of this process from other processes of its user: it is no longer dumpable, so that nobody
 * but root attaches to it or reads /proc/PID/mem, and it writes no core.
 *
 * Gap: memory that the system moves to a swap space is not within reach; nor is root.
 *
 * Source: prctl(2) on PR_SET_DUMPABLE, getrlimit(2) on RLIMIT_CORE, ptrace(2) on access checks.
 *
 * @returns whether it could: not without Linux and koffi
 */
export function guardMemory(): boolean {
  try {
    const { setUndumpable, forbidCore } = native();
    // Both are tried, whatever becomes of the first.
    return [setUndumpable(), forbidCore()].every((result) => result >= 0);
  } catch (error) {
    if (error instanceof TransportUnavailable) return false;
    throw error;
  }
}
