import type { AnyActor, AnyStateMachine } from 'xstate';
import { createActor } from 'xstate';
import type { createInspector } from '@statelyai/inspect';
import type { System } from '../../model/index.js';
import type { Move } from './system-walk.js';

/**
 * The machines of the model as XState actors that speak the protocol of @statelyai/inspect.
 *
 * The walk over the joined system reads tables and runs no actor. Here each component is an actor that gets the events
 * of the walk. The official package inspects it and writes the messages. Only the inspector loads that package.
 */

/** Takes an event of the official schema, as text. */
export type Tell = (event: string) => void;

type Inspector = ReturnType<typeof createInspector>;

/** The actors of one machine, or of one joined system. */
export class ModelActors {
  readonly #inspector: Inspector;
  #actors = new Map<string, AnyActor>();

  private constructor(inspector: Inspector) {
    this.#inspector = inspector;
  }

  /** Loads the official package. It uses no network: everything that it sends goes to `tell`. */
  static async load(tell: Tell): Promise<ModelActors> {
    const { createInspector: create } = await import('@statelyai/inspect');
    const send = (event: object) => {
      tell(JSON.stringify(event));
    };
    return new ModelActors(create({ send }));
  }

  /** Starts one actor for each machine, and stops those before. */
  begin(machines: ReadonlyMap<string, AnyStateMachine>): void {
    this.stop();
    const { inspect } = this.#inspector;
    for (const [id, machine] of machines) {
      this.#actors.set(id, createActor(machine, { id, inspect }).start());
    }
  }

  /** The same for the components of a joined system. */
  beginSystem({ components }: System): void {
    this.begin(
      new Map(components.map(({ kind, nth, table }) => [kind + String(nth), table.machine])),
    );
  }

  /** Sends events to actors by their names; events for other names are ignored. */
  send(moves: readonly Move[]): void {
    for (const { actor, event } of moves) this.#actors.get(actor)?.send(event);
  }

  stop(): void {
    for (const actor of this.#actors.values()) actor.stop();
    this.#actors.clear();
  }
}
