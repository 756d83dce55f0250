import type { Mealy, Word } from './mealy.js';

/**
 * Words that tell states apart.
 *
 * Theory of operation. A word separates two states when both define it and their outputs differ;
 * states that some word separates are distinguishable, the others compatible (mealy.ts). The table
 * is filled by rounds: in round n every pair gets its first input whose outputs differ (n = 1) or
 * that leads to a pair of an earlier round. So the words that the table spells are shortest, and
 * among those they take the lowest input first. Where both inputs lead to one state nothing is
 * gained, and an input that either state does not define is no input of a separating word.
 *
 * Compatible states cannot be told apart by any test, so no suite can count them as two. Counting
 * needs sets of pairwise distinguishable states. They are taken from *groups*: the connected parts
 * of the relation "compatible". States of different groups are always distinguishable, so one state
 * of each group, whichever, makes such a set. Where compatibility is transitive, groups are its
 * classes and the sets are largest; where it is not, a group may hold distinguishable states and
 * the number of groups is less than could be counted.
 *
 * Sources: E. F. Moore (1956) and A. Gill (1962) for pairs; M. P. Vasilevskii (1973) and T. S. Chow,
 * Testing software design modeled by finite-state machines (1978), for the characterisation set;
 * A. Petrenko and N. Yevtushenko, Testing from partial deterministic FSM specifications, IEEE
 * Transactions on Computers 54 (2005), for what compatible states mean to testing.
 */

const statesMax = 6000;
const never = 0xffff;

/** Which states of a machine can be told apart, and by which shortest words. */
export class Separators {
  /** The machine whose states these are. */
  readonly mealy: Mealy;
  /** The group of each state; states of different groups are distinguishable. */
  readonly groups: Int32Array;
  /** How many groups there are: so many states can be chosen that are pairwise distinguishable. */
  readonly groupCount: number;
  /** At `one * states + other` the first input of a shortest separating word. */
  readonly #first: Uint16Array;

  /**
   * Fills the table.
   *
   * @throws RangeError beyond 6,000 states: the table has an entry for each pair
   */
  constructor(mealy: Mealy) {
    if (mealy.states > statesMax || mealy.inputs.length >= never) {
      throw new RangeError(
        `${mealy.states} states and ${mealy.inputs.length} inputs; the table of pairs takes ${statesMax} states and ${never - 1} inputs`,
      );
    }
    this.mealy = mealy;
    this.#first = firstInputs(mealy);
    const { groups, count } = this.#connected();
    this.groups = groups;
    this.groupCount = count;
  }

  /** Whether some word separates the two states. */
  distinguishable(one: number, other: number): boolean {
    return this.#first[one * this.mealy.states + other] !== never;
  }

  /** A shortest word that separates the two states, of several the lowest; undefined when none does. */
  word(one: number, other: number): number[] | undefined {
    if (!this.distinguishable(one, other)) return undefined;
    const { states, inputs, next, output } = this.mealy;
    const word: number[] = [];
    let [left, right] = [one, other];
    while (true) {
      const input = this.#first[left * states + right] ?? never;
      word.push(input);
      const [atLeft, atRight] = [left * inputs.length + input, right * inputs.length + input];
      if (output[atLeft] !== output[atRight]) return word;
      [left, right] = [next[atLeft] ?? 0, next[atRight] ?? 0];
    }
  }

  /** Every pair of different states that no word separates, the lower state first. */
  compatible(): readonly (readonly [number, number])[] {
    const pairs: [number, number][] = [];
    for (let one = 0; one < this.mealy.states; one += 1) {
      for (let other = one + 1; other < this.mealy.states; other += 1) {
        if (!this.distinguishable(one, other)) pairs.push([one, other]);
      }
    }
    return pairs;
  }

