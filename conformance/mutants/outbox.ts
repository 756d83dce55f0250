import type { SubjectEvent } from '../subject.js';

/** The events on their way to the runner. */
export class Outbox {
  #events: SubjectEvent[] = [];
  #delayed: SubjectEvent[] = [];

  emit(event: SubjectEvent): void {
    this.#events.push(event);
  }

  /** For the next answer, not for this one. */
  delay(event: SubjectEvent): void {
    this.#delayed.push(event);
  }

  /** The events since the last answer. */
  take(): SubjectEvent[] {
    const events = this.#events;
    this.#events = this.#delayed;
    this.#delayed = [];
    return events;
  }
}
