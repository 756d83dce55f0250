import type { Word } from './mealy.js';
import { separatedAfter } from './separate.js';
import type { Traversal } from './traversal.js';

/**
 * The H method: separating words where a pair of words needs them, and nowhere else.
 *
 * Theory of operation. Two words of a suite that reach distinguishable states are *separated* when
 * some continuation of both is in the suite whose outputs differ. A suite that has the traversal is
 * complete when these pairs are separated (those, that is, that reach distinguishable states):
 *
 * 1. every two words of the cover;
 * 2. every word of the traversal and every word of the cover;
 * 3. every two words of the traversal of which one is a beginning of the other, after the same word
 *    of the cover. With no extra states a sequence has one such word and there is no such pair.
 *
 * For each word the pairs that the tree separates as it stands are struck out. For what remains the
 * identifiers of its state are tried in turn, each cut where it separates its last pair; the other
 * word of the pair is given the same beginning. As identifiers are harmonised they never fall short.
 *
 * Source: R. Dorofeeva, K. El-Fakih, N. Yevtushenko, An improved conformance testing method, FORTE
 * 2005.
 */
export function separateByNeed(traversal: Traversal, sets: readonly (readonly Word[])[]): void {
  const { tree, cover, size, separators } = traversal;
  const pairs = new Pairs(traversal, sets);
  cover.forEach((node, state) => {
    pairs.separate(node, cover.slice(0, state));
  });
  const covered = new Set(cover);
  // What sufficed for a leaf of a state suffices for the next one: the tree only grows.
  const plans: (readonly Word[] | undefined)[] = [];
  for (let node = 0; node < size; node += 1) {
    if (covered.has(node)) continue;
    const state = tree.state(node);
    const leaf = tree.isLeaf(node);
    const plan = leaf ? plans[state] : undefined;
    if (plan !== undefined) for (const word of plan) tree.extend(node, word);
    else {
      const added = pairs.separate(node, cover);
      if (leaf) plans[state] = added;
    }
  }
  traversal.each((chain) => {
    const last = chain.at(-1) ?? 0;
    for (const before of chain) {
      if (separators.distinguishable(tree.state(before), tree.state(last))) {
        pairs.separate(last, [before]);
      }
    }
  });
}

/** A node that stands for one of the others: itself, or a continuation of it. */
interface Other {
  readonly nth: number;
  readonly node: number;
}

class Pairs {
  readonly #traversal: Traversal;
  readonly #sets: readonly (readonly Word[])[];

  constructor(traversal: Traversal, sets: readonly (readonly Word[])[]) {
    this.#traversal = traversal;
    this.#sets = sets;
  }

  /** Sees to it that a node is separated from others; the words that it was given for that. */
  separate(node: number, others: readonly number[]): readonly Word[] {
    const { tree, separators } = this.#traversal;
    const state = tree.state(node);
    let rest = others.filter((other) => separators.distinguishable(state, tree.state(other)));
    const separated = new Uint8Array(rest.length);
    this.#strike(
      node,
      rest.map((other, nth) => ({ nth, node: other })),
      separated,
    );
    rest = rest.filter((_, nth) => separated[nth] === 0);
    const added: Word[] = [];
    for (const word of this.#sets[state] ?? []) {
      if (rest.length === 0) break;
      const { length, left } = this.#apply(word, state, rest);
      rest = left;
      if (length === 0) continue;
      tree.extend(node, word, length);
      added.push(Array.from(word).slice(0, length));
    }
    if (rest.length > 0) throw new Error(`the identifiers of state ${state} are not harmonised`);
    return added;
  }

  /** Marks the others that continuations in the tree separate from a node: first short, then long. */
  #strike(node: number, others: readonly Other[], separated: Uint8Array): void {
    const { tree, separators } = this.#traversal;
    const { inputs, output } = tree.mealy;
    if (others.length === 0 || tree.isLeaf(node)) return;
    const deeper: { child: number; others: Other[] }[] = [];
    for (let input = 0; input < inputs.length; input += 1) {
      const child = tree.child(node, input);
      if (child < 0) continue;
      const ours = output[tree.state(node) * inputs.length + input];
      const alike: Other[] = [];
      for (const other of others) {
        if (separated[other.nth] === 1) continue;
        const theirs = tree.child(other.node, input);
        if (theirs < 0) continue;
        if (output[tree.state(other.node) * inputs.length + input] !== ours) {
          separated[other.nth] = 1;
        } else if (separators.distinguishable(tree.state(child), tree.state(theirs))) {
          alike.push({ nth: other.nth, node: theirs });
        }
      }
      if (alike.length > 0 && !tree.isLeaf(child)) deeper.push({ child, others: alike });
    }
    for (const { child, others: alike } of deeper) {
      const still = alike.filter(({ nth }) => separated[nth] === 0);
      this.#strike(child, still, separated);
    }
  }

  /**
   * Separates others from a state by a word, and adds to each the beginning that does it.
   *
   * @returns the longest beginning that was needed, and the others that the word does not separate
   */
  #apply(word: Word, state: number, others: readonly number[]) {
    const { tree, separators } = this.#traversal;
    const left: number[] = [];
    let longest = 0;
    for (const other of others) {
      const length = separatedAfter(separators.mealy, word, state, tree.state(other));
      if (length === 0) left.push(other);
      else tree.extend(other, word, length);
      longest = Math.max(longest, length);
    }
    return { length: longest, left };
  }
}
