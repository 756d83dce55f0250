import type { Profile, Refusal, RequirementId, Role } from '../model/index.js';
import { cascade, Quotient, requirementsOf, System } from '../model/index.js';

/**
 * What there is to be covered, and how what was covered is written down: a bit for each state and
 * transition in the order of their names, so that the parts of a run can be put together.
 */

/** How many were hit, of how many there are. */
export type Hits = readonly [hit: number, all: number];

/** The four figures of a report. */
export interface CoverageFigures {
  readonly states: Hits;
  readonly transitions: Hits;
  readonly refusals: Hits;
  readonly requirements: Hits;
}

/** What was covered. States and transitions are bits, in base64. */
export interface Covered {
  readonly states: string;
  readonly transitions: string;
  readonly refusals: readonly Refusal[];
  readonly requirements: readonly RequirementId[];
}

/** The bounds at which the joined system is counted. */
export const coverageBounds = { contexts: 2, users: 2, processes: 2 } as const;

/** The machines whose states and transitions are counted; those of the reply cascade as well. */
export const machines = ['context', 'task', 'daemon'] as const;

/** Every state and transition, by name and in order. */
export interface Coverable {
  readonly states: readonly string[];
  readonly transitions: readonly string[];
}

const known = new Map<string, Coverable>();
const nothing: Coverable = { states: [], transitions: [] };

/** What there is to be covered under a profile. The model's states are a kernel's: of a daemon none. */
export function coverableOf(profile: Profile, role: Role): Coverable {
  if (role === 'daemon') return nothing;
  const made = known.get(profile.name) ?? coverable(profile);
  known.set(profile.name, made);
  return made;
}

function coverable(profile: Profile): Coverable {
  const states = new Set<string>();
  const transitions = new Set<string>();
  const { orbits, edges, taken } = new Quotient(new System(coverageBounds, profile)).all();
  // Every state that a machine can be in is left again by something.
  for (const { kind, from, event } of taken) {
    if (!machines.some((one) => one === kind)) continue;
    states.add(`${kind} ${from}`);
    transitions.add(`${kind} ${from} ${event}`);
  }
  for (const { asked, outcome } of cascade(profile)) {
    states.add(`reply ${outcome}`);
    for (const { fact, holds } of asked) {
      states.add(`reply ${fact}`);
      transitions.add(`reply ${fact} ${holds}`);
    }
  }
  for (const orbit of orbits) states.add(`system ${orbit}`);
  for (const edge of edges) transitions.add(`system ${edge}`);
  return { states: [...states].sort(), transitions: [...transitions].sort() };
}

/** A bit for each name: whether it is among those that were hit. */
export function bitsOf(all: readonly string[], hit: ReadonlySet<string>): string {
  const bytes = new Uint8Array(Math.ceil(all.length / 8));
  for (const [nth, name] of all.entries()) {
    if (hit.has(name)) bytes[nth >> 3] = (bytes[nth >> 3] ?? 0) | (1 << (nth & 7));
  }
  return Buffer.from(bytes).toString('base64');
}

/** The names whose bits are set. */
export function namesIn(all: readonly string[], bits: string): readonly string[] {
  const bytes = Buffer.from(bits, 'base64');
  return all.filter((_, nth) => (((bytes[nth >> 3] ?? 0) >> (nth & 7)) & 1) === 1);
}

/** What any of several covered. */
export function coveredByAny(all: readonly Covered[]): Covered {
  const either = (which: 'states' | 'transitions') => {
    const each = all.map((one) => Buffer.from(one[which], 'base64'));
    const bytes = Buffer.alloc(Math.max(0, ...each.map(({ length }) => length)));
    for (const one of each) one.forEach((byte, nth) => (bytes[nth] = (bytes[nth] ?? 0) | byte));
    return bytes.toString('base64');
  };
  return {
    states: either('states'),
    transitions: either('transitions'),
    refusals: [...new Set(all.flatMap(({ refusals }) => refusals))].sort(),
    requirements: [...new Set(all.flatMap(({ requirements }) => requirements))].sort(),
  };
}

/** How much that is. */
export function figuresOf(covered: Covered, profile: Profile, role: Role): CoverageFigures {
  const all = coverableOf(profile, role);
  const hits = (which: 'states' | 'transitions'): Hits => [
    namesIn(all[which], covered[which]).length,
    all[which].length,
  ];
  const refusals = role === 'daemon' ? 0 : Object.keys(profile.errnos).length;
  return {
    states: hits('states'),
    transitions: hits('transitions'),
    refusals: [covered.refusals.length, refusals],
    requirements: [covered.requirements.length, requirementsOf(profile.name, role).length],
  };
}
