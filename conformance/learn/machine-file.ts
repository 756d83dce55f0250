import type { Mealy } from '../../model/index.js';
import { printable } from '../printable.js';
import { profileNamed, runnable } from '../select.js';
import { UsageError } from '../usage.js';
import type { Extent } from './alphabet.js';
import { capabilitiesAsked, languageFor } from './alphabet.js';
import { whyNoConfig } from './config.js';
import type { Comparison } from './difference.js';
import { compareMachines, turnOf } from './difference.js';
import type { Learnt } from './learn.js';
import type { Members } from '../members.js';
import { isMembers } from '../members.js';

/**
 * A learnt machine as a file: the configuration of a machine of XState, whose actions are the outputs.
 *
 * What it was learnt from is in its `meta`, which XState keeps and does not ask: from that the model's machine over
 * the same inputs follows, and so the difference, which is therefore not in the file.
 */

/** What a learnt machine says of where it comes from. */
export interface Origin extends Extent {
  readonly implementation: { readonly name: string; readonly version: string };
  readonly profile: string;
  /** Those of its capabilities that decide about inputs and outputs. */
  readonly capabilities: readonly string[];
  /** Of a machine that is inconclusive nobody knows whether it is the right one. */
  readonly verdict: Learnt['verdict'];
}

/** What XState makes a machine of. */
export interface MachineConfig {
  readonly id: string;
  readonly initial: string;
  readonly meta: Origin & { readonly schema: string };
  readonly states: Readonly<Record<string, { readonly on: Readonly<Record<string, object>> }>>;
}

/** A learnt machine that was read, and how it differs from the model. */
export interface MachineRead {
  readonly origin: Origin;
  readonly machine: Mealy;
  readonly model: Mealy;
  readonly comparison: Comparison;
}

const schema = 'msgctx-machine/1';
const extentMax = 3;
const statesMax = 20_000;

/** The name of a state. */
export function nameOfState(state: number): string {
  return `s${state}`;
}

/** An input as the name of an event, in which a dot would mean something to XState. */
export function eventOf(input: string): string {
  return input.replaceAll('.', '_');
}

/** The learnt machine as the configuration of a machine of XState. */
export function configOf(mealy: Mealy, origin: Origin): MachineConfig {
  const states = Object.fromEntries(
    Array.from({ length: mealy.states }, (_, state) => [
      nameOfState(state),
      {
        on: Object.fromEntries(
          mealy.inputs.flatMap((input, nth) => {
            const turn = turnOf(mealy, state, nth);
            return turn === undefined
              ? []
              : [[eventOf(input), { target: nameOfState(turn.to), actions: [turn.output] }]];
          }),
        ),
      },
    ]),
  );
  return { id: 'learnt', initial: nameOfState(0), meta: { schema, ...origin }, states };
}

/**
 * Reads a learnt machine, and compares it with the model.
 *
 * @param file its name, for messages
 * @throws UsageError that names the file, the line and what was expected
 */
export function parseMachine(text: string, file: string): MachineRead {
  const name = printable(file);
  const at = (...path: readonly string[]) => `${name}:${lineOf(text, path)}`;
  const config = configIn(text, name);
  const origin = originIn(config, at);
  const inputs = languageOf(origin, at);
  const machine = mealyIn(config, inputs.inputs, at);
  return { origin, machine, model: inputs, comparison: compareMachines(machine, inputs) };
}

/** Where something is in the file. */
type At = (...path: readonly string[]) => string;

function configIn(text: string, file: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: '' };
    const line = text.slice(0, placeOf(text, message)).split('\n').length;
    const reason = printable(message.replaceAll(/\s+/g, ' '));
    throw new UsageError(`${file}:${line}: expected JSON (${reason})`);
  }
  if (!isMembers(value)) {
    throw new UsageError(`${file}:1: expected a JSON object, as msgctx learn --machine writes it`);
  }
  const why = whyNoConfig(value);
  if (why === undefined) return value;
  throw new UsageError(`${file}:1: expected a machine that msgctx learn --machine wrote, ${why}`);
}

const lettersBefore = 10;

/** Where JSON goes wrong, as JSON.parse tells it: by a number, by the letters around, or at the end. */
function placeOf(text: string, message: string): number {
  const place = / at position (\d+)/.exec(message)?.[1];
  if (place !== undefined) return Number(place);
  const told = /^Unexpected token '(.+)', (\.\.\.)?"(.*)"(?:\.\.\.)? is not/s.exec(message);
  const [, token, dots, around = ''] = told ?? [];
  if (token === undefined) return text.trimEnd().length;
  return dots === undefined ? text.indexOf(token) : text.indexOf(around) + lettersBefore;
}

