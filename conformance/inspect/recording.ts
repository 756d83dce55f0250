import type { State, Step, System } from '../../model/index.js';
import type { Conversation, TraceStep } from '../conversation.js';
import type { Ledger } from '../ledger.js';
import type { Watch } from '../watch.js';
import { breakageOf } from './explain.js';
import type { Breakage, ConversationShown, Inside, StepShown } from './messages.js';
import type { PeekingSubject } from './peeking.js';

/** Keeps what is shown of one conversation: each step with the model's states beside what was seen. */

/** How a conversation is recorded. */
export interface RecordingOptions {
  readonly name: string;
  readonly profile: string;
  readonly subject: PeekingSubject;
  /** Holds up every step. */
  readonly turn: () => Promise<void>;
  /** Is told of the steps that the model took. */
  readonly took: (system: System, step: Step) => void;
  readonly began: (system: System) => void;
  readonly changed: () => void;
}

/** The steps of one conversation that are kept; of more the first ones. */
const stepsMax = 200_000;

/** A watch that records. */
export class Recording implements Watch {
  readonly #options: RecordingOptions;
  #steps: StepShown[] = [];
  #components: readonly string[] = [];
  #system: System | undefined;
  #ledger: Ledger | undefined;
  #reply: string | undefined;
  #verdict: string | undefined;
  #breakage: Breakage | undefined;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  /** What there is to be shown by now. */
  get shown(): ConversationShown {
    return {
      name: this.#options.name,
      profile: this.#options.profile,
      role: 'kernel',
      components: this.#components,
      steps: this.#steps,
      ...(this.#verdict === undefined ? {} : { verdict: this.#verdict }),
      ...(this.#breakage === undefined ? {} : { breakage: this.#breakage }),
    };
  }

  begin(system: System, ledger: Ledger): void {
    // Of a case that draws conversations one follows the other.
    if (this.#verdict !== undefined) {
      [this.#steps, this.#verdict, this.#breakage] = [[], undefined, undefined];
    }
    this.#system = system;
    this.#ledger = ledger;
    this.#components = system.components.map(({ kind, nth }) => `${kind}${nth}`);
    this.#options.began(system);
    this.#options.changed();
  }

  async before(): Promise<void> {
    this.#reply = undefined;
    await this.#options.turn();
  }

  took(system: System, step: Step): void {
    const { checks } = step.vector;
    if (checks !== undefined) {
      this.#reply = checks.outcome === 'accepted' ? 'accepted' : `refused.${checks.outcome}`;
    }
    this.#options.took(system, step);
  }

  async after(steps: readonly TraceStep[], states: readonly State[]): Promise<void> {
    const model = this.#namesOf(states);
    const before = this.#steps.length;
    for (const step of steps) this.#add({ ...step, observed: [...step.observed], model });
    const result = await this.#options.subject.peek();
    const inside = result === undefined ? undefined : this.#insideOf(result);
    const last = this.#steps.at(-1);
    if (last !== undefined && this.#steps.length > before) {
      this.#steps[this.#steps.length - 1] = {
        ...last,
        ...(inside === undefined ? {} : { inside }),
        ...(this.#reply === undefined ? {} : { reply: this.#reply }),
      };
    }
    this.#options.changed();
  }

  over({ verdict, failure, unsupported, trace }: Conversation): void {
    // What broke the adapter, or only showed at the end, has not been told yet.
    const model = this.#steps.at(-1)?.model ?? [];
    for (const step of trace.slice(this.#steps.length)) this.#add({ ...step, model });
    this.#verdict = verdict;
    const step = Math.max(0, this.#steps.length - 1);
    if (failure !== undefined) this.#breakage = breakageOf(failure, step);
    else if (unsupported !== undefined) {
      this.#breakage = { step, why: unsupported, rules: [], allowed: [] };
    }
    this.#options.changed();
  }

  #add(step: StepShown): void {
    if (this.#steps.length < stepsMax) this.#steps.push(step);
  }

  #namesOf(states: readonly State[]): readonly string[] {
    const system = this.#system;
    if (system === undefined) return [];
    return system.components.map((ref) => {
      const names = new Set(states.map((state) => system.at(state, ref)));
      return [...names].join('|');
    });
  }

  /** What is malformed is shown as it is: it is the implementation's to say. */
  #insideOf({ contexts, daemons }: Readonly<Record<string, unknown>>): Inside {
    return {
      contexts: rowsOf(contexts).map(({ index, state, seq }) => ({
        index: Number(index),
        state: String(state),
        seq: typeof seq === 'number' ? String(seq) : '',
      })),
      daemons: rowsOf(daemons).map(({ pid }) =>
        typeof pid === 'number' ? (this.#ledger?.processName(pid) ?? String(pid)) : String(pid),
      ),
    };
  }
}

function rowsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  // Every object of JSON has string keys.
  return value.filter((one) => typeof one === 'object' && one !== null) as Record<
    string,
    unknown
  >[];
}
