import type { Profile } from '../model/index.js';
import { isRequirementId, profiles, requirements } from '../model/index.js';
import { shutdownCase } from './report.js';
import type { Claims } from './subject.js';
import { mustExist, noSuch, UsageError } from './usage.js';
import { suitesOf } from './suites/index.js';
import type { Case, Extent, Suite } from './suites/suite.js';

/** Which cases a run chooses, and what is near to a name that does not exist. */

/**
 * The profiles that the suites can judge an implementation by. The namespaces and zombies of
 * device-2.6.26 have no command in a conversation: that one is for the model only.
 */
export const runnable: Readonly<Record<string, Profile>> = Object.fromEntries(
  Object.entries(profiles).filter(([name]) => name !== 'device-2.6.26'),
);

/** A case with the name of its suite. */
export type ChosenCase = Case & { readonly suite: string };

/** For whom suites are, and of what size. */
export interface SelectOptions {
  readonly role?: Claims['role'];
  readonly extent?: Extent;
}

/**
 * The cases of the named suites (all by default) that pass the filters (all by default). A filter is
 * the id of a requirement, or of a case, or the beginning of case ids up to a `/` or `.`.
 * With neither, only the suites for the role, where one is given.
 *
 * @throws UsageError for a name that does not exist, when nothing is left, and when the extent is too large
 */
export function selectCases(
  profile: Profile,
  suites: readonly string[],
  filters: readonly string[],
  options: SelectOptions = {},
): readonly ChosenCase[] {
  const selection = selecting(profile, suites, filters, options);
  for (;;) {
    const { done, value } = selection.next();
    if (done === true) return value;
  }
}

/** How far a selection has come: the suite that is derived next, counted from 0, of how many. */
export interface Deriving {
  readonly suite: string;
  readonly nth: number;
  readonly all: number;
}

/**
 * Does what `selectCases` does, and pauses before each suite. Derives only what the filters can name:
 * names are checked before anything is derived, and a filter for a case derives its part of its suite.
 *
 * @throws UsageError as `selectCases` does
 */
export function* selecting(
  profile: Profile,
  suites: readonly string[],
  filters: readonly string[],
  { role, extent }: SelectOptions = {},
): Generator<Deriving, readonly ChosenCase[], undefined> {
  const all = suitesOf(profile, extent);
  const names = all.map(({ name }) => name);
  for (const name of suites) mustExist('suite', name, names);
  for (const filter of filters) mustBegin(filter, all);
  const isAsked = suites.length > 0 || filters.length > 0;
  const isMeant = ({ name, plays }: Suite) =>
    (suites.length === 0 || suites.includes(name)) &&
    (isAsked || role === undefined || (plays ?? 'kernel') === role);
  // A requirement may be in every part of every suite.
  const isOpen = filters.length === 0 || filters.some(isRequirementId);
  const withinOf = ({ name }: Suite) =>
    isOpen ? [''] : filters.filter((filter) => suiteIn(filter) === name);
  const wanted = all
    .filter(isMeant)
    .map((suite) => ({ suite, within: withinOf(suite) }))
    .filter(({ within }) => within.length > 0);
  const chosen: ChosenCase[] = [];
  for (const [nth, { suite, within }] of wanted.entries()) {
    yield { suite: suite.name, nth, all: wanted.length };
    chosen.push(...chosenFrom(suite, within, filters));
  }
  const derived = wanted.map(({ suite }) => suite);
  for (const filter of filters) mustChoose(filter, chosen, derived);
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `no case of suite ${suites.join(', ')} is for ${filters.join(', ')}; leave out --suite or --filter`,
  );
}

/** The suite that the id of a case begins with. */
function suiteIn(id: string): string {
  return id.split('/', 1)[0] ?? '';
}

/** @throws UsageError when a filter is no requirement and its beginning no suite */
function mustBegin(filter: string, suites: readonly Suite[]): void {
  const names = suites.map(({ name }) => name);
  if (isRequirementId(filter) || names.includes(suiteIn(filter))) return;
  const isCase = filter.includes('/');
  const known = isCase
    ? suites.flatMap(({ prefixes }) => prefixes)
    : [...requirements.map(({ id }) => id), ...names];
  noSuch('case or requirement', filter, known);
}

function chosenFrom(
  suite: Suite,
  within: readonly string[],
  filters: readonly string[],
): ChosenCase[] {
  const passes = (one: Case) => filters.length === 0 || filters.some((filter) => fits(one, filter));
  const parts = within.map((beginning) => derive(suite, beginning));
  const usual = [...new Set(parts.flat())].filter(passes);
  // A case that only a budget pays for is derived where a filter names it and nothing else is meant.
  const missed = within.filter((one) => one !== '' && !usual.some(({ id }) => isWithin(id, one)));
  const deeper = missed.flatMap((one) => [...(suite.deeper?.(one) ?? [])].filter(passes));
  return [...usual, ...deeper].map((one) => ({ ...one, suite: suite.name }));
}

function derive(suite: Suite, within: string): readonly Case[] {
  try {
    return suite.cases(within);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const words = `suite ${suite.name} cannot be made so large (${error.message})`;
    throw new UsageError(`${words}: take fewer --contexts or --users, or another --suite`);
  }
}

function idsIn(suite: Suite, within: string): readonly string[] {
  return derive(suite, within).map(({ id }) => id);
}

/** @throws UsageError that names the nearest cases, when a filter chose none */
function mustChoose(filter: string, chosen: readonly ChosenCase[], suites: readonly Suite[]): void {
  if (isRequirementId(filter) || chosen.some(({ id }) => isWithin(id, filter))) return;
  const suite = suites.find(({ name }) => name === suiteIn(filter));
  // Its suite is not among the named ones: that is said where nothing else is chosen either.
  if (suite === undefined) return;
  noSuch('case', filter, [...idsIn(suite, filter), ...suite.prefixes]);
}

/**
 * Checks that an id names a requirement, a selected case or a usual case of the profile. Derives only
 * the part of the suite that the id names.
 *
 * @throws UsageError that names the nearest
 */
export function mustName(id: string, profile: Profile, selected: ReadonlySet<string>): void {
  if (isRequirementId(id) || selected.has(id) || id === shutdownCase) return;
  const suites = suitesOf(profile);
  mustBegin(id, suites);
  const suite = suites.find(({ name }) => name === suiteIn(id));
  const ids = suite === undefined ? [] : idsIn(suite, id);
  if (!ids.includes(id)) noSuch('case or requirement', id, ids);
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
    derive(suite, '')
      .filter(({ kind }) => kind === 'random')
      .map((one) => ({ ...one, suite: suite.name })),
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
  for (const suite of suites) {
    for (const one of suite.deeper?.() ?? []) yield { ...one, suite: suite.name };
  }
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

/** A profile that the suites can judge by. @throws UsageError that names the known ones */
export function profileNamed(name: string): Profile {
  if (Object.hasOwn(runnable, name)) return runnable[name] as Profile;
  return noSuch('profile to run', name, Object.keys(runnable));
}
