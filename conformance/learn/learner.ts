import type { Mealy } from '../../model/index.js';
import type { Teacher } from './teacher.js';
import type { Node } from './tree.js';
import { Tree } from './tree.js';

/**
 * Learns the Mealy machine of an implementation from its answers: the algorithm L#.
 *
 * Theory of operation. Nodes of the tree that are pairwise apart are states for sure: the basis. A successor of one
 * of them that is not in the basis belongs to the frontier. It is a new state when it is apart from every state, and is
 * identified when it is apart from all but one; until then it is asked a word that tells two of the states
 * apart which it may be. When every successor is identified that is a hypothesis. A word that
 * the implementation answers otherwise is cut in halves (Rivest and Schapire) until a node of the frontier is
 * apart from the state that it was taken for.
 *
 * Source: F. Vaandrager, B. Garhewal, J. Rot and T. Wissmann, A New Approach for Active Automata Learning Based
 * on Apartness (TACAS 2022); R. Rivest and R. Schapire, Inference of finite automata using homing sequences
 * (1993).
 */
export class Learner {
  readonly tree: Tree;
  readonly #teacher: Teacher;
  readonly #basis: Node[];
  readonly #numbers: Map<Node, number>;
  readonly #witnesses = new Map<string, readonly number[]>();
  /** The states that a node of the frontier may still be. */
  readonly #candidates = new Map<Node, readonly Node[]>();

  constructor(tree: Tree, teacher: Teacher) {
    this.tree = tree;
    this.#teacher = teacher;
    this.#basis = [tree.root];
    this.#numbers = new Map([[tree.root, 0]]);
  }

  /** How many states are known for sure. */
  get states(): number {
    return this.#basis.length;
  }

  /** Asks a word, unless the answer is known; the rest of one that makes no sense is left out. */
  async ask(word: readonly number[]): Promise<void> {
    if (this.#isKnown(word)) return;
    const actions = word.flatMap((input) => this.tree.actions[input] ?? []);
    this.tree.add(word, await this.#teacher.ask(actions));
  }

  #isKnown(word: readonly number[]): boolean {
    let node = this.tree.root;
    for (const input of word) {
      if (!this.tree.isEnabled(node, input)) return true;
      const next = node.children.get(input);
      if (next === undefined) return false;
      node = next;
    }
    return true;
  }

  /** Asks until there is a hypothesis that everything observed agrees with. */
  async hypothesis(): Promise<Hypothesis> {
    for (;;) {
      while (await this.#identify());
      const hypothesis = this.#built();
      const wrong = this.#inconsistency(hypothesis);
      if (wrong === undefined) return hypothesis;
      await this.refine(hypothesis, wrong);
    }
  }

  /** Asks every state every input, and identifies the frontier. Returns whether there was a new state. */
  async #identify(): Promise<boolean> {
    const before = this.#basis.length;
    // States that are found on the way have their turn too.
    for (const state of this.#basis) {
      for (const input of this.tree.actions.keys()) {
        if (!this.tree.isEnabled(state, input)) continue;
        if (!state.children.has(input)) await this.ask([...state.word, input]);
        const node = state.children.get(input);
        if (node === undefined || this.#numbers.has(node)) continue;
        if (await this.#isNew(node)) this.#promote(node);
      }
    }
    return this.#basis.length > before;
  }

  #promote(node: Node): void {
    this.#candidates.delete(node);
    this.#numbers.set(node, this.#basis.length);
    this.#basis.push(node);
    for (const [other, candidates] of this.#candidates) {
      if (other.key === node.key) this.#candidates.set(other, [...candidates, node]);
    }
  }

  async #isNew(node: Node): Promise<boolean> {
    const apart = (state: Node) => this.tree.areApart(node, state);
    const like = this.#candidates.get(node) ?? this.#basis.filter(({ key }) => key === node.key);
    let candidates = like.filter((state) => !apart(state));
    while (candidates.length > 1) {
      const [one, other] = candidates;
      const witness = one && other && this.#witness(one, other);
      if (witness === undefined) throw new Error('two states of the basis are not apart');
      await this.ask([...node.word, ...witness]);
      candidates = candidates.filter((state) => !apart(state));
    }
    this.#candidates.set(node, candidates);
    return candidates.length === 0;
  }

  /** A word that tells two states apart; it is looked for once. */
  #witness(one: Node, other: Node): readonly number[] | undefined {
    const key = `${this.#numbers.get(one) ?? ''} ${this.#numbers.get(other) ?? ''}`;
    const known = this.#witnesses.get(key) ?? this.tree.apart(one, other);
    if (known !== undefined) this.#witnesses.set(key, known);
    return known;
  }

