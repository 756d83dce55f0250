import type { State, Step, System } from '../../model/index.js';
import type { Conversation, TraceStep } from '../conversation.js';
import type { Ledger } from '../ledger.js';
import type { Watch } from '../watch.js';
import { breakageOf, listed } from './explain.js';
import { textOf } from './foreign.js';
import type { Breakage, ConversationShown, Inside, StepShown } from './messages.js';
import type { PeekingSubject } from './peeking.js';

/** Records one conversation for the page: each step with the observations and the model's states. */

/** How a conversation is recorded. */
export interface RecordingOptions {
  readonly name: string;
  readonly profile: string;
  readonly subject: PeekingSubject;
  /** Resolves when the next step may begin. */
  readonly turn: () => Promise<void>;
  /** Called for each step that the model takes. */
  readonly took: (system: System, step: Step) => void;
  readonly began: (system: System) => void;
  readonly changed: () => void;
}

/** Steps of one conversation that are kept; later ones are left out. */
const stepsMax = 200_000;
const daemonsMax = 64;

/** A step of a conversation for which no states of the model are known. */
export function withoutModel(step: TraceStep): StepShown {
  return { ...step, observed: listed(step.observed), model: [] };
}

/** A watch that records a conversation. */
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

  /** The conversation so far. */
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
    // A case of random draws has several conversations, one after the other.
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
    for (const step of steps) this.#add({ ...step, observed: listed(step.observed), model });
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
    // The step that broke the adapter, or only showed at the end, has not come through after().
    const model = this.#steps.at(-1)?.model ?? [];
    for (const step of trace.slice(this.#steps.length)) {
      this.#add({ ...step, observed: listed(step.observed), model });
    }
    this.#verdict = verdict;
    const step = Math.max(0, this.#steps.length - 1);
    if (failure !== undefined) this.#breakage = breakageOf(failure, step);
    else if (unsupported !== undefined) {
      this.#breakage = breakageOf({ why: unsupported, requirements: [], allowed: [] }, step);
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

  /** What the implementation shows of its inside, also if it is malformed: of its contexts those of the model. */
  #insideOf({ contexts, daemons }: Readonly<Record<string, unknown>>): Inside {
    const shown = rowsOf(contexts).filter(
      ({ index }) => typeof index === 'number' && this.#components.includes(`context${index}`),
    );
    return {
      contexts: shown.slice(0, this.#components.length).map(({ index, state, seq }) => ({
        index: Number(index),
        state: textOf(state),
        seq: typeof seq === 'number' ? String(seq) : '',
      })),
      daemons: rowsOf(daemons)
        .slice(0, daemonsMax)
        .map(({ pid }) =>
          typeof pid === 'number' ? (this.#ledger?.processName(pid) ?? String(pid)) : textOf(pid),
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
