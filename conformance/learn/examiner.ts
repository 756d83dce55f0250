import type { Mealy } from '../../model/index.js';
import { completeSuite, SuiteTooLarge } from '../../model/index.js';
import { compareMachines } from './difference.js';
import type { Hypothesis, Learner } from './learner.js';
import { mealyOfHypothesis, stateAfter } from './learner.js';

/**
 * Looks for a word that a hypothesis answers otherwise than the implementation.
 *
 * First the shortest word in which hypothesis and model differ: either the implementation agrees with the model
 * there, or it is known to differ. Then the words of the model's own H suite, which find every machine with no
 * more states than the model's that is not as the hypothesis says. Then words like those of the Wp method,
 * drawn: a state, a few inputs, and a word that tells the state that should be reached from another one.
 */
export class Examiner {
  readonly #learner: Learner;
  readonly #model: Mealy;
  readonly #draws: Draws;
  #suite: Iterator<ArrayLike<number>> | undefined;
  /** Why the model's suite is not asked. */
  leftOut: string | undefined;

  constructor(learner: Learner, model: Mealy, draws: Draws) {
    this.#learner = learner;
    this.#model = model;
    this.#draws = draws;
  }

  /** A word that was asked, and that the hypothesis says otherwise. */
  async counterexample(hypothesis: Hypothesis): Promise<readonly number[] | undefined> {
    const learnt = mealyOfHypothesis(hypothesis, this.#model.inputs);
    const { shortest } = compareMachines(learnt, this.#model);
    if (shortest !== undefined) {
      const found = await this.#try(hypothesis, shortest.word);
      if (found !== undefined) return found;
    }
    const suite = (this.#suite ??= this.#words()[Symbol.iterator]());
    for (let next = suite.next(); next.done !== true; next = suite.next()) {
      const found = await this.#try(hypothesis, Array.from(next.value));
      if (found !== undefined) return found;
    }
    for (let nth = 0; nth < this.#draws.words; nth += 1) {
      const found = await this.#try(hypothesis, this.#drawn(hypothesis));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #words(): Iterable<ArrayLike<number>> {
    try {
      return completeSuite(this.#model, { method: 'h', extraStates: 0, symbolsMax });
    } catch (error) {
      if (!(error instanceof SuiteTooLarge)) throw error;
      this.leftOut = `the H suite of the model has more than ${symbolsMax} inputs`;
      return [];
    }
  }

  /** Asks a word. Returns its shortest beginning that the hypothesis says otherwise. */
  async #try(
    hypothesis: Hypothesis,
    word: readonly number[],
  ): Promise<readonly number[] | undefined> {
    await this.#learner.ask(word);
    const { tree } = this.#learner;
    let [node, state] = [tree.root, 0];
    for (const [nth, input] of word.entries()) {
      const child = node.children.get(input);
      if (child === undefined) return undefined;
      const place = state * hypothesis.width + input;
      const said = hypothesis.outputs[hypothesis.output[place] ?? -1];
      const to = hypothesis.next[place] ?? -1;
      // The same outputs, but other inputs make sense afterwards.
      const isLike = hypothesis.access[to]?.key === child.key;
      if (said !== child.output || !isLike) return word.slice(0, nth + 1);
      [node, state] = [child, to];
    }
    return undefined;
  }

  #drawn(hypothesis: Hypothesis): readonly number[] {
    const { next, access } = hypothesis;
    const pick = <T>(all: readonly T[]): T | undefined =>
      all[Math.floor(this.#draws.random() * all.length)];
    const enabled = (state: number) =>
      this.#model.inputs.flatMap((_, input) =>
        (next[state * hypothesis.width + input] ?? -1) < 0 ? [] : [input],
      );
    const word = [...(pick(access)?.word ?? [])];
    const middle = 1 + Math.floor(this.#draws.random() * middleMax);
    for (let nth = 0; nth < middle; nth += 1) {
      const input = pick(enabled(stateAfter(hypothesis, word)));
      if (input !== undefined) word.push(input);
    }
    const reached = access[stateAfter(hypothesis, word)];
    const other = pick(access);
    const { tree } = this.#learner;
    const witness = reached && other && reached !== other ? tree.apart(reached, other) : undefined;
    return [...word, ...(witness ?? [])];
  }
}

const symbolsMax = 400_000;
const middleMax = 4;

/** How many words are drawn after the suite, and from what. */
export interface Draws {
  readonly words: number;
  readonly random: () => number;
}
