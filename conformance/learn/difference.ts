import type { Mealy } from '../../model/index.js';

/** How two machines over the same inputs differ. */

/** What an input gives in the one machine and in the other; absent where it makes no sense. */
export interface Deviation {
  readonly kind: 'changed' | 'missing' | 'extra';
  /** A state of the learnt machine and one of the model that it was taken for. */
  readonly state: number;
  readonly input: number;
  readonly learnt: Turn | undefined;
  readonly model: Turn | undefined;
}

/** An output and the state that follows. */
export interface Turn {
  readonly output: string;
  readonly to: number;
}

/** The comparison of a learnt machine with the model. */
export interface Comparison {
  /** Whether they are the same but for the numbers of their states. */
  readonly isSame: boolean;
  /** A shortest word that both answer differently; what each says to its last input. */
  readonly shortest:
    | { readonly word: readonly number[]; readonly learnt: string; readonly model: string }
    | undefined;
  readonly deviations: readonly Deviation[];
}

const senseless = 'makes no sense';

/** Compares two machines, from their first states on, breadth first. */
export function compareMachines(learnt: Mealy, model: Mealy): Comparison {
  const twins = new Map<number, number>([[0, 0]]);
  const queue: { state: number; twin: number; word: readonly number[] }[] = [
    { state: 0, twin: 0, word: [] },
  ];
  const seen = new Set(['0 0']);
  const deviations: Deviation[] = [];
  let shortest: Comparison['shortest'];
  let isOneToOne = true;
  for (const { state, twin, word } of queue) {
    for (let input = 0; input < learnt.inputs.length; input += 1) {
      const [ours, theirs] = [turnOf(learnt, state, input), turnOf(model, twin, input)];
      if (ours === undefined && theirs === undefined) continue;
      const isSame = ours?.output === theirs?.output;
      if (!isSame) {
        const kind = ours === undefined ? 'missing' : theirs === undefined ? 'extra' : 'changed';
        if (twins.get(state) === twin) {
          deviations.push({ kind, state, input, learnt: ours, model: theirs });
        }
        shortest ??= {
          word: [...word, input],
          learnt: ours?.output ?? senseless,
          model: theirs?.output ?? senseless,
        };
      }
      if (ours === undefined || theirs === undefined) continue;
      const known = twins.get(ours.to);
      if (known === undefined) twins.set(ours.to, theirs.to);
      else if (known !== theirs.to) {
        isOneToOne = false;
        if (isSame && twins.get(state) === twin) {
          deviations.push({ kind: 'changed', state, input, learnt: ours, model: theirs });
        }
      }
      const key = `${ours.to} ${theirs.to}`;
      // Beyond the first difference everything is another matter.
      if (seen.has(key) || !isSame) continue;
      seen.add(key);
      queue.push({ state: ours.to, twin: theirs.to, word: [...word, input] });
    }
  }
  const isSame = shortest === undefined && isOneToOne && learnt.states === model.states;
  return { isSame, shortest, deviations };
}

/** What an input gives in a state, if it makes sense there. */
export function turnOf(mealy: Mealy, state: number, input: number): Turn | undefined {
  const place = state * mealy.inputs.length + input;
  const to = mealy.next[place] ?? -1;
  const output = mealy.outputs[mealy.output[place] ?? -1];
  return to < 0 || output === undefined ? undefined : { output, to };
}
