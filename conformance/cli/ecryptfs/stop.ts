/**
 * Comes true when this process is asked to stop, by SIGTERM or SIGINT; a second signal ends it at once.
 * What the program does else at such a signal, which is to end, it does not do then.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.removeAllListeners(signal);
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
