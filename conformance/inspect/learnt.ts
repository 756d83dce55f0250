import type { Deviation } from '../learn/difference.js';
import { turnOf } from '../learn/difference.js';
import type { MachineRead } from '../learn/machine-file.js';
import { eventOf, nameOfState } from '../learn/machine-file.js';
import { inWords, modelInWords, outputInWords, picturedMax } from '../learn/picture.js';
import type { Drawing } from './drawings.js';
import { impossible } from './explain.js';
import { short } from './foreign.js';
import type { Choice, Differs, LearntShown, Stepped, Taken } from './messages.js';

/** The machine of a file of `msgctx learn --machine`: shown, drawn, and stepped through by hand like the model's. */
export class LearntMachine {
  readonly #read: MachineRead;
  readonly #file: string;
  /** Inputs by their names in links; the file has the same names. */
  readonly #inputs: ReadonlyMap<string, number>;

  /** @param file the name of the file */
  constructor(read: MachineRead, file: string) {
    this.#read = read;
    this.#file = file;
    this.#inputs = new Map(read.machine.inputs.map((input, nth) => [eventOf(input), nth]));
  }

  /** What the machine is, and how it differs from the model. */
  get shown(): LearntShown {
    const { origin, machine, model, comparison } = this.#read;
    const { implementation, profile, contexts, users, verdict } = origin;
    const { isSame, shortest, deviations } = comparison;
    const count = (kind: Differs['kind']) => deviations.filter((one) => one.kind === kind).length;
    return {
      ...{
        file: short(this.#file),
        implementation: `${short(implementation.name)} ${short(implementation.version)}`,
      },
      ...{ profile, contexts, users, states: machine.states, modelStates: model.states, isSame },
      isCertain: verdict !== 'inconclusive',
      counts: { changed: count('changed'), extra: count('extra'), missing: count('missing') },
      shortest: shortest?.word.map((input) => eventOf(machine.inputs[input] ?? '')) ?? [],
    };
  }

  /** What to draw, or why the machine is not drawn. */
  get drawing(): Drawing | string {
    const { machine, comparison } = this.#read;
    if (machine.states <= picturedMax) return { learnt: { machine, comparison } };
    return `a machine with ${machine.states} states is not drawn (at most ${picturedMax}); step through it`;
  }

  /** Takes the steps of a link. @throws ShowError if one of them is not possible */
  walk(tokens: readonly string[]): Stepped {
    const trail: Taken[] = [];
    let state = 0;
    for (const token of tokens) {
      const from = nameOfState(state);
      const input = this.#inputs.get(token);
      const turn = input === undefined ? undefined : turnOf(this.#read.machine, state, input);
      if (input === undefined || turn === undefined) throw impossible(token, from);
      trail.push({
        ...{ label: this.#label(input), outcome: outcomeOf(turn), passed: [from] },
        ...{ checks: [], rules: [], ...this.#differs(state, input) },
      });
      state = turn.to;
    }
    const choices = [...this.#inputs.values()].map((input) => this.#choice(state, input));
    return { active: [nameOfState(state)], trail, choices };
  }

  #choice(state: number, input: number): Choice {
    const turn = turnOf(this.#read.machine, state, input);
    const name = this.#read.machine.inputs[input] ?? '';
    const shared = { token: eventOf(name), label: inWords(name), ...this.#differs(state, input) };
    if (turn !== undefined) {
      return { ...shared, outcome: outcomeOf(turn), enabled: true, checks: [] };
    }
    const text = `the machine is in ${nameOfState(state)}${reasonOf(name)}`;
    const check = { name: this.#statesWith(input), holds: false, text };
    return { ...shared, outcome: '', enabled: false, checks: [check] };
  }

  #label(input: number): string {
    return inWords(this.#read.machine.inputs[input] ?? '');
  }

  #differs(state: number, input: number): { readonly differs?: Differs } {
    const found = this.#read.comparison.deviations.find(
      (one) => one.state === state && one.input === input,
    );
    return found === undefined ? {} : { differs: differsOf(found) };
  }

  /** The states in which an input is possible. */
  #statesWith(input: number): string {
    const { machine } = this.#read;
    const all = Array.from({ length: machine.states }, (_, state) => state)
      .filter((state) => turnOf(machine, state, input) !== undefined)
      .map(nameOfState);
    if (all.length === 0) return 'in no state';
    const more = all.length - statesNamedMax;
    const named = all.slice(0, statesNamedMax).join(' or ');
    return `in ${named}${more > 0 ? ` or ${more} more` : ''}`;
  }
}

const statesNamedMax = 8;

function outcomeOf({ output, to }: { readonly output: string; readonly to: number }): string {
  return `${outputInWords(output)} → ${nameOfState(to)}`;
}

function differsOf(deviation: Deviation): Differs {
  return { kind: deviation.kind, model: modelInWords(deviation) };
}

/** Why an input that is possible in some states is not possible in this one; see learn/view.ts. */
function reasonOf(input: string): string {
  if (input.startsWith('look ')) return ', and no request is in this context';
  if (input.startsWith('expire ')) return ', and the next time-out is not that of this context';
  return '';
}
