/** One line on the terminal that says how far a command has come, and that is gone at the end. */

/** Where the line goes: stderr of a terminal. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const lineEveryMs = 100;
const columnsDefault = 80;
/** Before this the time left is a guess. */
const estimateFromMs = 2000;

/** A progress line. Shows nothing where there is no terminal, or in a CI job. */
export class Progress {
  readonly #screen: Screen;
  readonly #isShown: boolean;
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #shownMs = Number.NEGATIVE_INFINITY;
  #width = 0;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(screen: Screen, environment: NodeJS.ProcessEnv, nowMs: () => number) {
    this.#screen = screen;
    this.#isShown = screen.isTTY === true && environment['CI'] === undefined;
    this.#nowMs = nowMs;
    this.#beganMs = nowMs();
  }

  /** Shows what is being done now, at once. */
  phase(text: string): void {
    if (!this.#isShown) return;
    const line = text.slice(0, (this.#screen.columns ?? columnsDefault) - 1);
    this.#screen.write(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
    this.#shownMs = this.#nowMs();
  }

  /** Shows how many cases are done; not more often than ten times a second. */
  cases({ done, all, failed }: { done: number; all: number; failed: number }): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#shownMs < lineEveryMs) return;
    const elapsedMs = nowMs - this.#beganMs;
    const leftSeconds = Math.ceil(((elapsedMs / done) * (all - done)) / 1000);
    const left = elapsedMs < estimateFromMs ? '' : `, about ${leftSeconds} s left`;
    this.phase(`running: ${done} of ${all} cases, ${failed} failed${left}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#width === 0) return;
    this.#screen.write(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
  }
}
