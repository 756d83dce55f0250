/**
 * The pairs of index and sequence number that messages had: all of a conversation, or only the last ones
 * where it may be too long to remember them all.
 */
export class Pairs {
  readonly #seen = new Set<number>();
  /** The pairs in the order in which they came, the oldest at the place that is written next. */
  readonly #ring: Float64Array | undefined;
  #next = 0;

  /** @param last how many pairs are remembered; all, unless said */
  constructor(last?: number) {
    this.#ring = last === undefined ? undefined : new Float64Array(last).fill(nobody);
  }

  has(index: number, sequence: number): boolean {
    return this.#seen.has(pairOf(index, sequence));
  }

  /** Remembers a pair. Returns false when it was seen before. */
  add(index: number, sequence: number): boolean {
    const pair = pairOf(index, sequence);
    if (this.#seen.has(pair)) return false;
    this.#seen.add(pair);
    if (this.#ring !== undefined) {
      this.#seen.delete(this.#ring[this.#next] ?? nobody);
      this.#ring[this.#next] = pair;
      this.#next = (this.#next + 1) % this.#ring.length;
    }
    return true;
  }

  copy(): Pairs {
    const copy = new Pairs(this.#ring?.length);
    for (const pair of this.#seen) copy.#seen.add(pair);
    if (this.#ring !== undefined) copy.#ring?.set(this.#ring);
    copy.#next = this.#next;
    return copy;
  }
}

const word32 = 2 ** 32;
const nobody = -1;

/** Exact: an index is below 2^16 wherever this matters. */
function pairOf(index: number, sequence: number): number {
  return index * word32 + sequence;
}