  #built(): Hypothesis {
    const numbers = this.#numbers;
    const width = this.tree.actions.length;
    const next = new Int32Array(this.#basis.length * width).fill(-1);
    const output = next.slice();
    const outputs = new Map<string, number>();
    for (const [state, node] of this.#basis.entries()) {
      for (const [input, child] of node.children) {
        const target = numbers.has(child) ? child : this.#candidates.get(child)?.[0];
        const to = target === undefined ? undefined : numbers.get(target);
        if (to === undefined) throw new Error('a successor is not identified');
        if (!outputs.has(child.output)) outputs.set(child.output, outputs.size);
        next[state * width + input] = to;
        output[state * width + input] = outputs.get(child.output) ?? -1;
      }
    }
    return { access: [...this.#basis], next, output, outputs: [...outputs.keys()], width };
  }

  /** A word that was observed and that a hypothesis says otherwise. */
  #inconsistency(hypothesis: Hypothesis): readonly number[] | undefined {
    let nodes: { node: Node; state: number }[] = [{ node: this.tree.root, state: 0 }];
    while (nodes.length > 0) {
      const below: typeof nodes = [];
      for (const { node, state } of nodes) {
        for (const [input, child] of node.children) {
          const place = state * hypothesis.width + input;
          const to = hypothesis.next[place] ?? -1;
          const said = hypothesis.outputs[hypothesis.output[place] ?? -1];
          const isLike = hypothesis.access[to]?.key === child.key;
          if (!isLike || said !== child.output) return child.word;
          below.push({ node: child, state: to });
        }
      }
      nodes = below;
    }
    return undefined;
  }

  /** Learns from a word that was observed and that a hypothesis says otherwise: one state more. */
  async refine(hypothesis: Hypothesis, wrong: readonly number[]): Promise<void> {
    let [word, witness] = this.#firstMistake(hypothesis, wrong);
    for (;;) {
      const inside = this.#insideOf(word);
      if (word.length <= inside + 1) return;
      const half = Math.floor((inside + 1 + word.length) / 2);
      const [before, after] = [word.slice(0, half), word.slice(half)];
      const state = hypothesis.access[stateAfter(hypothesis, before)] ?? this.tree.root;
      const node = this.tree.find(before) ?? this.tree.root;
      let apart = this.tree.apart(node, state);
      if (apart === undefined) {
        await this.ask([...state.word, ...after, ...witness]);
        apart = this.tree.apart(node, state);
      }
      if (apart !== undefined) {
        [word, witness] = [before, apart];
        continue;
      }
      word = [...state.word, ...after];
      const end = this.tree.find(word) ?? this.tree.root;
      const taken = hypothesis.access[stateAfter(hypothesis, word)] ?? this.tree.root;
      witness = this.tree.apart(end, taken) ?? witness;
    }
  }

  /** The shortest beginning after which the implementation is in another state, and what shows it. */
  #firstMistake(
    hypothesis: Hypothesis,
    word: readonly number[],
  ): [readonly number[], readonly number[]] {
    for (let length = 0; length <= word.length; length += 1) {
      const begun = word.slice(0, length);
      const node = this.tree.find(begun);
      const state = hypothesis.access[stateAfter(hypothesis, begun)];
      if (node === undefined || state === undefined) break;
      const apart = this.tree.apart(node, state);
      if (apart !== undefined) return [begun, apart];
      const input = word[length] ?? -1;
      const output = node.children.get(input)?.output;
      const place = stateAfter(hypothesis, begun) * hypothesis.width + input;
      const said = hypothesis.outputs[hypothesis.output[place] ?? -1];
      if (output !== undefined && said !== output) return [begun, [input]];
    }
    throw new Error('the word is no counterexample');
  }

  /** How many inputs of a word stay in the basis. */
  #insideOf(word: readonly number[]): number {
    let node = this.tree.root;
    for (const [nth, input] of word.entries()) {
      const next = node.children.get(input);
      if (next === undefined || !this.#numbers.has(next)) return nth;
      node = next;
    }
    return word.length;
  }
}

/** A machine that agrees with everything observed so far; its states with their nodes. */
export interface Hypothesis {
  readonly access: readonly Node[];
  readonly next: Int32Array;
  readonly output: Int32Array;
  readonly outputs: readonly string[];
  readonly width: number;
}

/** The state of a hypothesis after a word. */
export function stateAfter({ next, width }: Hypothesis, word: readonly number[]): number {
  let state = 0;
  for (const input of word) state = next[state * width + input] ?? -1;
  return state;
}

/** A hypothesis as a machine over named inputs. */
export function mealyOfHypothesis(
  { access, next, output, outputs }: Hypothesis,
  inputs: readonly string[],
): Mealy {
  return { states: access.length, inputs, outputs, next, output };
}
