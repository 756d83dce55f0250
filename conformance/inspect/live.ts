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
import { Recording } from './recording.js';

/**
 * A run that can be looked at while it goes on, held up, and made slower or faster.
 *
 * The run is that of `msgctx run`, and comes to the same verdicts; a watch records the conversation of
 * the moment. What is told to a page is made when it is asked for, from where that page was told last, so
 * that a page that is slow or comes late misses nothing that is still to be seen.
 */

/** Who is under test, and who wants to hear of it. */
export interface LiveOptions {
  /** Opens the implementation; it is opened anew for each run. */
  readonly open: () => Promise<Subject>;
  /** What it is, as words of a command line. */
  readonly words: string;
  readonly strict: boolean;
  readonly changed: () => void;
  readonly notice: (sentence: string) => void;
  readonly began: (system: System) => void;
  readonly took: (step: Step) => void;
}

/** How far one page was told of a run. */
export interface Cursor {
  run: number;
  conversation: number;
  steps: number;
  deviations: number;
  version: number;
}

/** A page that was told nothing yet. */
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
  #version = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: LiveOptions) {
    this.#options = options;
    const [first] = Object.values(runnable);
    if (first !== undefined) this.#suites = suitesOf(first).map(({ name }) => name);
  }

  /** Does what a page asks for. */
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

  /** Ends the run; comes true when nothing of it is left. */
  async close(): Promise<void> {
    this.#stop();
    await this.#ended;
  }

  /** What is new for a page; its cursor moves. */
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

  /** The conversation of the moment. */
  get conversation(): ConversationShown | undefined {
    return this.#recording?.shown;
  }

  /** The deviation of a number, counted from 0. */
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
    const before = this.#ended;
    const begun = (async () => {
      await before;
      this.#pace = new Pace(speed);
      if (isPaused) this.#pace.pause();
      await this.#hold();
    })();
    this.#ended = begun;
    await begun;
  }

  /** What fails before the first case is said in one sentence, and the server goes on. */
  async #hold(): Promise<void> {
    this.#run += 1;
    this.#heat = new Heat();
    [this.#done, this.#all, this.#steps, this.#verdicts] = [0, 0, 0, {}];
    [this.#deviations, this.#recording, this.#stopped] = [[], undefined, false];
    this.#phase = 'running';
    this.#changed();
    let subject: Subject | undefined;
    try {
      subject = await this.#options.open();
      await this.#holdWith(subject);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#options.notice(error.message);
    } finally {
      await subject?.close().catch(() => undefined);
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
      const isSeen = seen?.name === id && seen.breakage?.why === why;
      // What was not looked at, as a daemon's conversation, has no states.
      const told = {
        ...{ ...of, name: id, components: [], verdict },
        steps: trace.map((step) => ({ ...step, model: [] })),
        breakage: breakageOf({ why, requirements, allowed }, Math.max(0, trace.length - 1)),
      };
      const again = `msgctx run ${replay.join(' ')}${this.#options.words}`;
      this.#deviations.push({ ...(isSeen ? seen : told), again });
    }
    this.#changed();
  }
}

/** The version of the protocol that a subject claims. @throws UsageError when no suite knows it */
export function profileOf({ claims }: Subject): Profile {
  return profileNamed(claims.profile);
}
