import { printable } from '../printable.js';
import type { Members } from '../members.js';
import { isMembers } from '../members.js';

/**
 * Whether JSON is the configuration of an XState 5 machine.
 *
 * XState ignores members that it does not know. So a machine of XState 4, whose guards are called `cond`, would be
 * drawn without its guards, and so would the definition that `JSON.stringify(machine)` gives. Both are refused.
 */

/** Members of XState 4 (and 3) that XState 5 ignores or does not have. */
const oldOfRoot = [
  'schema',
  'strict',
  'predictableActionArguments',
  'preserveActionOrder',
  'tsTypes',
];
const oldOfState = ['activities', 'data', 'onEntry', 'onExit', 'parallel'];
const oldOfTransition = ['cond', 'in', 'internal'];
const oldOfInvoke = ['autoForward', 'data'];
const depthMax = 100;

const instead =
  'write JSON.stringify(machine.config) of an XState 5 machine, in which guards are called "guard"';

/** Why JSON is no configuration, in words that say what to do; undefined where nothing speaks against it. */
export function whyNoConfig(value: unknown): string | undefined {
  if (!isMembers(value)) return `found no JSON object; ${instead}`;
  if (isMembers(value['config']) && value['states'] === undefined) {
    return `found a machine whose configuration is in "config"; ${instead}`;
  }
  const old = oldIn(value, oldOfRoot) ?? oldInState(value, [], 0);
  if (old === undefined) return undefined;
  const { what, path } = old;
  const place = path.length === 0 ? '' : ` at ${printable(path.join('.'))}`;
  return `found ${what}${place}; ${instead}`;
}

interface Old {
  readonly what: string;
  readonly path: readonly string[];
}

function oldIn(members: Members, names: readonly string[], path: readonly string[] = []) {
  const name = names.find((one) => Object.hasOwn(members, one));
  return name === undefined ? undefined : { what: `"${name}" of XState 4`, path };
}

function oldInState(state: Members, path: readonly string[], depth: number): Old | undefined {
  if (depth > depthMax) return { what: `more than ${depthMax} levels of states`, path };
  const isDefinition =
    isMembers(state['initial']) ||
    Array.isArray(state['transitions']) ||
    (typeof state['order'] === 'number' && typeof state['key'] === 'string');
  if (isDefinition) {
    return { what: 'the definition of a machine, as JSON.stringify(machine) gives it', path };
  }
  return (
    oldIn(state, oldOfState, path) ??
    oldInTransitions(state, path) ??
    oldInInvoked(state['invoke'], [...path, 'invoke']) ??
    firstIn(state['states'], [...path, 'states'], (one, at) =>
      isMembers(one) ? oldInState(one, at, depth + 1) : undefined,
    )
  );
}

function oldInTransitions(state: Members, path: readonly string[]): Old | undefined {
  const on = state['on'];
  if (isMembers(on) && Object.hasOwn(on, '')) {
    return { what: 'a transition without an event, of XState 4,', path: [...path, 'on'] };
  }
  const named = ['always', 'onDone', 'onError'] as const;
  return (
    firstIn(on, [...path, 'on'], oldInTransition) ??
    firstIn(state['after'], [...path, 'after'], oldInTransition) ??
    firstOf(named, (name) => oldInTransition(state[name], [...path, name]))
  );
}

function oldInInvoked(invoked: unknown, path: readonly string[]): Old | undefined {
  const all: readonly unknown[] = Array.isArray(invoked) ? invoked : [invoked];
  return firstOf(all, (one) =>
    isMembers(one) ? (oldIn(one, oldOfInvoke, path) ?? oldInTransitions(one, path)) : undefined,
  );
}

/** One transition or several, each a target or an object. */
function oldInTransition(transition: unknown, path: readonly string[]): Old | undefined {
  const all: readonly unknown[] = Array.isArray(transition) ? transition : [transition];
  return firstOf(all, (one) => {
    if (!isMembers(one)) return undefined;
    const guard = one['guard'];
    if (guard === null || typeof guard === 'number' || typeof guard === 'boolean') {
      return { what: 'a guard without a name', path };
    }
    return oldIn(one, oldOfTransition, path);
  });
}

function firstIn<T>(
  value: unknown,
  path: readonly string[],
  look: (one: unknown, path: readonly string[]) => T | undefined,
): T | undefined {
  if (!isMembers(value)) return undefined;
  return firstOf(Object.entries(value), ([name, one]) => look(one, [...path, name]));
}

function firstOf<A, T>(all: readonly A[], look: (one: A) => T | undefined): T | undefined {
  for (const one of all) {
    const found = look(one);
    if (found !== undefined) return found;
  }
  return undefined;
}
