import { runInNewContext } from 'node:vm';
import type { Element } from './xml.js';
import { parseXml } from './xml.js';

/**
 * Plays SCXML documents as the W3C's algorithm says (State Chart XML, appendix D), and knows nothing of
 * XState: nested states, transitions with events and conditions, eventless ones, entry and exit. There are
 * no parallel states and no history in what this project writes, and meeting one is an error.
 */

/** An event with what its conditions may ask. */
export interface PlayedEvent {
  readonly type: string;
  readonly facts?: object;
}

/** The state that is active, and what was logged since the last event. */
export interface Played {
  readonly state: string;
  readonly actions: readonly string[];
}

interface State {
  readonly element: Element;
  readonly parent: State | undefined;
}

/** A machine that stands in its first state. */
export class ScxmlPlayer {
  readonly #states = new Map<string, State>();
  readonly #root: State;
  #active: State;
  #actions: string[] = [];
  #data: object = {};

  constructor(document: string) {
    this.#root = { element: parseXml(document), parent: undefined };
    this.#collect(this.#root);
    this.#active = this.#root;
    this.#enter(this.#initialOf(this.#root), this.#root);
    this.#settle();
  }

  get played(): Played {
    return { state: this.#active.element.attributes['id'] ?? '', actions: this.#actions };
  }

  /** Plays one event. */
  send({ type, facts = {} }: PlayedEvent): void {
    this.#actions = [];
    this.#data = { facts };
    if (this.#take(type)) this.#settle();
  }

  #collect(state: State): void {
    for (const element of state.element.children) {
      if (['parallel', 'history', 'invoke'].includes(element.name)) {
        throw new Error(`<${element.name}> is not played here`);
      }
      if (!isState(element)) continue;
      const child = { element, parent: state };
      this.#states.set(element.attributes['id'] ?? '', child);
      this.#collect(child);
    }
  }

  /** Takes eventless transitions until there is none. */
  #settle(): void {
    for (let steps = 0; this.#take(undefined); steps += 1) {
      if (steps > this.#states.size) throw new Error('eventless transitions without end');
    }
  }

  /** Takes the first transition that is enabled, innermost state first. */
  #take(type: string | undefined): boolean {
    for (const state of chainOf(this.#active)) {
      const transition = state.element.children.find(
        (one) => one.name === 'transition' && one.attributes['event'] === type && this.#holds(one),
      );
      if (transition === undefined) continue;
      this.#follow(state, transition);
      return true;
    }
    return false;
  }

  #holds({ attributes: { cond } }: Element): boolean {
    return cond === undefined || Boolean(this.#evaluate(cond));
  }

  #follow(source: State, transition: Element): void {
    const { target, type } = transition.attributes;
    if (target === undefined) {
      this.#run(transition);
      return;
    }
    const to = this.#named(target);
    // An internal transition to a descendant stays within its source.
    const isInside = type === 'internal' && chainOf(to).includes(source) && to !== source;
    const domain = isInside ? source : commonAncestor(source, to);
    for (const state of chainOf(this.#active)) {
      if (state === domain) break;
      for (const block of blocks(state, 'onexit')) this.#run(block);
    }
    this.#run(transition);
    this.#enter(to, domain);
  }

  /** Enters a state below another one, and then its initial states. */
  #enter(state: State, below: State): void {
    const chain = chainOf(state);
    const path = chain.slice(0, chain.indexOf(below)).reverse();
    for (const one of path) for (const block of blocks(one, 'onentry')) this.#run(block);
    this.#active = state;
    if (state.element.children.some(isState)) this.#enter(this.#initialOf(state), state);
  }

  #initialOf({ element }: State): State {
    const first = element.children.find(isState);
    return this.#named(element.attributes['initial'] ?? first?.attributes['id'] ?? '');
  }

  #named(id: string): State {
    const state = this.#states.get(id);
    if (state === undefined) throw new Error(`there is no state ${id}`);
    return state;
  }

  #run({ children }: Element): void {
    for (const { name, attributes } of children) {
      if (name !== 'log' || attributes['label'] !== 'action')
        throw new Error(`<${name}> is no action`);
      this.#actions.push(String(this.#evaluate(attributes['expr'] ?? '')));
    }
  }

  #evaluate(expression: string): unknown {
    return runInNewContext(expression, { _event: { data: this.#data } });
  }
}

function blocks({ element }: State, name: string): readonly Element[] {
  return element.children.filter((one) => one.name === name);
}

/** A state and its ancestors, the root last. */
function chainOf(state: State): State[] {
  return state.parent === undefined ? [state] : [state, ...chainOf(state.parent)];
}

/** The innermost state that properly contains both. */
function commonAncestor(one: State, other: State): State {
  const ancestors = chainOf(other).slice(1);
  const found = chainOf(one)
    .slice(1)
    .find((state) => ancestors.includes(state));
  if (found === undefined) throw new Error('two states of different documents');
  return found;
}

function isState({ name }: Element): boolean {
  return name === 'state' || name === 'final';
}
