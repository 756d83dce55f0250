import type { Profile } from '../../model/index.js';
import { adversarySuite } from './adversary.js';
import { pathsSuite } from './paths.js';
import type { Suite } from './suite.js';

/** Every suite of a profile, in the order in which they run. */
export function suitesOf(profile: Profile): readonly Suite[] {
  return [pathsSuite(profile), adversarySuite()];
}
