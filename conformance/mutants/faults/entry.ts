import type { ProfileName, RequirementId } from '../../../model/index.js';

/** What the catalogue says of a fault. */
export interface FaultEntry {
  /** The rule that it breaks. */
  readonly rule: RequirementId;
  /** What goes wrong, in words. */
  readonly text: string;
  /** The version of the protocol in which it is a fault; `seed`, unless said otherwise. */
  readonly profile?: ProfileName;
  /** The capabilities without which it cannot show. */
  readonly with?: readonly string[];
  /** Only `--strict` can show it. */
  readonly strict?: true;
  /** Why no conversation in today's words can show it. */
  readonly equivalent?: string;
}

/** Some faults by their ids. */
export type Entries = Readonly<Record<string, FaultEntry>>;
