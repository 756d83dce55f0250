import type {
  Answer,
  Call,
  Claims,
  DaemonPort,
  History,
  Subject,
  SubjectEvent,
} from '../subject.js';

/**
 * A subject that the inspector can ask for its inside between the calls of a conversation.
 *
 * Events that come with the answer to such a question belong to the conversation. The next answer contains them, so
 * that every verdict is the same as without the inspector.
 */
export class PeekingSubject implements Subject {
  readonly claims: Claims;
  readonly daemon?: DaemonPort;
  readonly overlap?: (calls: readonly Call[]) => Promise<History>;
  readonly #subject: Subject;
  #kept: readonly SubjectEvent[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
    this.claims = subject.claims;
    if (subject.daemon !== undefined) this.daemon = subject.daemon;
    if (subject.overlap !== undefined) {
      const overlap = subject.overlap.bind(subject);
      this.overlap = async (calls) => {
        const events = this.#take().map((event) => ({ kind: 'event', event }) as const);
        return [...events, ...(await overlap(calls))];
      };
    }
  }

  async call(call: Call): Promise<Answer> {
    const kept = this.#take();
    const answer = await this.#subject.call(call);
    return kept.length === 0 ? answer : { ...answer, events: [...kept, ...answer.events] };
  }

  /** The answer to `inspect`, if the subject has that capability. @throws AdapterBroke as call() does */
  async peek(): Promise<Answer['result']> {
    if (!this.claims.capabilities.has('inspect')) return undefined;
    const { events, result } = await this.#subject.call({ method: 'inspect', params: {} });
    this.#kept = [...this.#kept, ...events];
    return result;
  }

  close(): Promise<void> {
    return this.#subject.close();
  }

  #take(): readonly SubjectEvent[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}
