import type { ConversationShown, StepShown } from '../messages.js';
import { el, setText } from './dom.js';
import { VirtualList } from './list.js';
import { ruleItem } from './rules.js';
import { Picture } from './picture.js';
import { sidesOf } from './sides.js';

/**
 * A conversation at one of its steps: the machines with their current states, model and implementation side by side,
 * the messages as a sequence diagram, and all steps as a list.
 */

const kinds = ['context', 'daemon', 'task', 'reply'] as const;
const labels = { context: 'Contexts', daemon: 'Daemons', task: 'Tasks', reply: 'Reply cascade' };

/** What a conversation view asks of the view around it. */
export interface ConversationOptions {
  /** The user chose a step. */
  readonly choose: (nth: number) => void;
  /** The address of the sequence diagram up to a step. */
  readonly sequence: (nth: number) => string;
}

/** Shows a conversation; another one may follow. */
export class ConversationView {
  readonly element: HTMLElement;
  readonly #options: ConversationOptions;
  readonly #pictures = Object.fromEntries(kinds.map((kind) => [kind, new Picture(labels[kind])]));
  readonly #title = el('h2', {}, 'No conversation yet');
  readonly #sides = el('table', { class: 'sides' });
  readonly #breakage = el('section', {
    class: 'breakage',
    hidden: '',
    'aria-label': 'Failure',
  });
  readonly #sequence = new Picture('the conversation as a sequence diagram');
  readonly #list: VirtualList;
  #profile = '';

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#list = new VirtualList('Steps of the conversation', options.choose);
    const figures = kinds.map((kind) => {
      const picture = this.#pictures[kind]?.element ?? '';
      return el('section', { class: `machine-${kind}` }, el('h3', {}, labels[kind]), picture);
    });
    this.element = el(
      'div',
      { class: 'conversation' },
      el('div', { class: 'pictures' }, ...figures),
      el(
        'div',
        { class: 'course' },
        this.#title,
        this.#breakage,
        this.#sides,
        this.#list.element,
        el('h3', {}, 'Sequence'),
        this.#sequence.element,
      ),
    );
  }

  /** Shows a conversation at a step. */
  show(conversation: ConversationShown, at: number): void {
    const { profile } = conversation;
    if (profile !== this.#profile) {
      this.#profile = profile;
      for (const kind of kinds) {
        const query = new URLSearchParams({ machine: kind, profile });
        void this.#pictures[kind]?.show(`/figure.svg?${query.toString()}`);
      }
    }
    const { name, steps, verdict } = conversation;
    const step = steps[at];
    setText(this.#title, verdict === undefined ? name : `${name}: ${verdict}`);
    this.#drawBreakage(conversation, at);
    const sides = sidesOf(conversation.components, step);
    this.#sides.hidden = sides.length === 0;
    this.#sides.replaceChildren(...sides);
    this.#mark(conversation.components, step);
    const breaks = conversation.breakage?.step;
    this.#list.show(
      {
        count: steps.length,
        fill: (row, nth) => {
          fillRow(row, steps[nth], nth, nth === breaks);
        },
      },
      at,
    );
    if (steps.length > 0) void this.#sequence.show(this.#options.sequence(at));
  }

  /** Colours the machines by how often the run took each transition. */
  heat(counts: Readonly<Record<string, number>>): void {
    for (const kind of kinds) this.#pictures[kind]?.heat(kind, counts);
  }

  #drawBreakage({ breakage, verdict }: ConversationShown, at: number): void {
    const isHere = breakage !== undefined && at >= breakage.step;
    this.#breakage.hidden = !isHere;
    if (breakage === undefined || !isHere) return;
    const { why, allowed, rules } = breakage;
    const title =
      verdict === 'fail' ? 'Model and implementation differ here' : 'No verdict from here on';
    this.#breakage.replaceChildren(
      el('h3', {}, verdict === 'pass' ? 'This step failed when the file was recorded' : title),
      el('p', {}, why),
      ...rules.map(ruleItem),
      ...(allowed.length === 0 ? [] : [el('p', {}, 'Allowed:')]),
      el('ul', { class: 'allowed' }, ...allowed.slice(0, 12).map((one) => el('li', {}, one))),
    );
  }

  #mark(components: readonly string[], step: StepShown | undefined): void {
    for (const kind of kinds) {
      const badges = new Map<string, string>();
      components.forEach((component, nth) => {
        if (!component.startsWith(kind)) return;
        const number = component.slice(kind.length);
        for (const state of step?.model[nth]?.split('|') ?? []) {
          const before = badges.get(state);
          badges.set(state, before === undefined ? number : `${before},${number}`);
        }
      });
      const active = [...badges.keys()];
      if (kind === 'reply') active.push(step?.reply ?? 'received');
      this.#pictures[kind]?.mark({ active, badges });
    }
  }
}

function fillRow(row: HTMLElement, step: StepShown | undefined, nth: number, breaks: boolean) {
  if (step === undefined) return;
  const { command, observed, probe, recorded } = step;
  row.className = `row${breaks ? ' breaks' : ''}${probe === true ? ' probe' : ''}`;
  const was = recorded === undefined ? '' : ` (recorded: ${recorded.join('; ')})`;
  const place = probe === true ? 'probe ' : '';
  row.replaceChildren(
    el('span', { class: 'number' }, String(nth + 1)),
    el('span', { class: 'command' }, `${place}${command}`),
    el('span', { class: 'observed' }, `${observed.join('; ')}${was}`),
  );
}
