import type { Step } from '../../model/index.js';
import { stateOf } from './explain.js';

/**
 * How often an implementation took each transition of the machines, for the colours of the pictures.
 *
 * A transition of a component is named by the leaf that it was taken in and its event; one of the reply
 * cascade, which has no events, by its two ends. The other half is in the page, which knows the arrows.
 */
export class Heat {
  readonly #counts = new Map<string, number>();

  /** A step that was taken. */
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
