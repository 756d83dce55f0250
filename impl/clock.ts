/**
 * Time, for everything in this room that waits: the one place with timers.
 *
 * The core takes the time as an argument; who drives it over a real transport passes a clock, and a
 * test passes one that it moves itself.
 */
export interface Clock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls once when so much time has passed; returns what calls it off. */
  after(ms: number, ring: () => void): () => void;
}

/** The clock of this machine. */
export const machineClock: Clock = {
  nowMs: () => performance.now(),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #alarms: { readonly atMs: number; readonly ring: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, ring: () => void): () => void {
    const alarm = { atMs: this.#nowMs + ms, ring };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((one) => one !== alarm);
    };
  }

  /** Lets time pass, and rings what is due on the way, the earliest first. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#alarms.filter(({ atMs }) => atMs <= untilMs);
      const next = due.reduce<(typeof due)[number] | undefined>(
        (first, one) => (first === undefined || one.atMs < first.atMs ? one : first),
        undefined,
      );
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.ring();
    }
    this.#nowMs = untilMs;
  }
}
