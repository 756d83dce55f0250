import type { System } from '../model/index.js';
import type { Difference } from './compare.js';
import type { Ledger } from './ledger.js';
import type { Hypothesis } from './prediction.js';
import type { Answer } from './subject.js';

/**
 * The inside that an implementation shows (`inspect`), held against a state of the model.
 *
 * The order in an array means nothing, and neither does the sequence number of a free context. The
 * association of a dead daemon may be shown or not.
 */

type View = NonNullable<Answer['result']>;

/** What differs between the inside that an implementation shows and a state of the model. */
export function differencesOfView(
  system: System,
  hypothesis: Hypothesis,
  ledger: Ledger,
  answer: Answer,
): Difference[] {
  const { state, slots } = hypothesis;
  const view = answer.result ?? {};
  const free = slots.flatMap(({ request }, index) => (request === undefined ? [index] : []));
  const allocated = slots.flatMap(({ request }, index) => (request === undefined ? [] : [index]));
  // The number of a request whose message nobody has read, or logged, is not known.
  const numbered = allocated.filter((index) => Number.isInteger(slots[index]?.sequence));
  const contexts = slots.map((slot, index) => {
    const name = system.at(state, { kind: 'context', nth: index });
    const sequence = numbered.includes(index) ? slot.sequence : undefined;
    return `${index} ${name}${sequence === undefined ? '' : ` seq ${sequence}`}`;
  });
  const differ = (what: string, seen: string, allowed: string): Difference[] =>
    seen === allowed
      ? []
      : [{ requirement: 'INS-1', observed: `${what}: ${seen}`, allowed: `${what}: ${allowed}` }];
  return [
    ...leaks(hypothesis, view),
    ...differ('free list', numbers(view['free']), numbers(free)),
    ...differ('allocated list', numbers(view['allocated']), numbers(allocated)),
    ...differ('contexts', list(contextsOf(view, numbered)), list(contexts)),
    ...daemonDifferences(system, hypothesis, ledger, view, differ),
  ];
}

/** Contexts that should have come back to the free list: the rule that should have freed them. */
function leaks({ slots }: Hypothesis, { free }: View): Difference[] {
  const shown: unknown[] = Array.isArray(free) ? free : [];
  const leaked = slots.filter(
    ({ request, freedBy }, index) =>
      request === undefined && freedBy !== 'CTX-1' && !shown.includes(index),
  );
  return leaked.map(({ freedBy }) => ({
    requirement: freedBy,
    observed: 'a context that is not free again',
    allowed: 'a free context',
  }));
}

/** Every registration must be shown once; of each dead daemon the association may be, once. */
function daemonDifferences(
  system: System,
  { state, pids }: Hypothesis,
  ledger: Ledger,
  view: View,
  differ: (what: string, seen: string, allowed: string) => Difference[],
): Difference[] {
  const seen = rowsOf(view['daemons']);
  const registered: string[] = [];
  for (let nth = 0; nth < system.bounds.users; nth += 1) {
    const daemon = system.at(state, { kind: 'daemon', nth });
    const pid = pids[nth];
    if (daemon === 'unregistered' || pid === undefined) continue;
    const uid = ledger.uidOf(nth + 1);
    if (daemon === 'registered') {
      registered.push(daemonRow({ uid, pid }));
      continue;
    }
    const place = seen.findIndex((one) => one['uid'] === uid && one['pid'] === pid);
    if (place !== -1) seen.splice(place, 1);
  }
  return differ('daemons', list(seen.map(daemonRow).sort()), list(registered.sort()));
}

/** The inside that an implementation shows, in words. */
export function describeView({ result = {} }: Answer): string[] {
  return [
    `free ${numbers(result['free'])}`,
    `allocated ${numbers(result['allocated'])}`,
    `contexts ${list(contextsOf(result))}`,
    `daemons ${list(rowsOf(result['daemons']).map(daemonRow))}`,
  ];
}

function list(rows: readonly string[]): string {
  return `[${rows.join(', ')}]`;
}

/** A list of numbers in their order; what is no such list is shown as it is. */
function numbers(value: unknown): string {
  const isNumbers = Array.isArray(value) && value.every((one) => typeof one === 'number');
  return isNumbers ? list(value.toSorted((a, b) => a - b).map(String)) : shown(value);
}

function rowsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  // Every object of JSON has string keys.
  return value.filter((one) => typeof one === 'object' && one !== null) as Record<
    string,
    unknown
  >[];
}

/** The contexts by index; of those in `numbered` (by default those that are not free) with their sequence number. */
function contextsOf(view: View, numbered?: readonly number[]): string[] {
  return rowsOf(view['contexts'])
    .sort((a, b) => Number(a['index']) - Number(b['index']))
    .map(({ index, state, seq }) => {
      const isNumbered = numbered?.includes(Number(index)) ?? state !== 'free';
      return `${shown(index)} ${shown(state)}${isNumbered ? ` seq ${shown(seq)}` : ''}`;
    });
}

function daemonRow({ uid, pid }: Readonly<Record<string, unknown>>): string {
  return `uid ${shown(uid)} pid ${shown(pid)}`;
}

/** A word or a number as it is; anything else in words, since it may be nested deeper than can be printed. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' && !/^\d*$/.test(value) ? value : JSON.stringify(value);
}
