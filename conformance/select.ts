import type { Profile } from '../model/index.js';
import { isRequirementId, profiles, requirements } from '../model/index.js';
import type { Claims } from './subject.js';
import { suitesOf } from './suites/index.js';
import type { Case, Extent, Suite } from './suites/suite.js';

/** Which cases a run holds; and what is near to a name that does not exist. */

/**
 * The profiles that the suites can hold an implementation against. The namespaces and zombies of
 * device-2.6.26 have no command in a conversation: that one is for the model only.
 */
export const runnable: Readonly<Record<string, Profile>> = Object.fromEntries(
  Object.entries(profiles).filter(([name]) => name !== 'device-2.6.26'),
);

/** A command line that asks for something that is not there. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A case with the name of its suite. */
export type ChosenCase = Case & { readonly suite: string };

const suggestionsMax = 3;
const knownMax = 16;

/** For whom suites are, and of what size. */
export interface SelectOptions {
  readonly role?: Claims['role'];
  readonly extent?: Extent;
}

/**
 * The cases of the named suites (all by default) that pass the filters (all by default). A filter is
 * the id of a requirement, or of a case, or the beginning of case ids up to a `/` or `.`.
 * With neither, only what is for the role, where one is given.
 *
 * @throws UsageError for a name that does not exist, when nothing is left, and when the extent is too large
 */
export function selectCases(
  profile: Profile,
  suites: readonly string[],
  filters: readonly string[],
  { role, extent }: SelectOptions = {},
): readonly ChosenCase[] {
  const isAsked = suites.length > 0 || filters.length > 0;
  const all = suitesOf(profile, extent).filter(
    ({ plays = 'kernel' }) => isAsked || role === undefined || plays === role,
  );
  const names = all.map(({ name }) => name);
  for (const name of suites) mustExist('suite', name, names);
  const named = all.filter(({ name }) => suites.length === 0 || suites.includes(name));
  const usual = named.flatMap((suite) => [...casesIn(suite)]);
  const isUsual = (filter: string) =>
    isRequirementId(filter) || usual.some(({ id }) => isWithin(id, filter));
  const chosen = filters.every(isUsual) ? usual : [...usual, ...deeperOf(named, filters)];
  const ids = chosen.map(({ id }) => id);
  for (const filter of filters) {
    if (isRequirementId(filter) || ids.some((id) => isWithin(id, filter))) continue;
    mustExist('case or requirement', filter, [...requirements.map(({ id }) => id), ...ids]);
  }
  const kept = chosen.filter(
    (one) => filters.length === 0 || filters.some((filter) => fits(one, filter)),
  );
  if (kept.length === 0) {
    throw new UsageError(
      `no case is selected by suites ${names.join(', ')} and filter ${filters.join(', ')}`,
    );
  }
  return kept;
}

function* casesIn(suite: Suite, cases: Iterable<Case> = madeBy(suite)): Generator<ChosenCase> {
  for (const one of cases) yield { ...one, suite: suite.name };
}

function madeBy(suite: Suite): readonly Case[] {
  try {
    return suite.cases();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const words = `suite ${suite.name} cannot be made so large (${error.message})`;
    throw new UsageError(`${words}: take fewer --contexts or --users, or another --suite`);
  }
}

/** What only a budget brings, where a filter names it by the name of its part. */
function deeperOf(suites: readonly Suite[], filters: readonly string[]): ChosenCase[] {
  return suites.flatMap((suite) => {
    const deeper = suite.deeper?.() ?? [];
    const isMeant = filters.some((filter) => filter.startsWith(`${suite.name}/`));
    return isMeant
      ? [...casesIn(suite, deeper)].filter((one) => filters.some((filter) => fits(one, filter)))
      : [];
  });
}

/** A case that a budget pays for; a random one with a seed that it did not have yet. */
export type PaidCase = ChosenCase & { readonly seed?: number };

const deeperInTurn = 200;

/**
 * What there is beyond the usual cases of the suites, without an end: in turn the random cases with the
 * next seed, and some of those that are made for this.
 */
export function* deeperCases(
  profile: Profile,
  suites: readonly string[],
  seed: number,
  extent?: Extent,
): Generator<PaidCase> {
  const named = suitesOf(profile, extent).filter(
    ({ name, plays }) => plays === undefined && (suites.length === 0 || suites.includes(name)),
  );
  const random = named.flatMap((suite) =>
    [...casesIn(suite)].filter(({ kind }) => kind === 'random'),
  );
  const deeper = inTurn(named);
  for (let round = 1; ; round += 1) {
    for (const one of random) yield { ...one, seed: seed + round };
    let left = deeperInTurn;
    for (; left > 0; left -= 1) {
      const next = deeper.next();
      if (next.done === true) break;
      yield next.value;
    }
    if (random.length === 0 && left > 0) return;
  }
}

function* inTurn(suites: readonly Suite[]): Generator<ChosenCase> {
  for (const suite of suites) yield* casesIn(suite, suite.deeper?.() ?? []);
}

function fits(one: Case, filter: string): boolean {
  if (isRequirementId(filter)) return one.requirements.includes(filter);
  return isWithin(one.id, filter);
}

function isWithin(id: string, filter: string): boolean {
  if (!id.startsWith(filter)) return false;
  const next = id.slice(filter.length, filter.length + 1);
  return next === '' || /[/.]$/.test(filter) || next === '/' || next === '.';
}

/** A profile that the suites can be held under. @throws UsageError that names the known ones */
export function profileNamed(name: string): Profile {
  const profile = runnable[name];
  if (profile !== undefined) return profile;
  return noSuch('profile to run', name, Object.keys(runnable));
}

/** @throws UsageError that names the nearest names, when a name is not among the known */
export function mustExist(what: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) noSuch(what, name, known);
}

function noSuch(what: string, name: string, known: readonly string[]): never {
  const near = nearest(name, known);
  const hint = known.length <= knownMax ? `known: ${known.join(', ')}` : `near: ${near.join(', ')}`;
  throw new UsageError(`there is no ${what} "${name}"; ${hint}`);
}

/** The names that take the fewest edits to reach. */
function nearest(name: string, known: readonly string[]): string[] {
  return known
    .map((one) => ({ one, edits: editsToReach(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, suggestionsMax)
    .map(({ one }) => one);
}

/** Who types the beginning of a long name is near to it. */
function editsToReach(name: string, known: string): number {
  const beginning = known.slice(0, name.length);
  return Math.min(editsBetween(name, known), editsBetween(name, beginning) + 1);
}

/** The Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, nth) => nth);
  for (const [nth, char] of a.split('').entries()) {
    const next = [nth + 1];
    for (let place = 0; place < b.length; place += 1) {
      const replaced = (row[place] ?? 0) + (b[place] === char ? 0 : 1);
      next.push(Math.min(replaced, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
