/**
 * The messages between the inspector's server and its page: plain data, which both sides compile.
 *
 * This file imports nothing, so that the page needs no part of the model.
 */

/** One requirement of the catalogue, as a person reads it. */
export interface RuleText {
  readonly id: string;
  readonly level: string;
  readonly text: string;
  readonly source: string;
}

/** A condition of a transition, and whether it holds now. */
export interface CheckShown {
  readonly name: string;
  readonly holds: boolean;
  /** The question, or why the answer is no. */
  readonly text: string;
}

/** A step in a state of a machine, possible or not. */
export interface Choice {
  /** Its name in a link. */
  readonly token: string;
  readonly label: string;
  readonly outcome: string;
  readonly enabled: boolean;
  readonly checks: readonly CheckShown[];
  readonly differs?: Differs;
}

/** How a step of a learnt machine differs from the model's. */
export interface Differs {
  /** The outcome differs; only the learnt machine has the input; only the model has it. */
  readonly kind: 'changed' | 'extra' | 'missing';
  /** What the model does. */
  readonly model: string;
}

/** One step that was taken by hand. */
export interface Taken {
  readonly label: string;
  readonly outcome: string;
  /** The states on the way, by name. */
  readonly passed: readonly string[];
  readonly checks: readonly CheckShown[];
  readonly rules: readonly RuleText[];
  readonly differs?: Differs;
}

/** A machine after some steps by hand. */
export interface Stepped {
  /** The current states by name; of a joined system one for each component. */
  readonly active: readonly string[];
  readonly trail: readonly Taken[];
  readonly choices: readonly Choice[];
}

/** A machine that was learnt, and how it differs from the model. */
export interface LearntShown {
  readonly file: string;
  readonly implementation: string;
  readonly profile: string;
  readonly contexts: number;
  readonly users: number;
  readonly states: number;
  readonly modelStates: number;
  readonly isSame: boolean;
  /** Whether learning finished. */
  readonly isCertain: boolean;
  readonly counts: Readonly<Record<Differs['kind'], number>>;
  /** A shortest path to a difference, as the steps of a link. */
  readonly shortest: readonly string[];
}

/** What an implementation shows of its inside. */
export interface Inside {
  readonly contexts: readonly {
    readonly index: number;
    readonly state: string;
    readonly seq: string;
  }[];
  /** The processes that are registered, by name. */
  readonly daemons: readonly string[];
}

/** One step of a conversation with an implementation. */
export interface StepShown {
  readonly command: string;
  readonly observed: readonly string[];
  readonly probe?: true;
  /** The model's states after it: for each component its state, or several with `|` between. */
  readonly model: readonly string[];
  readonly inside?: Inside;
  /** The outcome of the reply cascade, if the step was a reply. */
  readonly reply?: string;
  /** The observations in the trace file, if they differ. */
  readonly recorded?: readonly string[];
}

/** Why a conversation did not pass. */
export interface Breakage {
  /** The step at which model and implementation differ. */
  readonly step: number;
  readonly why: string;
  readonly rules: readonly RuleText[];
  readonly allowed: readonly string[];
}

/** A conversation so far. */
export interface ConversationShown {
  readonly name: string;
  /** The version of the protocol, and the side that the implementation plays. */
  readonly profile: string;
  readonly role: 'kernel' | 'daemon';
  /** The components of the model: `context0`, `owner0`. */
  readonly components: readonly string[];
  readonly steps: readonly StepShown[];
  readonly verdict?: string;
  readonly breakage?: Breakage;
}

/** The conversations of `--replay`, or why there are none. */
export interface ReplayShown {
  readonly file: string;
  readonly subject: string;
  readonly problem?: string;
  readonly conversations: readonly ConversationShown[];
}

/** An order of the page for the live run. */
export type LiveOrder =
  | { readonly do: 'start'; readonly suite: string }
  | { readonly do: 'pause' | 'go' | 'step' | 'slower' | 'faster' | 'stop' };

/** A case in which model and implementation differ. */
export interface Deviation extends ConversationShown {
  /** The command that runs it again. */
  readonly again: string;
}

/** How a live run stands. */
export interface LiveState {
  readonly phase: 'waiting' | 'running' | 'paused' | 'over';
  readonly subject: string;
  readonly suites: readonly string[];
  readonly suite: string;
  /** Steps per second, or full speed. */
  readonly speed: number | 'full';
  readonly done: number;
  readonly all: number;
  /** How many cases came to each verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly steps: number;
  /** How often each transition was taken: `context pending ACCEPT`, `reply checkX>refused.y`. */
  readonly heat: Readonly<Record<string, number>>;
}

/** The news of a conversation since the last update. */
export interface ConversationUpdate {
  /** Which conversation of the run it is. */
  readonly nth: number;
  /** The number of steps that the page already has; the others follow. */
  readonly from: number;
  readonly conversation: ConversationShown;
}

/** An event of a program in the official schema, as text, with the number of the program and its own. */
export type ProgramEvent = readonly [program: number, nth: number, event: string];

/** News from the server for the page. */
export interface Update {
  readonly live?: LiveState;
  readonly conversation?: ConversationUpdate;
  readonly deviations?: readonly Deviation[];
  readonly events?: readonly ProgramEvent[];
  /** Sentences for the user. */
  readonly notices?: readonly string[];
  /** A new run started: the page forgets the one before. */
  readonly fresh?: true;
}
