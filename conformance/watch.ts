import type { State, Step, System } from '../model/index.js';
import type { Conversation, TraceStep } from './conversation.js';
import type { Ledger } from './ledger.js';

/**
 * Looks on while a conversation is held, and may hold it up.
 *
 * A watch judges nothing. What it throws ends the conversation as if a call had thrown it; so it may
 * make calls of its own that ask for nothing, such as `inspect`.
 */
export interface Watch {
  /** A conversation begins, or begins anew in its middle. */
  readonly begin: (system: System, ledger: Ledger) => void;
  /** Before a command, or several that overlap, are carried out. */
  readonly before: () => Promise<void>;
  /** A step of the model explains what was observed. */
  readonly took: (system: System, step: Step) => void;
  /**
   * After they were carried out.
   *
   * @param states every state of the model that explains all that was observed; those from before where
   * none explains this
   */
  readonly after: (steps: readonly TraceStep[], states: readonly State[]) => Promise<void>;
  /** The conversation is over. */
  readonly over: (conversation: Conversation) => void;
}
