import { contexts } from './catalogue/contexts.js';
import { daemons } from './catalogue/daemons.js';
import { kernel } from './catalogue/kernel.js';
import { queues } from './catalogue/queues.js';
import { registration } from './catalogue/registration.js';
import { replies } from './catalogue/replies.js';
import { requests } from './catalogue/requests.js';
import { sleep } from './catalogue/sleep.js';
import { wire } from './catalogue/wire.js';
import type { Entry, Level, ProfileName, Role } from './catalogue/entry.js';

/**
 * The requirement catalogue: every normative rule of the four profiles, in our own words.
 *
 * An id is stable for ever. A rule's text says what an observer can hold against an implementation.
 * The source names where the rule comes from: "mail 2006" is Michael Halcrow's explanation on the
 * Linux kernel mailing list (25 August 2006, sent again on 6 December 2006), with the words that
 * carry the rule; kernel sources are named by version, file and function.
 */

export type { Level, ProfileName, Role };

const entries = {
  ...contexts,
  ...requests,
  ...registration,
  ...replies,
  ...sleep,
  ...queues,
  ...wire,
  ...kernel,
  ...daemons,
};

const profileNames = ['seed', 'netlink-2.6.21', 'device-2.6.26', 'device-6'] as const;

/** The id of a rule, such as `CTX-3`. */
export type RequirementId = keyof typeof entries;

/** One normative rule. */
export interface Requirement extends Entry {
  readonly id: RequirementId;
  readonly role: Role;
  readonly profiles: readonly ProfileName[];
}

/** Every rule, in the order of the catalogue. */
export const requirements: readonly Requirement[] = Object.entries(entries).map(
  // Object.entries widens the keys of a constant object to string.
  ([id, entry]) => ({
    id: id as RequirementId,
    role: 'kernel',
    profiles: profileNames,
    ...entry,
  }),
);

/** One rule by its id. */
export function requirement(id: RequirementId): Requirement {
  return { id, role: 'kernel', profiles: profileNames, ...entries[id] };
}

/** The rules of a profile that bind one side; the kernel's, unless said otherwise. */
export function requirementsOf(
  profile: ProfileName,
  role: Role = 'kernel',
): readonly Requirement[] {
  return requirements.filter((one) => one.role === role && one.profiles.includes(profile));
}

/** Whether a word is the id of a rule. */
export function isRequirementId(word: string): word is RequirementId {
  return Object.hasOwn(entries, word);
}
