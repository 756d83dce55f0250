import { breathe } from '../subjects/clock.js';

/** How fast a live run goes: pause, one step, slower, faster. */

/** Steps a second that can be chosen, slowest first; `full` is as fast as it goes. */
export const speeds = [0.5, 1, 2, 5, 10, 20, 50, 200, 'full'] as const;

/** One of the speeds. */
export type Speed = (typeof speeds)[number];

/** Holds up whoever asks for a turn. */
export class Pace {
  #speed: Speed;
  #isPaused = false;
  #isReleased = false;
  /** Single steps that may be taken while it pauses. */
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

  /** Comes true when the next step may be taken. */
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

  /** Takes one step, and pauses. */
  step(): void {
    if (!this.#isPaused) this.#granted = 0;
    this.#isPaused = true;
    this.#granted += 1;
    this.#wake();
  }

  /** The next speed up or down. */
  change(by: 1 | -1): void {
    this.#speed = speeds[speeds.indexOf(this.#speed) + by] ?? this.#speed;
    this.#wake();
  }

  /** Holds up nobody any more: the run is to end. */
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

  /** Until the time is over, or something was changed. */
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
