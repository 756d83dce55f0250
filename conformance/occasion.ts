import type { State, Step, System } from '../model/index.js';
import type { Settings } from './ledger.js';
import type { Terms } from './oracle.js';
import type { Clock } from './real-time.js';
import type { Subject } from './subject.js';
import type { Watch } from './watch.js';

/** With whom a conversation is held, on which terms, and who looks on. */

/** Is told of every step of the model that an implementation took. */
export type Witness = (system: System, before: State, step: Step) => void;

/** What a conversation needs. */
export interface Occasion {
  readonly subject: Subject;
  readonly settings: Settings;
  readonly terms: Terms;
  readonly witness?: Witness;
  readonly watch?: Watch | undefined;
  /** Needed where time is real. */
  readonly clock?: Clock;
  /** Whether a conversation that has failed is carried on, to see whether the implementation lives. */
  readonly continueOnFailure?: boolean;
}
