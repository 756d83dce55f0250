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
 * A link says which machine is meant and what was done; from that alone the state follows, so that the
 * server keeps nothing and undo is a shorter link. What can be done is asked of XState, and of the
 * joined system; of what cannot, the conditions that do not hold are named.
 */

const tokensMax = 2000;

/** The steps of a link. @throws ShowError when there are too many */
export function tokensIn(query: URLSearchParams): readonly string[] {
  const text = query.get('do') ?? '';
  const tokens = text === '' ? [] : text.split('~');
  if (tokens.length <= tokensMax) return tokens;
  throw new ShowError(`a link of ${tokens.length} steps is longer than ${tokensMax}`);
}

/** Takes the steps of a link. @throws ShowError when one of them is not possible */
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

/** The dotted names of the states that a machine is in, parents first. */
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
  // The names of its events are strings, which the compiler does not know of any machine.
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

/** A reply is one event: which of its facts holds decides; each can be made the one that does not. */
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
        label: token === everyFact ? 'REPLY, and every fact holds' : `REPLY, but ${token.slice(6)}`,
        enabled: !isDone,
        ...(isDone
          ? {
              outcome: '',
              checks: [
                { name: 'in received', holds: false, text: `the cascade has come to ${end}` },
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
