import type { Profile, Step, System } from '../../model/index.js';
import type { CaseReport } from '../report.js';
import { run } from '../run.js';
import type { ChosenCase } from '../select.js';
import { profileNamed, runnable, selectCases } from '../select.js';
import type { Subject } from '../subject.js';
import { suitesOf } from '../suites/index.js';
import { breakageOf } from './explain.js';
import { Heat } from './heat.js';
import type { ConversationShown, Deviation, LiveOrder, LiveState, Update } from './messages.js';
import { Pace } from './pace.js';
import { PeekingSubject } from './peeking.js';
import { Recording, withoutModel } from './recording.js';
import { closed } from './subjects.js';
import { reasonOf } from '../usage.js';

/**
 * A run that the user watches, pauses, and makes slower or faster.
 *
 * The run is that of `msgctx run`, and comes to the same verdicts; a watch records the current conversation. An update
 * for a page is made when the page is ready for it, and starts where the last one to that page ended. So a page that
 * is slow or comes late misses nothing.
 */

/** What is under test, and where news of it goes. */
export interface LiveOptions {
  /** Opens the implementation; each run opens it again. */
  readonly open: () => Promise<Subject>;
  /** The same, as words of a command line. */
  readonly words: string;
  readonly strict: boolean;
  readonly changed: () => void;
  readonly notice: (sentence: string) => void;
  readonly began: (system: System) => void;
  readonly took: (step: Step) => void;
}

/** How much of a run one page got. */
export interface Cursor {
  run: number;
  conversation: number;
  steps: number;
  deviations: number;
  version: number;
}

/** The cursor of a page that got nothing yet. */
export function freshCursor(): Cursor {
  return { run: 0, conversation: 0, steps: 0, deviations: 0, version: -1 };
}

const suiteUsual = 'paths';
const speedUsual = 5;
const deviationsMax = 500;
const seed = 1;
const runs = 100;

