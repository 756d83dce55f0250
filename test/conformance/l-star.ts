import type { Mealy } from '../../model/index.js';
import { runWord } from '../../model/index.js';

/**
 * Plain L* (Angluin 1987) for Mealy machines, as a yardstick of how many inputs a learner asks.
 *
 * It is told counterexamples for nothing: a shortest word in which hypothesis and machine differ. Inputs that make
 * no sense are answered by a word of their own and cost nothing; no word is asked twice.
 */
export function plainLStar(mealy: Mealy): { readonly states: number; readonly symbols: number } {
  const width = mealy.inputs.length;
  const answers = new Map<string, string>();
  let symbols = 0;
  const ask = (word: readonly number[]): string => {
    const key = word.join();
    const known = answers.get(key);
    if (known !== undefined) return known;
    let sense = word.length;
    while (sense > 0 && runWord(mealy, word.slice(0, sense)) === undefined) sense -= 1;
    symbols += sense;
    const outputs = runWord(mealy, word.slice(0, sense))?.outputs ?? [];
    const answer = [...outputs, ...Array.from({ length: word.length - sense }, () => -1)].join();
    answers.set(key, answer);
    return answer;
  };
  const prefixes: (readonly number[])[] = [[]];
  const suffixes: (readonly number[])[] = Array.from({ length: width }, (_, input) => [input]);
  const rowOf = (prefix: readonly number[]): string =>
    suffixes
      .map((suffix) => {
        const outputs = ask([...prefix, ...suffix]).split(',');
        return outputs.slice(prefix.length).join();
      })
      .join(';');
  for (;;) {
    const rows = closed(prefixes, width, rowOf);
    const wrong = mistake(mealy, rows, rowOf);
    if (wrong === undefined) return { states: rows.size, symbols };
    // Every end of a counterexample becomes a suffix (Maler and Pnueli): the table stays consistent.
    for (let from = 0; from < wrong.length; from += 1) {
      const suffix = wrong.slice(from);
      if (!suffixes.some((one) => one.join() === suffix.join())) suffixes.push(suffix);
    }
  }
}

/** Adds prefixes until every successor has the row of one of them; the rows with their prefixes. */
function closed(
  prefixes: (readonly number[])[],
  width: number,
  rowOf: (prefix: readonly number[]) => string,
): Map<string, readonly number[]> {
  const rows = new Map<string, readonly number[]>();
  for (const prefix of prefixes) rows.set(rowOf(prefix), prefix);
  for (const prefix of prefixes) {
    for (let input = 0; input < width; input += 1) {
      const row = rowOf([...prefix, input]);
      if (rows.has(row)) continue;
      rows.set(row, [...prefix, input]);
      prefixes.push([...prefix, input]);
    }
  }
  return rows;
}

/** A shortest word that the hypothesis answers otherwise than the machine. */
function mistake(
  mealy: Mealy,
  rows: ReadonlyMap<string, readonly number[]>,
  rowOf: (prefix: readonly number[]) => string,
): readonly number[] | undefined {
  const width = mealy.inputs.length;
  const seen = new Set<string>();
  const queue: { state: number; row: string; word: readonly number[] }[] = [
    { state: 0, row: rowOf([]), word: [] },
  ];
  for (const { state, row, word } of queue) {
    const said = row.split(';');
    for (let input = 0; input < width; input += 1) {
      const place = state * width + input;
      const output = mealy.output[place] ?? -1;
      if (said[input] !== String(output)) return [...word, input];
      const next = mealy.next[place] ?? -1;
      if (next < 0) continue;
      const after = rowOf([...(rows.get(row) ?? []), input]);
      const key = `${next} ${after}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ state: next, row: after, word: [...word, input] });
    }
  }
  return undefined;
}
