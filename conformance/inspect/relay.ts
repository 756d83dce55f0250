import { redact } from './redact.js';

/**
 * Passes on what programs tell in the protocol of @statelyai/inspect, and remembers it.
 *
 * Theory of operation. A program that uses `createWebSocketInspector` writes one JSON object a message,
 * an `@xstate.actor`, `@xstate.event` or `@xstate.snapshot`. The relay passes it on to everybody who
 * listens, as it came; whoever comes later is told all of it first. When there is too much to be kept,
 * the oldest events go, but never the definition of an actor nor the last that is known of its state, so
 * that a late joiner always sees every machine and where it stands. No socket is in here.
 *
 * Source: @statelyai/inspect 0.7, its types StatelyActorEvent, StatelyEventEvent, StatelySnapshotEvent.
 */
export interface Entry {
  /** Counts all entries from 1; no number comes twice. */
  readonly nth: number;
  readonly program: number;
  readonly text: string;
}

/** What became of a message: it is passed on, or nothing that the protocol knows. */
export type Received =
  | { readonly kind: 'event'; readonly entry: Entry }
  | { readonly kind: 'nonsense'; readonly why: string };

/** How much is kept. */
export interface Limits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

const limitsUsual: Limits = { entriesMax: 200_000, bytesMax: 256 << 20 };

const types = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];

interface Kept extends Entry {
  readonly type: string;
  /** The actor that it is about. */
  readonly actor: string;
}

/** One relay, for all programs and all who listen. */
export class Relay {
  readonly #limits: Limits;
  #kept: Kept[] = [];
  #bytes = 0;
  #count = 0;
  #forgotten = 0;

  constructor(limits: Limits = limitsUsual) {
    this.#limits = limits;
  }

  /** How many entries came. */
  get count(): number {
    return this.#count;
  }

  /** How many were too many to be kept. */
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
    const entry: Kept = {
      nth: this.#count,
      program,
      text: clean === event.members ? text : JSON.stringify(clean),
      type,
      actor: `${program} ${sessionId}`,
    };
    this.#kept.push(entry);
    this.#bytes += entry.text.length;
    const { entriesMax, bytesMax } = this.#limits;
    if (this.#kept.length > entriesMax || this.#bytes > bytesMax) this.#forget();
    return { kind: 'event', entry };
  }

  /** What is kept and came after an entry, oldest first, at most so many. */
  after(nth: number, most = Infinity): readonly Entry[] {
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#kept[middle]?.nth ?? 0) > nth) high = middle;
      else low = middle + 1;
    }
    return this.#kept.slice(low, low + most);
  }

  /** What the actors of a program are called, by their session ids. */
  namesOf(program: number): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const { program: of, type, text } of this.#kept) {
      if (of !== program || type !== '@xstate.actor') continue;
      // What is kept is an object with a sessionId.
      const { sessionId, name } = JSON.parse(text) as { sessionId: string; name?: unknown };
      if (typeof name === 'string') names.set(sessionId, name);
    }
    return names;
  }

  /** The definition of an actor's machine, as its program told it. */
  definitionOf(program: number, sessionId: string): string | undefined {
    const actor = `${program} ${sessionId}`;
    const entry = this.#kept.findLast((one) => one.type === '@xstate.actor' && one.actor === actor);
    if (entry === undefined) return undefined;
    const event: unknown = JSON.parse(entry.text);
    const isTold = typeof event === 'object' && event !== null && 'definition' in event;
    return isTold && typeof event.definition === 'string' ? event.definition : undefined;
  }

  /** Leaves out the older half, but what a late joiner needs; when even that is too much, its oldest. */
  #forget(): void {
    const before = this.#kept.length;
    const { entriesMax, bytesMax } = this.#limits;
    const half = this.#kept[before >> 1]?.nth ?? 0;
    const last = new Map<string, number>();
    for (const { type, actor, nth } of this.#kept) last.set(`${type} ${actor}`, nth);
    this.#keep(
      this.#kept.filter(({ type, actor, nth }) => {
        const isLast = type !== '@xstate.event' && last.get(`${type} ${actor}`) === nth;
        return nth >= half || isLast;
      }),
    );
    while (this.#kept.length > entriesMax || this.#bytes > bytesMax) {
      this.#keep(this.#kept.slice((this.#kept.length >> 2) + 1));
    }
    this.#forgotten += before - this.#kept.length;
  }

  #keep(kept: Kept[]): void {
    this.#kept = kept;
    this.#bytes = kept.reduce((sum, { text }) => sum + text.length, 0);
  }
}

/** The event in a message, or why there is none. */
function readEvent(
  text: string,
): { readonly type: string; readonly sessionId: string; readonly members: object } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a message that is not JSON';
  }
  if (typeof value !== 'object' || value === null) return 'JSON that is no object';
  const { type, sessionId }: { type?: unknown; sessionId?: unknown } = value;
  if (typeof type !== 'string' || !types.includes(type)) {
    return `an event of a type that is none of ${types.join(', ')}`;
  }
  if (typeof sessionId !== 'string') return `an event ${type} without a sessionId`;
  return { type, sessionId, members: value };
}
