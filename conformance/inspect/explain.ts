import type { Profile } from '../../model/index.js';
import { cascade, isRequirementId, requirement } from '../../model/index.js';
import type { Failure } from '../conversation.js';
import { ShowError } from './chosen.js';
import type { Breakage, CheckShown, RuleText } from './messages.js';

/** Why something is so, in words for the page: rules, checks, and what cannot be done. */

/** A rule as a person reads it. */
export function ruleText(id: Parameters<typeof requirement>[0]): RuleText {
  const { level, text, source } = requirement(id);
  return { id, level, text, source };
}

/** Rules by their ids; what is no id is left out. */
export function rulesOf(ids: readonly string[]): readonly RuleText[] {
  return ids.filter(isRequirementId).map(ruleText);
}

/** The checks that the cascade of a profile asks until it comes to an end, and their answers. */
export function checksDown(profile: Profile, end: string): readonly CheckShown[] {
  const path = cascade(profile).find(({ outcome }) => outcome === end);
  return (path?.asked ?? []).map(({ fact, holds }) => ({
    name: fact,
    holds,
    text: profile.checks.find((one) => one.fact === fact)?.text ?? '',
  }));
}

/** The state of the cascade in which a fact is asked. */
export function stateOf(fact: string): string {
  return `check${fact.slice(0, 1).toUpperCase()}${fact.slice(1)}`;
}

/** How a conversation failed, with the rules in words. */
export function breakageOf(
  { why, requirements, allowed }: Pick<Failure, 'why' | 'requirements' | 'allowed'>,
  step: number,
): Breakage {
  return { step, why, allowed, rules: requirements.map(ruleText) };
}

/** What a link says that cannot be done. */
export function impossible(token: string, where: string): ShowError {
  return new ShowError(`"${token}" is not possible in ${where}; undo it`);
}
