import type { Sleepers } from '../clock.js';
import { clockAllows, sleepersAfter } from '../clock.js';
import type { State, Step, System } from '../system.js';
import { keyOfAction, keyOfState } from '../system.js';
import type { Action } from '../vector.js';
import type { Mealy } from './mealy.js';

/**
 * The joined system as a deterministic Mealy machine.
 *
 * Theory of operation. An input is an action. Where a request may take any of several free contexts
 * the machine takes the lowest; a word therefore names contexts as an implementation does that
 * always takes the lowest free one. One with another policy is reached by the same word when
 * contexts are read as the requests in them (trace.ts), but it is not the machine that a suite is
 * complete for.
 *
 * An output is what is seen from outside: the refusal, or `ok` and then, in their order, each message
 * with the process that it goes to and each return to a process that asked. Which context a request
 * took is not seen. A message that an implementation may send or not (`maySendQuit`, to the process
 * that renews its own registration) is no part of an output: who does not send it is right as well,
 * so two states that differ in it alone cannot be told apart. Whoever holds an implementation
 * against a word has to leave that message out too.
 *
 * Only what comes at once is an output. A system whose messages wait in queues, or that has other
 * components than contexts, tasks and daemons with their registers, is refused. Where more than the
 * context is left open, the machine takes the first step in the order of the vectors.
 *
 * An action that no vector makes possible in a state (`expire` and `look` of a context where nobody
 * sleeps, `expire` after the time has run out) is undefined there: nothing can be sent that means it.
 */

const statesMax = 20_000;
const kinds: ReadonlySet<string> = new Set(['context', 'owner', 'task', 'daemon', 'registrant']);

/** How the machine is made. */
export interface MealyOptions {
  /** Whether time passes for the oldest sleeper first, as in every conversation; see clock.ts. */
  readonly oneClock: boolean;
}

/** A state of the machine: of the system, and of the clock where there is one. */
interface Place {
  readonly state: State;
  readonly sleepers: Sleepers;
}

/**
 * The Mealy machine of a joined system: its reachable part, state 0 first, in breadth-first order.
 *
 * @throws RangeError when the system has other components, or more than 20,000 states
 */
export function mealyOf(system: System, { oneClock }: MealyOptions = { oneClock: false }): Mealy {
  for (const { kind } of system.components) {
    if (!kinds.has(kind))
      throw new RangeError(`the outputs of a system with a ${kind} are not said`);
  }
  const actions = system.actions();
  const outputs = new Map<string, number>();
  const keyOf = ({ state, sleepers }: Place) => `${keyOfState(state)}|${sleepers.join()}`;
  const first: Place = { state: system.initial, sleepers: [] };
  const numbers = new Map([[keyOf(first), 0]]);
  const places = [first];
  const next: number[] = [];
  const output: number[] = [];
  for (const place of places) {
    for (const action of actions) {
      const step = stepOf(system, place, action, oneClock);
      if (step === undefined) {
        next.push(-1);
        output.push(-1);
        continue;
      }
      const sleepers = oneClock ? sleepersAfter(place.sleepers, step) : [];
      const after: Place = { state: step.state, sleepers };
      const key = keyOf(after);
      if (!numbers.has(key)) {
        numbers.set(key, places.length);
        places.push(after);
      }
      const seen = outputOf(system, place.state, step);
      if (!outputs.has(seen)) outputs.set(seen, outputs.size);
      next.push(numbers.get(key) ?? -1);
      output.push(outputs.get(seen) ?? -1);
    }
    if (places.length > statesMax) {
      throw new RangeError(`more than ${statesMax} states; choose smaller bounds`);
    }
  }
  return {
    states: places.length,
    inputs: actions.map(keyOfAction),
    outputs: [...outputs.keys()],
    next: Int32Array.from(next),
    output: Int32Array.from(output),
  };
}

function stepOf(
  system: System,
  { state, sleepers }: Place,
  action: Action,
  oneClock: boolean,
): Step | undefined {
  if (oneClock && !clockAllows(sleepers, action)) return undefined;
  return chosen(system.steps(state, action));
}

/** The run of the system that a word over the machine's inputs is. */
export function runOfWord(system: System, word: Iterable<number>): readonly Step[] {
  const actions = system.actions();
  const steps: Step[] = [];
  for (const input of word) {
    const action = actions[input];
    const state = steps.at(-1)?.state ?? system.initial;
    const step = action === undefined ? undefined : chosen(system.steps(state, action));
    if (step === undefined)
      throw new RangeError(`input ${input} is not defined after ${steps.length}`);
    steps.push(step);
  }
  return steps;
}

/** The step that the machine takes: the lowest choice, and of several the first. */
function chosen(steps: readonly Step[]): Step | undefined {
  return steps.reduce<Step | undefined>((best, step) => {
    if (best === undefined) return step;
    return (step.vector.choice ?? 0) < (best.vector.choice ?? 0) ? step : best;
  }, undefined);
}

/**
 * What an observer sees of a step from a state: `ok, request to 0.1` or `reply/no-daemon`.
 *
 * A message goes to the process that was registered before the step. Users and processes count from
 * 0, as in the keys of actions; the context of a return is the one that was asked to look.
 */
export function outputOf(system: System, before: State, { vector, effects }: Step): string {
  if (vector.refusal !== undefined) return vector.refusal;
  const events = effects.flatMap(({ kind, nth, action }) => {
    const registrant = () => system.at(before, { kind: 'registrant', nth }).replace('is', '');
    switch (`${kind} ${action}`) {
      case 'daemon deliverRequest':
        return [`request to ${nth}.${registrant()}`];
      case 'daemon deliverToStranger':
        return [`request of ${nth} to a stranger`];
      case 'daemon sendQuit':
        return [`quit to ${nth}.${registrant()}`];
      case 'task returnReply':
        return [`reply returns at ${nth}`];
      case 'task returnTimeout':
        return [`time-out returns at ${nth}`];
      case 'task returnInterrupted':
        return [`interruption returns at ${nth}`];
      default:
        return [];
    }
  });
  return ['ok', ...events].join(', ');
}
