import type { Property } from '../properties.js';
import { isClaimed, properties } from '../properties.js';
import { keyOfAction } from '../system.js';
import type { System } from '../system.js';
import { eventOf } from '../system-machine.js';
import { isMet, stateAfter } from '../table.js';
import type { Action, Condition, Move, Vector } from '../vector.js';

/**
 * The joined system in Promela, the language of the model checker SPIN (Holzmann).
 *
 * Each component is a variable, each event of the system an option of one loop; an option is one
 * indivisible step. So SPIN's states are the model's, and both count the same. The formula of a
 * property is there when the macro of its name is defined (`spin -DONE_WAITER -a`), with the variables
 * that it alone needs: a run with a formula has states of its own, a run without has the model's.
 */
export function promelaOf(system: System): string {
  const claimed = properties.filter((one) => isClaimed(one, system.rules));
  return [
    ...head(system),
    ...system.components.map(({ kind, nth, table }) => {
      const names = table.states.map((state, number) => `${number} ${state}`).join(', ');
      return `byte ${kind}${nth}; /* ${names} */`;
    }),
    '',
    ...claimed.flatMap((property) => formulaOf(property, system)),
    'active proctype system()',
    '{',
    '  do',
    ...optionsOf(system, claimed),
    ...claimed.flatMap((property) => watchOf(property, system)),
    '  od',
    '}',
    '',
  ].join('\n');
}

function head(system: System): string[] {
  const { profile, rules } = system;
  const { contexts, users, processes, queue, quitMarkers } = rules.bounds;
  const switched = [...rules.defects, ...[...rules.without].map((check) => `without ${check}`)];
  return [
    `/* The message-context protocol, profile ${[profile.name, ...switched].join(', ')}.`,
    `   ${contexts} contexts, ${users} users, ${processes} processes a user, queues of ${queue}, ${quitMarkers ? '' : 'no '}quit markers.`,
    '   spin -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -c0 counts the states.',
    '   spin -DNAME -a FILE && cc -O2 -DNOREDUCE -o pan pan.c && ./pan -a checks the property NAME. */',
    '',
  ];
}

/** A property's name as a macro. */
export function macroOf({ name }: Property): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** The options of the loop: one for each event, its vectors tried one after the other. */
function optionsOf(system: System, claimed: readonly Property[]): string[] {
  const events = new Map<string, { action: Action; vectors: Vector[] }>();
  for (const action of system.actions()) {
    for (const vector of system.vectors(action)) {
      const name = eventOf(action, vector);
      const known = events.get(name) ?? { action, vectors: [] };
      known.vectors.push(vector);
      events.set(name, known);
    }
  }
  return [...events].flatMap(([name, { action, vectors }]) => [
    `  :: d_step { /* ${name} */ if`,
    ...vectors.map((vector) => {
      const body = [...movesOf(system, vector), ...noticesOf(action, vector, claimed, system)];
      return `     :: ${guardOf(system, vector)} -> ${[...body, 'skip'].join('; ')} /* ${vector.name} */`;
    }),
    '     fi }',
  ]);
}

/** An option that notes a call without an answer; too long for a formula, so it is a step. */
function watchOf(property: Property, system: System): string[] {
  if (property.kind !== 'always' || typeof property.never === 'string') return [];
  if (!('unanswered' in property.never)) return [];
  const { unanswered } = property.never;
  const calls = system.actions().filter((action) => unanswered.includes(action.do));
  const stuck = calls.map(
    (call) => `     :: !(${isDown(system)} || ${isPossible(system, call)}) -> noted = 1`,
  );
  return [`#ifdef ${macroOf(property)}`, '  :: d_step { if', ...stuck, '     fi }', '#endif'];
}

function isDown(system: System): string {
  return system.components.some(({ kind }) => kind === 'kernel') ? 'kernel0 == 1' : 'false';
}

/** What lets a vector happen: its conditions, and that each component accepts its events. */
function guardOf(system: System, vector: Vector): string {
  const terms = [
    ...vector.when.map((condition) => conditionOf(system, condition)),
    ...vector.moves.flatMap((move) => {
      const { table } = componentOf(system, move);
      const from = table.states.flatMap((_, state) =>
        stateAfter(table, state, move) === undefined ? [] : [state],
      );
      return [isOneOf(system, move.at, from)];
    }),
  ].filter((term) => term !== 'true');
  return terms.length === 0 ? '(true)' : `(${terms.join(' && ')})`;
}

function componentOf(system: System, { at }: Condition | Move) {
  const found = system.components.find(({ kind, nth }) => kind === at.kind && nth === at.nth);
  if (found === undefined) throw new Error(`the system has no ${at.kind} ${at.nth}`);
  return found;
}

function conditionOf(system: System, condition: Condition): string {
  const { table } = componentOf(system, condition);
  const allowed = table.states.flatMap((state, number) =>
    isMet(state, condition) ? [number] : [],
  );
  return isOneOf(system, condition.at, allowed);
}

