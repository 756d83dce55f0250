import type { AnyStateMachine } from 'xstate';
import type { Step, System } from '../../model/index.js';
import { ModelActors } from './actors.js';
import { chosenIn, machineOf, systemOf } from './chosen.js';
import type { Move } from './system-walk.js';

/** Sends what the model's actors do to the official inspector: the steps taken by hand, and those of a run. */
export class Mirror {
  readonly #stepping: ModelActors;
  readonly #running: ModelActors;
  #chosen = '';
  #done: readonly string[] = [];

  private constructor(stepping: ModelActors, running: ModelActors) {
    this.#stepping = stepping;
    this.#running = running;
  }

  /** @param tell takes events of the official schema, as text */
  static async start(tell: (event: string) => void): Promise<Mirror> {
    return new Mirror(await ModelActors.load(tell), await ModelActors.load(tell));
  }

  /** Shows every component in its initial state, so that the hosted inspector is not empty when it opens. */
  showAll(): void {
    const names = ['context', 'daemon', 'reply', 'task'];
    const machines = names.map((machine): [string, AnyStateMachine] => [
      machine,
      machineOf(chosenIn(new URLSearchParams({ machine }))),
    ]);
    this.#stepping.begin(new Map(machines));
  }

  /** The user stepped to a state: the actors get the new events, or start again. */
  stepped(query: URLSearchParams, moves: readonly Move[]): void {
    const bounds = new URLSearchParams(query);
    bounds.delete('do');
    const chosen = chosenIn(query);
    const done = moves.map((move) => JSON.stringify(move));
    const goesOn =
      this.#chosen === bounds.toString() && this.#done.every((move, nth) => move === done[nth]);
    if (!goesOn) {
      if (chosen.machine === 'system') this.#stepping.beginSystem(systemOf(chosen));
      else this.#stepping.begin(new Map([[chosen.machine, machineOf(chosen)]]));
    }
    this.#stepping.send(moves.slice(goesOn ? this.#done.length : 0));
    [this.#chosen, this.#done] = [bounds.toString(), done];
  }

  /** A conversation with an implementation starts. */
  began(system: System): void {
    this.#running.beginSystem(system);
  }

  /** The model takes a step in it. */
  took({ taken }: Step): void {
    this.#running.send(
      taken.map(({ kind, nth, event }) => ({ actor: `${kind}${nth}`, event: { type: event } })),
    );
  }

  stop(): void {
    this.#stepping.stop();
    this.#running.stop();
  }
}
