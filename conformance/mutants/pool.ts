import type { Has } from './faults.js';
import type { Habits } from './habits.js';

/**
 * The pool of contexts and the numbers of requests.
 *
 * Which free context is given and which number comes next are habits; the oracle must not care. A
 * context that is given back keeps what it knew of its last request, as a kernel's memory does.
 */

/** One context. */
export interface Context {
  readonly index: number;
  state: 'free' | 'pending' | 'done';
  seq: number;
  seqBefore: number;
  /** The user of the request, or of the last one. */
  uid?: number;
  /** The process that got the message. */
  recipient?: number;
  /** The reply that was accepted, in hex. */
  reply?: string;
  replyBefore: string;
  /** Wrong numbers in a row. */
  guesses: number;
  isSpoilt: boolean;
  /** Whether somebody else than the recipient answered. */
  bySuccessor: boolean;
}

/** What `inspect` shows of the pool. */
export interface PoolView {
  readonly free: readonly number[];
  readonly allocated: readonly number[];
  readonly contexts: readonly { index: number; state: string; seq: number }[];
}

const aliasedFrom = 32;

/** The contexts of a system. */
export class Pool {
  readonly contexts: readonly Context[];
  /** The number that was given out last. */
  latest: number;
  readonly #free: number[];
  readonly #spares = new Map<Context, Context>();
  readonly #habits: Habits;
  readonly #has: Has;
  #given = 0;
  #chance = 1;

  /** @param latest the number that was given out last, in the system before or never */
  constructor(size: number, latest: number, habits: Habits, has: Has) {
    this.#habits = habits;
    this.#has = has;
    this.latest = latest;
    this.contexts = Array.from({ length: this.#sizeOf(size) }, (_, index) => contextAt(index));
    this.#free = this.contexts.map(({ index }) => index);
  }

  get isFull(): boolean {
    return this.#free.length === 0;
  }

  /** Takes a free context and numbers it; undefined when there is none. */
  acquire(): Context | undefined {
    const context = this.#take() ?? this.#steal();
    if (context === undefined) return undefined;
    const spare = this.#has('takes-two') ? this.#take() : undefined;
    if (spare !== undefined) this.#spares.set(context, spare);
    context.state = 'pending';
    context.seqBefore = context.seq;
    context.seq = this.#number(context);
    context.guesses = 0;
    context.isSpoilt = false;
    context.bySuccessor = false;
    return context;
  }

  /** A context that is in no pool, for a request that should have been refused. */
  phantom(): Context {
    return { ...contextAt(-1), state: 'pending' };
  }

  /** Gives a context back. */
  release(context: Context): void {
    if (context.index === -1) return;
    if (!this.#has('shows-free-as-done')) context.state = 'free';
    context.replyBefore = context.reply ?? '';
    if (!this.#has('keeps-old-reply')) delete context.reply;
    const { counts } = this.#habits.numbering;
    if (counts === 'releases') this.latest = this.#after(this.latest);
    const isAliased = this.#has('high-contexts-alias') && context.index >= aliasedFrom;
    this.#free.push(isAliased ? context.index - aliasedFrom : context.index);
    const spare = this.#spares.get(context);
    this.#spares.delete(context);
    if (spare !== undefined) this.release(spare);
  }

  /** Gives a context out while its sleeper still sleeps on it. */
  releaseTooEarly({ index }: Context): void {
    this.#free.push(index);
  }

  /** The counter begins anew. */
  restart(): void {
    this.latest = this.#habits.numbering.from - this.#habits.numbering.plus;
  }

  view(): PoolView {
    const isHidden = (state: string) => this.#has('shows-late-list') && state === 'done';
    return {
      free: [...this.#free],
      allocated: this.contexts
        .filter(({ index, state }) => !this.#free.includes(index) && !isHidden(state))
        .map(({ index }) => index),
      contexts: this.contexts.map(({ index, state, seq }) => ({ index, state, seq })),
    };
  }

  #sizeOf(size: number): number {
    if (this.#has('one-context-too-few')) return size - 1;
    if (this.#has('one-context-too-many')) return size + 1;
    return this.#has('holds-32') ? Math.min(size, aliasedFrom) : size;
  }

  #take(): Context | undefined {
    const [index] = this.#free.splice(this.#place(), 1);
    return index === undefined ? undefined : this.contexts[index];
  }

  /** Where in the free list the next context stands; the list is in the order of release. */
  #place(): number {
    switch (this.#habits.order) {
      case 'longest free':
        return 0;
      case 'freed last':
        return this.#free.length - 1;
      case 'lowest':
        return this.#free.indexOf(Math.min(...this.#free));
      case 'highest':
        return this.#free.indexOf(Math.max(...this.#free));
      case 'random':
        this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
        return (this.#chance >>> 8) % Math.max(1, this.#free.length);
    }
  }

  /** What a full pool gives away all the same. */
  #steal(): Context | undefined {
    const oldest = (state: Context['state']) =>
      this.contexts.filter((one) => one.state === state).sort((a, b) => a.seq - b.seq)[0];
    if (this.#has('gives-answered-context')) return oldest('done');
    return this.#has('gives-pending-context') ? oldest('pending') : undefined;
  }

  #number(context: Context): number {
    this.#given += 1;
    const { counts, from } = this.#habits.numbering;
    if (this.#has('number-is-index')) return context.index;
    if (counts === 'requests of a context') {
      return context.uid === undefined ? from : this.#after(context.seq);
    }
    if (counts === 'releases') return this.latest;
    const isStuck = this.#has('numbers-end-at-200') && this.#given > 200;
    if (!isStuck) this.latest = this.#after(this.latest);
    if (this.#has('numbers-mod-256')) this.latest %= 256;
    if (this.#has('numbers-mod-65536')) this.latest %= 65_536;
    return this.latest;
  }

  #after(number: number): number {
    const { times, plus } = this.#habits.numbering;
    return (Math.imul(number, times) + plus) >>> 0;
  }
}

function contextAt(index: number): Context {
  return {
    index,
    state: 'free',
    seq: 0,
    seqBefore: 0,
    replyBefore: '',
    guesses: 0,
    isSpoilt: false,
    bySuccessor: false,
  };
}
