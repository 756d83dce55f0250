import type { Refusal, RequirementId, State, Step } from '../model/index.js';
import { keyOfState } from '../model/index.js';

/**
 * What the model says an implementation may do next: one prediction for each possible way.
 */

/** What one context holds, besides the model's state. */
export interface Slot {
  /** The request that it serves. */
  readonly request?: number;
  /** Its sequence number; while it is free, that of the request before. Unknown until seen. */
  readonly sequence?: number;
  /** When its time is up: from the first on it may be over, from the second on it must. */
  readonly mayMs?: number;
  readonly mustMs?: number;
  /** The reply that was accepted for it, in hex. */
  readonly reply?: string;
  /** It came as raw bytes: nobody but the implementation knows whether they are an answer to it. */
  readonly isRaw?: true;
  /** A signal came, and nothing happened. */
  readonly isSignalled?: true;
  /** While it is free: the rule that made it so. */
  readonly freedBy: RequirementId;
  /** The user that it served last; unsure after a send that failed, which took some context. */
  readonly lastUser?: number | 'unsure';
}

/** A message that waits for a daemon process to read it. */
export interface Mail {
  /** The queue that it waits in, numbered as in the model. */
  readonly queue: number;
  /** What it asks for; a message to quit has none. */
  readonly request?: number;
  /** The context that the request got. */
  readonly index: number;
  /** The request has ended, and its context may serve another. */
  readonly ended?: true;
}

/** A state of the model that explains everything observed so far, and what it says of numbers. */
export interface Hypothesis {
  readonly state: State;
  readonly slots: readonly Slot[];
  /** Virtual time. */
  readonly nowMs: number;
  /** The pid that is registered for each user, alive or dead. */
  readonly pids: readonly (number | undefined)[];
  readonly mail: readonly Mail[];
  /** Which message from now on fails on its way, if any. */
  readonly failsIn: number | undefined;
}

/** An event that the model demands, or allows. */
export type ExpectedEvent =
  | {
      readonly kind: 'request';
      readonly to: number;
      readonly request: number;
      readonly index: number;
      /** Where it is known already. */
      readonly sequence?: number;
    }
  | {
      readonly kind: 'quit';
      readonly to: number;
      readonly demanded: boolean;
      /** The rule that demands it. */
      readonly rule: RequirementId;
    }
  | {
      readonly kind: 'return';
      readonly request: number;
      readonly reply: string;
      readonly isRaw?: true;
    }
  | { readonly kind: 'timeout' | 'interrupted'; readonly request: number };

/** One way that is open to the implementation. */
export interface Prediction {
  readonly before: Hypothesis;
  readonly after: Hypothesis;
  /** Absent: the call succeeds. */
  readonly refusal?: {
    readonly why: Refusal | 'raw/malformed';
    readonly errnos: readonly string[];
  };
  readonly events: readonly ExpectedEvent[];
  /** The steps of the model that make it up, each with the state before. */
  readonly steps: readonly { readonly before: State; readonly step: Step }[];
  /** The rules that it exercises; the first is the one that decides the answer. */
  readonly requirements: readonly RequirementId[];
}

/** The hypotheses that differ. */
export function distinct(all: readonly Hypothesis[]): readonly Hypothesis[] {
  if (all.length < 2) return all;
  return [...new Map(all.map((one) => [keyOfHypothesis(one), one])).values()];
}

/** The same for hypotheses from which the same follows. */
export function keyOfHypothesis(
  { state, slots, nowMs, pids, mail, failsIn }: Hypothesis,
  keyOfOne = keyOfSlot,
): string {
  const rows = [
    slots.map(keyOfOne).join(';'),
    pids.join(';'),
    mail.map((one) => [one.queue, one.request, one.index, one.ended].join()).join(';'),
    `${failsIn ?? ''};${nowMs}`,
  ];
  return keyOfState(state) + rows.join('/');
}

/** Slots never change, and most of them are shared by many hypotheses. */
const keysOfSlots = new WeakMap<Slot, string>();

/** The same for slots from which the same follows. */
export function keyOfSlot(slot: Slot): string {
  const known = keysOfSlots.get(slot);
  if (known !== undefined) return known;
  const { request, reply, sequence, mustMs, lastUser } = slot;
  const key = [request, reply, sequence, mustMs, lastUser].join();
  keysOfSlots.set(slot, key);
  return key;
}
