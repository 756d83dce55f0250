import type { Command, RequirementId } from '../model/index.js';
import type { Breach } from './subject.js';

/** What a conversation was, and what became of it. */

/** One thing that was done, and what came of it, in words. */
export interface TraceStep {
  readonly command: string;
  readonly observed: readonly string[];
  /** Present in the closing probe. */
  readonly probe?: true;
}

/** Why a conversation failed. */
export interface Failure {
  /** One sentence: what was observed, what was allowed. */
  readonly why: string;
  readonly requirements: readonly RequirementId[];
  /** Every way that the model allowed at the failing step. */
  readonly allowed: readonly string[];
  /** Whether it showed only in the closing probe. */
  readonly inProbe: boolean;
  /** Present when the adapter broke instead of answering. */
  readonly breach?: Breach;
  /** In which way it broke, where several can be told apart. */
  readonly way?: string;
}

/** What became of a conversation. */
export interface Conversation {
  readonly verdict: 'pass' | 'fail' | 'unsupported' | 'inconclusive';
  readonly failure?: Failure;
  /** Why it is unsupported, or inconclusive. */
  readonly unsupported?: string;
  readonly trace: readonly TraceStep[];
  /** The commands that were carried out, without the probe. */
  readonly commands: readonly Command[];
  /** Every rule that was exercised and found kept. */
  readonly requirements: ReadonlySet<RequirementId>;
}
