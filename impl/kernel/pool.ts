/**
 * The pool of message contexts: a fixed array, a free list and a counter.
 *
 * A context is taken from the head of the free list and put back at its head, so that a system
 * that asks one question after the other keeps reusing one context. Every acquisition draws the
 * next number of one global unsigned 32-bit counter; index and number together name a request,
 * because the index alone is used again and again.
 *
 * Source: Linux 6.1 fs/ecryptfs/messaging.c, ecryptfs_acquire_free_msg_ctx,
 * ecryptfs_msg_ctx_free_to_alloc and ecryptfs_msg_ctx_alloc_to_free; the mail of 2006, "maintains
 * an array of message context structs and places the elements of the array on two lists".
 */

const contextsMax = 65_536;
const counterModulus = 2 ** 32;

/** Who waits on a context, and until when. */
export interface Waiter {
  readonly task: number;
  readonly uid: number;
  readonly deadlineMs: number;
}

/** One slot of the pool, while it is allocated. */
export interface Context {
  readonly index: number;
  readonly sequence: number;
  readonly waiter: Waiter;
  /** The reply, once one was accepted. */
  readonly reply: Uint8Array | undefined;
}

/** The state of a slot, for those who look from outside. */
export interface ContextView {
  readonly index: number;
  readonly sequence: number;
  readonly state: 'free' | 'pending' | 'done';
}

interface Slot {
  readonly index: number;
  sequence: number;
  waiter: Waiter | undefined;
  reply: Uint8Array | undefined;
}

/** A pool of `size` contexts, all free. */
export class Pool {
  readonly #slots: Slot[];
  readonly #free: Slot[];
  #counter = 0;

  /** @throws RangeError when the size is not a whole number from 1 to 65,536 */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1 || size > contextsMax) {
      throw new RangeError(`a pool of ${size} contexts is outside 1 to ${contextsMax}`);
    }
    this.#slots = Array.from({ length: size }, (_, index) => ({
      index,
      sequence: 0,
      waiter: undefined,
      reply: undefined,
    }));
    // The head of the list is its end: index 0 is taken first.
    this.#free = this.#slots.toReversed();
  }

  get size(): number {
    return this.#slots.length;
  }

  /** How many contexts are free. */
  get free(): number {
    return this.#free.length;
  }

  /** Takes a context for a waiter, or undefined when none is free. Never waits. */
  acquire(waiter: Waiter): Context | undefined {
    const slot = this.#free.pop();
    if (slot === undefined) return undefined;
    this.#counter = (this.#counter + 1) % counterModulus;
    slot.sequence = this.#counter;
    slot.waiter = waiter;
    return this.allocated(slot.index);
  }

  /** The context at an index, if it is allocated. */
  allocated(index: number): Context | undefined {
    const slot = this.#slots[index];
    if (slot?.waiter === undefined) return undefined;
    return { index, sequence: slot.sequence, waiter: slot.waiter, reply: slot.reply };
  }

  /** Puts the reply into an allocated context. */
  settle(context: Context, reply: Uint8Array): void {
    const slot = this.#slots[context.index];
    if (slot !== undefined) slot.reply = reply;
  }

  /** Gives an allocated context back. Its number stays until it is taken again. */
  release(context: Context): void {
    const slot = this.#slots[context.index];
    if (slot?.waiter === undefined) return;
    slot.waiter = undefined;
    slot.reply = undefined;
    this.#free.push(slot);
  }

  /** Every context with its state, by index. */
  view(): ContextView[] {
    return this.#slots.map(({ index, sequence, waiter, reply }) => {
      const state = waiter === undefined ? 'free' : reply === undefined ? 'pending' : 'done';
      return { index, sequence, state };
    });
  }
}
