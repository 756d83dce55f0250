import type { Action } from '../../model/index.js';
import type { View } from './view.js';
import { firstView, isEnabled, keyOfView, viewAfter } from './view.js';

/**
 * Everything that was observed, as a tree: a word leads to a node, and no question is asked twice.
 *
 * Two nodes are apart when some word gives other outputs after the one than after the other, or when an
 * input makes sense at one of them only: then they are different states.
 */
export class Tree {
  readonly actions: readonly Action[];
  readonly root: Node;

  constructor(actions: readonly Action[], contexts: number) {
    this.actions = actions;
    this.root = new Node(undefined, -1, '', firstView(contexts));
  }

  /** The node of a word, if it was observed. */
  find(word: readonly number[], from = this.root): Node | undefined {
    let node: Node | undefined = from;
    for (const input of word) node = node?.children.get(input);
    return node;
  }

  /** Whether an input makes sense at a node. */
  isEnabled(node: Node, input: number): boolean {
    const action = this.actions[input];
    return action !== undefined && isEnabled(node.view, action);
  }

  /**
   * Adds the outputs to a word.
   *
   * @throws Nondeterministic when the same inputs were answered otherwise before
   */
  add(word: readonly number[], outputs: readonly string[]): void {
    let node = this.root;
    for (const [nth, output] of outputs.entries()) {
      const input = word[nth] ?? -1;
      const action = this.actions[input];
      const known = node.children.get(input);
      if (known !== undefined && known.output !== output) {
        throw new Nondeterministic(word.slice(0, nth + 1), known.output, output);
      }
      if (action === undefined) return;
      const next = known ?? new Node(node, input, output, viewAfter(node.view, action, output));
      node.children.set(input, next);
      node = next;
    }
  }

  /** Whether some word tells two nodes apart, as far as was observed. */
  areApart(one: Node, other: Node): boolean {
    if (one.key !== other.key) return true;
    const isFewer = one.children.size < other.children.size;
    const [few, many] = isFewer ? [one, other] : [other, one];
    for (const [input, child] of few.children) {
      const twin = many.children.get(input);
      if (twin === undefined) continue;
      if (twin.output !== child.output || this.areApart(child, twin)) return true;
    }
    return false;
  }

  /** A shortest word that tells two nodes apart, as far as was observed. */
  apart(one: Node, other: Node): readonly number[] | undefined {
    let pairs: { a: Node; b: Node; word: readonly number[] }[] = [{ a: one, b: other, word: [] }];
    while (pairs.length > 0) {
      const next: typeof pairs = [];
      for (const { a, b, word } of pairs) {
        if (a.key !== b.key) {
          const input = this.actions.findIndex(
            (_, nth) => this.isEnabled(a, nth) !== this.isEnabled(b, nth),
          );
          if (input !== -1) return [...word, input];
        }
        const [few, many] = a.children.size < b.children.size ? [a, b] : [b, a];
        for (const [input, child] of few.children) {
          const twin = many.children.get(input);
          if (twin === undefined) continue;
          if (twin.output !== child.output) return [...word, input];
          next.push({ a: child, b: twin, word: [...word, input] });
        }
      }
      pairs = next;
    }
    return undefined;
  }
}

/** A place in the tree. */
export class Node {
  readonly parent: Node | undefined;
  readonly input: number;
  /** What the last input was answered. */
  readonly output: string;
  readonly view: View;
  /** Equal where the same inputs make sense. */
  readonly key: string;
  readonly children = new Map<number, Node>();

  constructor(parent: Node | undefined, input: number, output: string, view: View) {
    this.parent = parent;
    this.input = input;
    this.output = output;
    this.view = view;
    this.key = keyOfView(view);
  }

  /** The inputs that lead here. */
  get word(): readonly number[] {
    const word: number[] = [];
    for (let node = this as Node; node.parent !== undefined; node = node.parent) {
      word.unshift(node.input);
    }
    return word;
  }
}

/** The same word was answered in two ways. */
export class Nondeterministic extends Error {
  override readonly name = 'Nondeterministic';
  readonly word: readonly number[];
  readonly first: string;
  readonly second: string;

  constructor(word: readonly number[], first: string, second: string) {
    super(`the same word was answered "${first}" and then "${second}"`);
    this.word = word;
    this.first = first;
    this.second = second;
  }
}
