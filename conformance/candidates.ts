import { nameOfState } from '../model/index.js';
import type { Oracle } from './oracle.js';

/** The states that are still possible, in words. */

const shownMax = 12;
/** With more contexts than this only those that serve a request are named. */
const contextsShownMax = 4;

/** Each state that explains everything observed so far, up to a dozen of them. */
export function candidatesOf({ system, hypotheses }: Oracle): readonly string[] {
  const words = hypotheses.slice(0, shownMax).map(({ state, slots }) => {
    const requests = slots.flatMap(({ request }, index) =>
      request === undefined ? [] : [`r${request} in context ${index}`],
    );
    const [contexts = '', daemons = ''] = nameOfState(system, state).split('.');
    const shown = slots.length > contextsShownMax ? `${slots.length} contexts` : contexts;
    return [shown, daemons, ...requests].join(', ');
  });
  const left = hypotheses.length - words.length;
  return left > 0 ? [...new Set(words), `and ${left} more`] : [...new Set(words)];
}
