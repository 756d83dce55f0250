import type { ReplyFact } from '../profiles.js';
import type { CascadePath } from '../reply.machine.js';
import type { Action, Condition, Mark, Move, Vector } from '../vector.js';
import { at, range } from '../vector.js';
import type { Rules } from './rules.js';
import { canCrash } from './rules.js';

/**
 * The vectors of a reply. Each way through the cascade becomes a vector for each owner that the
 * context may have; a reply that is accepted is told apart by everything that was not asked, so that
 * properties can speak of what is true and not of what was checked.
 */

type Reply = Action & { do: 'reply' };

/** A reply to a context, or from outside the array. */
export function reply(rules: Rules, action: Reply): Vector[] {
  const { context } = action;
  return rules.paths.flatMap((path) => {
    if (context === 'outside') return outside(rules, action, path);
    const asksOwner = path.asked.some(({ fact }) => isAboutOwner(fact));
    if (path.outcome !== 'accepted' && !asksOwner) {
      const when = conditions(action, context, undefined, path.asked);
      return when === undefined ? [] : [vectorOf(rules, path, when, [])];
    }
    return [
      ...ofNobody(rules, action, context, path),
      ...range(rules.bounds.users).flatMap((owner) => ofUser(rules, action, context, owner, path)),
    ];
  });
}

/** The index is out of range; unchecked, memory that is no context is read and written. */
function outside(rules: Rules, action: Reply, path: CascadePath): Vector[] {
  const before = path.asked.filter(({ fact }) => fact === 'handleIsOpen');
  const when = conditions(action, 0, undefined, before);
  if (when === undefined) return [];
  const beyond = path.asked[before.length];
  if (beyond === undefined || beyond.fact !== 'indexInRange') {
    const refusedBefore = before.some(({ holds }) => !holds);
    if (refusedBefore) return [vectorOf(rules, path, when, [])];
    // Whatever follows in the cascade, the first look at the context is one too many.
    return path.outcome === 'accepted' ? crash(rules, when) : [];
  }
  return beyond.holds ? [] : [vectorOf(rules, path, when, [])];
}

/** The context has no owner: it was never used, or nothing is remembered of its last user. */
function ofNobody(rules: Rules, action: Reply, context: number, path: CascadePath): Vector[] {
  const asked = path.asked.findIndex(({ fact }) => isAboutOwner(fact));
  const known = asked === -1 ? path.asked : path.asked.slice(0, asked);
  const when = conditions(action, context, undefined, known);
  if (when === undefined) return [];
  const nobody: Condition = { at: at('owner', context), in: ['none'] };
  // A context that is pending has an owner.
  if (asked === -1 && path.asked.some(({ fact }) => fact === 'contextPending')) return [];
  if (asked !== -1) {
    // Of all the ways that go on, one stands for the crash.
    return path.outcome === 'accepted' ? crash(rules, [nobody, ...when]) : [];
  }
  return outcomes(rules, action, context, path, [nobody, ...when], undefined);
}

function ofUser(
  rules: Rules,
  action: Reply,
  context: number,
  owner: number,
  path: CascadePath,
): Vector[] {
  const when = conditions(action, context, owner, path.asked);
  if (when === undefined) return [];
  const owned: Condition = { at: at('owner', context), in: [`is${owner}`] };
  return outcomes(rules, action, context, path, [owned, ...when], owner);
}

/** Facts that are read from the process that the context served last. */
function isAboutOwner(fact: ReplyFact): boolean {
  return ['ownerAlive', 'daemonRegistered', 'senderIsUser', 'senderIsDaemon'].includes(fact);
}

/** The vectors of one way: one, or, when the reply is accepted, one for each truth not asked for. */
function outcomes(
  rules: Rules,
  action: Reply,
  context: number,
  path: CascadePath,
  when: readonly Condition[],
  owner: number | undefined,
): Vector[] {
  if (path.outcome !== 'accepted') {
    const option = path.outcome === 'owner-dead' ? { option: 'owner dead' } : {};
    return [{ ...vectorOf(rules, path, when, []), ...option }];
  }
  const asked = (fact: ReplyFact) => path.asked.some((one) => one.fact === fact);
  const states = asked('contextPending') ? ['pending'] : ['free', 'pending', 'done'];
  const senders = asked('senderIsDaemon') || owner === undefined ? [true] : [true, false];
  return states.flatMap((state) =>
    senders.flatMap((isDaemon) => {
      const sender = asked('senderIsDaemon') ? [] : daemonIs(action, owner, isDaemon);
      if (sender === undefined) return [];
      const marks: Mark[] = [
        ...mark(owner !== undefined && !isUser(action, owner), 'accepts a reply of another user'),
        ...mark(!isDaemon, 'accepts a reply of another process'),
        ...mark(action.sequence === 'older', 'accepts an older number'),
        ...mark(state !== 'pending', 'accepts a reply that nobody waits for'),
      ];
      const here: Condition = { at: at('context', context), in: [state] };
      const isOpen = asked('handleIsOpen') ? undefined : handleIs(rules, action);
      const store: Move =
        state === 'pending'
          ? { at: at('context', context), events: ['ACCEPT'] }
          : { at: at('context', context), to: 'done' };
      const accepted = vectorOf(rules, path, [here, ...when, ...sender], [store]);
      if (isOpen === undefined) return [{ ...accepted, marks }];
      return [
        { ...accepted, when: [...accepted.when, isOpen], marks },
        {
          ...accepted,
          when: [...accepted.when, negated(isOpen)],
          marks: [...marks, 'accepts a reply without a handle' as const],
        },
      ];
    }),
  );
}

