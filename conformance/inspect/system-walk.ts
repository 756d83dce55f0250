import type { State, Step, System, SystemEvent, Vector } from '../../model/index.js';
import { isMet, narrate, stateAfter, systemEvents } from '../../model/index.js';
import { checksDown, impossible, rulesOf } from './explain.js';
import type { Chosen } from './chosen.js';
import { systemOf } from './chosen.js';
import type { CheckShown, Choice, Stepped, Taken } from './messages.js';

/** An event that is sent to an actor of the model. */
export interface Move {
  readonly actor: string;
  readonly event: { readonly type: string };
}

/** The result of stepping, and the events that the actors of the model get for it. */
export interface Walked {
  readonly stepped: Stepped;
  readonly moves: readonly Move[];
}

/**
 * Stepping through the joined system by hand.
 *
 * In a state, every step of every action is possible. For an action without a step, the vector with the fewest false
 * conditions says what would have to be different.
 */
export class SystemWalk {
  readonly #chosen: Chosen;
  readonly #system: System;
  readonly #events: readonly SystemEvent[];

  constructor(chosen: Chosen) {
    this.#chosen = chosen;
    this.#system = systemOf(chosen);
    this.#events = systemEvents(this.#system);
  }

  /** Takes steps from the initial state. @throws ShowError if one of them is not possible */
  walk(tokens: readonly string[]): Walked {
    const steps: Step[] = [];
    let state = this.#system.initial;
    for (const token of tokens) {
      const step = this.#stepOf(state, token);
      if (step === undefined) throw impossible(token, 'this state of the system');
      steps.push(step);
      state = step.state;
    }
    const lines = narrate(steps);
    return {
      stepped: {
        active: this.#activeIn(state),
        trail: steps.map((step, nth) => this.#taken(step, lines[nth] ?? '')),
        choices: this.#choices(state, steps),
      },
      moves: steps.flatMap(({ taken }) =>
        taken.map(({ kind, nth, event }) => ({ actor: `${kind}${nth}`, event: { type: event } })),
      ),
    };
  }

  #stepOf(state: State, token: string): Step | undefined {
    const event = this.#events.find(({ type }) => type === token);
    if (event === undefined) return undefined;
    return this.#system
      .steps(state, event.action)
      .find(({ vector }) => vector.choice === event.choice && vector.option === event.option);
  }

  #tokenOf({ action, vector }: Pick<Step, 'action' | 'vector'>): string {
    const event = this.#events.find(
      (one) =>
        one.action === action && one.choice === vector.choice && one.option === vector.option,
    );
    return event?.type ?? '';
  }

  #activeIn(state: State): readonly string[] {
    return this.#system.components.flatMap((component) => {
      const path = `${component.kind}${component.nth}.${this.#system.at(state, component)}`;
      const parts = path.split('.');
      return parts.slice(1).map((_, nth) => parts.slice(0, nth + 2).join('.'));
    });
  }

  #taken(step: Step, line: string): Taken {
    const [label, outcome] = parted(line);
    return {
      label,
      outcome,
      passed: step.taken.map(({ kind, nth, from }) => `${kind}${nth}.${from}`),
      checks: this.#asked(step.vector),
      rules: rulesOf(step.vector.requirements),
    };
  }

  #choices(state: State, before: readonly Step[]): readonly Choice[] {
    return this.#system.actions().flatMap((action) => {
      const steps = this.#system.steps(state, action);
      const possible = steps.map((step) => this.#choice(step, before, this.#reasons(step.vector)));
      if (possible.length > 0) return possible;
      const [nearest] = this.#system
        .vectors(action)
        .map((vector) => ({ vector, checks: this.#conditions(vector, state) }))
        .sort((one, other) => lacking(one.checks) - lacking(other.checks));
      if (nearest === undefined) return [];
      const step: Step = { action, vector: nearest.vector, state, effects: [], taken: [] };
      return [{ ...this.#choice(step, before, nearest.checks), enabled: false }];
    });
  }

  #choice(step: Step, before: readonly Step[], checks: readonly CheckShown[]): Choice {
    const [label, outcome] = parted(narrate([...before, step]).at(-1) ?? '');
    const { choice } = step.vector;
    const chosen =
      step.action.do === 'request' && choice !== undefined ? ` in context ${choice}` : '';
    return { token: this.#tokenOf(step), label, outcome: outcome + chosen, enabled: true, checks };
  }

  /** The conditions that decide the outcome of a step. */
  #reasons(vector: Vector): readonly CheckShown[] {
    const asked = this.#asked(vector);
    if (asked.length > 0) return asked;
    return vector.when.map((condition) => {
      const text = 'this decides the outcome';
      return { name: nameOf(condition), holds: true, text };
    });
  }

  #asked({ checks }: Vector): readonly CheckShown[] {
    return checks === undefined ? [] : checksDown(this.#chosen.profile, checks.outcome);
  }

  /** All conditions of a vector, true and false ones. */
  #conditions(vector: Vector, state: State): readonly CheckShown[] {
    const asked = vector.when.map((condition): CheckShown => {
      const now = this.#system.at(state, condition.at);
      const text = `it is ${now}`;
      return { name: nameOf(condition), holds: isMet(now, condition), text };
    });
    const accepted = vector.moves.map((move): CheckShown => {
      const now = this.#system.at(state, move.at);
      const { kind, nth, table } = this.#component(move.at.kind, move.at.nth);
      const holds = stateAfter(table, table.states.indexOf(now), move) !== undefined;
      const events = 'events' in move ? move.events.join(', ') : move.to;
      return { name: `${kind} ${nth} accepts ${events}`, holds, text: `it is ${now}` };
    });
    return [...asked, ...accepted];
  }

  #component(kind: string, nth: number): System['components'][number] {
    const found = this.#system.components.find((one) => one.kind === kind && one.nth === nth);
    if (found === undefined) throw new RangeError(`the system has no ${kind} ${nth}`);
    return found;
  }
}

function nameOf(condition: Vector['when'][number]): string {
  const { kind, nth } = condition.at;
  const states = 'in' in condition ? condition.in : condition.notIn;
  return `${kind} ${nth} is ${'in' in condition ? '' : 'not '}${states.join(' or ')}`;
}

function lacking(checks: readonly CheckShown[]): number {
  return checks.filter(({ holds }) => !holds).length;
}

function parted(line: string): readonly [label: string, outcome: string] {
  const [label = '', outcome = ''] = line.split(' -> ');
  return [label, outcome];
}
