import { ReferenceSubject, seed } from '../../conformance/index.js';
import { chance } from '../../conformance/learn/chance.js';
import { learn } from '../../conformance/learn/learn.js';
import { machineClock } from '../../conformance/subjects/clock.js';
import { plainLStar } from '../conformance/l-star.js';
import { head, print, quick } from './measure.js';

/** What it takes to learn the reference implementation, against plain L* with counterexamples for nothing. */

const budgetMs = 900_000;

async function measure(contexts: number, users: number): Promise<void> {
  const begin = performance.now();
  const found = await learn({
    ...{ subject: new ReferenceSubject(), profile: seed, extent: { contexts, users } },
    ...{ budgetMs, clock: machineClock, random: chance(), draws: 500 },
  });
  const seconds = (performance.now() - begin) / 1000;
  const { verdict, states, words, symbols, examined, language } = found;
  const theirs = users === 1 ? plainLStar(language.model).symbols : undefined;
  const ratio = theirs === undefined ? '-' : (theirs / (symbols - examined.symbols)).toFixed(1);
  print([
    ...[`(${contexts},${users})`, verdict, String(states)],
    ...[
      `${words - examined.words} + ${examined.words}`,
      `${symbols - examined.symbols} + ${examined.symbols}`,
    ],
    ...[seconds.toFixed(1), String(theirs ?? '-'), `${ratio}x (wanted 5x)`],
  ]);
}

head(
  'Learning the reference implementation: contexts and users, asked to learn and to look for mistakes:',
  [...['bounds', 'verdict', 'states', 'words', 'inputs', 'seconds', 'inputs of plain L*', 'ratio']],
);
await measure(1, 1);
await measure(2, 1);
if (!quick) await measure(2, 2);
