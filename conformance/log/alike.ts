import type { Ledger } from '../ledger.js';
import type { Oracle } from '../oracle.js';
import type { Entry } from './entry.js';

/**
 * Which free contexts are alike, so that a search need try only one of them.
 *
 * Theory of operation. The protocol treats contexts alike, and choice is never judged. A request that nobody logged
 * got some free context; which one matters only to lines that speak of a context by its number, or by the name of
 * a request that has it. Free contexts of which no later line speaks are interchangeable: what follows from one
 * follows from the others with the numbers changed. Without this a search at 64 contexts tries 64 times 63 accounts
 * for two requests.
 */

/** What some lines say of contexts. */
export interface Spoken {
  /** A line looks at all contexts, or at the lowest free one. */
  readonly ofAll: boolean;
  /** The contexts that lines speak of by number. */
  readonly indexes: ReadonlySet<number>;
  /** The requests that lines speak of by name. */
  readonly requests: ReadonlySet<number>;
}

/** Where a request that nobody saw may have gone. */
export interface Place {
  readonly index: number;
  readonly to: number;
}

/** For each group of lines, what it and the groups behind it say of contexts. */
export function spokenFrom(groups: readonly (readonly Entry[])[]): readonly Spoken[] {
  const all: Spoken[] = [];
  let ofAll = false;
  const indexes = new Set<number>();
  const requests = new Set<number>();
  for (const lines of groups.toReversed()) {
    for (const entry of lines) {
      ofAll ||= speaksOfAll(entry);
      for (const index of indexesIn(entry)) indexes.add(index);
      for (const request of requestsIn(entry)) requests.add(request);
    }
    all.push({ ofAll, indexes: new Set(indexes), requests: new Set(requests) });
  }
  return all.toReversed();
}

function speaksOfAll({ command }: Entry): boolean {
  if (command.do === 'inspect') return true;
  if (command.do !== 'reply' && command.do !== 'raw') return false;
  const { index } = command;
  return index === 'unused' || (typeof index === 'object' && 'of' in index && index.plus !== 0);
}

function indexesIn({ command, observed }: Entry): readonly number[] {
  const index = command.do === 'reply' || command.do === 'raw' ? command.index : undefined;
  const named = typeof index === 'object' && 'is' in index ? [index.is] : [];
  const events = observed.flatMap((one) => [...one.events, ...one.late]);
  return [...named, ...events.flatMap((event) => ('index' in event ? [event.index] : []))];
}

function requestsIn({ command }: Entry): readonly number[] {
  const index = command.do === 'reply' || command.do === 'raw' ? command.index : undefined;
  return typeof index === 'object' && 'of' in index ? [index.of] : [];
}

/** One place of each kind: those that lines speak of, and of the others one that stands for all. */
export function distinctPlaces(
  places: readonly Place[],
  oracle: Oracle,
  { ofAll, indexes, requests }: Spoken,
): readonly Place[] {
  if (ofAll) return places;
  const named = new Set([...indexes, ...indexesOf(requests, oracle.ledger)]);
  const shown = new Map<string, Place>();
  for (const place of places) {
    const { index, to } = place;
    const states = oracle.hypotheses.map(({ state, slots }) => {
      const isFree = slots[index]?.request === undefined;
      const parts = (['context', 'owner', 'task'] as const).map((kind) =>
        oracle.system.at(state, { kind, nth: index }),
      );
      return [isFree, ...parts].join();
    });
    const key = named.has(index) ? `${index} ${to}` : [to, ...states].join(' ');
    if (!shown.has(key)) shown.set(key, place);
  }
  return [...shown.values()];
}

function indexesOf(requests: ReadonlySet<number>, ledger: Ledger): readonly number[] {
  return [...requests].flatMap((name) => ledger.request(name)?.index ?? []);
}
