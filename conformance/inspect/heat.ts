import type { Step } from '../../model/index.js';
import { stateOf } from './explain.js';

/**
 * Counts how often an implementation took each transition of the machines, for the colours of the pictures.
 *
 * The name of a component's transition is the leaf state that it starts in and its event. The reply cascade has no
 * events, so the name of its transition is its two ends. The page maps the names to arrows.
 */
export class Heat {
  readonly #counts = new Map<string, number>();

  /** Counts a step. */
  take({ taken, vector }: Step): void {
    for (const { kind, from, event } of taken) this.#add(`${kind} ${from} ${event}`);
    const { checks } = vector;
    if (checks === undefined) return;
    this.#add('reply received REPLY');
    const { asked, outcome } = checks;
    for (const [nth, { fact, holds }] of asked.entries()) {
      const next = asked[nth + 1];
      const passed = next === undefined ? 'accepted' : stateOf(next.fact);
      this.#add(`reply ${stateOf(fact)}>${holds ? passed : `refused.${outcome}`}`);
    }
  }

  /** All counts by name. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
