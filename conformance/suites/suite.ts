import type fc from 'fast-check';
import type { Command, RequirementId } from '../../model/index.js';

/** What a suite is made of. */

/** How a case sets up a system; payload sizes and labels follow from what the adapter claims. */
export interface Setup {
  /** For a random case as near to this as the adapter allows. */
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
  readonly manualWake: boolean;
  /** As near to this as the adapter allows; that of the Linux module by default. */
  readonly timeoutMs?: number;
}

interface CaseHead {
  /** Stable: the same case has the same id for ever. */
  readonly id: string;
  readonly setup: Setup;
  /** Capabilities without which the case cannot be held. */
  readonly needs: readonly string[];
  /** The rules that it is meant to exercise. */
  readonly requirements: readonly RequirementId[];
}

/** A case: one conversation, or many that are drawn at random. */
export type Case =
  | (CaseHead & { readonly kind: 'script'; readonly commands: readonly Command[] })
  | (CaseHead & {
      readonly kind: 'random';
      readonly conversations: fc.Arbitrary<readonly Command[]>;
      /** Which part of a run's conversations it draws: long ones are fewer. */
      readonly share: number;
    });

/** A named set of cases. */
export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Builds the cases; the same ones each time. */
  readonly cases: () => readonly Case[];
}
