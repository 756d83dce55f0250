/**
 * What the inspector's server and its page tell each other: plain data, which both sides compile.
 *
 * Nothing here imports anything, so that the page needs no part of the model.
 */

/** One rule of the catalogue, as a person reads it. */
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
  /** What it asks, or why it does not hold. */
  readonly text: string;
}

/** Something that can be tried in a state of a machine. */
export interface Choice {
  /** How it is written in a link. */
  readonly token: string;
  readonly label: string;
  readonly outcome: string;
  readonly enabled: boolean;
  readonly checks: readonly CheckShown[];
  readonly differs?: Differs;
}

/** How what a learnt machine does differs from what the model does. */
export interface Differs {
  /** Another thing happens; the model has no such input; only the model has it. */
  readonly kind: 'changed' | 'extra' | 'missing';
  /** What the model does. */
  readonly model: string;
}

/** One step that was taken by hand. */
export interface Taken {
  readonly label: string;
  readonly outcome: string;
  /** The states that were passed on the way, by name. */
  readonly passed: readonly string[];
  readonly checks: readonly CheckShown[];
  readonly rules: readonly RuleText[];
  readonly differs?: Differs;
}

/** A machine after some steps by hand. */
export interface Stepped {
  /** The states that it is in, by name; of a joined system one for each component. */
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
  /** Whether it was learnt to the end. */
  readonly isCertain: boolean;
  readonly counts: Readonly<Record<Differs['kind'], number>>;
  /** A shortest way to a difference, as the steps of a link. */
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
  /** What the cascade came to, where a reply was judged. */
  readonly reply?: string;
  /** What a trace file says was observed, where it is another thing. */
  readonly recorded?: readonly string[];
}

/** How a conversation ended that did not pass. */
export interface Breakage {
  /** The step at which model and implementation part company. */
  readonly step: number;
  readonly why: string;
  readonly rules: readonly RuleText[];
  readonly allowed: readonly string[];
}

/** A conversation, as far as it has gone. */
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

/** What `--replay` plays, or why there is nothing to play. */
export interface ReplayShown {
  readonly file: string;
  readonly subject: string;
  readonly problem?: string;
  readonly conversations: readonly ConversationShown[];
}

/** What the page asks of a live run. */
export type LiveOrder =
  | { readonly do: 'start'; readonly suite: string }
  | { readonly do: 'pause' | 'go' | 'step' | 'slower' | 'faster' | 'stop' };

/** A case in which model and implementation parted company. */
export interface Deviation extends ConversationShown {
  /** Options of `msgctx run` that hold it again. */
  readonly again: string;
}

/** How a live run stands. */
export interface LiveState {
  readonly phase: 'waiting' | 'running' | 'paused' | 'over';
  readonly subject: string;
  readonly suites: readonly string[];
  readonly suite: string;
  /** Steps a second, or as fast as it goes. */
  readonly speed: number | 'full';
  readonly done: number;
  readonly all: number;
  /** How many cases came to each verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly steps: number;
  /** How often each transition was taken: `context pending ACCEPT`, `reply checkX>refused.y`. */
  readonly heat: Readonly<Record<string, number>>;
}

/** What became of a conversation since the page was told last. */
export interface ConversationUpdate {
  /** Which conversation of the run it is. */
  readonly nth: number;
  /** How many of its steps the page has already; the others follow. */
  readonly from: number;
  readonly conversation: ConversationShown;
}

/** An event of a program in the official schema, as text, with the number of the program and its own. */
export type ProgramEvent = readonly [program: number, nth: number, event: string];

/** What the server tells the page; only what is new is in it. */
export interface Update {
  readonly live?: LiveState;
  readonly conversation?: ConversationUpdate;
  readonly deviations?: readonly Deviation[];
  readonly events?: readonly ProgramEvent[];
  /** Sentences for the person who looks on. */
  readonly notices?: readonly string[];
  /** A new run began: what is known of the one before is forgotten. */
  readonly fresh?: true;
}
