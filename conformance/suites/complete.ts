import type { Profile } from '../../model/index.js';
import { commandsOf, completeSuite, mealyOf, runOfWord, System } from '../../model/index.js';
import { spaced, spacedTimeoutMs } from './spaced.js';
import type { Case, Extent, Suite } from './suite.js';
import { needsOf, overlaps, rulesOf, sizeOf, suiteOf } from './suite.js';

/**
 * Suite `complete`: the words of the H method for two contexts and one user, or as many as are asked for.
 *
 * Reason. A tour takes every transition, but does not look where it led: a fault that goes to a state
 * that answers alike for a while slips through. The H method follows every transition by words that
 * tell the state that should be reached from every other one. What it promises (model/complete): an
 * implementation that is deterministic, takes the lowest free context, and behaves like a machine of
 * no more states than the model has that can be told apart, passes only if it is right. The words are
 * in shuffled order, so that a run that is cut short has tried something of everything.
 */
export function completenessSuite(profile: Profile, extent: Extent): Suite {
  const bounds = { ...usual, ...extent };
  const size = sizeOf(bounds);
  const name = size === sizeOf(usual) ? 'h' : `h${size}`;
  return suiteOf({
    name: 'complete',
    description:
      'the H method at two contexts and one user: every transition and the state it leads to',
    parts: { [`complete/${name}/`]: () => [...casesOf(profile, name, bounds)] },
    *deeper(within = '') {
      if (name !== 'h') return;
      if (overlaps('complete/h1/', within))
        yield* casesOf(profile, 'h1', { ...usual, extraStates: 1 });
      if (overlaps('complete/h2x2/', within))
        yield* casesOf(profile, 'h2x2', { ...usual, users: 2 });
    },
  });
}

/** How large a system is, and how many states more than the model an implementation may have. */
type Reach = typeof usual;

const usual = { contexts: 2, users: 1, processes: 2, extraStates: 0 };

function* casesOf(
  profile: Profile,
  name: string,
  { extraStates, ...bounds }: Reach,
): Generator<Case> {
  const system = new System(bounds, profile);
  const suite = completeSuite(mealyOf(system, { oneClock: true }), { method: 'h', extraStates });
  for (const { word, nth } of shuffled([...suite])) {
    const steps = runOfWord(system, word);
    const commands = commandsOf(steps);
    if (commands === undefined) throw new Error('a word of one clock is a conversation');
    const setup = { ...bounds, manualWake: true, timeoutMs: spacedTimeoutMs };
    yield {
      kind: 'script',
      id: `complete/${name}/${String(nth + 1).padStart(4, '0')}`,
      setup,
      needs: needsOf(commands, setup),
      requirements: rulesOf(steps),
      commands: spaced(commands, steps),
      spares: ['manualWake', 'exit'],
    };
  }
}

/** Always the same disorder: each word by the product of its number and a large odd one. */
function shuffled<T>(words: readonly T[]): { word: T; nth: number }[] {
  const rank = (nth: number) => Math.imul(nth + 1, 0x9e3779b1) >>> 0;
  return words.map((word, nth) => ({ word, nth })).sort((a, b) => rank(a.nth) - rank(b.nth));
}