function isOneOf(system: System, at: Condition['at'], allowed: readonly number[]): string {
  const name = `${at.kind}${at.nth}`;
  const all = componentOf(system, { at, in: [] }).table.states.length;
  if (allowed.length === all) return 'true';
  if (allowed.length === all - 1) {
    const missing = Array.from({ length: all }, (_, state) => state).find(
      (state) => !allowed.includes(state),
    );
    return `${name} != ${missing ?? 0}`;
  }
  return allowed.length === 0
    ? 'false'
    : `(${allowed.map((state) => `${name} == ${state}`).join(' || ')})`;
}

/** The assignments; where what becomes depends on what was, a conditional expression. */
function movesOf(system: System, vector: Vector): string[] {
  return vector.moves.flatMap((move) => {
    const { table } = componentOf(system, move);
    const name = `${move.at.kind}${move.at.nth}`;
    const ways = table.states.flatMap((_, from) => {
      const to = stateAfter(table, from, move);
      return to === undefined ? [] : [{ from, to }];
    });
    if (ways.every(({ from, to }) => from === to)) return [];
    const last = ways.at(-1)?.to ?? 0;
    const value = ways
      .filter(({ to }) => to !== last)
      .reduceRight((rest, { from, to }) => `(${name} == ${from} -> ${to} : ${rest})`, String(last));
    return [`${name} = ${value}`];
  });
}

/** What the formula of one property needs to know of a step, as a macro that is else empty. */
function noticesOf(
  action: Action,
  vector: Vector,
  claimed: readonly Property[],
  system: System,
): string[] {
  return claimed.flatMap((property) => {
    const macro = `NOTE_${macroOf(property)}`;
    switch (property.kind) {
      case 'always':
        if (typeof property.never === 'string' || !('marks' in property.never)) return [];
        return vector.marks?.some((mark) => marksOf(property).includes(mark)) === true
          ? [macro]
          : [];
      case 'sometimes': {
        const { reached } = property;
        return 'steps' in reached && reached.steps.includes(vector.name) ? [macro] : [];
      }
      case 'eventually': {
        const [response] = property.leaves(system.rules);
        const nth =
          response?.fair.findIndex((fair) => keyOfAction(fair) === keyOfAction(action)) ?? -1;
        const hands = response?.handsOver?.(action, vector.choice) === true;
        return [`LAST(${hands ? 99 : nth + 1})`];
      }
    }
  });
}

function marksOf(property: Property): readonly string[] {
  if (property.kind !== 'always' || typeof property.never === 'string') return [];
  return 'marks' in property.never ? property.never.marks : [];
}

/** The macro and the formula of a property. A *sometimes* is reachable when its formula is violated. */
function formulaOf(property: Property, system: System): string[] {
  const macro = macroOf(property);
  const noted = [
    `#ifdef ${macro} /* ${property.text} */`,
    'bit noted;',
    `#define NOTE_${macro} noted = 1`,
    'ltl property { [] !noted }',
    '#else',
    `#define NOTE_${macro} skip`,
    '#endif',
  ];
  const plain = (formula: string) => [
    `#ifdef ${macro} /* ${property.text} */`,
    `ltl property { ${formula} }`,
    '#endif',
  ];
  if (property.kind === 'eventually') return fairFormula(property, system, macro);
  if (property.kind === 'sometimes') {
    if ('steps' in property.reached) return noted;
    return plain(`[] !(${anyOf(system, property.reached.states(system.rules))})`);
  }
  if (property.never === 'deadlock') return [];
  if ('marks' in property.never) return noted;
  if ('states' in property.never) {
    return plain(`[] !(${anyOf(system, property.never.states(system.rules))})`);
  }
  return noted;
}

/** That one of some patterns is matched; what speaks of components that are not there is not. */
function anyOf(system: System, patterns: readonly (readonly Condition[])[]): string {
  const isThere = ({ at }: Condition) =>
    system.components.some(({ kind, nth }) => kind === at.kind && nth === at.nth);
  const some = patterns
    .filter((pattern) => pattern.every(isThere))
    .map((pattern) => pattern.map((one) => conditionOf(system, one)).join(' && '));
  return some.length === 0 ? 'false' : some.map((one) => `(${one})`).join(' || ');
}

function isPossible(system: System, action: Action): string {
  const guards = system.vectors(action).map((vector) => guardOf(system, vector));
  return guards.length === 0 ? 'false' : `(${guards.join(' || ')})`;
}

/** Weak fairness: each fair action is again and again impossible or taken. */
function fairFormula(
  property: Extract<Property, { kind: 'eventually' }>,
  system: System,
  macro: string,
): string[] {
  const [response] = property.leaves(system.rules);
  if (response === undefined) return [];
  const fair = response.fair.map(
    (action, nth) => `([]<> (!${isPossible(system, action)} || last == ${nth + 1}))`,
  );
  const inside = conditionOf(system, response.region);
  return [
    `#ifdef ${macro} /* ${property.text} */`,
    'byte last;',
    '#define LAST(n) last = n',
    `ltl property { (${fair.join(' && ')}) -> [] (${inside} -> <> (!(${inside}) || last == 99 || ${isDown(system)})) }`,
    '#else',
    '#define LAST(n) skip',
    '#endif',
  ];
}
