import type { SubjectEvent } from '../subject.js';
import type { Has } from './faults.js';

/**
 * The messages that wait for processes, oldest first, one queue a process.
 *
 * A process that unregisters or is replaced keeps what was sent to it; what waits for a dead one is
 * gone. Linux bounds a queue by memory, and nothing here fills it.
 */

/** A message to a process. */
export type Message = SubjectEvent & { readonly event: 'message' };

/** A message that waits. */
interface Letter {
  readonly message: Message;
  reads: number;
}

/** What waits for whom. */
export class Queues {
  readonly #queues = new Map<number, Letter[]>();
  readonly #latest = new Map<number, Message>();
  readonly #has: Has;

  constructor(has: Has) {
    this.#has = has;
  }

  /** What a faulty reset leaves of the system before. */
  inherit(before: Queues): void {
    for (const [pid, letters] of before.#queues) this.#queues.set(pid, letters);
  }

  /** A message waits behind all others. */
  push(message: Message): void {
    const queue = this.#of(message.to);
    if (this.#has('queue-holds-one') && queue.length > 0) return;
    if (this.#has('queue-holds-three') && queue.length > 2) return;
    const first = this.#has('queue-quit-first') && message.type === 'quit';
    queue.splice(first ? 0 : queue.length, 0, { message, reads: 0 });
  }

  /** A process takes the message that waits longest. */
  take(pid: number): Message | undefined {
    const queue = this.#has('queue-shared') ? this.#somebodys() : this.#of(pid);
    const letter = queue.at(this.#has('queue-newest-first') ? -1 : 0);
    if (letter === undefined) {
      return this.#has('queue-empty-repeats') ? this.#latest.get(pid) : undefined;
    }
    letter.reads += 1;
    if (!this.#has('queue-read-twice') || letter.reads > 1) {
      queue.splice(queue.indexOf(letter), 1);
    }
    this.#latest.set(pid, letter.message);
    return { ...letter.message, to: pid };
  }

  /** Whether the message of a request waits. */
  holds(index: number, seq: number): boolean {
    return this.#queueWith(index, seq) !== undefined;
  }

  /** The message of a request is taken away, if it waits. */
  withdraw(index: number, seq: number): void {
    const queue = this.#queueWith(index, seq);
    if (queue === undefined) return;
    const kept = queue.filter(({ message }) => !isOf(message, index, seq));
    queue.splice(0, queue.length, ...(this.#has('ended-clears-queue') ? [] : kept));
  }

  /** What waits for a process is gone. Returns it. */
  drop(pid: number): readonly Message[] {
    const dropped = this.#of(pid).map(({ message }) => message);
    this.#queues.delete(pid);
    return dropped;
  }

  #of(pid: number): Letter[] {
    const queue = this.#queues.get(pid) ?? [];
    this.#queues.set(pid, queue);
    return queue;
  }

  #somebodys(): Letter[] {
    return [...this.#queues.values()].find((queue) => queue.length > 0) ?? [];
  }

  #queueWith(index: number, seq: number): Letter[] | undefined {
    return [...this.#queues.values()].find((queue) =>
      queue.some(({ message }) => isOf(message, index, seq)),
    );
  }
}

function isOf(message: Message, index: number, seq: number): boolean {
  return message.type === 'request' && message.index === index && message.seq === seq;
}
