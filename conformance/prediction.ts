import type { Refusal, RequirementId, State, Step } from '../model/index.js';

/**
 * What the model says an implementation may do next: one prediction for each possible way.
 */

/** What one context holds, besides the model's state. */
export interface Slot {
  /** The request that it serves. */
  readonly request?: number;
  /** The reply that was accepted for it, in hex. */
  readonly reply?: string;
  /** While it is free: the rule that made it so. */
  readonly freedBy: RequirementId;
  /** The user that it served last; unsure after a send that failed, which took some context. */
  readonly lastUser?: number | 'unsure';
  /** While it is free: the request that it served last, as far as is known. */
  readonly lastRequest?: number;
}

/** A state of the model that explains everything observed so far. */
export interface Hypothesis {
  readonly state: State;
  readonly slots: readonly Slot[];
}

/** An event that the model demands, or allows. */
export type ExpectedEvent =
  | {
      readonly kind: 'request';
      readonly to: number;
      readonly request: number;
      readonly index: number;
    }
  | { readonly kind: 'quit'; readonly to: number; readonly demanded: boolean }
  | { readonly kind: 'return'; readonly request: number; readonly reply: string }
  | { readonly kind: 'timeout'; readonly request: number };

/** One way that is open to the implementation. */
export interface Prediction {
  readonly before: Hypothesis;
  readonly after: Hypothesis;
  /** Absent: the call succeeds. */
  readonly refusal?: { readonly why: Refusal; readonly errnos: readonly string[] };
  readonly events: readonly ExpectedEvent[];
  /** The steps of the model that make it up, each with the state before. */
  readonly steps: readonly { readonly before: State; readonly step: Step }[];
  /** The rules that it exercises; the first is the one that decides the answer. */
  readonly requirements: readonly RequirementId[];
}
