import type { Profile, RequirementId } from '../../model/index.js';
import { slackOf } from '../settings.js';
import type { Damage, Entry, Head } from './entry.js';
import { mentionedIn } from './entry.js';
import type { Trouble } from './judge.js';
import { groupedLines } from './judge.js';
import type { Missing } from './plan.js';
import { judgeAll, replay, search, windowMax } from './plan.js';
import type { Scene, World } from './world.js';
import { firstWorld, forked } from './world.js';

/**
 * Is a recorded conversation explained by the model?
 *
 * Line by line the oracle keeps the states that explain everything so far. The first line that leaves none ends the
 * longest explained prefix. Unless the log says that it is complete, plan.ts then looks for requests that nobody
 * logged. Memory is constant: old lines, requests and numbers are forgotten.
 */

/** Requests are forgotten when there are twice as many; incomplete logs keep fewer, since accounts are copied. */
const requestsKept = { complete: 32_768, incomplete: 2048 };

/** So many explanations are followed after a line without an answer, and of all such lines in a row: a few seconds. */
const explanationsMax = 2000;
const silenceMax = 20_000;

/** What is said of a recorded conversation. */
export interface Finding {
  readonly case: string;
  readonly profile: string;
  readonly verdict: 'explained' | 'not explained' | 'inconclusive';
  /** The lines of the log with the head and with the last line that is explained. */
  readonly lines: readonly [head: number, last: number];
  /** The line that is not explained, and why. */
  readonly trouble?: Trouble;
  /** Why the verdict is inconclusive. */
  readonly why?: string;
  /** The check of a reply that failed, if one did. */
  readonly check?: string;
  /** The requests that must have been sent though nobody logged them. */
  readonly missing: readonly { readonly before: number; readonly user: number }[];
  /** How many lines have no answer. */
  readonly unseen: number;
}

/** Judges one conversation, line by line. */
export class LogCheck {
  readonly #head: Head;
  readonly #profile: Profile;
  readonly #scene: Scene;
  #worlds: readonly World[];
  /** The last groups of lines, from before which the accounts are kept; of incomplete logs only. */
  #groups: (readonly Entry[])[] = [];
  #before: readonly World[];
  /** The accounts in the middle of those lines, unless the plan has changed since. */
  #middle: readonly World[] | undefined;
  #plan: readonly Missing[] = [];
  readonly #missing: { before: number; user: number }[] = [];
  /** Lines that may be followed by one that overlaps them. */
  #open: Entry[] = [];
  #last: number;
  #unseen = 0;
  /** Lines that say what was observed. */
  #seen = 0;
  #requests = 0;
  /** How many explanations the last lines without an answer had, together. */
  #silence = 0;
  #end: Pick<Finding, 'verdict' | 'trouble' | 'why'> | undefined;

  constructor(head: Head, profile: Profile) {
    const { settings, capabilities, strict = profile.name !== 'seed' } = head;
    const terms = { profile, strict, capabilities, slackMs: slackOf(settings) };
    this.#head = head;
    this.#profile = profile;
    this.#scene = { settings, terms };
    this.#worlds = [firstWorld(this.#scene)];
    this.#before = this.#worlds.map(forked);
    this.#last = head.line;
  }

  /** Takes the next line. */
  take(entry: Entry): void {
    if (this.#end !== undefined) return;
    if (entry.command.overlaps !== true) this.#flush();
    this.#open.push(entry);
  }

  /** Ends the conversation at a line that is not whole: what follows it cannot be judged. */
  break({ line, why }: Damage): void {
    this.#flush();
    const sentence = `line ${line} ${why}; what follows was not judged`;
    this.#end ??= { verdict: 'inconclusive', why: sentence };
  }

  /** Gives the finding; nothing more can be taken. */
  finish(): Finding {
    this.#flush();
    const { verdict, trouble, why } = this.#end ?? this.#emptiness;
    const rules = trouble?.requirements ?? [];
    return {
      case: this.#head.case,
      profile: this.#profile.name,
      verdict,
      lines: [this.#head.line, this.#last],
      ...(trouble === undefined ? {} : { trouble }),
      ...(why === undefined ? {} : { why }),
      ...falseCheck(this.#profile, rules),
      missing: [...this.#missing, ...this.#planned()],
      unseen: this.#unseen,
    };
  }

  /** A log that says nothing is no evidence that the implementation is right. */
  get #emptiness(): Pick<Finding, 'verdict' | 'trouble' | 'why'> {
    if (this.#seen > 0) return { verdict: 'explained' };
    const why =
      this.#unseen === 0
        ? 'there is nothing to judge: the conversation has no command'
        : 'there is nothing to judge: no line has "observed" with what was observed';
    return { verdict: 'inconclusive', why };
  }

  #planned(): { before: number; user: number }[] {
    return this.#plan.map(({ before, user }) => ({
      before: this.#groups[before]?.[0]?.line ?? this.#last,
      user,
    }));
  }

