/**
 * What programs have told, sorted: programs, their actors, and what happened to each.
 *
 * Of each event only what a row shows is kept, and of each actor the last snapshot.
 */

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
  /** The states that it is in, parents first. */
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
  readonly name?: string;
  readonly parentId?: string;
  readonly sourceId?: string;
  readonly definition?: string;
  readonly event?: { readonly type?: string };
  readonly snapshot?: { readonly status?: string; readonly value?: unknown };
}

/** All programs. */
export class ProgramStore {
  readonly programs = new Map<number, Program>();

  /** Takes an event of the official schema, as text. */
  take(program: number, nth: number, text: string): void {
    // The server passes on nothing but events that it understood.
    const told = JSON.parse(text) as Told;
    const of = this.programs.get(program) ?? fresh(program);
    this.programs.set(program, of);
    const { type, sessionId, event, sourceId } = told;
    const actor = of.actors.get(sessionId) ?? actorOf(told);
    const known = type === '@xstate.actor' ? { ...actor, ...actorOf(told) } : actor;
    of.actors.set(sessionId, known);
    if (type === '@xstate.event') {
      const source = sourceId === undefined ? '' : ` from ${nameOf(of, sourceId)}`;
      of.happened.push({
        nth,
        kind: 'event',
        actor: sessionId,
        words: `${event?.type ?? ''}${source}`,
      });
      return;
    }
    updated(known, told);
    const words = type === '@xstate.actor' ? 'began' : stateOf(known);
    const kind = type === '@xstate.actor' ? 'actor' : 'snapshot';
    of.happened.push({ nth, kind, actor: sessionId, words });
  }
}

function fresh(nth: number): Program {
  return { nth, actors: new Map(), happened: [] };
}

/** Where an actor stands: its states without those around them, or its status. */
export function stateOf({ states, status }: Actor): string {
  const leaves = states.filter((one) => !states.some((other) => other.startsWith(`${one}.`)));
  return leaves.join(', ') || status;
}

/** The name of an actor in a row. */
export function nameOf({ actors }: Program, id: string): string {
  return actors.get(id)?.name ?? id;
}

function actorOf({ sessionId, name, parentId, definition }: Told): Actor {
  return {
    id: sessionId,
    name: name ?? sessionId,
    parent: parentId,
    isMachine: definition?.includes('"states"') ?? false,
    status: 'active',
    snapshot: '',
    states: [],
  };
}

function updated(actor: Actor, { snapshot }: Told): void {
  if (snapshot === undefined) return;
  actor.status = snapshot.status ?? actor.status;
  actor.snapshot = JSON.stringify(snapshot, undefined, 1);
  actor.states = statesIn(snapshot.value);
}

/** The dotted names in a state value, parents first. */
function statesIn(value: unknown, above = ''): readonly string[] {
  if (typeof value === 'string') return [above + value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => [
    above + name,
    ...statesIn(inner, `${above}${name}.`),
  ]);
}
