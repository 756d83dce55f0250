import type { AnyMachineSnapshot, StateValue } from 'xstate';
import { initialTransition, transition } from 'xstate';
import type { Profile, RequirementId } from '../../model/index.js';
import { allStates, chartOf } from '../../model/index.js';
import { checksDown, impossible, rulesOf, stateOf } from './explain.js';
import type { Chosen } from './chosen.js';
import { machineOf, ShowError } from './chosen.js';
import type { CheckShown, Choice, Taken } from './messages.js';
import type { Walked } from './system-walk.js';
import { SystemWalk } from './system-walk.js';

/**
 * Stepping through the machines by hand.
 *
 * A link names a machine and the steps taken. The state follows from the link alone, so the server keeps nothing and
 * undo is a shorter link. XState and the joined system say which steps are possible; for the others, the page gets the
 * conditions that are false.
 */

const tokensMax = 2000;

/** The steps of a link. @throws ShowError if there are too many */
export function tokensIn(query: URLSearchParams): readonly string[] {
  const text = query.get('do') ?? '';
  const tokens = text === '' ? [] : text.split('~');
  if (tokens.length <= tokensMax) return tokens;
  throw new ShowError(`the link has ${tokens.length} steps; at most ${tokensMax} are shown`);
}

/** Takes the steps of a link. @throws ShowError if one of them is not possible */
export function walked(chosen: Chosen, tokens: readonly string[]): Walked {
  switch (chosen.machine) {
    case 'system':
      return new SystemWalk(chosen).walk(tokens);
    case 'reply':
      return walkReply(chosen.profile, tokens);
    case 'context':
    case 'daemon':
    case 'task':
      return walkComponent(chosen, tokens);
  }
}

/** The dotted names of a machine's current states, parents first. */
function namesIn(value: StateValue, above = ''): readonly string[] {
  if (typeof value === 'string') return [above + value];
  return Object.entries(value).flatMap(([parent, inner]) => [
    above + parent,
    ...(inner === undefined ? [] : namesIn(inner, `${above}${parent}.`)),
  ]);
}

function walkComponent(chosen: Chosen, tokens: readonly string[]): Walked {
  const machine = machineOf(chosen);
  const transitions = allStates(chartOf(machine).states).flatMap((state) => state.transitions);
  // The events of a machine are strings; the compiler does not know that of a machine of any type.
  const events = (machine.events as string[]).filter((event) => event !== '*');
  const trail: Taken[] = [];
  let [snapshot]: [AnyMachineSnapshot, ...unknown[]] = initialTransition(machine);
  // The state value of a component has no regions: it is a path.
  const active = () => namesIn(snapshot.value as StateValue);
  const taken = (type: string) =>
    transitions.find(({ event, from }) => event === type && active().includes(from));
  for (const type of tokens) {
    if (!snapshot.can({ type })) throw impossible(type, active().join(' '));
    const rules = rulesOf(taken(type)?.requirements ?? []);
    const from = active();
    const passed = taken(type)?.to;
    const [next, actions] = transition(machine, snapshot, { type });
    snapshot = next;
    const did = actions.map((action) => action.type).join(', ');
    const outcome = `${active().at(-1) ?? ''}${did === '' ? '' : `, ${did}`}`;
    trail.push({
      label: type,
      outcome,
      passed: [...from, ...(passed === undefined ? [] : [passed])],
      checks: [],
      rules,
    });
  }
  const choices = events.map((type): Choice => {
    const enabled = snapshot.can({ type });
    const accepting = transitions.filter(({ event }) => event === type).map(({ from }) => from);
    const now = active().at(-1) ?? '';
    const check = { name: `in ${accepting.join(' or ')}`, holds: enabled };
    const text = enabled ? (taken(type)?.description ?? '') : `the machine is in ${now}`;
    const outcome = enabled ? (taken(type)?.to ?? now) : '';
    return { token: type, label: type, outcome, enabled, checks: [{ ...check, text }] };
  });
  const moves = tokens.map((type) => ({ actor: chosen.machine, event: { type } }));
  return { stepped: { active: active(), trail, choices }, moves };
}

const everyFact = 'REPLY';
const exceptPrefix = 'REPLY not ';

/** A reply is one event, and its facts decide the outcome. A step makes one fact false, or none. */
function walkReply(profile: Profile, tokens: readonly string[]): Walked {
  const [first, second] = tokens;
  const choices = [everyFact, ...profile.checks.map(({ fact }) => exceptPrefix + fact)];
  if (first !== undefined && !choices.includes(first)) throw impossible(first, 'received');
  if (second !== undefined) throw impossible(second, 'the end of the cascade');
  const after = (token: string) => {
    const missing = profile.checks.find(({ fact }) => exceptPrefix + fact === token);
    const outcome = missing === undefined ? 'accepted' : `refused.${missing.otherwise}`;
    return { outcome, checks: checksDown(profile, missing?.otherwise ?? 'accepted') };
  };
  const isDone = first !== undefined;
  const end = isDone ? after(first).outcome : 'received';
  return {
    stepped: {
      active: end.startsWith('refused.') ? ['refused', end] : [end],
      trail: isDone ? [replyTaken(profile, first, after(first))] : [],
      choices: choices.map((token) => ({
        token,
        label: token === everyFact ? 'REPLY, every fact is true' : `REPLY, but ${token.slice(6)}`,
        enabled: !isDone,
        ...(isDone
          ? {
              outcome: '',
              checks: [
                { name: 'in received', holds: false, text: `the cascade has ended in ${end}` },
              ],
            }
          : after(token)),
      })),
    },
    moves: isDone ? [{ actor: 'reply', event: replyEvent(profile, first) }] : [],
  };
}

function replyTaken(
  profile: Profile,
  token: string,
  { outcome, checks }: { readonly outcome: string; readonly checks: readonly CheckShown[] },
): Taken {
  const asked = checks.map(({ name }) => stateOf(name));
  const failed = profile.checks.find(({ fact }) => exceptPrefix + fact === token);
  const rules: RequirementId[] = failed === undefined ? ['REP-9'] : [failed.requirement, 'REP-8'];
  const passed = ['received', ...asked];
  return { label: token, outcome, passed, checks, rules: rulesOf(rules) };
}

/** The facts of a reply as an event. */
function replyEvent(
  profile: Profile,
  token: string,
): { readonly type: string; readonly facts: object } {
  const facts = profile.checks.map(({ fact }) => [fact, exceptPrefix + fact !== token] as const);
  return { type: 'REPLY', facts: Object.fromEntries(facts) };
}
