import type { Profile } from '../../model/index.js';
import { seed } from '../../model/index.js';
import { adversarySuite } from './adversary.js';
import { completenessSuite } from './complete.js';
import { daemonSuite } from './daemon.js';
import { faultsSuite } from './faults.js';
import { interleavingsSuite } from './interleavings.js';
import { pathsSuite } from './paths.js';
import { readingSuite } from './reading.js';
import { rejectionsSuite } from './rejections.js';
import { resetsSuite } from './resets.js';
import { soakSuite } from './soak.js';
import type { Extent, Suite } from './suite.js';
import { timeSuite } from './time.js';
import { tourSuite } from './tour.js';
import { wireSuite } from './wire.js';

/**
 * Every suite of a profile, in the order in which they run: what is short and easy to read first. Cases are derived once, when they are asked for.
 *
 * @param extent the size of what `tour` and `complete` explore, and of conversations that are drawn besides
 */
export function suitesOf(profile: Profile, extent: Extent = {}): readonly Suite[] {
  const { contexts, users } = extent;
  const asked = {
    ...(contexts === undefined ? {} : { contexts }),
    ...(users === undefined ? {} : { users }),
  };
  const sizes = made.get(profile) ?? new Map<string, readonly Suite[]>();
  const size = JSON.stringify(asked);
  const known = sizes.get(size) ?? [
    pathsSuite(profile),
    rejectionsSuite(profile),
    timeSuite(),
    readingSuite(profile),
    faultsSuite(profile),
    resetsSuite(profile),
    wireSuite(profile),
    interleavingsSuite(profile),
    tourSuite(profile, asked),
    completenessSuite(profile, asked),
    soakSuite(),
    adversarySuite(profile, asked),
    daemonSuite(),
  ];
  made.set(profile, sizes.set(size, known));
  return known;
}

const made = new Map<Profile, Map<string, readonly Suite[]>>();

/** Cases by their suite, in the order in which suites run, and by their id. */
export function inOrder<C extends { readonly id: string; readonly suite: string }>(
  cases: readonly C[],
): readonly C[] {
  const places = new Map(suitesOf(seed).map(({ name }, nth) => [name, nth]));
  const place = ({ suite }: C) => places.get(suite) ?? places.size;
  return cases.toSorted((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : Number(a.id > b.id)));
}
