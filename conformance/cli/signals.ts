import { constants } from 'node:os';

/** The signals that end a command, and the exit statuses that say so. */

/** The signals by which a user or the system ends a command. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The exit status of a command that a signal ended, as shells count it: 128 and the number of the signal. */
export function statusAfter(signal: (typeof endingSignals)[number]): number {
  return 128 + constants.signals[signal];
}

/** The first Ctrl-C lets a command end in order, once it is graceful; before that, and at the second, it ends at once. */
export class Interruption {
  isGraceful = false;
  isOver = false;
  readonly #listener = () => {
    // The exit handlers end the child processes.
    if (this.isOver || !this.isGraceful) process.exit(statusAfter('SIGINT'));
    this.isOver = true;
    process.stderr.write(
      '\nmsgctx: stopping after this conversation; interrupt again to stop now\n',
    );
  };

  constructor() {
    process.on('SIGINT', this.#listener);
  }

  end(): void {
    process.off('SIGINT', this.#listener);
  }
}
