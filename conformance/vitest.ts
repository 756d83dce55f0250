import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfileName } from '../model/index.js';
import { requirement } from '../model/index.js';
import { conversationLines } from './report/conversation.js';
import type { CaseReport } from './report.js';
import { run } from './run.js';
import type { ChosenCase } from './select.js';
import { profileNamed, selectCases } from './select.js';
import type { Claims, Subject } from './subject.js';

/**
 * `msgctx/vitest`: the suites as tests of vitest, a `describe` a suite and a test a case.
 *
 * What the subject does not support is a skipped test with its reason; a failure shows the shortest
 * conversation, what was allowed, and the rule.
 */

/** How an implementation is held. */
export interface ConformanceOptions {
  /** The version of the protocol; `seed` by default. */
  readonly profile?: Exclude<ProfileName, 'device-2.6.26'>;
  /** What the subject plays; `kernel` by default. */
  readonly role?: Claims['role'];
  /** Whether errnos are judged; under a version of Linux they are by default. */
  readonly strict?: boolean;
  /** Only these suites, and only these requirements or beginnings of case ids. */
  readonly suites?: readonly string[];
  readonly filters?: readonly string[];
  /** How large a system `tour`, `complete` and random conversations explore, for who wants another than usual. */
  readonly contexts?: number;
  readonly users?: number;
  readonly seed?: number;
  /** Conversations of a random case. */
  readonly runs?: number;
  /** How long one case may take, in milliseconds. */
  readonly timeoutMs?: number;
}

const timeoutUsualMs = 60_000;

/**
 * Declares the tests of an implementation. Call it where `describe` may be called.
 *
 * @param createSubject makes the subject; it is closed after the last test
 * @throws UsageError when the options name what does not exist, or leave no case
 * @example
 * describeConformance('my kernel', () => new MySubject(), { strict: true });
 */
export function describeConformance(
  name: string,
  createSubject: () => Subject | Promise<Subject>,
  options: ConformanceOptions = {},
): void {
  const { profile: version = 'seed', suites = [], filters = [], role = 'kernel' } = options;
  const profile = profileNamed(version);
  const { strict = version !== 'seed', seed = 1, runs = 100, timeoutMs } = options;
  const cases = selectCases(profile, suites, filters, { role, extent: options });
  describe(name, () => {
    let subject: Subject | undefined;
    beforeAll(async () => {
      subject = await createSubject();
    });
    afterAll(() => subject?.close());
    const hold = async (one: ChosenCase): Promise<CaseReport | undefined> => {
      if (subject === undefined) return undefined;
      const terms = { subject, profile, strict, seed, runs, bail: false };
      return (await run({ ...terms, cases: [one] })).cases[0];
    };
    for (const suite of new Set(cases.map((one) => one.suite))) {
      describe(suite, () => {
        it.for(cases.filter((one) => one.suite === suite).map((one) => [one.id, one] as const))(
          '%s',
          { timeout: timeoutMs ?? timeoutUsualMs },
          async ([, one], { skip }) => {
            const held = await hold(one);
            if (held?.verdict === 'unsupported') skip(held.why);
            if (held !== undefined && held.verdict !== 'pass') throw new NonConformance(held);
            // Where a test must assert something, this does.
            expect(held?.verdict).toBe('pass');
          },
        );
      });
    }
  });
}

/** A case that failed: what was observed, the conversation, and the rules. */
export class NonConformance extends Error {
  override readonly name = 'NonConformance';

  constructor(held: CaseReport) {
    const rules = held.requirements.map((id) => {
      const { level, text, source } = requirement(id);
      return `${id} (${level}) ${text}\n  from ${source}`;
    });
    super([held.why, ...conversationLines(held), ...rules].join('\n'));
  }
}
