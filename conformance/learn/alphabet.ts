import type { Action, Mealy, Profile } from '../../model/index.js';
import { calm, keyOfAction, mealyOf, minimal, System } from '../../model/index.js';

/**
 * What can be done to an implementation that is learnt, and the model as a machine over the same words.
 *
 * An input is an action of the model at small bounds: it names contexts by their numbers. A context of a word
 * is a place: a request takes the lowest that is free, whichever index the implementation chose for it.
 * An output is `ok` or `refused` with what was seen besides. Reasons of refusals are not in it: an implementation need not
 * show them. A message to quit that may come or not is left out, and time passes for the oldest sleeper first.
 */

/** How large a system is learnt. */
export interface Extent {
  readonly contexts: number;
  readonly users: number;
}

/** The capabilities that decide which inputs there are, and what is seen of outputs. */
export const capabilitiesAsked = ['exit', 'manualWake', 'results'] as const;

/** Daemon processes a user. */
export const processes = 2;

/** The inputs, with what each of them is called. */
export interface Alphabet {
  readonly actions: readonly Action[];
  readonly names: readonly string[];
}

/** What the inputs have to do with: what an implementation can, and what the model says. */
export interface Language {
  readonly extent: Extent;
  readonly alphabet: Alphabet;
  /** The model's machine over it, as small as can be; -1 where an input makes no sense. */
  readonly model: Mealy;
}

/** The language for an implementation with some capabilities. */
export function languageFor(
  extent: Extent,
  profile: Profile,
  capabilities: ReadonlySet<string>,
): Language {
  const environment = { ...calm };
  const system = new System({ ...extent, processes }, profile, {
    ...{ defects: [], without: [], environment },
  });
  const whole = mealyOf(system, { oneClock: true });
  const isManual = capabilities.has('manualWake');
  const isUsed = ({ do: word }: Action) => {
    if (word === 'exit') return capabilities.has('exit');
    if (word === 'look') return isManual;
    return ['helo', 'quit', 'request', 'reply', 'expire'].includes(word);
  };
  const all = system.actions();
  const actions = all.filter(isUsed);
  const names = actions.map(keyOfAction);
  const awake = isManual ? whole : wakingAtOnce(whole);
  return {
    extent,
    alphabet: { actions, names },
    model: minimal(restricted(awake, names, capabilities)).mealy,
  };
}

/** The same machine where each sleeper looks as soon as there is something to see. */
function wakingAtOnce(mealy: Mealy): Mealy {
  const { inputs, outputs } = mealy;
  const looks = inputs.flatMap((name, input) => (name.startsWith('look ') ? [input] : []));
  const names = new Map(outputs.map((name, nth) => [name, nth]));
  const [next, output] = [mealy.next.slice(), mealy.output.slice()];
  for (const [place, first] of mealy.next.entries()) {
    if (first < 0) continue;
    let [state, seen] = [first, outputs[mealy.output[place] ?? -1] ?? ''];
    for (const look of looks) {
      const at = state * inputs.length + look;
      const found = outputs[mealy.output[at] ?? -1] ?? '';
      if (!found.includes(' returns ')) continue;
      state = mealy.next[at] ?? state;
      seen = `${seen}${found.replace(/^ok/, '')}`;
    }
    if (!names.has(seen)) names.set(seen, names.size);
    next[place] = state;
    output[place] = names.get(seen) ?? -1;
  }
  return { ...mealy, outputs: [...names.keys()], next, output };
}

/** The machine over some of the inputs, with outputs as an implementation shows them. */
function restricted(
  mealy: Mealy,
  names: readonly string[],
  capabilities: ReadonlySet<string>,
): Mealy {
  const columns = names.map((name) => mealy.inputs.indexOf(name));
  const shown = new Map<string, number>();
  const next = new Int32Array(mealy.states * names.length);
  const output = new Int32Array(next.length);
  for (let state = 0; state < mealy.states; state += 1) {
    for (const [input, column] of columns.entries()) {
      const [from, to] = [state * mealy.inputs.length + column, state * names.length + input];
      next[to] = mealy.next[from] ?? -1;
      const seen = mealy.outputs[mealy.output[from] ?? -1];
      const isTold = capabilities.has('results') || names[input]?.startsWith('request') === true;
      const word = seen === undefined ? undefined : shownAs(seen, isTold);
      if (word !== undefined && !shown.has(word)) shown.set(word, shown.size);
      output[to] = word === undefined ? -1 : (shown.get(word) ?? -1);
    }
  }
  return { states: mealy.states, inputs: names, outputs: [...shown.keys()], next, output };
}

function shownAs(output: string, isTold: boolean): string {
  const [answer = '', ...events] = output.split(', ');
  return answer === 'ok' ? outputOf('ok', events) : isTold ? 'refused' : 'ok';
}

/** An output: the answer, and what was seen in an order that means nothing. */
export function outputOf(answer: 'ok' | 'refused', events: readonly string[]): string {
  return [answer, ...[...events].sort()].join(', ');
}
