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

/** What differs between the inside that an implementation shows and a state of the model. */
export function differencesOfView(
  system: System,
  { state, slots }: Hypothesis,
  ledger: Ledger,
  answer: Answer,
): Difference[] {
  const view = answer.result ?? {};
  const numbers = (indices: readonly number[]) => `[${indices.join(', ')}]`;
  const free = slots.flatMap(({ request }, index) => (request === undefined ? [index] : []));
  const allocated = slots.flatMap(({ request }, index) => (request === undefined ? [] : [index]));
  const contexts = slots.map(({ request }, index) => {
    const name = system.at(state, { kind: 'context', nth: index });
    const sequence = request === undefined ? undefined : ledger.request(request)?.sequence;
    return `${index} ${name}${sequence === undefined ? '' : ` seq ${sequence}`}`;
  });
  const daemons = daemonsOf(system, state, ledger);
  const seenFree = sortedNumbers(view['free']);
  const leaked = slots.filter(
    ({ request, freedBy }, index) =>
      request === undefined && freedBy !== 'CTX-1' && !seenFree.includes(index),
  );
  const leaks = leaked.map(({ freedBy }): Difference => ({
    requirement: freedBy,
    observed: 'a context that is not free again',
    allowed: 'a free context',
  }));
  const differ = (what: string, seen: string, allowed: string): Difference[] =>
    seen === allowed
      ? []
      : [{ requirement: 'INS-1', observed: `${what}: ${seen}`, allowed: `${what}: ${allowed}` }];
  const seenDaemons = viewedDaemons(view['daemons']).filter((one) => !daemons.stale(one));
  return [
    ...leaks,
    ...differ('free list', numbers(seenFree), numbers(free)),
    ...differ('allocated list', numbers(sortedNumbers(view['allocated'])), numbers(allocated)),
    ...differ(
      'contexts',
      viewedContexts(view['contexts'], allocated).join(', '),
      contexts.join(', '),
    ),
    ...differ('daemons', seenDaemons.sort().join(', '), [...daemons.registered].sort().join(', ')),
  ];
}

/** The associations that must be shown, and those of dead processes, which may be. */
function daemonsOf(system: System, state: Hypothesis['state'], ledger: Ledger) {
  const registered: string[] = [];
  const staleUids = new Set<number>();
  for (let nth = 0; nth < system.bounds.users; nth += 1) {
    const daemon = system.at(state, { kind: 'daemon', nth });
    const uid = ledger.uidOf(nth + 1);
    if (daemon === 'stale') staleUids.add(uid);
    if (daemon !== 'registered') continue;
    const process = Number(system.at(state, { kind: 'registrant', nth }).slice(2)) + 1;
    registered.push(`uid ${uid} pid ${ledger.pidOf({ user: nth + 1, process })}`);
  }
  const stale = (one: string) => staleUids.has(Number(one.split(' ')[1]));
  return { registered, stale };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one) => typeof one === 'object' && one !== null) as Record<
    string,
    unknown
  >[];
}

function sortedNumbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number).sort((a, b) => a - b) : [];
}

function viewedContexts(value: unknown, allocated: readonly number[]): string[] {
  return [...listOf(value)]
    .sort((a, b) => Number(a['index']) - Number(b['index']))
    .map(({ index, state, seq }) => {
      const shown = allocated.includes(Number(index)) ? ` seq ${String(seq)}` : '';
      return `${String(index)} ${String(state)}${shown}`;
    });
}

function viewedDaemons(value: unknown): string[] {
  return listOf(value).map(({ uid, pid }) => `uid ${String(uid)} pid ${String(pid)}`);
}

/** The inside that an implementation shows, in words. */
export function describeView({ result = {} }: Answer): string[] {
  const contexts = listOf(result['contexts']).map(
    ({ index, state, seq }) => `${String(index)} ${String(state)} seq ${String(seq)}`,
  );
  return [
    `free [${sortedNumbers(result['free']).join(', ')}]`,
    `allocated [${sortedNumbers(result['allocated']).join(', ')}]`,
    `contexts [${contexts.join(', ')}]`,
    `daemons [${viewedDaemons(result['daemons']).join(', ')}]`,
  ];
}
