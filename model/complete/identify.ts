import type { Mealy, Word } from './mealy.js';
import type { Separators } from './separate.js';
import { separatedAfter } from './separate.js';

/**
 * Harmonised state identifiers: for each state a few words that tell it from every other.
 *
 * Theory of operation. Identifiers are *harmonised* when for every two distinguishable states some
 * word of the one and some word of the other begin alike, with a beginning that separates the two.
 * Without that the outputs of two states to their own identifiers cannot be compared, and suites
 * built on them miss faults.
 *
 * They are grown from blocks of states that nothing has separated yet. A block is asked a letter, or
 * a short word, that all its members define and that splits it by the outputs. As long as no two
 * members of different groups come together in a state of one group with equal outputs, the word can
 * go on from there: few long words instead of many short ones, for every word costs the way to its
 * state again. Where no such continuation is found the word ends and the block starts afresh; where
 * not even a first letter is found, the block is split by a shortest separating word of two members,
 * and whoever does not define it is put aside. That may leave pairs without a common beginning, so
 * at the end every pair is checked and given its shortest word where it has none.
 *
 * Sources: A. Petrenko, N. Yevtushenko, A. Lebedev and A. Das, Nondeterministic state machines in
 * protocol conformance testing (1993), for the identifiers; D. Lee and M. Yannakakis, Testing
 * finite-state machines: state identification and verification (1994), for splitting trees and for
 * when a letter may be asked.
 */

/** How many words of several letters are tried to go on with a block. */
const candidatesMax = 8;

/** A part of a block that answered alike: its members, and the states they are in now. */
interface Part {
  readonly members: readonly number[];
  readonly currents: readonly number[];
}

/** The harmonised identifiers of each state, in the order in which they are to be applied. */
export function identifiers(separators: Separators): readonly (readonly Word[])[] {
  const { mealy } = separators;
  const sets: number[][][] = Array.from({ length: mealy.states }, () => []);
  const all = Array.from({ length: mealy.states }, (_, state) => state);
  // Blocks that wait to be split, each with the word that brought them so far.
  const blocks: (Part & { readonly word: readonly number[] })[] = [
    { members: all, currents: all, word: [] },
  ];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    const { members, word } = block;
    const settled = inOneGroup(separators, members);
    const found = settled ? undefined : continuation(separators, block);
    if (found !== undefined) {
      const longer = [...word, ...found.letters];
      for (const part of found.parts) blocks.push({ ...part, word: longer });
      continue;
    }
    if (word.length > 0) for (const member of members) sets[member]?.push([...word]);
    if (settled) continue;
    if (word.length > 0) blocks.push({ members, currents: members, word: [] });
    else blocks.push(...splitByPair(separators, members, sets));
  }
  harmonise(separators, sets);
  return sets;
}

function inOneGroup({ groups }: Separators, members: readonly number[]): boolean {
  return members.every((member) => groups[member] === groups[members[0] ?? 0]);
}

/** Letters to go on with: the best single one, or else a separating word of two members. */
function continuation(
  separators: Separators,
  block: Part,
): { letters: readonly number[]; parts: readonly Part[] } | undefined {
  const { mealy } = separators;
  let best: { letters: readonly number[]; parts: readonly Part[] } | undefined;
  let least = Infinity;
  for (let input = 0; input < mealy.inputs.length; input += 1) {
    const parts = split(separators, block, [input]);
    const size = parts?.reduce((sum, { members }) => sum + members.length ** 2, 0) ?? Infinity;
    if (parts !== undefined && size < least) [best, least] = [{ letters: [input], parts }, size];
  }
  if (best !== undefined) return best;
  const tried = new Set<string>();
  const first = block.currents[0] ?? 0;
  for (const current of block.currents) {
    const letters = separators.word(first, current);
    if (letters === undefined || tried.has(letters.join())) continue;
    const parts = split(separators, block, letters);
    if (parts !== undefined) return { letters, parts };
    if (tried.add(letters.join()).size === candidatesMax) break;
  }
  return undefined;
}

/**
 * The parts of a block by its outputs to some letters.
 *
 * @returns undefined unless all define them, they split, and nothing is lost by them
 */
function split(
  { mealy, groups }: Separators,
  { members, currents }: Part,
  letters: readonly number[],
): Part[] | undefined {
  const parts = new Map<string, { members: number[]; currents: number[] }>();
  // The group that those were of who gave these outputs and arrived in that group.
  const origins = new Map<string, number>();
  for (const [nth, member] of members.entries()) {
    const answered = answer(mealy, currents[nth] ?? 0, letters);
    if (answered === undefined) return undefined;
    const { outputs, state } = answered;
    const arrived = `${outputs}/${groups[state] ?? 0}`;
    const group = groups[member] ?? 0;
    if ((origins.get(arrived) ?? group) !== group) return undefined;
    origins.set(arrived, group);
    const part = parts.get(outputs) ?? { members: [], currents: [] };
    part.members.push(member);
    part.currents.push(state);
    parts.set(outputs, part);
  }
  return parts.size > 1 ? [...parts.values()] : undefined;
}

/** The state after some letters, and their outputs in one string; undefined where not defined. */
function answer(mealy: Mealy, from: number, letters: readonly number[]) {
  let state = from;
  let outputs = '';
  for (const letter of letters) {
    const place = state * mealy.inputs.length + letter;
    state = mealy.next[place] ?? -1;
    if (state < 0) return undefined;
    outputs += `,${mealy.output[place] ?? 0}`;
  }
  return { state, outputs };
}

/** Splits a block by the separating word of two members, which those who define it get. */
function splitByPair(separators: Separators, members: readonly number[], sets: number[][][]) {
  const { mealy, groups } = separators;
  const [one = 0] = members;
  const other = members.find((member) => groups[member] !== groups[one]) ?? one;
  const word = separators.word(one, other) ?? [];
  const parts = new Map<string | undefined, number[]>();
  for (const member of members) {
    const outputs = answer(mealy, member, word)?.outputs;
    const part = parts.get(outputs) ?? [];
    part.push(member);
    parts.set(outputs, part);
    if (outputs !== undefined) sets[member]?.push(word);
  }
  return [...parts.values()].map((part) => ({ members: part, currents: part, word: [] }));
}

/** Gives every two distinguishable states a common beginning that separates them. */
function harmonise(separators: Separators, sets: number[][][]): void {
  sets.forEach((own, one) => {
    for (let other = one + 1; other < sets.length; other += 1) {
      const theirs = sets[other] ?? [];
      if (commonBeginning(separators.mealy, own, theirs, { one, other }) !== undefined) continue;
      const word = separators.word(one, other);
      if (word === undefined) continue;
      own.push(word);
      theirs.push(word);
    }
  });
}

/** The shortest beginning common to a word of each of two sets that separates the two states. */
export function commonBeginning(
  mealy: Mealy,
  own: readonly Word[],
  theirs: readonly Word[],
  { one, other }: { readonly one: number; readonly other: number },
): Word | undefined {
  let best: Word | undefined;
  for (const word of own) {
    const length = separatedAfter(mealy, word, one, other);
    if (length === 0 || (best !== undefined && best.length <= length)) continue;
    const shared = theirs.some((their) => {
      for (let nth = 0; nth < length; nth += 1) if (their[nth] !== word[nth]) return false;
      return true;
    });
    if (shared) best = Array.from(word).slice(0, length);
  }
  return best;
}
