import { choiceOf } from './hash.js';
import type { Call, History, Occurrence, Outcome, SubjectEvent } from './subject.js';

/**
 * A stage on which calls of a subject in this process overlap, one step at a time.
 *
 * Each call runs until it pauses, waits for a lock or returns. When none moves any more a scheduler
 * says which of those that pause goes on: so every interleaving is chosen, and none happens by the way.
 * When nobody pauses either it is over, and a call that waits for a lock then waits for ever.
 */

/** Says which of the calls that pause goes on. */
export interface Scheduler {
  /** Comes true when it is the turn of a call that pauses at the place of this name. */
  readonly turn: (label: string) => Promise<void>;
  /** Gives one of those that pause its turn. Nothing else moves. */
  readonly next: () => void;
}

/** What a call does on the stage. */
export type Work = (call: Call, stage: Stage, label: string) => Promise<Outcome>;

interface Lock {
  isHeld: boolean;
  readonly waiting: (() => void)[];
}

/** One stage, for calls that overlap once. */
export class Stage {
  readonly #scheduler: Scheduler;
  readonly #history: Occurrence[] = [];
  readonly #locks = new Map<string, Lock>();
  #moving = 0;
  #pausing = 0;
  #over: () => void = () => undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Performs calls until nothing moves any more. */
  async play(calls: readonly Call[], work: Work): Promise<History> {
    const over = new Promise<void>((resolve) => {
      this.#over = resolve;
    });
    this.#history.push(...calls.map((_, nth) => ({ kind: 'call', nth }) as const));
    this.#moving = calls.length;
    const all = calls.map((call, nth) => this.#perform(call, nth, work));
    // What a call throws is thrown at once; a call that hangs does not hold up the others.
    await Promise.race([over, Promise.all(all).then(() => over)]);
    return this.#history;
  }

  async #perform(call: Call, nth: number, work: Work): Promise<void> {
    const label = `${nth} ${nameOf(call)}`;
    await this.pause(label);
    const answer = await work(call, this, label);
    this.#history.push({ kind: 'answer', nth, answer });
    this.#rest();
  }

  /** Lets others go first, as the scheduler says. */
  async pause(label: string): Promise<void> {
    this.#pausing += 1;
    const turn = this.#scheduler.turn(label);
    this.#rest();
    await turn;
    this.#pausing -= 1;
    this.#moving += 1;
  }

  /** Takes a lock; who waits for it gets it in the order of asking. */
  async lock(name: string): Promise<void> {
    const lock = this.#lockOf(name);
    if (!lock.isHeld) {
      lock.isHeld = true;
      return;
    }
    const granted = new Promise<void>((resolve) => lock.waiting.push(resolve));
    this.#rest();
    await granted;
  }

  /** Gives a lock to the next that waits for it. */
  unlock(name: string): void {
    const lock = this.#lockOf(name);
    const grant = lock.waiting.shift();
    if (grant === undefined) {
      lock.isHeld = false;
      return;
    }
    this.#moving += 1;
    grant();
  }

  /** Shows an event. */
  emit(event: SubjectEvent): void {
    this.#history.push({ kind: 'event', event });
  }

  #lockOf(name: string): Lock {
    const lock = this.#locks.get(name) ?? { isHeld: false, waiting: [] };
    this.#locks.set(name, lock);
    return lock;
  }

  #rest(): void {
    this.#moving -= 1;
    if (this.#moving > 0) return;
    if (this.#pausing > 0) this.#scheduler.next();
    else this.#over();
  }
}

/** A call in the name of a place: mostly the same in a longer and a shorter conversation. */
function nameOf({ method, params }: Call): string {
  if ('task' in params) return `${method} r${params.task}`;
  return 'pid' in params ? `${method} ${params.pid}` : method;
}

/**
 * A scheduler whose choice follows from a seed and from the places at which calls pause, and from
 * nothing before: the same calls overlap in the same way in every conversation, which is what lets
 * one be made shorter.
 */
export function seededScheduler(seed: number): Scheduler {
  const waiting: { readonly label: string; readonly go: () => void }[] = [];
  return {
    turn: (label) => new Promise((go) => waiting.push({ label, go })),
    next: () => {
      const labels = waiting.map(({ label }) => label).join('|');
      const choice = choiceOf(labels, waiting.length, seed);
      const [chosen] = waiting.splice(choice, 1);
      chosen?.go();
    },
  };
}
