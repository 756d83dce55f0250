import { breathe } from '../subjects/clock.js';

/** The speed of a live run: pause, one step, slower, faster. */

/** The speeds in steps per second, slowest first; `full` has no delay. */
export const speeds = [0.5, 1, 2, 5, 10, 20, 50, 200, 'full'] as const;

/** One of the speeds. */
export type Speed = (typeof speeds)[number];

/** Delays each step of a run. */
export class Pace {
  #speed: Speed;
  #isPaused = false;
  #isReleased = false;
  /** Single steps that the run may still take while it is paused. */
  #granted = 0;
  #lastMs = 0;
  #wake: () => void = () => undefined;

  constructor(speed: Speed) {
    this.#speed = speed;
  }

  get speed(): Speed {
    return this.#speed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Resolves when the run may take the next step. */
  async turn(): Promise<void> {
    for (;;) {
      const waitMs = this.#waitMs();
      if (waitMs <= 0) break;
      await this.#changed(waitMs);
    }
    if (this.#isPaused) this.#granted -= 1;
    this.#lastMs = performance.now();
    await breathe();
  }

  pause(): void {
    this.#isPaused = true;
    this.#granted = 0;
    this.#wake();
  }

  go(): void {
    this.#isPaused = false;
    this.#wake();
  }

  /** Lets the run take one step, and pauses it. */
  step(): void {
    if (!this.#isPaused) this.#granted = 0;
    this.#isPaused = true;
    this.#granted += 1;
    this.#wake();
  }

  /** Changes to the next higher or lower speed. */
  change(by: 1 | -1): void {
    this.#speed = speeds[speeds.indexOf(this.#speed) + by] ?? this.#speed;
    this.#wake();
  }

  /** Delays nothing any more, so that the run can end. */
  release(): void {
    this.#isReleased = true;
    this.#wake();
  }

  #waitMs(): number {
    if (this.#isReleased) return 0;
    if (this.#isPaused) return this.#granted > 0 ? 0 : Infinity;
    if (this.#speed === 'full') return 0;
    return this.#lastMs + 1000 / this.#speed - performance.now();
  }

  /** Waits until the time is over, or until an order comes. */
  async #changed(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = waitMs === Infinity ? undefined : setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
