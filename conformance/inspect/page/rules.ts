import type { RuleText } from '../messages.js';
import { el } from './dom.js';

/** Requirements in words. */

/** The requirements of a step, folded up. */
export function rulesItem(rules: readonly RuleText[]): HTMLElement {
  const ids = rules.map(({ id }) => id).join(', ');
  const summary = el(
    'summary',
    {},
    `${rules.length === 1 ? 'requirement' : 'requirements'} ${ids}`,
  );
  return el('details', { class: 'rules' }, summary, ...rules.map(ruleItem));
}

/** One requirement. */
export function ruleItem({ id, level, text, source }: RuleText): HTMLElement {
  return el(
    'p',
    { class: 'rule' },
    el('strong', {}, `${id} (${level})`),
    ` ${text} `,
    el('span', { class: 'quiet' }, `Source: ${source}`),
  );
}