  #flush(): void {
    const lines = this.#open;
    this.#open = [];
    for (const group of groupedLines(lines, this.#scene)) {
      if (this.#end === undefined) this.#judge(group);
    }
  }

  #judge(group: readonly Entry[]): void {
    if (!this.#head.complete) this.#groups.push(group);
    const judged = judgeAll(this.#worlds, group, this.#scene);
    if (judged.kind === 'explained') this.#worlds = judged.worlds;
    else if (!this.#mend(judged.trouble)) return;
    this.#last = group.at(-1)?.line ?? this.#last;
    for (const { observed, command } of group) {
      if (observed.length === 0) this.#unseen += 1;
      else this.#seen += 1;
      if (command.do === 'request') this.#requests += 1;
    }
    this.#weigh(group);
    if (this.#end !== undefined) return;
    if (this.#groups.length === windowMax / 2) this.#middle = this.#worlds.map(forked);
    if (this.#groups.length >= windowMax) this.#move();
    if (this.#requests >= this.#kept) this.#forget();
  }

  /** Gives up where so many lines in a row have no answer that what may have happened cannot be followed. */
  #weigh(group: readonly Entry[]): void {
    if (group.some(({ observed }) => observed.length > 0)) {
      this.#silence = 0;
      return;
    }
    const count = this.#worlds.reduce((sum, { oracle }) => sum + oracle.hypotheses.length, 0);
    this.#silence += count;
    if (count <= explanationsMax && this.#silence <= silenceMax) return;
    const why = 'too many lines in a row have no answer; what follows was not judged';
    this.#end = { verdict: 'inconclusive', why };
  }

  /** Looks for requests that nobody logged. Returns false, with the verdict set, if there are none. */
  #mend(trouble: Trouble): boolean {
    if (this.#head.complete) {
      this.#conclude(trouble);
      return false;
    }
    const window = { worlds: this.#before, groups: this.#groups };
    const found = search(window, this.#plan, trouble, this.#scene);
    if (found.kind === 'found') {
      this.#plan = found.plan;
      this.#middle = undefined;
      this.#worlds = found.worlds;
      return true;
    }
    // What was taken for granted before may have been the wrong request.
    const taken = this.#plan.length + this.#missing.length;
    const isSure = found.kind === 'none' && taken === 0 && !this.#speaksOfMadeUp(trouble.entry);
    if (isSure) this.#conclude(trouble);
    else {
      const why = 'more requests may be missing from the log than were tried';
      this.#end = { verdict: 'inconclusive', why, trouble };
    }
    return false;
  }

  /** Whether a line speaks of a request of which other numbers than those taken are possible too. */
  #speaksOfMadeUp(entry: Entry): boolean {
    const names = mentionedIn(entry);
    return this.#worlds.some(({ oracle: { ledger } }) =>
      names.some((name) => (ledger.request(name)?.sequence ?? 0) % 1 !== 0),
    );
  }

  #conclude(trouble: Trouble): void {
    this.#end = trouble.isDecided
      ? { verdict: 'not explained', trouble }
      : { verdict: 'inconclusive', why: trouble.observed, trouble };
  }

  /** The first half of the window is settled. */
  #move(): void {
    const half = windowMax / 2;
    const settled = this.#plan.filter(({ before }) => before < half);
    const groups = this.#groups.slice(0, half);
    this.#before = this.#middle ?? this.#replayed(groups, settled);
    this.#missing.push(
      ...settled.map(({ before, user }) => ({ before: groups[before]?.[0]?.line ?? 0, user })),
    );
    this.#groups = this.#groups.slice(half);
    this.#plan = this.#plan
      .filter(({ before }) => before >= half)
      .map((one) => ({ ...one, before: one.before - half }));
    this.#middle = this.#worlds.map(forked);
  }

  #replayed(groups: readonly (readonly Entry[])[], plan: readonly Missing[]): readonly World[] {
    const moved = replay({ worlds: this.#before, groups }, plan, this.#scene);
    return moved.kind === 'explained' ? moved.worlds : this.#before;
  }

  get #kept(): number {
    return this.#head.complete ? requestsKept.complete : requestsKept.incomplete;
  }

  #forget(): void {
    this.#requests = 0;
    for (const { oracle } of [...this.#worlds, ...this.#before]) {
      oracle.ledger.forget(this.#kept, oracle.sleeping);
    }
  }
}

/** The check of a reply that a requirement states. */
function falseCheck(profile: Profile, rules: readonly RequirementId[]): Pick<Finding, 'check'> {
  const check = profile.checks.find(({ requirement }) => rules.includes(requirement));
  return check === undefined ? {} : { check: `${check.fact}: ${check.text}` };
}
