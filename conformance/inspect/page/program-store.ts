import { visible } from './dom.js';

/**
 * The events of programs, sorted: programs, their actors, and what happened to each.
 *
 * The store keeps of each event what a row shows, and of each actor the last snapshot.
 */

const depthMax = 100;
const snapshotMax = 100_000;
/** As many events of a program as the server keeps. */
const happenedMax = 200_000;

/** One actor of a program. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly parent: string | undefined;
  /** Whether it is a machine that can be drawn. */
  readonly isMachine: boolean;
  status: string;
  /** The last snapshot, as text. */
  snapshot: string;
  /** Its current states, parents first. */
  states: readonly string[];
}

/** One thing that happened. */
export interface Happening {
  /** Which of the events of all programs it is. */
  readonly nth: number;
  readonly kind: 'actor' | 'event' | 'snapshot';
  readonly actor: string;
  readonly words: string;
}

/** One program. */
export interface Program {
  readonly nth: number;
  readonly actors: Map<string, Actor>;
  readonly happened: Happening[];
}

interface Told {
  readonly type: string;
  readonly sessionId: string;
  readonly name?: unknown;
  readonly parentId?: unknown;
  readonly sourceId?: unknown;
  readonly definition?: unknown;
  readonly event?: { readonly type?: unknown } | null;
  readonly snapshot?: { readonly status?: unknown; readonly value?: unknown } | null;
}

/** All programs. */
export class ProgramStore {
  readonly programs = new Map<number, Program>();

  /** Takes an event of the official schema, as text. */
  take(program: number, nth: number, text: string): void {
    // The server passes on only events that it could read.
    const told = JSON.parse(text) as Told;
    const of = this.programs.get(program) ?? fresh(program);
    this.programs.set(program, of);
    if (of.happened.length >= happenedMax) of.happened.splice(0, happenedMax / 2);
    const { type, sessionId, event, sourceId } = told;
    const actor = of.actors.get(sessionId) ?? actorOf(told);
    const known = type === '@xstate.actor' ? { ...actor, ...actorOf(told) } : actor;
    of.actors.set(sessionId, known);
    if (type === '@xstate.event') {
      const source = typeof sourceId === 'string' ? ` from ${nameOf(of, sourceId)}` : '';
      of.happened.push({
        nth,
        kind: 'event',
        actor: sessionId,
        words: `${textOf(event?.type)}${source}`,
      });
      return;
    }
    updated(known, told);
    const words = type === '@xstate.actor' ? 'started' : stateOf(known);
    const kind = type === '@xstate.actor' ? 'actor' : 'snapshot';
    of.happened.push({ nth, kind, actor: sessionId, words });
  }
}

function textOf(type: unknown): string {
  return typeof type === 'string' ? visible(type) : '(no type)';
}

function fresh(nth: number): Program {
  return { nth, actors: new Map(), happened: [] };
}

/** The innermost states of an actor, or its status. */
export function stateOf({ states, status }: Actor): string {
  const leaves = states.filter((one) => !states.some((other) => other.startsWith(`${one}.`)));
  return visible(leaves.join(', ') || status);
}

/** The name of an actor in a row. */
export function nameOf({ actors }: Program, id: string): string {
  return actors.get(id)?.name ?? visible(id);
}

function actorOf({ sessionId, name, parentId, definition }: Told): Actor {
  return {
    id: sessionId,
    name: visible(typeof name === 'string' ? name : sessionId),
    parent: typeof parentId === 'string' ? parentId : undefined,
    isMachine: typeof definition === 'string' && definition.includes('"states"'),
    status: 'active',
    snapshot: '',
    states: [],
  };
}

function updated(actor: Actor, { snapshot }: Told): void {
  if (typeof snapshot !== 'object' || snapshot === null) return;
  if (typeof snapshot.status === 'string') actor.status = snapshot.status;
  const text = JSON.stringify(snapshot, undefined, 1);
  actor.snapshot = text.length > snapshotMax ? `${text.slice(0, snapshotMax)}…` : text;
  actor.states = statesIn(snapshot.value);
}

/** The dotted names in a state value, parents first, as deep as states of a picture can be. */
function statesIn(value: unknown, above = '', depth = 0): readonly string[] {
  if (typeof value === 'string') return [above + value];
  if (typeof value !== 'object' || value === null || depth > depthMax) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => [
    above + name,
    ...statesIn(inner, `${above}${name}.`, depth + 1),
  ]);
}
