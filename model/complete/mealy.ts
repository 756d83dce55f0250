/**
 * Deterministic Mealy machines that may be partial, as flat arrays of numbers.
 *
 * Theory of operation. State 0 is the initial state. An input that a state does not define is one
 * that nobody sends there: the specification says nothing about it, and no test may use it. A word
 * is *defined* in a state when each of its inputs is defined where it is sent. Two states are
 *
 * - *equivalent* when they define the same words and give the same outputs to each; only those are
 *   merged by `minimal`, for a machine with them merged says exactly what it said before;
 * - *distinguishable* when some word that is defined in both gives different outputs (separate.ts);
 * - *compatible* when they are not distinguishable. Equivalent states are compatible; compatible
 *   states of a complete machine are equivalent; in a partial machine they need not be, and
 *   compatibility is not even transitive. Compatible states with different defined words are never
 *   merged here: the merged state would define words that one of them does not.
 *
 * An implementation is *quasi-equivalent* to a machine when it gives the same outputs to every word
 * that the machine defines.
 *
 * Sources: S. Gill, Introduction to the Theory of Finite-State Machines (1962), chapter 7, for
 * compatible states and quasi-equivalence; E. F. Moore, Gedanken-experiments on sequential machines
 * (1956), for the refinement of partitions.
 */

/** A deterministic Mealy machine; see the file head. State 0 is the initial state. */
export interface Mealy {
  /** How many states there are. */
  readonly states: number;
  /** The names of the inputs; a word holds their numbers. */
  readonly inputs: readonly string[];
  /** The names of the outputs. */
  readonly outputs: readonly string[];
  /** At `state * inputs.length + input` the next state, or -1 where the input is not sent. */
  readonly next: Int32Array;
  /** At the same place the number of the output, or -1 where the input is not sent. */
  readonly output: Int32Array;
}

/** A sequence of inputs, by their numbers. */
export type Word = ArrayLike<number>;

/** Where a word leads and what it is answered. */
export interface Run {
  /** The state after the word. */
  readonly state: number;
  /** The number of the output to each input of the word. */
  readonly outputs: readonly number[];
}

/**
 * Runs a word, from the initial state unless another is named.
 *
 * @returns undefined when the word is not defined there
 */
export function runWord(mealy: Mealy, word: Word, from = 0): Run | undefined {
  const outputs: number[] = [];
  let state = from;
  for (let nth = 0; nth < word.length; nth += 1) {
    const place = state * mealy.inputs.length + (word[nth] ?? 0);
    const next = mealy.next[place] ?? -1;
    if (next < 0) return undefined;
    outputs.push(mealy.output[place] ?? -1);
    state = next;
  }
  return { state, outputs };
}

/** Checks that the arrays fit each other; everything else in this folder relies on it. */
export function assertMealy({ states, inputs, outputs, next, output }: Mealy): void {
  const size = states * inputs.length;
  if (states < 1 || next.length !== size || output.length !== size) {
    throw new RangeError(
      `${states} states and ${inputs.length} inputs need ${size} entries, found ${next.length} and ${output.length}`,
    );
  }
  for (let place = 0; place < size; place += 1) {
    const to = next[place] ?? -1;
    const what = output[place] ?? -1;
    const defined = to >= 0 && to < states && what >= 0 && what < outputs.length;
    if (!defined && !(to === -1 && what === -1)) {
      throw new RangeError(`entry ${place} leads to state ${to} with output ${what}`);
    }
  }
}

/** A machine made from another, and where the states of the other went: -1 for those left out. */
export interface Made {
  readonly mealy: Mealy;
  readonly stateOf: Int32Array;
}

/** The reachable part of a machine, its states numbered in breadth-first order. */
export function reachable(mealy: Mealy): Made {
  const width = mealy.inputs.length;
  const stateOf = new Int32Array(mealy.states).fill(-1);
  const order = [0];
  stateOf[0] = 0;
  for (const state of order) {
    for (let input = 0; input < width; input += 1) {
      const to = mealy.next[state * width + input] ?? -1;
      if (to < 0 || stateOf[to] !== -1) continue;
      stateOf[to] = order.length;
      order.push(to);
    }
  }
  return { mealy: renamed(mealy, order, stateOf), stateOf };
}

/**
 * The reachable part with equivalent states merged, its states numbered in breadth-first order.
 *
 * States that are merely compatible stay apart; see the file head.
 */
export function minimal(mealy: Mealy): Made {
  const trimmed = reachable(mealy);
  const blocks = equivalence(trimmed.mealy);
  const first: number[] = [];
  blocks.forEach((block, state) => {
    first[block] ??= state;
  });
  // A block is numbered when its first state is met, so the order stays breadth-first.
  const stateOf = trimmed.stateOf.map((state) => (state < 0 ? -1 : (blocks[state] ?? -1)));
  return { mealy: renamed(trimmed.mealy, first, blocks), stateOf };
}

/** The block of each state in the coarsest partition into equivalent states, by Moore's refinement. */
function equivalence({ states, inputs, next, output }: Mealy): Int32Array {
  const width = inputs.length;
  let blocks = new Int32Array(states);
  let count = 1;
  while (true) {
    const numbers = new Map<string, number>();
    const refined = new Int32Array(states);
    for (let state = 0; state < states; state += 1) {
      let signature = `${blocks[state] ?? 0}`;
      for (let place = state * width; place < (state + 1) * width; place += 1) {
        const to = next[place] ?? -1;
        signature += to < 0 ? ';' : `;${output[place] ?? -1},${blocks[to] ?? 0}`;
      }
      const known = numbers.get(signature) ?? numbers.size;
      numbers.set(signature, known);
      refined[state] = known;
    }
    if (numbers.size === count) return refined;
    count = numbers.size;
    blocks = refined;
  }
}

/** The machine on some of the states, in this order, with the states renamed. */
function renamed(mealy: Mealy, order: readonly number[], stateOf: Int32Array): Mealy {
  const width = mealy.inputs.length;
  const next = new Int32Array(order.length * width).fill(-1);
  const output = new Int32Array(order.length * width).fill(-1);
  order.forEach((state, number) => {
    for (let input = 0; input < width; input += 1) {
      const to = mealy.next[state * width + input] ?? -1;
      if (to < 0) continue;
      next[number * width + input] = stateOf[to] ?? -1;
      output[number * width + input] = mealy.output[state * width + input] ?? -1;
    }
  });
  return { states: order.length, inputs: mealy.inputs, outputs: mealy.outputs, next, output };
}
