import { requirementsOf } from './requirements.js';
import type { Action, Vector } from './vector.js';
import { at, range } from './vector.js';
import { exit, helo, quit, readTwice, reusePid } from './vectors/registration.js';
import { reply } from './vectors/reply.js';
import { request } from './vectors/request.js';
import type { Rules } from './vectors/rules.js';
import { canCrash } from './vectors/rules.js';
import { expire, interrupt, look, orphanExpires, orphanLooks, read } from './vectors/sleep.js';

/**
 * What the components have to do with each other, as data: synchronisation vectors.
 *
 * A vector says for one action in which states of which components it can happen (`when`), which
 * events the components must accept together (`moves`), and what the caller is told. Where several
 * vectors of an action are possible in one state, an implementation may choose any of them: that is
 * how "any free context" is said. No file outside vectors/ states a rule across components; a defect
 * is said where the rule is said that it breaks.
 */

/** Every vector of an action; what can happen in a state is what its components allow. */
export function vectorsOf(action: Action, rules: Rules): readonly Vector[] {
  const own = new Set(requirementsOf(rules.profile.name).map(({ id }) => id));
  const vectors = plainVectorsOf(action, rules).map((vector) => ({
    ...vector,
    requirements: vector.requirements.filter((id) => own.has(id)),
  }));
  const conditions = [
    ...(canCrash(rules) ? [{ at: at('kernel', 0), in: ['running'] }] : []),
    ...(rules.defects.has('D-14') && isLocking(action)
      ? [{ at: at('mutex', 0), in: ['free'] }]
      : []),
  ];
  if (conditions.length === 0) return vectors;
  return vectors.map((vector) => ({ ...vector, when: [...conditions, ...vector.when] }));
}

/** Whether an action needs the lock of the table of daemons. */
function isLocking(action: Action): boolean {
  return ['helo', 'quit', 'request'].includes(action.do);
}

function plainVectorsOf(action: Action, rules: Rules): readonly Vector[] {
  switch (action.do) {
    case 'helo':
      return helo(rules, action.user, action.process);
    case 'quit':
      return quit(rules, action.user, action.process);
    case 'exit':
      return exit(rules, action.user, action.process);
    case 'read':
      return read(rules, action.user, action.process);
    case 'read-twice':
      return readTwice(action.user, action.process);
    case 'reuse-pid':
      return reusePid(action.user);
    case 'request':
      return request(rules, action.user, action.sendFails === true);
    case 'reply':
      return reply(rules, action);
    case 'expire':
      return expire(rules, action.context);
    case 'look':
      return look(rules, action.context);
    case 'interrupt':
      return interrupt(rules, action.context);
    case 'orphan-expires':
      return orphanExpires(action.orphan);
    case 'orphan-looks':
      return orphanLooks(rules, action.orphan);
  }
}

/** Every action that can be tried. A reply from outside the array needs no sequence number. */
export function actionsOf(rules: Rules): readonly Action[] {
  const { bounds, environment, defects } = rules;
  const users = range(bounds.users);
  const contexts = range(bounds.contexts);
  const orphans = range(defects.has('D-3') ? rules.orphans : 0);
  return [
    ...users.flatMap((user) =>
      range(bounds.processes).flatMap((process) => actionsOfProcess(rules, user, process)),
    ),
    ...users.flatMap((user): Action[] => [
      { do: 'request', user },
      ...(environment.sendFails ? [{ do: 'request', user, sendFails: true } as const] : []),
      ...(environment.pidReuse
        ? [{ do: 'reuse-pid', user } as const, ...repliesOf(rules, user, 0, 'stranger')]
        : []),
      ...(rules.profile.namespaces ? repliesOf(rules, user, 0, 'namesake') : []),
    ]),
    ...contexts.flatMap((context): Action[] => [
      { do: 'expire', context },
      { do: 'look', context },
      ...(environment.signals ? [{ do: 'interrupt', context } as const] : []),
    ]),
    ...orphans.flatMap((orphan): Action[] => [
      { do: 'orphan-expires', orphan },
      { do: 'orphan-looks', orphan },
    ]),
  ];
}

function actionsOfProcess(rules: Rules, user: number, process: number): Action[] {
  return [
    { do: 'helo', user, process },
    { do: 'quit', user, process },
    { do: 'exit', user, process },
    ...(rules.bounds.queue > 0 ? [{ do: 'read', user, process } as const] : []),
    ...(rules.defects.has('D-14') ? [{ do: 'read-twice', user, process } as const] : []),
    ...repliesOf(rules, user, process),
  ];
}

type Reply = Action & { do: 'reply' };

function repliesOf(rules: Rules, user: number, process: number, guise?: Reply['guise']): Reply[] {
  const by = { do: 'reply', user, process, ...(guise === undefined ? {} : { guise }) } as const;
  return [
    ...range(rules.bounds.contexts).flatMap((context): Reply[] => [
      { ...by, context, sequence: 'current' },
      { ...by, context, sequence: 'older' },
    ]),
    { ...by, context: 'outside', sequence: 'current' },
  ];
}
