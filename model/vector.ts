import type { Refusal } from './profiles.js';
import type { CascadePath } from './reply.machine.js';
import type { RequirementId } from './requirements.js';

/**
 * The words in which the components' joint behaviour is said: bounds, actions, synchronisation
 * vectors. The vectors themselves are in vectors/.
 */

/** How large a system is. */
export interface Bounds {
  readonly contexts: number;
  readonly users: number;
  /** Daemon processes that one user can have. */
  readonly processes: number;
  /**
   * Processes that ask; one for each context unless said otherwise. Those beyond the contexts are
   * used only where a defect takes a context away from the process that sleeps on it.
   */
  readonly tasks?: number;
  /** Messages that can wait for one daemon process; 0, the default: each is read at once. */
  readonly queue?: number;
  /** Whether messages to quit wait in the queues too, instead of being seen at once. */
  readonly quitMarkers?: boolean;
}

/** Bounds that a model does not fit into; the message gives the numbers. */
export class BoundsError extends RangeError {
  override readonly name = 'BoundsError';
}

/**
 * The kinds of component. `owner` belongs to a context, `registrant` to a daemon. Some exist only
 * where the bounds or a defect ask for them: `queue`, one for each daemon process; `orphan`, a task
 * whose context was given away, with the context that it still looks at (`orphanage`); `shadow`, a
 * second record of a user's daemon; `kernel`, which can crash; `mutex`, which can stay locked.
 */
export type Kind =
  | 'context'
  | 'owner'
  | 'task'
  | 'daemon'
  | 'registrant'
  | 'queue'
  | 'orphan'
  | 'orphanage'
  | 'shadow'
  | 'kernel'
  | 'mutex';

/** One component of a joined system; `nth` counts contexts, users, processes or orphans. */
export interface Ref {
  readonly kind: Kind;
  readonly nth: number;
}

/**
 * Who sends a reply, if not simply a process of the user: a `stranger`, a process of another user
 * that has got the pid of the user's dead daemon, or a `namesake`, a daemon of the same uid in another
 * user namespace.
 */
export type Guise = 'stranger' | 'namesake';

/** One thing that can happen in a joined system. Users, processes and contexts count from 0. */
export type Action =
  | {
      readonly do: 'helo' | 'quit' | 'exit' | 'read' | 'read-twice';
      readonly user: number;
      readonly process: number;
    }
  | { readonly do: 'request'; readonly user: number; readonly sendFails?: true }
  | { readonly do: 'reuse-pid'; readonly user: number }
  | {
      readonly do: 'reply';
      readonly user: number;
      readonly process: number;
      readonly context: number | 'outside';
      readonly sequence: 'current' | 'older';
      readonly guise?: Guise;
    }
  | { readonly do: 'expire' | 'look' | 'interrupt'; readonly context: number }
  | { readonly do: 'orphan-expires' | 'orphan-looks'; readonly orphan: number };

/** What a component's state must be, or must not be. A parent's name stands for its children. */
export type Condition =
  | { readonly at: Ref; readonly in: readonly string[] }
  | { readonly at: Ref; readonly notIn: readonly string[] };

/**
 * What becomes of a component: the events that it must accept one after the other, or, where a defect
 * goes behind the machine's back, the state that it is put into.
 */
export type Move =
  | { readonly at: Ref; readonly events: readonly string[] }
  | { readonly at: Ref; readonly to: string };

/** What truly happened in a step, whatever was checked; properties speak of it. */
export type Mark =
  | 'accepts a reply of another user'
  | 'accepts a reply of another process'
  | 'accepts a reply without a handle'
  | 'accepts an older number'
  | 'accepts a reply that nobody waits for'
  | 'takes the answer to another request'
  | 'delivers to another user'
  | 'unregisters for another process'
  | 'hides a refusal';

/** A joint transition. */
export interface Vector {
  /** The action and its case, such as `request/sent`. */
  readonly name: string;
  readonly when: readonly Condition[];
  readonly moves: readonly Move[];
  /** The context that the implementation chose, where it has a choice. */
  readonly choice?: number;
  /** What else the implementation, or chance, chose. */
  readonly option?: string;
  /** Present when the caller is refused. */
  readonly refusal?: Refusal;
  /** The checks that a reply went through. */
  readonly checks?: CascadePath;
  readonly marks?: readonly Mark[];
  readonly requirements: readonly RequirementId[];
}

/** A component by its kind and number. */
export function at(kind: Kind, nth: number): Ref {
  return { kind, nth };
}

/** The numbers from 0 to count-1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, nth) => nth);
}
