import { short } from './foreign.js';
import { redact } from './redact.js';

/**
 * Passes on what programs send in the protocol of @statelyai/inspect, and remembers it.
 *
 * Theory of operation. A program that uses `createWebSocketInspector` writes one JSON object per message: an
 * `@xstate.actor`, `@xstate.event` or `@xstate.snapshot`. The relay passes it on unchanged to every listener; a
 * listener that comes later first gets all that is kept. When too much is kept, the oldest events go, but not the
 * definition of an actor nor its last known state, so that a late listener sees every machine and its state.
 * No socket is in here.
 *
 * Source: @statelyai/inspect 0.7, its types StatelyActorEvent, StatelyEventEvent, StatelySnapshotEvent.
 */
export interface Entry {
  /** Counts all entries from 1; no number comes twice. */
  readonly nth: number;
  readonly program: number;
  readonly text: string;
  readonly type: string;
  readonly sessionId: string;
  /** What pictures show of it: visible, short text. */
  readonly shown: Shown;
}

/** The name of an actor; the type of an event and the session id of its sender. */
export interface Shown {
  readonly name?: string;
  readonly event?: string;
  readonly source?: string;
}

/** What became of a message: it is passed on, or it is nothing that the protocol knows. */
export type Received =
  | { readonly kind: 'event'; readonly entry: Entry }
  | { readonly kind: 'nonsense'; readonly why: string };

/** How much is kept. */
export interface Limits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/** How much is taken at once. */
export interface Portion {
  readonly entriesMax?: number;
  readonly bytesMax?: number;
}

const limitsUsual: Limits = { entriesMax: 200_000, bytesMax: 256 << 20 };

const types = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];
const sessionIdMax = 1000;
const shownMax = 60;

/** One relay, for all programs and all listeners. */
export class Relay {
  readonly #limits: Limits;
  #kept: Entry[] = [];
  #bytes = 0;
  #count = 0;
  #forgotten = 0;

  constructor(limits: Limits = limitsUsual) {
    this.#limits = limits;
  }

  /** The number of entries that came. */
  get count(): number {
    return this.#count;
  }

  /** The number of entries that are not kept any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Takes a message of a program. */
  take(program: number, text: string): Received {
    const event = readEvent(text);
    if (typeof event === 'string') return { kind: 'nonsense', why: event };
    const clean = redact(event.members);
    const { type, sessionId } = event;
    this.#count += 1;
    const entry: Entry = {
      nth: this.#count,
      program,
      text: clean === event.members ? text : JSON.stringify(clean),
      ...{ type, sessionId, shown: shownOf(event.members) },
    };
    this.#kept.push(entry);
    this.#bytes += entry.text.length;
    const { entriesMax, bytesMax } = this.#limits;
    if (this.#kept.length > entriesMax || this.#bytes > bytesMax) this.#forget();
    return { kind: 'event', entry };
  }

  /** The kept entries after entry `nth`, oldest first. One entry comes even if it is larger than the portion. */
  after(
    nth: number,
    { entriesMax = Infinity, bytesMax = Infinity }: Portion = {},
  ): readonly Entry[] {
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#kept[middle]?.nth ?? 0) > nth) high = middle;
      else low = middle + 1;
    }
    if (bytesMax === Infinity) return this.#kept.slice(low, low + entriesMax);
    let [end, bytes] = [low, 0];
    for (; end < this.#kept.length && end - low < entriesMax; end += 1) {
      bytes += this.#kept[end]?.text.length ?? 0;
      if (bytes > bytesMax && end > low) break;
    }
    return this.#kept.slice(low, end);
  }

  /** The names of a program's actors by their session ids. */
  namesOf(program: number): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const { program: of, sessionId, shown } of this.#kept) {
      if (of === program && shown.name !== undefined) names.set(sessionId, shown.name);
    }
    return names;
  }

  /** The definition of an actor's machine, as its program sent it. */
  definitionOf(program: number, sessionId: string): string | undefined {
    const entry = this.#kept.findLast(
      (one) =>
        one.type === '@xstate.actor' && one.program === program && one.sessionId === sessionId,
    );
    if (entry === undefined) return undefined;
    // Only objects are kept.
    const { definition } = JSON.parse(entry.text) as { readonly definition?: unknown };
    return typeof definition === 'string' ? definition : undefined;
  }

  /** Drops the older half except what a late listener needs; if that is still too much, the oldest of it too. */
  #forget(): void {
    const before = this.#kept.length;
    const { entriesMax, bytesMax } = this.#limits;
    const half = this.#kept[before >> 1]?.nth ?? 0;
    const last = new Map<string, number>();
    for (const entry of this.#kept) last.set(subjectOf(entry), entry.nth);
    this.#keep(
      this.#kept.filter((entry) => {
        const isLast = entry.type !== '@xstate.event' && last.get(subjectOf(entry)) === entry.nth;
        return entry.nth >= half || isLast;
      }),
    );
    while (this.#kept.length > entriesMax || this.#bytes > bytesMax) {
      this.#keep(this.#kept.slice((this.#kept.length >> 2) + 1));
    }
    this.#forgotten += before - this.#kept.length;
  }

  #keep(kept: Entry[]): void {
    this.#kept = kept;
    this.#bytes = kept.reduce((sum, { text }) => sum + text.length, 0);
  }
}

/** What an entry replaces earlier ones of: the same kind of event about the same actor. */
function subjectOf({ type, program, sessionId }: Entry): string {
  return `${type} ${program} ${sessionId}`;
}

interface Read {
  readonly type: string;
  readonly sessionId: string;
  readonly members: object;
}

/** The event in a message, or why there is none. */
function readEvent(text: string): Read | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a message that is not JSON';
  }
  if (typeof value !== 'object' || value === null) return 'JSON that is not an object';
  const { type, sessionId }: { type?: unknown; sessionId?: unknown } = value;
  if (typeof type !== 'string' || !types.includes(type)) {
    return `an event whose type is none of ${types.join(', ')}`;
  }
  if (typeof sessionId !== 'string') return `an event ${type} without a sessionId`;
  if (sessionId.length <= sessionIdMax) return { type, sessionId, members: value };
  return `an event ${type} with a sessionId of ${sessionId.length} characters (at most ${sessionIdMax})`;
}

function shownOf(members: { name?: unknown; event?: unknown; sourceId?: unknown }): Shown {
  const { name, event, sourceId } = members;
  const type: unknown =
    typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined;
  return {
    ...(typeof name === 'string' ? { name: short(name, shownMax) } : {}),
    ...(typeof type === 'string' ? { event: short(type, shownMax) } : {}),
    ...(typeof sourceId === 'string' ? { source: sourceId } : {}),
  };
}
