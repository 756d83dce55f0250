import { describe, expect, it } from 'vitest';
import type { Mealy, Method, Word } from '../../model/index.js';
import { completeSuite, minimal, runWord, Separators, SuiteTooLarge } from '../../model/index.js';
import { identifiers } from '../../model/complete/identify.js';

/** Complete suites, held against every implementation that they must find. */

const methods: readonly Method[] = ['w', 'hsi', 'h'];

/** A generator of numbers with a seed (mulberry32). */
function dice(from: number): (sides: number) => number {
  let state = from;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** A machine from rows of `to/output`, `-` where an input is not sent. */
function machine(...rows: readonly string[]): Mealy {
  const cells = rows.map((row) => row.split(' '));
  const flat = cells.flat().map((cell) => (cell === '-' ? [-1, -1] : cell.split('/').map(Number)));
  return {
    states: rows.length,
    inputs: (cells[0] ?? []).map((_, nth) => `i${nth}`),
    outputs: ['o0', 'o1'],
    next: Int32Array.from(flat.map(([to = -1]) => to)),
    output: Int32Array.from(flat.map(([, what = -1]) => what)),
  };
}

/** A random machine with two inputs and two outputs; of 100 inputs so many are not sent. */
function randomMachine(roll: (sides: number) => number, states: number, unsent: number): Mealy {
  const cell = () => (roll(100) < unsent ? '-' : `${roll(states)}/${roll(2)}`);
  return machine(...Array.from({ length: states }, () => `${cell()} ${cell()}`));
}

/** Random machines that are what they should be: minimal, with so many groups of states. */
function specifications(wanted: {
  readonly seed: number;
  readonly count: number;
  readonly states: number;
  readonly groups: number;
  readonly unsent: number;
  /** Some two states are to need a separating word of so many inputs. */
  readonly length?: number;
}): readonly Mealy[] {
  const roll = dice(wanted.seed);
  const found: Mealy[] = [];
  while (found.length < wanted.count) {
    const drawn = randomMachine(roll, wanted.states, wanted.unsent);
    const { mealy } = minimal(drawn);
    if (mealy.states !== wanted.states) continue;
    const separators = new Separators(mealy);
    if (separators.groupCount !== wanted.groups) continue;
    const states = Array.from({ length: mealy.states }, (_, state) => state);
    const lengths = states.flatMap((one) =>
      states.map((other) => separators.word(one, other)?.length ?? 0),
    );
    if (Math.max(...lengths) >= (wanted.length ?? 0)) found.push(mealy);
  }
  return found;
}

/** An implementation: complete, as many states as `next.length / 2`, two inputs. */
interface Implementation {
  readonly next: number[];
  readonly output: number[];
}

/** Calls back with every complete machine of so many states; the arrays are reused. */
function everyImplementation(states: number, visit: (one: Implementation) => void): number {
  const cells = states * 2;
  const one = { next: Array<number>(cells).fill(0), output: Array<number>(cells).fill(0) };
  const digits = Array<number>(cells).fill(0);
  for (let count = 1; ; count += 1) {
    visit(one);
    let place = 0;
    while (place < cells && digits[place] === states * 2 - 1) {
      digits[place] = one.next[place] = one.output[place] = 0;
      place += 1;
    }
    if (place === cells) return count;
    const digit = (digits[place] ?? 0) + 1;
    digits[place] = digit;
    one.next[place] = digit >> 1;
    one.output[place] = digit & 1;
  }
}

function sampled(states: number, count: number, roll: (sides: number) => number) {
  const cells = Array.from({ length: states * 2 });
  return Array.from({ length: count }, (): Implementation => ({
    next: cells.map(() => roll(states)),
    output: cells.map(() => roll(2)),
  }));
}

/** Whether an implementation answers to every word as specified, decided on the product. */
function isQuasiEquivalent(specification: Mealy, one: Implementation): boolean {
  const width = specification.inputs.length;
  const size = one.next.length / width;
  const queue = [0];
  const seen = new Uint8Array(specification.states * size);
  for (const pair of queue) {
    const [left, right] = [Math.floor(pair / size), pair % size];
    for (let input = 0; input < width; input += 1) {
      const to = specification.next[left * width + input] ?? -1;
      if (to < 0) continue;
      const at = right * width + input;
      if (one.output[at] !== specification.output[left * width + input]) return false;
      const next = to * size + (one.next[at] ?? 0);
      if (seen[next] === 1) continue;
      seen[next] = 1;
      queue.push(next);
    }
  }
  return true;
}

interface Expected {
  readonly word: Word;
  readonly outputs: readonly number[];
}

const expectedOf = (specification: Mealy, words: Iterable<Word>): readonly Expected[] =>
  Array.from(words, (word) => ({ word, outputs: runWord(specification, word)?.outputs ?? [] }));

/** Whether an implementation, given the words and nothing else, answers to each as expected. */
function passes(suite: readonly Expected[], one: Implementation, width = 2): boolean {
  return suite.every(({ word, outputs }) => {
    let state = 0;
    for (let nth = 0; nth < word.length; nth += 1) {
      const at = state * width + (word[nth] ?? 0);
      if (one.output[at] !== outputs[nth]) return false;
      state = one.next[at] ?? 0;
    }
    return true;
  });
}

/** How many implementations a suite passes though they are wrong. Right ones must pass. */
function survivors(specification: Mealy, words: Iterable<Word>, states: number) {
  const suite = expectedOf(specification, words);
  let [wrong, survived] = [0, 0];
  everyImplementation(states, (one) => {
    const right = isQuasiEquivalent(specification, one);
    const passed = passes(suite, one);
    if (right && !passed) throw new Error('a right implementation does not pass');
    if (!right) wrong += 1;
    if (!right && passed) survived += 1;
  });
  return { wrong, survived };
}

/**
 * Whether some machine of at most so many states passes the words and is wrong, by a search that
 * settles a transition only when a word comes to it. It decides what the enumeration decides, and
 * reaches machines that are too many to enumerate.
 */
function someSurvives(specification: Mealy, words: Iterable<Word>, states: number): boolean {
  const suite = expectedOf(specification, words);
  const width = specification.inputs.length;
  const one = {
    next: Array<number>(states * width).fill(0),
    output: Array<number>(states * width).fill(-1),
  };
  const search = (nth: number, position: number, state: number, used: number): boolean => {
    const { word, outputs } = suite[nth] ?? { word: [], outputs: [] };
    if (nth === suite.length) return !isQuasiEquivalent(specification, one);
    if (position === word.length) return search(nth + 1, 0, 0, used);
    const at = state * width + (word[position] ?? 0);
    const settled = one.output[at] ?? -1;
    if (settled >= 0 && settled !== outputs[position]) return false;
    if (settled >= 0) return search(nth, position + 1, one.next[at] ?? 0, used);
    one.output[at] = outputs[position] ?? -1;
    for (let to = 0; to <= Math.min(used, states - 1); to += 1) {
      one.next[at] = to;
      if (search(nth, position + 1, to, Math.max(used, to + 1))) return true;
    }
    one.output[at] = -1;
    return false;
  };
  return search(0, 0, 0, 1);
}

describe('a complete suite', () => {
  // states, groups, extra states, of 100 inputs so many unsent, machines
  it.each([
    [1, 1, 0, 0, 4],
    [1, 1, 1, 0, 4],
    [1, 1, 2, 0, 4],
    [2, 2, 0, 0, 100],
    [2, 2, 0, 25, 100],
    [2, 2, 1, 0, 60],
    [2, 2, 1, 25, 60],
    [3, 3, 0, 0, 60],
    [3, 3, 0, 15, 60],
    [2, 1, 1, 30, 40],
    [3, 2, 0, 30, 60],
    [3, 2, 1, 30, 60],
    [4, 3, 0, 25, 30],
    [5, 2, 1, 30, 30],
    [3, 1, 2, 40, 20],
  ])(
    'of %i states, %i groups and %i extra states finds every wrong machine of so many states, %i in 100 inputs unsent',
    (states, groups, extraStates, unsent, count) => {
      for (const one of specifications({ seed: 7, count, states, groups, unsent })) {
        for (const method of methods) {
          const suite = completeSuite(one, { method, extraStates });
          expect(suite.statesMax).toBe(groups + extraStates);
          const { wrong, survived } = survivors(one, suite, suite.statesMax);
          expect([method, survived]).toEqual([method, 0]);
          expect(wrong).toBeGreaterThan(0);
        }
      }
    },
  );

  // states, groups, extra states, of 100 inputs so many unsent, letters to separate, machines
  it.each([
    [3, 3, 0, 30, 2, 1500],
    [4, 4, 0, 45, 2, 300],
    [5, 5, 0, 30, 4, 50],
    [6, 5, 0, 40, 2, 100],
    [3, 3, 1, 0, 2, 100],
    [3, 3, 1, 15, 2, 100],
    [4, 4, 1, 15, 2, 50],
    [5, 4, 1, 40, 2, 100],
    [3, 3, 2, 0, 2, 10],
  ])(
    'of %i states, %i groups and %i extra states leaves no wrong machine by search (%i in 100 inputs unsent)',
    (states, groups, extraStates, unsent, length, count) => {
      for (const one of specifications({ seed: 99, count, states, groups, unsent, length })) {
        for (const method of methods) {
          const suite = completeSuite(one, { method, extraStates });
          expect([method, someSurvives(one, suite, suite.statesMax)]).toEqual([method, false]);
        }
      }
    },
  );

  it.each([
    [3, 1, 0],
    [3, 1, 15],
    [4, 0, 15],
    [2, 2, 20],
  ])(
    'of %i states and %i extra states judges 20,000 sampled machines of four rightly (%i in 100 inputs unsent)',
    (states, extraStates, unsent) => {
      const roll = dice(11);
      const wanted = { seed: 5, count: 4, states, groups: states, unsent };
      for (const one of specifications(wanted)) {
        const suites = methods.map((method) =>
          expectedOf(one, completeSuite(one, { method, extraStates })),
        );
        for (const implementation of sampled(4, 5000, roll)) {
          const right = isQuasiEquivalent(one, implementation);
          const judged = suites.map((suite) => passes(suite, implementation));
          expect(judged).toEqual([right, right, right]);
        }
      }
    },
  );
});

/** The way to each state, the state and each input after it: the transitions, not their targets. */
function transitionCover(mealy: Mealy): number[][] {
  const ways: number[][] = [[]];
  const order = [0];
  const words: number[][] = [];
  for (const state of order) {
    for (let input = 0; input < mealy.inputs.length; input += 1) {
      const to = mealy.next[state * mealy.inputs.length + input] ?? -1;
      if (to < 0) continue;
      const word = [...(ways[state] ?? []), input];
      words.push(word);
      if (ways[to] !== undefined) continue;
      ways[to] = word;
      order.push(to);
    }
  }
  return words;
}

/** Words with more words after them, as far as they are defined. */
function followed(mealy: Mealy, words: readonly Word[], by: (state: number) => readonly Word[]) {
  return words.flatMap((word) =>
    by(runWord(mealy, word)?.state ?? 0).map((after) => {
      const longer = [...Array.from(word), ...Array.from(after)];
      while (runWord(mealy, longer) === undefined) longer.pop();
      return longer;
    }),
  );
}

/** The machine with its two inputs exchanged. */
function mirrored({ next, output, ...rest }: Mealy): Mealy {
  const exchange = (cells: Int32Array) => cells.map((_, place) => cells[place ^ 1] ?? -1);
  return { ...rest, next: exchange(next), output: exchange(output) };
}

describe('a shortcut', () => {
  const count = (wanted: Parameters<typeof specifications>[0], states: number, shortcut: (one: Mealy) => Word[]) =>
    specifications(wanted).reduce(
      (sum, one) => {
        const { wrong, survived } = survivors(one, shortcut(one), states);
        return { wrong: sum.wrong + wrong, survived: sum.survived + survived };
      },
      { wrong: 0, survived: 0 },
    ); // prettier-ignore

  it('that covers the transitions and does not identify their targets misses wrong machines', () => {
    const wanted = { seed: 7, count: 20, states: 3, groups: 3, unsent: 0 };
    const searched = specifications(wanted).map((one) =>
      someSurvives(one, transitionCover(one), 3),
    );
    expect(searched).toContain(true);
    // The search and the enumeration agree on every one of them.
    const enumerated = specifications(wanted).map(
      (one) => survivors(one, transitionCover(one), 3).survived > 0,
    );
    expect(searched).toEqual(enumerated);
    expect(count(wanted, 3, transitionCover)).toEqual({ wrong: 933_080, survived: 7736 });
  });

  it('that identifies states by words that are not harmonised misses wrong machines', () => {
    const wanted = { seed: 7, count: 60, states: 3, groups: 3, unsent: 0 };
    const unharmonised = (one: Mealy) => {
      // Every second state prefers the higher input, so that two states may share no word.
      const choices = [one, mirrored(one)].map((mealy) => new Separators(mealy));
      const identify = (state: number): Word[] =>
        Array.from({ length: one.states }, (_, other) => {
          const word = choices[state % 2]?.word(state, other) ?? [];
          return state % 2 === 0 ? word : word.map((input) => 1 - input);
        });
      return followed(one, [[], ...transitionCover(one)], (state) => [[], ...identify(state)]);
    };
    expect(count(wanted, 3, unharmonised)).toEqual({ wrong: 2_799_240, survived: 24 });
  });

  it('that counts compatible states as one and stops after a fixed length misses wrong machines', () => {
    const wanted = { seed: 7, count: 60, states: 4, groups: 2, unsent: 35 };
    const fixed = (one: Mealy) => {
      const sets = identifiers(new Separators(one));
      const letters = one.inputs.map((_, input) => [input]);
      const once = [[], ...transitionCover(one)];
      const twice = followed(one, once, () => letters);
      return followed(one, [...once, ...twice], (state) => [[], ...(sets[state] ?? [])]);
    };
    expect(count(wanted, 3, fixed)).toEqual({ wrong: 2_792_988, survived: 350 });
  });
});

describe('a Mealy machine', () => {
  it('merges states only when they define the same words and answer alike', () => {
    const twins = minimal(machine('1/0 2/0', '0/1 1/0', '0/1 2/0'));
    expect([twins.mealy.states, [...twins.stateOf]]).toEqual([2, [0, 1, 1]]);
    // State 2 is not sent the second input: it may be the same as state 1, and is not made the same.
    const partial = machine('1/0 2/0', '0/1 1/0', '0/1 -');
    expect(minimal(partial).mealy.states).toBe(3);
    expect(new Separators(partial).compatible()).toEqual([[1, 2]]);
  });

  it('leaves out what cannot be reached', () => {
    const { mealy, stateOf } = minimal(machine('2/0 0/0', '0/1 1/1', '0/1 2/0'));
    expect([mealy.states, [...stateOf]]).toEqual([2, [0, -1, 1]]);
  });

  it('puts states in one group that a chain of compatible states joins', () => {
    // States 1 and 2 are distinguishable, and state 3 is compatible with both.
    const separators = new Separators(machine('1/0 2/1 3/1', '0/0 - 0/0', '0/1 - 0/0', '- - 0/0'));
    expect(separators.distinguishable(1, 2)).toBe(true);
    expect(separators.compatible()).toEqual([[1, 3], [2, 3]]); // prettier-ignore
    expect(separators.groupCount).toBe(2);
  });

  it('separates by shortest words, and never by inputs that one of the states is not sent', () => {
    const separators = new Separators(machine('1/0 0/0', '2/0 -', '2/1 0/1'));
    expect(separators.word(0, 1)).toEqual([0, 0]);
    expect(separators.word(0, 2)).toEqual([0]);
    expect(separators.word(1, 1)).toBeUndefined();
  });

  it('is refused when its arrays do not fit', () => {
    const good = machine('0/0 0/1');
    const suite = (mealy: Mealy) => completeSuite(mealy, { method: 'h', extraStates: 0 });
    expect(() => suite({ ...good, states: 2 })).toThrow('2 states and 2 inputs need 4 entries');
    const wild = { ...good, next: Int32Array.of(0, 3) };
    expect(() => suite(wild)).toThrow('entry 1 leads to state 3 with output 1');
  });
});

describe('the words of a suite', () => {
  it('meet a limit by name', () => {
    const [one = machine('0/0 0/1')] = specifications({ seed: 1, count: 1, states: 4, groups: 4, unsent: 0 });
    const make = (extraStates: number) => () =>
      completeSuite(one, { method: 'w', extraStates, symbolsMax: 200 });
    expect(make(0)().symbols).toBeLessThanOrEqual(200);
    expect(make(4)).toThrow(SuiteTooLarge);
    expect(make(4)).toThrow('the suite for 4 states and 2 inputs has more than 200 symbols');
    expect(make(9)).toThrow('9 extra states are outside 0 to 8');
  }); // prettier-ignore

  it('come in the same order each time, and say what they are good for', () => {
    const partial = machine('1/0 2/0', '0/1 1/0', '0/1 -');
    const make = () => completeSuite(partial, { method: 'h', extraStates: 1 });
    expect([...make()]).toEqual([...make()]);
    expect(make().claim).toContain(
      'at most 3 states (the specification has 3, of which 2 are pairwise distinguishable)',
    );
  });
});