/** One live run after the other. */
export class Live {
  readonly #options: LiveOptions;
  #pace = new Pace(speedUsual);
  #phase: 'waiting' | 'running' | 'over' = 'waiting';
  #suite = suiteUsual;
  #suites: readonly string[] = [];
  #heat = new Heat();
  #verdicts: Record<string, number> = {};
  #done = 0;
  #all = 0;
  #steps = 0;
  #run = 0;
  #conversations = 0;
  #recording: Recording | undefined;
  #deviations: Deviation[] = [];
  #stopped = false;
  #isClosing = false;
  /** Counts the orders to start; a run that has not begun when the next is ordered never begins. */
  #asked = 0;
  #version = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LiveOptions) {
    this.#options = options;
    const [first] = Object.values(runnable);
    if (first !== undefined) this.#suites = suitesOf(first).map(({ name }) => name);
  }

  /** Carries out an order of a page. */
  order(order: LiveOrder): void {
    switch (order.do) {
      case 'start':
        this.#suite = this.#suites.find((name) => name === order.suite) ?? suiteUsual;
        void this.#restart();
        break;
      case 'pause':
        this.#pace.pause();
        break;
      case 'go':
        this.#pace.go();
        break;
      case 'step':
        this.#pace.step();
        break;
      case 'slower':
        this.#pace.change(-1);
        break;
      case 'faster':
        this.#pace.change(1);
        break;
      case 'stop':
        this.#stop();
        break;
    }
    this.#changed();
  }

  /** Ends the run; resolves when the implementation is closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#stop();
    await this.#ended;
  }

  /** The news for a page; moves its cursor. */
  update(cursor: Cursor): Update {
    const fresh = cursor.run === this.#run ? {} : ({ fresh: true } as const);
    if (cursor.run !== this.#run) Object.assign(cursor, freshCursor(), { run: this.#run });
    if (cursor.version === this.#version) return {};
    cursor.version = this.#version;
    return {
      ...fresh,
      live: this.#state,
      ...this.#newSteps(cursor),
      ...this.#newDeviations(cursor),
    };
  }

  /** The current conversation. */
  get conversation(): ConversationShown | undefined {
    return this.#recording?.shown;
  }

  /** A deviation by its number, counted from 0. */
  deviation(nth: number): Deviation | undefined {
    return this.#deviations[nth];
  }

  get #state(): LiveState {
    const isPaused = this.#phase === 'running' && this.#pace.isPaused;
    return {
      phase: isPaused ? 'paused' : this.#phase,
      subject: this.#options.words,
      suites: this.#suites,
      suite: this.#suite,
      speed: this.#pace.speed,
      done: this.#done,
      all: this.#all,
      verdicts: this.#verdicts,
      steps: this.#steps,
      heat: this.#heat.counts,
    };
  }

  #newSteps(cursor: Cursor): Update {
    const shown = this.#recording?.shown;
    if (shown === undefined) return {};
    const isSame = cursor.conversation === this.#conversations;
    const from = isSame ? cursor.steps : 0;
    cursor.conversation = this.#conversations;
    cursor.steps = shown.steps.length;
    const conversation = { ...shown, steps: shown.steps.slice(from) };
    return { conversation: { nth: this.#conversations, from, conversation } };
  }

  #newDeviations(cursor: Cursor): Update {
    const deviations = this.#deviations.slice(cursor.deviations);
    cursor.deviations = this.#deviations.length;
    return deviations.length === 0 ? {} : { deviations };
  }

  #changed(): void {
    this.#version += 1;
    this.#options.changed();
  }

  #stop(): void {
    this.#stopped = true;
    this.#pace.release();
  }

  async #restart(): Promise<void> {
    const { speed, isPaused } = this.#pace;
    this.#stop();
    this.#asked += 1;
    const [asked, before] = [this.#asked, this.#ended];
    const begun = (async () => {
      await before;
      if (asked !== this.#asked) return;
      this.#pace = new Pace(speed);
      if (isPaused) this.#pace.pause();
      await this.#hold();
    })();
    this.#ended = begun;
    await begun;
  }

  /** Runs the suite once. A failure outside a case becomes a notice, and the server goes on. */
  async #hold(): Promise<void> {
    this.#run += 1;
    this.#heat = new Heat();
    [this.#done, this.#all, this.#steps, this.#verdicts] = [0, 0, 0, {}];
    [this.#deviations, this.#recording, this.#stopped] = [[], undefined, this.#isClosing];
    this.#phase = 'running';
    this.#changed();
    try {
      const subject = await this.#options.open();
      try {
        await this.#holdWith(subject);
      } finally {
        // An adapter that ends badly says so here.
        await closed(subject, this.#options.notice);
      }
    } catch (error) {
      this.#options.notice(reasonOf(error));
    } finally {
      this.#phase = 'over';
      this.#changed();
    }
  }

  async #holdWith(subject: Subject): Promise<void> {
    const profile = profileOf(subject);
    const { role } = subject.claims;
    this.#suites = suitesOf(profile)
      .filter(({ plays = 'kernel' }) => plays === role)
      .map(({ name }) => name);
    if (!this.#suites.includes(this.#suite)) this.#suite = this.#suites[0] ?? suiteUsual;
    const cases = selectCases(profile, [this.#suite], []);
    this.#all = cases.length;
    const peeking = new PeekingSubject(subject);
    await run({
      subject: peeking,
      profile,
      strict: this.#options.strict || profile.name !== 'seed',
      cases,
      seed,
      runs,
      bail: false,
      watch: (one) => this.#record(one, profile, peeking),
      progress: (report) => {
        this.#take(report, { profile: profile.name, role });
      },
      interrupted: () => this.#stopped,
    });
  }

  #record(one: ChosenCase, profile: Profile, subject: PeekingSubject): Recording {
    const recording = new Recording({
      name: one.id,
      profile: profile.name,
      subject,
      turn: () => {
        this.#steps += 1;
        return this.#pace.turn();
      },
      took: (_, step) => {
        this.#heat.take(step);
        this.#options.took(step);
      },
      began: (system) => {
        if (recording.shown.steps.length === 0) this.#conversations += 1;
        this.#options.began(system);
      },
      changed: () => {
        this.#changed();
      },
    });
    this.#recording = recording;
    return recording;
  }

  #take(report: CaseReport, of: Pick<Deviation, 'profile' | 'role'>): void {
    if (this.#stopped) return;
    this.#done += 1;
    const { id, verdict, why, requirements, allowed, trace, replay, breach } = report;
    this.#verdicts = { ...this.#verdicts, [verdict]: (this.#verdicts[verdict] ?? 0) + 1 };
    if (breach !== undefined) this.#options.notice(`${id}: ${why}`);
    if (verdict === 'fail' && this.#deviations.length < deviationsMax) {
      const seen = this.#recording?.shown;
      const isSeen = seen?.name === id && seen.breakage !== undefined;
      // A conversation that was not recorded, such as that of a daemon, has no states.
      const told = {
        ...{ ...of, name: id, components: [], verdict },
        steps: trace.map(withoutModel),
        breakage: breakageOf({ why, requirements, allowed }, Math.max(0, trace.length - 1)),
      };
      const again = `msgctx run ${replay.join(' ')}${this.#options.words}`;
      this.#deviations.push({ ...(isSeen ? seen : told), again });
    }
    this.#changed();
  }
}

/** The version of the protocol that a subject claims. @throws UsageError if the suites do not know it */
export function profileOf({ claims }: Subject): Profile {
  return profileNamed(claims.profile);
}