/** That the sender has the device open, where the profile has a device and that was not asked. */
function handleIs({ profile }: Rules, action: Reply): Condition | undefined {
  const isDevice = profile.checks.some(({ fact }) => fact === 'handleIsOpen');
  const truth = truthOf('handleIsOpen', action, 0, undefined);
  return isDevice && typeof truth === 'object' ? truth : undefined;
}

const mark = (holds: boolean, name: Mark): Mark[] => (holds ? [name] : []);

function isUser({ user, guise }: Reply, owner: number): boolean {
  return guise !== 'stranger' && user === owner;
}

/** That the sender is, or is not, the registered process of the owner; undefined if impossible. */
function daemonIs(
  action: Reply,
  owner: number | undefined,
  holds: boolean,
): readonly Condition[] | undefined {
  if (owner === undefined) return [];
  const truth = truthOf('senderIsDaemon', action, 0, owner);
  if (truth === 'either') return [];
  if (typeof truth === 'boolean') return truth === holds ? [] : undefined;
  return [holds ? truth : negated(truth)];
}

/** The conditions under which some facts have some answers; undefined when they never have. */
function conditions(
  action: Reply,
  context: number,
  owner: number | undefined,
  asked: CascadePath['asked'],
): readonly Condition[] | undefined {
  const when: Condition[] = [];
  for (const { fact, holds } of asked) {
    if (fact === 'indexInRange' && action.context === 'outside') continue;
    const truth = truthOf(fact, action, context, owner);
    if (truth === 'either') continue;
    if (typeof truth !== 'boolean') when.push(holds ? truth : negated(truth));
    else if (truth !== holds) return undefined;
  }
  const ownerDead = asked.some(({ fact, holds }) => fact === 'ownerAlive' && !holds);
  // A process that sleeps is alive: only the last user of a free context can be dead.
  if (ownerDead) when.push({ at: at('context', context), in: ['free'] });
  return when;
}

function negated(condition: Condition): Condition {
  return 'in' in condition
    ? { at: condition.at, notIn: condition.in }
    : { at: condition.at, in: condition.notIn };
}

/** Where a fact about a reply holds: always, never, either, or in these states of a component. */
function truthOf(
  fact: ReplyFact,
  action: Reply,
  context: number,
  owner: number | undefined,
): boolean | 'either' | Condition {
  switch (fact) {
    case 'indexInRange':
      return true;
    case 'handleIsOpen':
      if (action.guise === 'namesake') return true;
      return { at: at('registrant', action.user), in: [`is${action.process}`] };
    case 'contextInUse':
      return { at: at('context', context), in: ['pending', 'done'] };
    case 'contextEverUsed':
      return { at: at('owner', context), notIn: ['none'] };
    case 'ownerAlive':
      return 'either';
    case 'daemonRegistered':
      return { at: at('daemon', owner ?? 0), in: ['registered', 'stale', 'usurped'] };
    case 'senderIsUser':
      return isUser(action, owner ?? 0);
    case 'senderInNamespace':
      return action.guise !== 'namesake';
    case 'senderIsDaemon':
      if (action.guise === 'namesake') return false;
      if (action.user !== owner) return false;
      if (action.guise === 'stranger') return { at: at('daemon', owner), in: ['usurped'] };
      return { at: at('registrant', owner), in: [`is${action.process}`] };
    case 'contextPending':
      return { at: at('context', context), in: ['pending'] };
    case 'sequenceMatches':
      return action.sequence === 'current';
  }
}

/** Whether a reply was refused for what it names. */
function isAboutIndex(outcome: CascadePath['outcome']): boolean {
  return ['bad-index', 'not-in-use', 'not-pending'].includes(outcome);
}

/** Whether "not pending" may mean "free", since that was not asked apart. */
function isAlsoAboutFree({ outcome, asked }: CascadePath): boolean {
  return outcome === 'not-pending' && !asked.some(({ fact }) => fact === 'contextInUse');
}

function crash(rules: Rules, when: readonly Condition[]): Vector[] {
  // With its checks in place the cascade never gets there.
  if (!canCrash(rules)) return [];
  const moves = [{ at: at('kernel', 0), to: 'crashed' }];
  return [{ name: 'reply/crash', when, moves, requirements: ['SYS-1'] }];
}

function vectorOf(
  rules: Rules,
  path: CascadePath,
  when: readonly Condition[],
  moves: readonly Move[],
): Vector {
  if (path.outcome === 'accepted') {
    return { name: 'reply/accepted', when, moves, checks: path, requirements: ['REP-9'] };
  }
  const failed = rules.profile.checks.find((check) => check.otherwise === path.outcome);
  return {
    name: `reply/${path.outcome}`,
    when,
    moves,
    refusal: `reply/${path.outcome}`,
    checks: path,
    // Without a handle there is no call that could report anything.
    ...(rules.defects.has('D-15') && path.outcome !== 'no-handle'
      ? { marks: ['hides a refusal'] }
      : {}),
    requirements: [
      ...(failed === undefined ? [] : [failed.requirement]),
      'REP-8',
      'CTX-9',
      'REP-15',
      ...(isAboutIndex(path.outcome) ? (['SYS-1'] as const) : []),
      ...(isAlsoAboutFree(path) ? (['REP-2'] as const) : []),
    ],
  };
}
