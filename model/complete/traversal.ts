import type { Separators } from './separate.js';
import type { WordTree } from './tree.js';

/**
 * The words that every method starts from: a cover of the states, and the traversal after it.
 *
 * Theory of operation. The cover has a shortest word to every state; it holds the empty word and the
 * beginnings of its words. After each word of the cover every defined sequence of inputs follows
 * until it has seen enough. For a machine whose r states are all distinguishable and an
 * implementation of at most r + k states that is after k + 1 inputs, and the traversal is the
 * classical V·I^(k+1).
 *
 * States that are compatible cannot be counted as two, and a fixed length is not enough: a sequence
 * that goes round among compatible states may meet new states of the implementation for longer. So
 * states are counted: for some set of pairwise distinguishable states, the sequence must have come to
 * states of the set k + 1 times. Any choice of one state from each group is such a set of r states,
 * so the best count is the sum, over the groups, of the visits to the state of the group that was
 * visited most. The visit to the start does not count: the cover has it already.
 *
 * Source: A. Petrenko and N. Yevtushenko, Testing from partial deterministic FSM specifications,
 * IEEE Transactions on Computers 54 (2005), with sets from groups instead of all maximal ones.
 */
export class Traversal {
  /** The tree that the words were added to. */
  readonly tree: WordTree;
  /** Which states of its machine can be told apart. */
  readonly separators: Separators;
  /** For each state the node of its word in the cover. */
  readonly cover: readonly number[];
  /** The nodes below this are those of the cover and the traversal: what is added later is above. */
  readonly size: number;
  readonly #visitsMin: number;
  /** On the present sequence: the visits to each state, and for each group to its most visited. */
  readonly #visits: Int32Array;
  readonly #most: Int32Array;

  /** Adds cover and traversal to a new tree. Every state of its machine must be reachable. */
  constructor(tree: WordTree, separators: Separators, extraStates: number) {
    this.tree = tree;
    this.separators = separators;
    this.#visitsMin = extraStates + 1;
    this.#visits = new Int32Array(tree.mealy.states);
    this.#most = new Int32Array(separators.groupCount);
    this.cover = coverOf(tree);
    this.each(() => undefined);
    this.size = tree.nodes;
  }

  /**
   * Walks every sequence after every word of the cover, and calls back once for each beginning.
   *
   * @param visit gets the nodes of the beginning, the word of the cover left out; the array is
   *   reused for the next
   */
  each(visit: (chain: readonly number[]) => void): void {
    for (const start of this.cover) this.#follow(start, { chain: [], seen: 0, visit });
  }

  #follow(
    node: number,
    walk: { chain: number[]; seen: number; visit: (chain: readonly number[]) => void },
  ): void {
    const { tree } = this;
    for (let input = 0; input < tree.mealy.inputs.length; input += 1) {
      const child = tree.add(node, input);
      if (child < 0) continue;
      const state = tree.state(child);
      const group = this.separators.groups[state] ?? 0;
      const visits = (this.#visits[state] ?? 0) + 1;
      const most = this.#most[group] ?? 0;
      const seen = walk.seen + (visits > most ? 1 : 0);
      this.#visits[state] = visits;
      this.#most[group] = Math.max(visits, most);
      walk.chain.push(child);
      walk.visit(walk.chain);
      if (seen < this.#visitsMin) this.#follow(child, { ...walk, seen });
      walk.chain.pop();
      this.#visits[state] = visits - 1;
      this.#most[group] = most;
    }
  }
}

/** Adds a shortest word to every state, breadth first; the node of each state's word. */
function coverOf(tree: WordTree): readonly number[] {
  const cover: number[] = [0];
  const { next, inputs } = tree.mealy;
  const order = [0];
  for (const state of order) {
    for (let input = 0; input < inputs.length; input += 1) {
      const to = next[state * inputs.length + input] ?? -1;
      if (to < 0 || cover[to] !== undefined) continue;
      cover[to] = tree.add(cover[state] ?? 0, input);
      order.push(to);
    }
  }
  return cover;
}
