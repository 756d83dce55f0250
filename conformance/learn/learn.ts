import type { Mealy, Profile } from '../../model/index.js';
import type { Settings } from '../ledger.js';
import type { Clock } from '../real-time.js';
import type { Subject } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import type { Extent, Language } from './alphabet.js';
import { languageFor, processes } from './alphabet.js';
import type { Comparison } from './difference.js';
import { compareMachines } from './difference.js';
import { Examiner } from './examiner.js';
import type { Hypothesis } from './learner.js';
import { Learner, mealyOfHypothesis } from './learner.js';
import { CannotLearn, Teacher } from './teacher.js';
import { Nondeterministic, Tree } from './tree.js';

/**
 * Learns the machine that an implementation is, and compares it with the model.
 *
 * What is learnt is the machine as far as it was asked: one that has more states than the model, and hides
 * them well, may be taken for a smaller one. How long it was asked is said with the result.
 */

/** How something is learnt. */
export interface LearnOptions {
  readonly subject: Subject;
  readonly profile: Profile;
  readonly extent: Extent;
  /** When to give up; the clock comes from outside. */
  readonly budgetMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Words that are drawn after the suites, each time a machine is looked at. */
  readonly draws: number;
  /** Is told how many states there are whenever there is a hypothesis. */
  readonly progress?: (states: number) => void;
}

/** What was learnt. */
export interface Learnt {
  readonly verdict: 'same' | 'different' | 'inconclusive';
  /** Why it is inconclusive. */
  readonly why?: string;
  readonly language: Language;
  /** The machine; the last hypothesis where it is inconclusive, if there was one. */
  readonly machine?: Mealy;
  readonly comparison?: Comparison;
  /** The word that was answered in two ways, and how. */
  readonly conflict?: Pick<Nondeterministic, 'word' | 'first' | 'second'>;
  /** How many states are certain. */
  readonly states: number;
  readonly words: number;
  readonly symbols: number;
  /** The part of it that looks for mistakes when the machine is there. */
  readonly examined: { readonly words: number; readonly symbols: number };
  readonly notes: readonly string[];
}

/** Learns. Never throws for what the subject does. */
export async function learn(options: LearnOptions): Promise<Learnt> {
  const { subject, profile, extent, draws, random } = options;
  const { capabilities } = subject.claims;
  const language = languageFor(extent, profile, capabilities);
  const teacher = new TimedTeacher(subject, settingsFor(options), profile, options);
  const { actions, names } = language.alphabet;
  const learner = new Learner(new Tree(actions, extent.contexts), teacher);
  const examiner = new Examiner(learner, language.model, { words: draws, random });
  let machine: Mealy | undefined;
  let [words, symbols] = [0, 0];
  const tally = () => ({
    ...{ language, states: learner.states, words: teacher.words, symbols: teacher.symbols },
    examined: { words: teacher.words - words, symbols: teacher.symbols - symbols },
    notes: examiner.leftOut === undefined ? [] : [examiner.leftOut],
  });
  try {
    mustBeLearnable(options);
    for (;;) {
      const hypothesis: Hypothesis = await learner.hypothesis();
      machine = mealyOfHypothesis(hypothesis, names);
      options.progress?.(learner.states);
      [words, symbols] = [teacher.words, teacher.symbols];
      const wrong = await examiner.counterexample(hypothesis);
      if (wrong === undefined) break;
      await learner.refine(hypothesis, wrong);
    }
    const comparison = compareMachines(machine, language.model);
    return { verdict: comparison.isSame ? 'same' : 'different', machine, comparison, ...tally() };
  } catch (error) {
    const known = [CannotLearn, Nondeterministic, AdapterBroke];
    if (!(error instanceof Error) || !known.some((one) => error instanceof one)) throw error;
    const conflict = error instanceof Nondeterministic ? { conflict: error } : {};
    const compared =
      machine === undefined
        ? {}
        : { machine, comparison: compareMachines(machine, language.model) };
    return { verdict: 'inconclusive', why: error.message, ...compared, ...conflict, ...tally() };
  }
}

/** Gives up when the time is over. */
class TimedTeacher extends Teacher {
  readonly #options: LearnOptions;
  readonly #beganMs: number;

  constructor(subject: Subject, settings: Settings, profile: Profile, options: LearnOptions) {
    const isVirtual = settings.time === 'virtual';
    super(subject, settings, profile, isVirtual ? undefined : (subject.clock ?? options.clock));
    this.#options = options;
    this.#beganMs = options.clock.nowMs();
  }

  override ask(...args: Parameters<Teacher['ask']>): ReturnType<Teacher['ask']> {
    const { clock, budgetMs } = this.#options;
    if (clock.nowMs() - this.#beganMs < budgetMs) return super.ask(...args);
    const seconds = Math.round(budgetMs / 1000);
    return Promise.reject(new CannotLearn(`the budget of ${seconds} s is used up`));
  }
}

/** So long that there is room between deadlines; where time is real, that no word takes so long. */
const timeoutMs = { virtual: 2 ** 28, real: 1000 } as const;
const payloadBytes = 4;

function settingsFor({ subject, extent }: LearnOptions): Settings {
  const { claims } = subject;
  const { timeoutMinMs, timeoutStepMs } = claims;
  const time = claims.capabilities.has('virtualTime') ? 'virtual' : 'real';
  const steps = Math.ceil(Math.max(timeoutMs[time], timeoutMinMs) / timeoutStepMs);
  return {
    ...{ ...extent, processes, timeoutMs: steps * timeoutStepMs, manualRead: false },
    ...{ payloadMax: payloadBytes, wideLabels: false, time },
    manualWake: claims.capabilities.has('manualWake'),
  };
}

function mustBeLearnable({ subject: { claims }, extent }: LearnOptions): void {
  const { role, capabilities, contextsMin, contextsMax } = claims;
  if (role !== 'kernel') throw new CannotLearn('only a kernel can be learnt, and this is a daemon');
  if (!capabilities.has('virtualTime') && extent.contexts > 1) {
    throw new CannotLearn(
      'it lives in real time, where the time-outs of several requests cannot be kept apart; take --contexts 1',
    );
  }
  if (extent.contexts < contextsMin || extent.contexts > contextsMax) {
    throw new CannotLearn(
      `the adapter takes ${contextsMin} to ${contextsMax} contexts, not ${extent.contexts}; choose with --contexts`,
    );
  }
}
