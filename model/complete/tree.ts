import type { Mealy, Word } from './mealy.js';

/**
 * A set of defined words that holds every beginning of each of them: a tree on typed arrays.
 *
 * Node 0 is the empty word. A node knows its parent, the input that leads to it and the state of the
 * machine that its word reaches; its children are found in a hash table by node and input. Only the
 * leaves are words of a suite: whoever sends a word has sent its beginnings. Words, and the symbols
 * in all of them, are counted while the tree grows, so that a limit is met before memory is.
 */

/** Thrown when a suite would be larger than its limit; the message has the numbers. */
export class SuiteTooLarge extends RangeError {
  override readonly name = 'SuiteTooLarge';
}

/** A tree of words that a machine defines; see the file head. */
export class WordTree {
  /** The machine that the words are run on. */
  readonly mealy: Mealy;
  /** How many leaves there are, the empty word not counted. */
  words = 0;
  /** How many symbols the words to the leaves have together. */
  symbols = 0;
  readonly #symbolsMax: number;
  #nodes = 1;
  #parents = new Int32Array(1024);
  #inputs = new Uint16Array(1024);
  #states = new Int32Array(1024);
  #depths = new Int32Array(1024);
  #inner = new Uint8Array(1024);
  /** The children, by a hash of parent and input; 0 where there is none. */
  #table = new Int32Array(4096);

  constructor(mealy: Mealy, symbolsMax: number) {
    this.mealy = mealy;
    this.#symbolsMax = symbolsMax;
  }

  /** How many nodes there are; they are numbered from 0 in the order in which they were added. */
  get nodes(): number {
    return this.#nodes;
  }

  /** The state that a node's word reaches. */
  state(node: number): number {
    return this.#states[node] ?? 0;
  }

  /** Whether no word goes on beyond this node's. */
  isLeaf(node: number): boolean {
    return this.#inner[node] === 0;
  }

  /** The node one input further, or -1 when the tree has none. */
  child(node: number, input: number): number {
    const found = this.#table[this.#slot(node, input)] ?? 0;
    return found === 0 ? -1 : found;
  }

  /**
   * The node one input further, added when the tree has none; -1 when the input is not defined.
   *
   * @throws SuiteTooLarge when the words would have more symbols than allowed
   */
  add(node: number, input: number): number {
    const slot = this.#slot(node, input);
    const known = this.#table[slot] ?? 0;
    if (known !== 0) return known;
    const state = this.mealy.next[this.state(node) * this.mealy.inputs.length + input] ?? -1;
    if (state < 0) return -1;
    const depth = (this.#depths[node] ?? 0) + 1;
    const longer = node !== 0 && this.isLeaf(node);
    this.words += longer ? 0 : 1;
    this.symbols += longer ? 1 : depth;
    if (this.symbols > this.#symbolsMax) throw this.#tooLarge();
    const added = this.#nodes;
    if (added === this.#parents.length) this.#grow();
    this.#parents[added] = node;
    this.#inputs[added] = input;
    this.#states[added] = state;
    this.#depths[added] = depth;
    this.#inner[node] = 1;
    this.#nodes += 1;
    if (this.#nodes * 2 > this.#table.length) this.#rehash();
    else this.#table[slot] = added;
    return added;
  }

  /** Adds a word after a node's, as far as the machine defines it; the node where that ends. */
  extend(node: number, word: Word, length = word.length): number {
    let last = node;
    for (let nth = 0; nth < length; nth += 1) {
      const next = this.add(last, word[nth] ?? 0);
      if (next < 0) return last;
      last = next;
    }
    return last;
  }

  /** The word of a node. */
  word(node: number): Uint16Array {
    const word = new Uint16Array(this.#depths[node] ?? 0);
    for (let nth = word.length - 1, at = node; nth >= 0; nth -= 1) {
      word[nth] = this.#inputs[at] ?? 0;
      at = this.#parents[at] ?? 0;
    }
    return word;
  }

  #tooLarge(): SuiteTooLarge {
    const { states, inputs } = this.mealy;
    return new SuiteTooLarge(
      `the suite for ${states} states and ${inputs.length} inputs has more than ${this.#symbolsMax} symbols; choose another method, fewer extra states or smaller bounds`,
    );
  }

  /** Where the child is in the table, or the empty place where it would be. */
  #slot(node: number, input: number): number {
    const mask = this.#table.length - 1;
    let slot = Math.imul(Math.imul(node, 0x9e3779b1) ^ (input + 1), 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & mask;
    while (true) {
      const found = this.#table[slot] ?? 0;
      if (found === 0) return slot;
      if (this.#parents[found] === node && this.#inputs[found] === input) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const size = this.#parents.length * 2;
    const grown = <T extends Int32Array | Uint16Array | Uint8Array>(larger: T, from: T): T => {
      larger.set(from);
      return larger;
    };
    this.#parents = grown(new Int32Array(size), this.#parents);
    this.#inputs = grown(new Uint16Array(size), this.#inputs);
    this.#states = grown(new Int32Array(size), this.#states);
    this.#depths = grown(new Int32Array(size), this.#depths);
    this.#inner = grown(new Uint8Array(size), this.#inner);
  }

  #rehash(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let node = 1; node < this.#nodes; node += 1) {
      this.#table[this.#slot(this.#parents[node] ?? 0, this.#inputs[node] ?? 0)] = node;
    }
  }
}
