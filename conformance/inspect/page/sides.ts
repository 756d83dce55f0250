import type { StepShown } from '../messages.js';
import { el } from './dom.js';

const unshown = 'not shown';

/** Model and implementation side by side, as the rows of a table. */
export function sidesOf(
  components: readonly string[],
  step: StepShown | undefined,
): readonly HTMLElement[] {
  if (components.length === 0 || step === undefined || step.model.length === 0) return [];
  const head = el(
    'thead',
    {},
    el('tr', {}, ...['', 'model', 'implementation'].map((one) => el('th', { scope: 'col' }, one))),
  );
  const at = (name: string) => step.model[components.indexOf(name)] ?? '';
  const numbers = (kind: string) =>
    components.filter((one) => one.startsWith(kind)).map((one) => Number(one.slice(kind.length)));
  const contexts = numbers('context').map((nth) => {
    const user = at(`owner${nth}`).replace(/is(\d+)/g, (_, n: string) => `user ${Number(n) + 1}`);
    const isFree = at(`context${nth}`) === 'free';
    const model = [at(`context${nth}`), ...(isFree ? [] : [user, `task ${at(`task${nth}`)}`])];
    const shown = step.inside?.contexts.find(({ index }) => index === nth);
    const theirs = shown && `${shown.state}${shown.seq === '' ? '' : `, number ${shown.seq}`}`;
    const differs = shown !== undefined && !at(`context${nth}`).split('|').includes(shown.state);
    return row(`context ${nth}`, model.join(', '), theirs ?? unshown, differs);
  });
  const daemons = numbers('daemon').map((nth) => {
    const state = at(`daemon${nth}`);
    const process = at(`registrant${nth}`).replace(
      /is(\d+)/g,
      (_, n: string) => `d${Number(n) + 1}`,
    );
    const model = state === 'unregistered' ? state : `${state}: u${nth + 1}.${process}`;
    const theirs = step.inside?.daemons.filter((name) => name.startsWith(`u${nth + 1}.`));
    const names = theirs?.length === 0 ? 'unregistered' : theirs?.join(', ');
    const isOne = state === 'registered' || state === 'unregistered';
    const expected = state === 'registered' ? `u${nth + 1}.${process}` : 'unregistered';
    const differs = isOne && names !== undefined && !process.includes('|') && names !== expected;
    return row(`daemon of user ${nth + 1}`, model, names ?? unshown, differs);
  });
  return [
    el('caption', {}, 'Model and implementation'),
    head,
    el('tbody', {}, ...contexts, ...daemons),
  ];
}

function row(name: string, model: string, theirs: string, differs: boolean): HTMLElement {
  return el(
    'tr',
    { class: differs && 'differs' },
    el('th', { scope: 'row' }, name),
    el('td', {}, model),
    el('td', {}, differs ? `≠ ${theirs}` : theirs),
  );
}
