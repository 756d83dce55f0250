import type { Profile } from '../../model/index.js';
import { cascade, isRequirementId, requirement } from '../../model/index.js';
import type { Failure } from '../conversation.js';
import { ShowError } from './chosen.js';
import { short } from './foreign.js';
import type { Breakage, CheckShown, RuleText } from './messages.js';

/** Reasons in words for the page: requirements, checks, and steps that are not possible. */

const whyMax = 2000;
const tokenMax = 100;
const linesMax = 200;
const lineMax = 1000;

/** Lines of others, as many and as long as a page can show. */
export function listed(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, linesMax).map((line) => short(line, lineMax));
  const more = lines.length - shown.length;
  return more === 0 ? shown : [...shown, `(${more} more)`];
}

/** A requirement as a person reads it. */
export function ruleText(id: Parameters<typeof requirement>[0]): RuleText {
  const { level, text, source } = requirement(id);
  return { id, level, text, source };
}

/** Requirements by their ids; text that is no id is left out. */
export function rulesOf(ids: readonly string[]): readonly RuleText[] {
  return ids.filter(isRequirementId).map(ruleText);
}

/** The checks that the cascade of a profile makes up to an outcome, and their results. */
export function checksDown(profile: Profile, end: string): readonly CheckShown[] {
  const path = cascade(profile).find(({ outcome }) => outcome === end);
  return (path?.asked ?? []).map(({ fact, holds }) => ({
    name: fact,
    holds,
    text: profile.checks.find((one) => one.fact === fact)?.text ?? '',
  }));
}

/** The state of the cascade in which a fact is checked. */
export function stateOf(fact: string): string {
  return `check${fact.slice(0, 1).toUpperCase()}${fact.slice(1)}`;
}

/** How a conversation failed, with the requirements in words. */
export function breakageOf(
  { why, requirements, allowed }: Pick<Failure, 'why' | 'requirements' | 'allowed'>,
  step: number,
): Breakage {
  return {
    step,
    why: short(why, whyMax),
    allowed: listed(allowed),
    rules: rulesOf(requirements),
  };
}

/** A step of a link that is not possible. */
export function impossible(token: string, where: string): ShowError {
  return new ShowError(`"${short(token, tokenMax)}" is not possible in ${where}; undo it`);
}
