/**
 * The pairs of index and sequence number that messages had: all of a conversation, or only the last ones
 * where it may be too long to remember them all.
 *
 * Those that are not the very last are kept in portions that nobody changes any more, so that copies share
 * them.
 */
export class Pairs {
  readonly #last: number;
  #portions: readonly ReadonlySet<number>[] = [];
  #recent = new Set<number>();

  /** @param last how many pairs are remembered at least; all, unless said */
  constructor(last = Infinity) {
    this.#last = last;
  }

  has(index: number, sequence: number): boolean {
    return this.#hasPair(pairOf(index, sequence));
  }

  #hasPair(pair: number): boolean {
    return this.#recent.has(pair) || this.#portions.some((portion) => portion.has(pair));
  }

  /** Remembers a pair. Returns false when it was seen before. */
  add(index: number, sequence: number): boolean {
    const pair = pairOf(index, sequence);
    if (this.#hasPair(pair)) return false;
    this.#recent.add(pair);
    if (this.#last !== Infinity && this.#recent.size === portionSize) {
      const portions = Math.ceil(this.#last / portionSize);
      this.#portions = [...this.#portions, this.#recent].slice(-portions);
      this.#recent = new Set();
    }
    return true;
  }

  copy(): Pairs {
    const copy = new Pairs(this.#last);
    copy.#portions = this.#portions;
    copy.#recent = new Set(this.#recent);
    return copy;
  }
}

const portionSize = 4096;
const word32 = 2 ** 32;

/** Exact: an index is below 2^16 wherever this matters. */
function pairOf(index: number, sequence: number): number {
  return index * word32 + sequence;
}
