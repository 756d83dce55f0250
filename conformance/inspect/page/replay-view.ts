import type { ConversationShown, ReplayShown } from '../messages.js';
import { ConversationView } from './conversation-view.js';
import { button, choice, el, setText } from './dom.js';
import { loadJson } from './load.js';
import type { View } from './view.js';

/** Plays saved conversations forwards and backwards. */

const everyMs = 600;

/** The view. */
export class ReplayView implements View {
  readonly element = el('div', { class: 'view replay' });
  readonly #problem = el('p', { class: 'problem', role: 'alert', hidden: '' });
  readonly #which = el('span', {});
  readonly #place = el('input', { type: 'range', min: 0, 'aria-label': 'Step' });
  readonly #words = el('span', { class: 'figures', role: 'status' });
  readonly #play: HTMLButtonElement;
  readonly #conversation: ConversationView;
  #replay: ReplayShown | undefined;
  #chosen = 0;
  #at = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    const to = (label: string, words: string, place: () => number) =>
      button(
        label,
        () => {
          this.#go(place());
        },
        { 'aria-label': words, title: words },
      );
    this.#play = button('Play', () => {
      this.#toggle();
    });
    this.#place.addEventListener('input', () => {
      this.#go(Number(this.#place.value));
    });
    this.#conversation = new ConversationView({
      choose: (nth) => {
        this.#go(nth);
      },
      sequence: (nth) => `/sequence.svg?of=replay&nth=${this.#chosen}&to=${nth}`,
    });
    this.element.append(
      this.#problem,
      el(
        'div',
        { class: 'tools' },
        this.#which,
        to('First', 'First step', () => 0),
        to('Previous', 'Previous step', () => this.#at - 1),
        this.#play,
        to('Next', 'Next step', () => this.#at + 1),
        to('Last', 'Last step', () => this.#last),
        button('Show the failure', () => {
          this.#go(this.#shown?.breakage?.step ?? this.#last);
        }),
        this.#place,
        this.#words,
      ),
      this.#conversation.element,
    );
    this.element.addEventListener('keydown', (event) => {
      const isElsewhere =
        event.target instanceof Element && event.target.matches('input, .list, .stage');
      const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined;
      if (by !== undefined && !isElsewhere) this.#go(this.#at + by);
    });
  }

  async show(): Promise<void> {
    // The server answers with what messages.ts says.
    this.#replay ??= ((await loadJson('/replay.json')) ?? undefined) as ReplayShown | undefined;
    const replay = this.#replay;
    const problem = replay === undefined ? nothing : replay.problem;
    this.#problem.hidden = problem === undefined;
    setText(this.#problem, problem ?? '');
    if (replay === undefined) return;
    const names = replay.conversations.map(({ name }, nth) => `${nth + 1} ${name}`);
    const chosen = names[this.#chosen] ?? '';
    this.#which.replaceChildren(
      choice('conversation', names, chosen, (name) => {
        this.#chosen = names.indexOf(name);
        this.#go(0);
      }),
    );
    this.#go(this.#at);
  }

  get #shown(): ConversationShown | undefined {
    return this.#replay?.conversations[this.#chosen];
  }

  get #last(): number {
    return Math.max(0, (this.#shown?.steps.length ?? 0) - 1);
  }

  #go(to: number): void {
    this.#at = Math.min(this.#last, Math.max(0, to));
    const shown = this.#shown;
    if (shown === undefined) return;
    this.#place.max = String(this.#last);
    this.#place.value = String(this.#at);
    setText(this.#words, `step ${this.#at + 1} of ${shown.steps.length}`);
    this.#conversation.show(shown, this.#at);
  }

  #toggle(): void {
    if (this.#timer !== undefined) {
      this.#stop();
      return;
    }
    if (this.#at === this.#last) this.#go(0);
    setText(this.#play, 'Pause');
    this.#timer = setInterval(() => {
      this.#go(this.#at + 1);
      if (this.#at === this.#last || !this.element.isConnected) this.#stop();
    }, everyMs);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    setText(this.#play, 'Play');
  }
}

const nothing =
  'No conversations are open. msgctx run --record FILE saves failing conversations; msgctx inspect --replay FILE plays them here.';