  #connected(): { groups: Int32Array; count: number } {
    const { states } = this.mealy;
    const groups = new Int32Array(states).fill(-1);
    let count = 0;
    for (let root = 0; root < states; root += 1) {
      if (groups[root] !== -1) continue;
      const members = [root];
      groups[root] = count;
      for (const member of members) {
        for (let other = root + 1; other < states; other += 1) {
          if (groups[other] !== -1 || this.distinguishable(member, other)) continue;
          groups[other] = count;
          members.push(other);
        }
      }
      count += 1;
    }
    return { groups, count };
  }
}

function firstInputs(mealy: Mealy): Uint16Array {
  const { states } = mealy;
  const first = new Uint16Array(states * states).fill(never);
  let waiting: number[] = [];
  for (let one = 0; one < states; one += 1) {
    for (let other = one + 1; other < states; other += 1) {
      const input = differing(mealy, one, other);
      if (input === never) waiting.push(one * states + other);
      else first[one * states + other] = first[other * states + one] = input;
    }
  }
  while (true) {
    // What a round finds is entered after the round, or words would not be shortest.
    const found: number[] = [];
    const rest: number[] = [];
    for (const pair of waiting) {
      const input = leading(mealy, first, Math.floor(pair / states), pair % states);
      if (input === never) rest.push(pair);
      else found.push(pair, input);
    }
    if (found.length === 0) return first;
    for (let nth = 0; nth < found.length; nth += 2) {
      const [pair = 0, input = never] = [found[nth], found[nth + 1]];
      first[pair] = first[(pair % states) * states + Math.floor(pair / states)] = input;
    }
    waiting = rest;
  }
}

/** The first input that both define and answer differently. */
function differing({ inputs, output }: Mealy, one: number, other: number): number {
  const width = inputs.length;
  for (let input = 0; input < width; input += 1) {
    const left = output[one * width + input] ?? -1;
    const right = output[other * width + input] ?? -1;
    if (left !== right && left >= 0 && right >= 0) return input;
  }
  return never;
}

/** The first input that leads from a pair to one that is separated already. */
function leading(mealy: Mealy, first: Uint16Array, one: number, other: number): number {
  const { states, inputs, next } = mealy;
  const width = inputs.length;
  for (let input = 0; input < width; input += 1) {
    const left = next[one * width + input] ?? -1;
    const right = next[other * width + input] ?? -1;
    if (left >= 0 && right >= 0 && first[left * states + right] !== never) return input;
  }
  return never;
}

/**
 * The length of the shortest prefix that separates two states; 0 when the word does not.
 *
 * The word may go on beyond that with inputs that one of them does not define.
 */
export function separatedAfter(mealy: Mealy, word: Word, one: number, other: number): number {
  const { inputs, next, output } = mealy;
  let [left, right] = [one, other];
  for (let nth = 0; nth < word.length; nth += 1) {
    if (left === right) return 0;
    const atLeft = left * inputs.length + (word[nth] ?? 0);
    const atRight = right * inputs.length + (word[nth] ?? 0);
    [left, right] = [next[atLeft] ?? -1, next[atRight] ?? -1];
    if (left < 0 || right < 0) return 0;
    if (output[atLeft] !== output[atRight]) return nth + 1;
  }
  return 0;
}

/**
 * A characterisation set W: for every two distinguishable states it holds a word that separates them.
 *
 * A state that does not define a whole word is given the longest prefix that it defines; a pair's
 * separating prefix is always within that. Chosen greedily in the order of pairs, not the smallest.
 *
 * Source: T. S. Chow (1978).
 */
export function characterisationSet(separators: Separators): readonly Word[] {
  const { mealy } = separators;
  const set: Word[] = [];
  for (let one = 0; one < mealy.states; one += 1) {
    for (let other = one + 1; other < mealy.states; other += 1) {
      if (set.some((word) => separatedAfter(mealy, word, one, other) > 0)) continue;
      const word = separators.word(one, other);
      if (word !== undefined) set.push(word);
    }
  }
  return set;
}
