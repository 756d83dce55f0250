import type { CheckShown, Choice, LearntShown, Stepped, Taken } from '../messages.js';
import { button, choice, el, setText } from './dom.js';
import { aboutLearnt, differsItem, learntName } from './learnt.js';
import { loadJson, Refusal } from './load.js';
import { Picture } from './picture.js';
import { rulesItem } from './rules.js';
import { goTo, hashOf } from './route.js';
import type { View } from './view.js';

/** Steps through the machines by hand. The link names everything on show. */

const machines: Readonly<Record<string, string>> = {
  context: 'Context',
  daemon: 'Daemon',
  reply: 'Reply cascade',
  task: 'Task',
  system: 'Joined system',
};
const profiles = ['seed', 'netlink-2.6.21', 'device-2.6.26', 'device-6'];
const bounds: Readonly<Record<string, readonly string[]>> = {
  contexts: ['1', '2', '3'],
  users: ['1', '2'],
  processes: ['1', '2'],
};
const boundsUsual: Readonly<Record<string, string>> = { contexts: '2', users: '1', processes: '2' };

/** The view. */
export class MachinesView implements View {
  readonly element = el('div', { class: 'view machines' });
  readonly #tools = el('div', { class: 'tools' });
  readonly #picture = new Picture('the machine');
  readonly #about = el('div', { class: 'about', hidden: '' });
  readonly #now = el('p', { class: 'now', role: 'status' });
  readonly #choices = el('div', { class: 'choices' });
  readonly #trail = el('ol', { class: 'trail' });
  readonly #problem = el('p', { class: 'problem', role: 'alert', hidden: '' });
  #query = new URLSearchParams();
  #learnt: LearntShown | undefined;

  constructor() {
    const side = el(
      'section',
      { class: 'side', 'aria-label': 'Steps' },
      this.#problem,
      this.#about,
      this.#now,
      el('h2', {}, 'Possible steps'),
      this.#choices,
      el('h2', {}, 'Steps taken, newest first'),
      this.#trail,
    );
    this.element.append(this.#tools, el('div', { class: 'beside' }, this.#picture.element, side));
    document.addEventListener('keydown', ({ key, ctrlKey, metaKey }) => {
      if (key === 'u' && !ctrlKey && !metaKey && this.element.isConnected) this.#undo();
    });
    void this.#findLearnt();
  }

  /** Adds the learnt machine to the tabs, if the server has one. */
  async #findLearnt(): Promise<void> {
    // The server answers with what messages.ts says.
    const learnt = (await loadJson('/learnt.json')) as LearntShown | null;
    if (learnt === null) return;
    this.#learnt = learnt;
    this.#about.replaceChildren(...aboutLearnt(learnt));
    this.#drawTools();
  }

  /** Shows the state that the link names. */
  async show(query: URLSearchParams): Promise<void> {
    this.#query = query;
    this.#drawTools();
    const pictured = new URLSearchParams(query);
    pictured.delete('do');
    const picture = this.#picture.show(`/figure.svg?${pictured.toString()}`);
    try {
      // The server answers with what messages.ts says.
      const stepped = (await loadJson(`/step.json?${query.toString()}`)) as Stepped;
      this.#problem.hidden = true;
      if (query === this.#query) this.#draw(stepped);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setText(this.#problem, error.message);
      this.#problem.hidden = false;
    }
    await picture;
  }

  get #tokens(): readonly string[] {
    const text = this.#query.get('do') ?? '';
    return text === '' ? [] : text.split('~');
  }

