import type { ConversationShown, Deviation, LiveOrder, LiveState, Update } from '../messages.js';
import { ConversationView } from './conversation-view.js';
import { button, choice, el, setText } from './dom.js';
import { VirtualList } from './list.js';
import type { View } from './view.js';

/** A live run: its progress, the current conversation, and the deviations. */

/** The view. */
export class LiveView implements View {
  readonly element = el('div', { class: 'view live' });
  readonly #order: (order: LiveOrder) => void;
  readonly #suite = el('span', {});
  readonly #buttons: Readonly<Record<LiveOrder['do'], HTMLButtonElement>>;
  readonly #speed = el('span', { class: 'speed', role: 'status' });
  readonly #progress = el('progress', { 'aria-label': 'Cases run', max: 1, value: 0 });
  readonly #figures = el('span', { class: 'figures' });
  readonly #found = new VirtualList('Deviations', (nth) => {
    this.#look(nth);
  });
  readonly #foundTitle = el('h2', {}, 'Deviations');
  readonly #nothing = el(
    'p',
    { class: 'quiet' },
    'Press Start to run a suite against the implementation. The page then shows each step beside the model.',
  );
  readonly #again = el('p', { class: 'again' });
  readonly #conversation: ConversationView;
  #state: LiveState | undefined;
  #nth = 0;
  #steps: ConversationShown['steps'] = [];
  #current: ConversationShown | undefined;
  #deviations: Deviation[] = [];
  /** The step on show; undefined follows the run. */
  #at: number | undefined;
  /** The deviation on show instead of the run. */
  #chosen: number | undefined;

  constructor(order: (order: LiveOrder) => void) {
    this.#order = order;
    const ask = (label: string, verb: Exclude<LiveOrder['do'], 'start'>) =>
      button(label, () => {
        this.#ask({ do: verb });
      });
    this.#buttons = {
      start: button('Start', () => {
        this.#start();
      }),
      go: ask('Continue', 'go'),
      pause: ask('Pause', 'pause'),
      step: ask('Step', 'step'),
      slower: ask('Slower', 'slower'),
      faster: ask('Faster', 'faster'),
      stop: ask('Stop', 'stop'),
    };
    this.#conversation = new ConversationView({
      choose: (nth) => {
        this.#at = nth;
        this.#draw();
      },
      sequence: (nth) => this.#sequencePath(nth),
    });
    this.element.append(
      el('div', { class: 'tools' }, this.#suite, ...Object.values(this.#buttons), this.#speed),
      el('div', { class: 'tools' }, this.#progress, this.#figures),
      el('section', { class: 'found' }, this.#foundTitle, this.#found.element, this.#again),
      this.#nothing,
      this.#conversation.element,
    );
  }

  show(): Promise<void> {
    this.#draw();
    return Promise.resolve();
  }

  /** Takes an update. */
  take({ live, conversation, deviations, fresh }: Update): void {
    if (fresh === true) {
      [this.#deviations, this.#steps, this.#current] = [[], [], undefined];
      [this.#at, this.#chosen] = [undefined, undefined];
    }
    if (live !== undefined) this.#state = live;
    if (deviations !== undefined) this.#deviations.push(...deviations);
    if (conversation !== undefined) {
      const { nth, from, conversation: news } = conversation;
      if (nth !== this.#nth) this.#at = undefined;
      this.#steps = [...(nth === this.#nth ? this.#steps.slice(0, from) : []), ...news.steps];
      this.#nth = nth;
      this.#current = { ...news, steps: this.#steps };
    }
    if (this.element.isConnected) this.#draw();
  }

  #start(): void {
    const select = this.#suite.querySelector('select');
    this.#order({ do: 'start', suite: select?.value ?? '' });
  }

  #ask(order: LiveOrder): void {
    // These two orders lead back to the run.
    if (order.do === 'go' || order.do === 'step') [this.#at, this.#chosen] = [undefined, undefined];
    this.#order(order);
  }

  #look(nth: number): void {
    this.#chosen = nth;
    const deviation = this.#deviations[nth];
    this.#at = deviation?.breakage?.step;
    this.#draw();
  }

  get #isLooking(): boolean {
    return this.#chosen !== undefined;
  }

  #sequencePath(nth: number): string {
    const of = this.#isLooking ? `deviation&nth=${this.#chosen ?? 0}` : `live&nth=${this.#nth}`;
    const state = this.#isLooking ? '' : `&steps=${this.#steps.length}`;
    return `/sequence.svg?of=${of}&to=${nth}${state}`;
  }

  #draw(): void {
    const state = this.#state;
    if (state === undefined) return;
    this.#drawTools(state);
    const shown = this.#chosen === undefined ? this.#current : this.#deviations[this.#chosen];
    this.#found.show(
      {
        count: this.#deviations.length,
        fill: (row, nth) => {
          this.#fill(row, nth);
        },
      },
      this.#chosen ?? -1,
    );
    this.#found.element.hidden = this.#deviations.length === 0;
    setText(this.#foundTitle, `Deviations: ${this.#deviations.length}`);
    const again = this.#chosen === undefined ? '' : (this.#deviations[this.#chosen]?.again ?? '');
    setText(this.#again, again === '' ? '' : `Run it again: ${again}`);
    this.#conversation.element.hidden = shown === undefined;
    this.#nothing.hidden = shown !== undefined;
    if (shown !== undefined) {
      this.#conversation.show(shown, this.#at ?? shown.steps.length - 1);
    }
    this.#conversation.heat(state.heat);
  }

  #fill(row: HTMLElement, nth: number): void {
    const { name = '', breakage } = this.#deviations[nth] ?? {};
    const rules = breakage?.rules.map(({ id }) => id).join(' ') ?? '';
    row.className = 'row breaks';
    row.replaceChildren(
      el('span', { class: 'number' }, String(nth + 1)),
      el('span', { class: 'command' }, `${name} ${rules}`),
      el('span', { class: 'observed' }, breakage?.why ?? ''),
    );
  }

  #drawTools(state: LiveState): void {
    const { phase, speed, suites, suite, done, all, verdicts, steps, subject } = state;
    const select = this.#suite.querySelector('select');
    const known = [...(select?.options ?? [])].map(({ value }) => value).join();
    if (known !== suites.join())
      this.#suite.replaceChildren(choice('suite', suites, suite, () => undefined));
    const isOn = phase === 'running' || phase === 'paused';
    const { start, go, pause, step, slower, faster, stop } = this.#buttons;
    setText(start, isOn ? 'Start again' : 'Start');
    go.hidden = phase !== 'paused';
    pause.hidden = phase === 'paused';
    for (const one of [pause, step, stop]) one.disabled = !isOn;
    slower.disabled = speed === 0.5;
    faster.disabled = speed === 'full';
    setText(this.#speed, speed === 'full' ? 'full speed' : `${speed} steps per second`);
    this.#progress.max = Math.max(1, all);
    this.#progress.value = done;
    const counts = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
    const words = { waiting: 'not started', running: 'running', paused: 'paused', over: 'ended' };
    const parts = [words[phase], `${done} of ${all} cases`, ...counts, `${steps} steps`];
    setText(this.#figures, `${subject.trim() || '--target memory'}: ${parts.join(', ')}`);
  }
}
