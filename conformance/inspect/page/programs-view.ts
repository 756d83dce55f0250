import type { ProgramEvent } from '../messages.js';
import { el, setText } from './dom.js';
import { VirtualList } from './list.js';
import { Picture } from './picture.js';
import type { Actor, Program } from './program-store.js';
import { nameOf, ProgramStore, stateOf } from './program-store.js';
import type { View } from './view.js';

/** Programs that use `createWebSocketInspector`: their actors, the state of each, and the events. */

/** The view. */
export class ProgramsView implements View {
  readonly element = el('div', { class: 'view programs' });
  readonly #store = new ProgramStore();
  readonly #none = el('p', { class: 'quiet' });
  readonly #actors: VirtualList;
  readonly #picture = new Picture('the machine of the actor');
  readonly #title = el('h2', {}, 'Choose an actor');
  readonly #snapshot = el('pre', { class: 'snapshot', tabindex: 0, 'aria-label': 'Last snapshot' });
  readonly #happened: VirtualList;
  readonly #sequence = new Picture('the events between actors');
  readonly #content: HTMLElement;
  #count = 0;
  #chosen: { readonly program: number; readonly actor: string } | undefined;
  #rows: readonly { readonly program: Program; readonly actor: Actor }[] = [];
  #at: number | undefined;

  constructor() {
    this.#actors = new VirtualList('Actors', (nth) => {
      const row = this.#rows[nth];
      if (row !== undefined) this.#chosen = { program: row.program.nth, actor: row.actor.id };
      this.#draw();
    });
    this.#happened = new VirtualList('Events', (nth) => {
      this.#at = nth;
      this.#draw();
    });
    setText(
      this.#none,
      `No program is connected. To connect one, use createWebSocketInspector({ url: 'ws://${location.host}' }) of @statelyai/inspect in it.`,
    );
    this.#content = el(
      'div',
      { class: 'beside' },
      el(
        'section',
        { class: 'actors', 'aria-label': 'Actors' },
        el('h2', {}, 'Actors'),
        this.#actors.element,
        el('h2', {}, 'Events'),
        this.#happened.element,
      ),
      el(
        'section',
        { class: 'actor', 'aria-label': 'Chosen actor' },
        this.#title,
        this.#picture.element,
        el('h3', {}, 'Last snapshot'),
        this.#snapshot,
        el('h3', {}, 'Sequence'),
        this.#sequence.element,
      ),
    );
    this.element.append(this.#none, this.#content);
  }

  show(): Promise<void> {
    this.#draw();
    return Promise.resolve();
  }

  /** Takes new events. */
  take(events: readonly ProgramEvent[]): void {
    for (const [program, nth, text] of events) this.#store.take(program, nth, text);
    this.#count += events.length;
    if (this.element.isConnected) this.#draw();
  }

  #draw(): void {
    this.#rows = [...this.#store.programs.values()].flatMap((program) =>
      [...program.actors.values()].map((actor) => ({ program, actor })),
    );
    this.#none.hidden = this.#rows.length > 0;
    this.#content.hidden = this.#rows.length === 0;
    const [first] = this.#rows;
    if (first === undefined) return;
    this.#chosen ??= { program: first.program.nth, actor: first.actor.id };
    const chosen = this.#rows.findIndex(
      ({ program, actor }) =>
        program.nth === this.#chosen?.program && actor.id === this.#chosen.actor,
    );
    this.#actors.show(
      {
        count: this.#rows.length,
        fill: (row, nth) => {
          this.#fill(row, nth);
        },
      },
      chosen,
    );
    const row = this.#rows[chosen];
    if (row !== undefined) this.#drawActor(row.program, row.actor);
  }

  #fill(row: HTMLElement, nth: number): void {
    const { program, actor } = this.#rows[nth] ?? {};
    if (program === undefined || actor === undefined) return;
    const depth = actor.parent === undefined ? '' : '└ ';
    row.className = 'row';
    row.replaceChildren(
      el('span', { class: 'number' }, String(program.nth)),
      el('span', { class: 'command' }, `${depth}${actor.name}`),
      el('span', { class: 'observed' }, stateOf(actor)),
    );
  }

  #drawActor(program: Program, actor: Actor): void {
    setText(this.#title, `${actor.name}: ${stateOf(actor)}`);
    setText(this.#snapshot, actor.snapshot);
    this.#picture.element.hidden = !actor.isMachine;
    if (actor.isMachine) {
      const query = new URLSearchParams({ program: String(program.nth), actor: actor.id });
      void this.#picture.show(`/program.svg?${query.toString()}`);
      this.#picture.mark({ active: actor.states });
    }
    const { happened } = program;
    const at = this.#at ?? happened.length - 1;
    this.#happened.show(
      {
        count: happened.length,
        fill: (row, nth) => {
          const one = happened[nth];
          if (one === undefined) return;
          row.className = 'row';
          row.replaceChildren(
            el('span', { class: 'number' }, String(nth + 1)),
            el('span', { class: 'command' }, `${nameOf(program, one.actor)} ${one.kind}`),
            el('span', { class: 'observed' }, one.words),
          );
        },
      },
      at,
    );
    const to = happened[at]?.nth ?? 0;
    void this.#sequence.show(`/sequence.svg?of=program&nth=${program.nth}&to=${to}`);
  }
}