  #get(name: string, usual: string): string {
    return this.#query.get(name) ?? usual;
  }

  /** Another machine or profile starts without steps. */
  #set(name: string, value: string): void {
    const query = new URLSearchParams(this.#query);
    query.set(name, value);
    query.delete('do');
    goTo('machines', query);
  }

  #do(tokens: readonly string[]): void {
    const query = new URLSearchParams(this.#query);
    if (tokens.length === 0) query.delete('do');
    else query.set('do', tokens.join('~'));
    goTo('machines', query);
  }

  #undo(): void {
    if (this.#tokens.length > 0) this.#do(this.#tokens.slice(0, -1));
  }

  #drawTools(): void {
    const chosen = this.#get('machine', 'context');
    const isLearnt = chosen === learntName;
    this.#about.hidden = !isLearnt;
    const learnt = this.#learnt === undefined ? {} : { [learntName]: 'Learnt' };
    const tabs = Object.entries({ ...machines, ...learnt }).map(([name, label]) =>
      el(
        'a',
        {
          href: hashOf('machines', new URLSearchParams({ ...this.#kept, machine: name })),
          'aria-current': name === chosen && 'true',
        },
        label,
      ),
    );
    const ofSystem = Object.entries(bounds).map(([name, values]) =>
      choice(name, values, this.#get(name, boundsUsual[name] ?? '1'), (value) => {
        this.#set(name, value);
      }),
    );
    const isNew = this.#tokens.length === 0;
    this.#tools.replaceChildren(
      el('nav', { class: 'tabs', 'aria-label': 'Machines' }, ...tabs),
      ...(isLearnt ? [] : [this.#profileChoice()]),
      ...(chosen === 'system' ? ofSystem : []),
      button(
        'Undo',
        () => {
          this.#undo();
        },
        { 'aria-keyshortcuts': 'u', disabled: isNew && '' },
      ),
      button(
        'Start again',
        () => {
          this.#do([]);
        },
        { disabled: isNew && '' },
      ),
      this.#linkButton(),
    );
  }

  #profileChoice(): HTMLElement {
    return choice('profile', profiles, this.#get('profile', 'seed'), (value) => {
      this.#set('profile', value);
    });
  }

  /** What stays if the user chooses another machine. */
  get #kept(): Record<string, string> {
    const names = ['profile', ...Object.keys(bounds)];
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = this.#query.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
  }

  #linkButton(): HTMLButtonElement {
    const made = button('Copy link', () => {
      void navigator.clipboard.writeText(location.href).then(
        () => {
          setText(made, 'Copied');
        },
        () => {
          setText(made, 'Copy it from the address bar');
        },
      );
    });
    return made;
  }

  #draw({ active, trail, choices }: Stepped): void {
    const last = trail.at(-1);
    const [near = ''] = active;
    const isLearnt = this.#get('machine', '') === learntName;
    const marks = { active, passed: last?.passed ?? [] };
    this.#picture.mark(isLearnt ? { ...marks, near } : marks);
    const leaves = active.filter((one) => !active.some((other) => other.startsWith(`${one}.`)));
    setText(
      this.#now,
      `Now in ${leaves.join(', ')}${last === undefined ? '' : `, after ${last.label}`}`,
    );
    const enabled = choices.filter((one) => one.enabled);
    const others = choices.filter((one) => !one.enabled);
    const disabled = el(
      'details',
      { class: 'disabled' },
      el('summary', {}, `${others.length} steps that are not possible now, and why`),
      el('ul', {}, ...others.map((one) => this.#disabled(one))),
    );
    disabled.open = others.length <= 12;
    const hadFocus = this.#choices.contains(document.activeElement);
    this.#choices.replaceChildren(
      el('ul', { class: 'enabled' }, ...enabled.map((one) => this.#enabled(one))),
      ...(others.length === 0 ? [] : [disabled]),
    );
    // The pressed button is gone; keyboard users continue from the first one.
    if (hadFocus) this.#choices.querySelector('button')?.focus();
    this.#trail.replaceChildren(...trail.map((one, nth) => this.#step(one, nth)).reverse());
  }

  #enabled({ token, label, outcome, checks, differs }: Choice): HTMLElement {
    const send = button(
      label,
      () => {
        this.#do([...this.#tokens, token]);
      },
      { class: 'word' },
    );
    const falls = checks.filter(({ holds }) => !holds);
    const why = falls.length === 0 ? [] : [el('ul', { class: 'checks' }, ...falls.map(checkItem))];
    const seen = el('span', { class: 'outcome' }, outcome);
    return el('li', {}, send, seen, ...differsItem(differs), ...why);
  }

  #disabled({ label, outcome, checks, differs }: Choice): HTMLElement {
    const falls = checks.filter(({ holds }) => !holds);
    return el(
      'li',
      { 'aria-disabled': 'true' },
      el('span', { class: 'word' }, label),
      ...(outcome === '' ? [] : [el('span', { class: 'outcome' }, ` (${outcome})`)]),
      ...differsItem(differs),
      el('ul', { class: 'checks' }, ...(falls.length === 0 ? checks : falls).map(checkItem)),
    );
  }

  #step({ label, outcome, checks, rules, differs }: Taken, nth: number): HTMLElement {
    const back = button(
      label,
      () => {
        this.#do(this.#tokens.slice(0, nth + 1));
      },
      {
        title: 'Go back to here',
        class: 'word',
      },
    );
    return el(
      'li',
      { value: nth + 1 },
      back,
      el('span', { class: 'outcome' }, outcome),
      ...differsItem(differs),
      ...(checks.length === 0 ? [] : [el('ul', { class: 'checks' }, ...checks.map(checkItem))]),
      ...(rules.length === 0 ? [] : [rulesItem(rules)]),
    );
  }
}

/** A condition, and whether it is true. */
function checkItem({ name, holds, text }: CheckShown): HTMLElement {
  return el(
    'li',
    { class: holds ? 'holds' : 'fails' },
    el('span', { class: 'mark' }, holds ? 'true' : 'false'),
    ` ${name}`,
    ...(text === '' ? [] : [el('span', { class: 'quiet' }, `: ${text}`)]),
  );
}