function originIn({ meta }: Members, at: At): Origin {
  const fail = (name: string, expected: string): never => {
    throw new UsageError(`${at('meta', name)}: expected ${expected}`);
  };
  if (!isMembers(meta) || meta['schema'] !== schema) {
    return fail('schema', `"meta" with "schema": "${schema}", as msgctx learn --machine writes it`);
  }
  const { implementation, profile, contexts, users, capabilities, verdict } = meta;
  if (typeof profile !== 'string' || !Object.hasOwn(runnable, profile)) {
    fail('profile', `a "profile" among ${Object.keys(runnable).join(', ')}`);
  }
  for (const [name, value] of Object.entries({ contexts, users })) {
    const isCount = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= extentMax;
    if (!isCount) fail(name, `"${name}" from 1 to ${extentMax}`);
  }
  const asked: readonly unknown[] = capabilitiesAsked;
  if (!Array.isArray(capabilities) || capabilities.some((one) => !asked.includes(one))) {
    fail('capabilities', `"capabilities" as a list of ${capabilitiesAsked.join(', ')}`);
  }
  if (verdict !== 'same' && verdict !== 'different' && verdict !== 'inconclusive') {
    fail('verdict', 'a "verdict": same, different or inconclusive');
  }
  const { name, version } = isMembers(implementation) ? implementation : {};
  if (typeof name !== 'string' || typeof version !== 'string') {
    fail('implementation', '"implementation" with "name" and "version"');
  }
  // Every member was looked at.
  return meta as unknown as Origin;
}

function languageOf({ contexts, users, profile, capabilities }: Origin, at: At): Mealy {
  try {
    return languageFor({ contexts, users }, profileNamed(profile), new Set(capabilities)).model;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${at('meta', 'contexts')}: the model is too large: ${error.message}`);
  }
}

function mealyIn({ initial, states }: Members, inputs: readonly string[], at: At): Mealy {
  const names = isMembers(states) ? Object.keys(states) : [];
  if (!isMembers(states) || names.length === 0 || names.length > statesMax) {
    throw new UsageError(`${at('states')}: expected "states", 1 to ${statesMax} of them`);
  }
  names.forEach((name, nth) => {
    if (name !== nameOfState(nth)) {
      throw new UsageError(
        `${at('states', name)}: expected "${nameOfState(nth)}", found "${printable(name)}"`,
      );
    }
  });
  if (initial !== nameOfState(0)) {
    throw new UsageError(`${at('initial')}: expected "initial": "${nameOfState(0)}"`);
  }
  const next = new Int32Array(names.length * inputs.length).fill(-1);
  const output = next.slice();
  const outputs = new Map<string, number>();
  const events = new Map(inputs.map((input, nth) => [eventOf(input), nth]));
  const numbers = new Map(names.map((name, nth) => [name, nth]));
  for (const [state, name] of names.entries()) {
    for (const [event, turn] of Object.entries(transitionsIn(states[name], at, name))) {
      const where = () => at('states', name, 'on', event);
      const input = events.get(event);
      if (input === undefined) {
        throw new UsageError(
          `${where()}: expected an input of the model at these bounds, found "${printable(event)}"`,
        );
      }
      const { to, said } = turnIn(turn, numbers, where);
      if (!outputs.has(said)) outputs.set(said, outputs.size);
      const place = state * inputs.length + input;
      next[place] = to;
      output[place] = outputs.get(said) ?? -1;
    }
  }
  return { states: names.length, inputs, outputs: [...outputs.keys()], next, output };
}

function transitionsIn(state: unknown, at: At, name: string): Members {
  if (isMembers(state) && isMembers(state['on'])) return state['on'];
  throw new UsageError(`${at('states', name)}: expected "on" with the transitions of ${name}`);
}

function turnIn(
  turn: unknown,
  states: ReadonlyMap<string, number>,
  where: () => string,
): { readonly to: number; readonly said: string } {
  const { target, actions, guard } = isMembers(turn) ? turn : {};
  if (guard !== undefined) {
    throw new UsageError(`${where()}: expected no "guard", since a learnt machine has none`);
  }
  const to = typeof target === 'string' ? states.get(target) : undefined;
  if (to === undefined) throw new UsageError(`${where()}: expected "target", one of the states`);
  const said: unknown = Array.isArray(actions) && actions.length === 1 ? actions[0] : undefined;
  if (typeof said === 'string' && /^(?:ok|refused)(?:, |$)/.test(said)) return { to, said };
  throw new UsageError(`${where()}: expected "actions", a list of one output: ok …, or refused …`);
}

/** The line of a member; where it is not there, that of the last one on the way to it. */
function lineOf(text: string, path: readonly string[]): number {
  let place = 0;
  for (const name of path) {
    const key = JSON.stringify(name).replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
    const found = text.slice(place).search(new RegExp(`${key}\\s*:`));
    if (found === -1) break;
    place += found;
  }
  return text.slice(0, place).split('\n').length;
}
