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
 * A subject whose inside can be looked at between the calls of a conversation.
 *
 * Events that come with the answer to such a look belong to the conversation: the next answer brings
 * them, so that nothing is judged otherwise than without it.
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

  /** What it shows of its inside, if it can. @throws AdapterBroke as a call does */
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
