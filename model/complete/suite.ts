import { identifiers } from './identify.js';
import type { Mealy, Word } from './mealy.js';
import { assertMealy, minimal } from './mealy.js';
import { separateByNeed } from './need.js';
import { characterisationSet, Separators } from './separate.js';
import { Traversal } from './traversal.js';
import { WordTree } from './tree.js';

/**
 * Complete conformance suites by the W, HSI and H methods.
 *
 * Theory of operation. All three send, after a word to every state (traversal.ts), every sequence of
 * inputs until enough states have been seen, and make sure that the states seen are the right ones.
 * They differ in how:
 *
 * - W gives the whole characterisation set to every word of the traversal;
 * - HSI gives to each word the harmonised identifiers of the state that it should reach;
 * - H adds separating words only for pairs of words that need them, and only where no words that
 *   are in the suite anyhow separate them (need.ts).
 *
 * Why such a suite is complete. Let an implementation with at most m states pass it and yet answer
 * wrongly to a defined word; write that word as v·a, v from the cover, with a shortest. Then a goes
 * on beyond a whole sequence of the traversal, so the words of the cover and the beginnings of a
 * reach more than m times a state of some set of pairwise distinguishable states. Two of these words
 * lead the implementation into one state. As it answered alike to their continuations, which
 * separate distinguishable states, both lead the specification into one state too, and then one of
 * them can stand for the other: the wrong answer follows a shorter a.
 *
 * States are counted as far as they can be told apart. An implementation that keeps compatible states
 * apart and is right answers like a smaller one and passes; one that is wrong just because it keeps
 * them apart may have more states than were counted, and then nothing is promised.
 *
 * A wrong machine need not be found when it has more states than that, answers the same word
 * differently at different times, does not come back to its initial state, or refuses to be sent
 * what the specification defines. Partial specifications are taken as they are: no word is sent that
 * they do not define. The Wp method is not offered: its second phase may use identifiers that are
 * not harmonised only because its first gave all of W to the cover, and shortcuts lose that easily.
 *
 * Sources: T. S. Chow (1978) for W; A. Petrenko, N. Yevtushenko, A. Lebedev and A. Das (1993) for
 * HSI; R. Dorofeeva, K. El-Fakih and N. Yevtushenko, An improved conformance testing method (FORTE
 * 2005) for H; A. Petrenko and N. Yevtushenko (2005) for machines with compatible states.
 */

/** What a suite is made by. */
export type Method = 'w' | 'hsi' | 'h';

/** How a suite is to be made. */
export interface SuiteOptions {
  readonly method: Method;
  /** How many states an implementation may have beyond those that can be told apart. */
  readonly extraStates: number;
  /** The most symbols that all words may have together; 10,000,000 unless told. */
  readonly symbolsMax?: number;
}

const symbolsMaxDefault = 10_000_000;
const extraStatesMax = 8;

/**
 * A suite: words over the inputs of the machine that it was made for, each one defined there.
 *
 * No word is the beginning of another. Their order is always the same for the same machine.
 */
export interface CompleteSuite extends Iterable<Uint16Array> {
  readonly method: Method;
  /** How many words there are: as many resets are needed. */
  readonly words: number;
  /** How many inputs all words have together. */
  readonly symbols: number;
  /** How many states the specification has, equivalent ones counted once. */
  readonly states: number;
  /** How many of them are certainly pairwise distinguishable; fewer than `states` only if partial. */
  readonly distinguishable: number;
  /** The most states of an implementation for which the suite is complete. */
  readonly statesMax: number;
  /** Of which implementations the suite finds every wrong one. */
  readonly claim: string;
}

/**
 * Makes a complete suite for a machine; see the file head.
 *
 * @throws SuiteTooLarge when the suite would have more symbols than allowed
 * @throws RangeError when the machine or the number of extra states is beyond what is supported
 * @example
 * const suite = completeSuite(mealyOf(system), { method: 'h', extraStates: 0 });
 * for (const word of suite) send(word);
 */
export function completeSuite(mealy: Mealy, options: SuiteOptions): CompleteSuite {
  const { method, extraStates, symbolsMax = symbolsMaxDefault } = options;
  if (!Number.isInteger(extraStates) || extraStates < 0 || extraStates > extraStatesMax) {
    throw new RangeError(`${extraStates} extra states are outside 0 to ${extraStatesMax}`);
  }
  assertMealy(mealy);
  const specification = minimal(mealy).mealy;
  const separators = new Separators(specification);
  const tree = new WordTree(specification, symbolsMax);
  const traversal = new Traversal(tree, separators, extraStates);
  if (method === 'w') {
    const set = characterisationSet(separators);
    identifyAll(traversal, () => set);
  } else {
    const sets = identifiers(separators);
    if (method === 'hsi') identifyAll(traversal, (state) => sets[state] ?? []);
    else separateByNeed(traversal, sets);
  }
  return suiteOf(tree, separators, options);
}

/** Gives to every word of the traversal the identifiers of the state that it reaches. */
function identifyAll(traversal: Traversal, of: (state: number) => readonly Word[]): void {
  const { tree, size } = traversal;
  for (let node = 0; node < size; node += 1) {
    for (const word of of(tree.state(node))) tree.extend(node, word);
  }
}

function suiteOf(tree: WordTree, separators: Separators, options: SuiteOptions): CompleteSuite {
  const { method, extraStates } = options;
  const { states } = separators.mealy;
  const distinguishable = separators.groupCount;
  const statesMax = distinguishable + extraStates;
  return {
    method,
    words: tree.words,
    symbols: tree.symbols,
    states,
    distinguishable,
    statesMax,
    claim: claimOf({ states, distinguishable, statesMax }),
    *[Symbol.iterator]() {
      for (let node = 1; node < tree.nodes; node += 1) {
        if (tree.isLeaf(node)) yield tree.word(node);
      }
    },
  };
}

function claimOf(counts: { states: number; distinguishable: number; statesMax: number }): string {
  const { states, distinguishable, statesMax } = counts;
  const counted =
    states === distinguishable
      ? `the specification has ${states}, all distinguishable`
      : `the specification has ${states}, of which ${distinguishable} are pairwise distinguishable`;
  return (
    'An implementation that is deterministic, is reset reliably, accepts every input where the ' +
    `specification defines it and answers to the defined words like a machine of at most ${statesMax} ` +
    `states (${counted}) passes if and only if it gives the specified outputs to every word that ` +
    'the specification defines.'
  );
}
