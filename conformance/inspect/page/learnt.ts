import type { Differs, LearntShown } from '../messages.js';
import { el } from './dom.js';
import { hashOf } from './route.js';

/** What is said of a learnt machine: what it is, and how it differs from the model. */

/** The name of a learnt machine in links. */
export const learntName = 'learnt';

const signs: Readonly<Record<Differs['kind'], string>> = {
  changed: '≠ changed',
  extra: '+ extra',
  missing: '− missing',
};
const meanings: Readonly<Record<Differs['kind'], string>> = {
  changed: 'another thing happens than in the model',
  extra: 'the model has no such input there',
  missing: 'only the model has such an input there',
};

/** The machine as a whole. */
export function aboutLearnt(learnt: LearntShown): readonly HTMLElement[] {
  const { file, implementation, profile, contexts, users, states } = learnt;
  const bounds = `${counted(contexts, 'context')}, ${counted(users, 'user')}`;
  return [
    el(
      'p',
      {},
      el('strong', {}, implementation),
      ` as it was learnt (${file}): ${counted(states, 'state')}; profile ${profile}, ${bounds}.`,
    ),
    ...(learnt.isCertain
      ? []
      : [el('p', { class: 'problem' }, 'It was not learnt to the end: this is a guess.')]),
    ...(learnt.isSame ? [el('p', {}, 'The same machine as the model’s.')] : difference(learnt)),
  ];
}

function difference({ modelStates, counts, shortest }: LearntShown): readonly HTMLElement[] {
  const query = new URLSearchParams({ machine: learntName, do: shortest.join('~') });
  const kinds = (['changed', 'extra', 'missing'] as const).map((kind) =>
    el('li', {}, sign(kind, `${signs[kind]}: ${counts[kind]}`), ` (${meanings[kind]})`),
  );
  return [
    el('p', {}, `Another machine than the model’s, which has ${counted(modelStates, 'state')}:`),
    el('ul', { class: 'kinds' }, ...kinds),
    ...(shortest.length === 0
      ? []
      : [
          el(
            'p',
            {},
            el('a', { href: hashOf('machines', query) }, 'The shortest way to a difference'),
          ),
        ]),
  ];
}

/** How one transition differs, in words, if it does. */
export function differsItem(differs: Differs | undefined): readonly HTMLElement[] {
  if (differs === undefined) return [];
  const { kind, model } = differs;
  return [el('p', { class: 'differing' }, sign(kind, signs[kind]), `; the model: ${model}`)];
}

function sign(kind: Differs['kind'], words: string): HTMLElement {
  return el('strong', { class: `sign ${kind}` }, words);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
