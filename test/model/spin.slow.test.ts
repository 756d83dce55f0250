import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bounds, DefectId, Question } from '../../model/index.js';
import {
  calm,
  macroOf,
  Packed,
  profiles,
  promelaOf,
  seed,
  System,
  verify,
  walk,
} from '../../model/index.js';
import { lacks } from '../needs.js';
import { count, violates } from '../spin.js';

/**
 * SPIN as the judge of the walk: the same states, the same steps, the same verdicts. The export alone
 * would only check the walk, so a model written by hand from the rules has a say too.
 */

const skipped =
  lacks('spin', 'the model is not held against SPIN', '-V') ||
  lacks('cc', 'the checkers that SPIN generates are not compiled');

const environment = { ...calm, sendFails: true, signals: true };

function questionOf(name: string, bounds: Bounds, broken: readonly DefectId[]): Question {
  return {
    bounds,
    profile: profiles[name] ?? seed,
    switches: { defects: broken, without: [], environment },
    symmetry: false,
    statesMax: 1_000_000,
  };
}

const systemOf = ({ bounds, profile, switches }: Question) => new System(bounds, profile, switches);

const two = { contexts: 2, users: 2, processes: 2 };
const one = { contexts: 2, users: 1, processes: 2 };

describe.skipIf(skipped)('SPIN', () => {
  it.each([
    ['seed', { contexts: 1, users: 1, processes: 2 }, []],
    ['seed', one, []],
    ['seed', { contexts: 1, users: 2, processes: 2 }, []],
    ['seed', two, []],
    ['seed', { contexts: 3, users: 2, processes: 2 }, []],
    ['seed', { ...one, queue: 2, quitMarkers: true }, []],
    ['netlink-2.6.21', { ...one, queue: 1 }, []],
    ['device-2.6.26', { ...two, queue: 1 }, []],
    ['device-6', { ...two, queue: 2 }, []],
    ['seed', two, ['D-1']],
    ['seed', two, ['D-2']],
    ['device-6', { ...one, queue: 1, tasks: 3 }, ['D-3']],
    ['seed', two, ['D-5']],
    ['device-6', { ...two, queue: 1 }, ['D-7']],
    ['seed', two, ['D-11']],
    ['seed', one, ['D-14']],
  ] as const)(
    'counts the same states and steps under %s at %o with %o',
    async (name, bounds, broken) => {
      const system = systemOf(questionOf(name, bounds, broken));
      const ours = walk(new Packed(system), { statesMax: 1_000_000 });
      const theirs = await count(promelaOf(system));
      expect([theirs.states, theirs.transitions]).toEqual([ours.count, ours.transitions]);
      expect(theirs.deadlocks).toBe(ours.deadlock >= 0);
    },
  );

  it.each([
    ['seed', { contexts: 1, users: 2, processes: 2 }, []],
    ['device-6', { ...one, queue: 1 }, []],
    ['seed', one, ['D-1']],
    ['seed', one, ['D-2']],
    ['device-6', { ...one, queue: 1, tasks: 3 }, ['D-3']],
    ['seed', one, ['D-5']],
    ['device-6', { ...one, queue: 1 }, ['D-7']],
    ['seed', one, ['D-11']],
    ['device-2.6.26', one, ['D-14']],
    ['device-2.6.26', one, ['D-15']],
  ] as const)('comes to the same verdicts under %s at %o with %o', async (name, bounds, broken) => {
    const question = questionOf(name, bounds, broken);
    const promela = promelaOf(systemOf(question));
    for (const { property, verdict } of verify(question).findings) {
      const macro = macroOf(property);
      // A crash is an end state that is not a valid one: the run without a formula finds it.
      const isEnd = property.kind === 'always' && property.never === 'deadlock';
      const found = isEnd ? (await count(promela)).deadlocks : await violates(promela, [macro]);
      // What is sometimes so is what its formula says is never so.
      const violated = property.kind === 'sometimes' ? !found : found;
      expect(`${property.name}: ${violated ? 'violated' : 'holds'}`).toBe(
        `${property.name}: ${verdict === 'inconclusive' ? 'holds' : verdict}`,
      );
    }
  });

  it('sees that a process may sleep for ever where nothing ends its time', async () => {
    const question = questionOf('seed', one, []);
    const without = { ...question.switches, without: ['timeLimit'] as const };
    const promela = promelaOf(systemOf({ ...question, switches: without }));
    expect(await violates(promela, ['EVERY_SLEEPER_RESUMES'])).toBe(true);
  });
});

/** The model that was written by hand, from the rules alone. */
const byHand = readFileSync(new URL('../spin/by-hand.pml', import.meta.url), 'utf8');

/** Its names of the properties, and ours. */
const properties = {
  POOL_IS_WHOLE: 'pool-is-whole',
  ANSWERS_MATCH: 'answers-match',
  ACCEPTED_ONCE: 'accepted-once',
  ONLY_DAEMON: 'only-the-daemon-completes',
  ONLY_ITSELF_QUITS: 'only-itself-quits',
  RESUMES: 'every-sleeper-resumes',
} as const;

describe.skipIf(skipped)('a model written by hand in Promela', () => {
  it.each([
    [[], { defects: [], without: [] }],
    [['LEAK'], { defects: ['D-1'], without: [] }],
    [['NO_SEQUENCE'], { defects: [], without: ['sequenceMatches'] }],
    [['NO_PENDING'], { defects: [], without: ['contextPending'] }],
    [['NO_DAEMON'], { defects: [], without: ['senderIsDaemon'] }],
    [['QUIT_ANY'], { defects: [], without: ['quitSender'] }],
  ] as const)('agrees in states, steps and verdicts with %o', async (macros, switched) => {
    const question = { ...questionOf('seed', one, []), switches: { ...switched, environment } };
    const { findings } = verify(question);
    for (const [macro, name] of Object.entries(properties)) {
      const verdict = findings.find(({ property }) => property.name === name)?.verdict;
      const theirs = (await violates(byHand, [...macros, macro])) ? 'violated' : 'holds';
      expect(`${name} ${theirs}`).toBe(`${name} ${verdict ?? 'unknown'}`);
    }
    const { count: states, transitions } = walk(new Packed(systemOf(question)), {
      statesMax: 1_000_000,
    });
    const counted = await count(byHand, macros);
    expect(counted.states).toBe(states);
    expect(counted.transitions).toBe(transitions);
  });
});
