/**
 * The pairs of index and sequence number that messages had: all of a conversation, or only the last ones
 * where it may be too long to remember them all.
 */
export class Pairs {
  readonly #seen = new Set<number>();
  readonly #last: number;
  /** Where not all are remembered: the pairs as they came; of a full list the oldest is written over. */
  #ring: number[] = [];
  #next = 0;

  /** @param last how many pairs are remembered; all, unless said */
  constructor(last = Infinity) {
    this.#last = last;
  }

  has(index: number, sequence: number): boolean {
    return this.#seen.has(pairOf(index, sequence));
  }

  /** Remembers a pair. Returns false when it was seen before. */
  add(index: number, sequence: number): boolean {
    const pair = pairOf(index, sequence);
    if (this.#seen.has(pair)) return false;
    this.#seen.add(pair);
    if (this.#last === Infinity) return true;
    const oldest = this.#ring[this.#next];
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#ring[this.#next] = pair;
    this.#next = (this.#next + 1) % this.#last;
    return true;
  }

  copy(): Pairs {
    const copy = new Pairs(this.#last);
    for (const pair of this.#seen) copy.#seen.add(pair);
    copy.#ring = [...this.#ring];
    copy.#next = this.#next;
    return copy;
  }
}

const word32 = 2 ** 32;

/** Exact: an index is below 2^16 wherever this matters. */
function pairOf(index: number, sequence: number): number {
  return index * word32 + sequence;
}
