import type { Differs, LearntShown } from '../messages.js';
import { el, visible } from './dom.js';
import { hashOf } from './route.js';

/** The texts about a learnt machine: what it is, and how it differs from the model. */

/** The name of a learnt machine in links. */
export const learntName = 'learnt';

const signs: Readonly<Record<Differs['kind'], string>> = {
  changed: '≠ changed',
  extra: '+ extra',
  missing: '− missing',
};
const meanings: Readonly<Record<Differs['kind'], string>> = {
  changed: 'the model does something else',
  extra: 'only the learnt machine has this input there',
  missing: 'only the model has this input there',
};

/** The machine as a whole. */
export function aboutLearnt(learnt: LearntShown): readonly HTMLElement[] {
  const { file, implementation, profile, contexts, users, states } = learnt;
  const bounds = `${counted(contexts, 'context')}, ${counted(users, 'user')}`;
  return [
    el(
      'p',
      {},
      el('strong', {}, visible(implementation)),
      `, learnt by msgctx learn (${file}): ${counted(states, 'state')}; profile ${profile}, ${bounds}.`,
    ),
    ...(learnt.isCertain
      ? []
      : [el('p', { class: 'problem' }, 'Learning did not finish, so this machine is a guess.')]),
    ...(learnt.isSame
      ? [el('p', {}, 'It is the same machine as that of the model.')]
      : difference(learnt)),
  ];
}

function difference({ modelStates, counts, shortest }: LearntShown): readonly HTMLElement[] {
  const query = new URLSearchParams({ machine: learntName, do: shortest.join('~') });
  const kinds = (['changed', 'extra', 'missing'] as const).map((kind) =>
    el('li', {}, sign(kind, `${signs[kind]}: ${counts[kind]}`), ` (${meanings[kind]})`),
  );
  return [
    el(
      'p',
      {},
      `It differs from the machine of the model, which has ${counted(modelStates, 'state')}:`,
    ),
    el('ul', { class: 'kinds' }, ...kinds),
    ...(shortest.length === 0
      ? []
      : [
          el(
            'p',
            {},
            el('a', { href: hashOf('machines', query) }, 'Shortest path to a difference'),
          ),
        ]),
  ];
}

/** How one transition differs from the model's, if it does. */
export function differsItem(differs: Differs | undefined): readonly HTMLElement[] {
  if (differs === undefined) return [];
  const { kind, model } = differs;
  return [el('p', { class: 'differing' }, sign(kind, signs[kind]), `; in the model: ${model}`)];
}

function sign(kind: Differs['kind'], words: string): HTMLElement {
  return el('strong', { class: `sign ${kind}` }, words);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
