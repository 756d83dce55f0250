import type { Spoken } from './alike.js';
import { spokenFrom } from './alike.js';
import type { Entry } from './entry.js';
import { mentionedIn } from './entry.js';
import type { Judged, Trouble } from './judge.js';
import { judgeLines } from './judge.js';
import type { Scene, World } from './world.js';
import { distinctWorlds, forked, sentSeen, sentUnseen } from './world.js';

/**
 * Requests that nobody logged: which there may have been, and when.
 *
 * Theory of operation. When a line cannot be explained, and the log need not hold every request, the last
 * lines are judged again with a request more, at the latest place first, by each user; and with those that
 * were put in before at earlier places. What explains the line with the fewest is taken, in every context
 * that it may have got. A request that changes nothing about what is wrong is not followed further, and so a
 * fault that no missing request excuses is found quickly.
 *
 * No request is looked for before the last lines (`windowMax`), and when lines were judged too often
 * (`effortMax`) it is not known whether there is an explanation.
 */

/** A request that nobody logged, before a line of the window; its name, where a line has it. */
export interface Missing {
  readonly before: number;
  readonly user: number;
  readonly name: number | undefined;
}

/** How many groups of lines are judged again at most. */
export const windowMax = 128;
const effortMax = 20_000;
/** So many requests are put in at one place at once. */
const togetherMax = 4;
/** Above every name that a log can have. */
const namelessFirst = 2 ** 34;

/** The last lines of a log, and the accounts from before them. */
export interface Window {
  readonly worlds: readonly World[];
  readonly groups: readonly (readonly Entry[])[];
}

/** What a plan comes to, and how many times a line was judged for it. */
export type Replayed = { readonly effort: number } & (
  | { readonly kind: 'explained'; readonly worlds: readonly World[] }
  /** A request of the plan cannot have been sent. */
  | { readonly kind: 'impossible' }
  | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly at: number }
);

/**
 * Judges lines again, with requests that nobody logged.
 *
 * @param spoken what lines say of contexts, where one account for all contexts that are alike is enough
 */
export function replay(
  window: Window,
  plan: readonly Missing[],
  scene: Scene,
  spoken: readonly Spoken[] = [],
): Replayed {
  let worlds: readonly World[] = window.worlds.map(forked);
  let effort = 0;
  for (const [at, lines] of window.groups.entries()) {
    const missing = plan.filter(({ before }) => before === at);
    for (const [nth, one] of missing.entries()) {
      worlds = distinctWorlds(putAll(worlds, one, { nth, lines, spoken: spoken[at] }));
    }
    if (worlds.length === 0) return { kind: 'impossible', effort };
    effort += worlds.length;
    const judged = judgeAll(worlds, lines, scene);
    if (judged.kind === 'trouble') return { ...judged, at, effort };
    worlds = judged.worlds;
  }
  return { kind: 'explained', worlds, effort };
}

/** Judges lines in every account; the accounts are used up. */
export function judgeAll(worlds: readonly World[], lines: readonly Entry[], scene: Scene): Judged {
  const [only] = worlds;
  // Most lines leave one account of one.
  if (only !== undefined && worlds.length === 1) {
    const judged = judgeLines(only, lines, scene);
    if (judged.kind === 'trouble') return troubleOf([judged.trouble]);
    return { kind: 'explained', worlds: distinctWorlds(judged.worlds) };
  }
  const troubles: Trouble[] = [];
  const after = distinctWorlds(explaining(worlds, lines, scene, troubles));
  if (after.length > 0) return { kind: 'explained', worlds: after };
  return troubleOf(troubles);
}

function troubleOf(troubles: readonly Trouble[]): Judged {
  // What one account leaves undecided is not decided by another that fails.
  const trouble = troubles.find(({ isDecided }) => !isDecided) ?? troubles[0];
  return trouble === undefined
    ? { kind: 'explained', worlds: [] }
    : { kind: 'trouble', trouble: { ...trouble, candidates: () => candidatesAmong(troubles) } };
}

/** The accounts that explain lines, one by one; what the others say is put into `troubles`. */
function* explaining(
  worlds: readonly World[],
  lines: readonly Entry[],
  scene: Scene,
  troubles: Trouble[],
): Generator<World> {
  for (const world of worlds) {
    const judged = judgeLines(world, lines, scene);
    if (judged.kind === 'explained') yield* judged.worlds;
    else troubles.push(judged.trouble);
  }
}

function candidatesAmong(troubles: readonly Trouble[]): readonly string[] {
  return [...new Set(troubles.flatMap(({ candidates }) => candidates()))];
}

/** Where a request is put in: before which lines, as which of several, and what later lines say of contexts. */
interface Gap {
  readonly nth: number;
  readonly lines: readonly Entry[];
  readonly spoken: Spoken | undefined;
}

function* putAll(worlds: readonly World[], missing: Missing, gap: Gap): Generator<World> {
  for (const world of worlds) yield* put(world, missing, gap);
}

/** Puts a request into an account: with the message that a line has of it, or without one. */
function put(
  world: World,
  { user, name, before }: Missing,
  { nth, lines, spoken }: Gap,
): readonly World[] {
  const request = name ?? namelessFirst + before * windowMax + nth;
  const command = { do: 'request', request, user } as const;
  const seen = forked(world);
  const [call, ...rest] = seen.oracle.calls(command) ?? [];
  if (call?.method !== 'request') return [];
  const unseen = sentUnseen(seen, command, call, spoken === undefined ? {} : { spoken });
  const sent = [...sentSeen(seen, command, call, lines), ...unseen];
  return sent.filter(({ oracle }) =>
    rest.every((one) => oracle.judge(command, one, { events: [] }).kind === 'explained'),
  );
}

/** What a search found: a plan with what it comes to, that there is none, or that it took too long. */
export type Found =
  | { readonly kind: 'found'; readonly plan: readonly Missing[]; readonly worlds: readonly World[] }
  | { readonly kind: 'none' | 'unknown' };

/**
 * Looks for requests that explain the lines of a window though nobody logged them. Of contexts that are alike the
 * search tries one; what it finds is then judged with all of them, since lines that are still to come may tell
 * them apart.
 */
export function search(
  window: Window,
  plan: readonly Missing[],
  failed: Trouble,
  scene: Scene,
): Found {
  const last = window.groups.length - 1;
  const spoken = spokenFrom(window.groups);
  const tried = new Set<string>();
  let queue: { plan: readonly Missing[]; trouble: Trouble }[] = [{ plan, trouble: failed }];
  const worldsOf = (found: readonly World[], one: readonly Missing[]) => {
    const replayed = replay(window, one, scene);
    return replayed.kind === 'explained' ? replayed.worlds : found;
  };
  let effort = 0;
  while (queue.length > 0) {
    const next: typeof queue = [];
    for (const one of queue) {
      for (const changed of changesOf(one.plan, window, one.trouble, scene)) {
        const key = JSON.stringify(changed);
        if (tried.has(key)) continue;
        tried.add(key);
        const replayed = replay(window, changed, scene, spoken);
        effort += replayed.effort + window.worlds.length;
        if (effort > effortMax) return { kind: 'unknown' };
        if (replayed.kind === 'impossible') continue;
        if (replayed.kind === 'explained') {
          return { kind: 'found', plan: changed, worlds: worldsOf(replayed.worlds, changed) };
        }
        const { trouble, at } = replayed;
        if (at === last && differs(trouble, one.trouble)) next.push({ plan: changed, trouble });
      }
    }
    queue = next;
  }
  return { kind: 'none' };
}

function differs(a: Trouble, b: Trouble): boolean {
  return a.observed !== b.observed || a.expected !== b.expected || a.isDecided !== b.isDecided;
}

/** The plans that are one request, or one place, away. */
function* changesOf(
  plan: readonly Missing[],
  { groups }: Window,
  { entry }: Trouble,
  { settings }: Scene,
): Generator<readonly Missing[]> {
  const named = new Set(plan.map(({ name }) => name));
  const mentioned = mentionedIn(entry).filter((name) => !named.has(name));
  const users = Array.from({ length: settings.users }, (_, nth) => nth + 1);
  const first = 'by' in entry.command ? entry.command.by.user : 1;
  users.sort((a, b) => Number(b === first) - Number(a === first));
  const names = [...mentioned, undefined];
  // One without a name is likely the one that is spoken of now.
  for (const name of mentioned) {
    for (const [nth, one] of plan.entries()) {
      if (one.name === undefined) yield plan.with(nth, { ...one, name });
    }
  }
  for (let before = groups.length - 1; before >= 0; before -= 1) {
    for (const user of users) {
      for (const name of names) yield sorted([...plan, { before, user, name }]);
      // A pool that is full unexpectedly takes several.
      for (let count = 2; count <= Math.min(settings.contexts, togetherMax); count += 1) {
        const one = { before, user, name: undefined };
        yield sorted([...plan, ...Array.from({ length: count }, () => one)]);
      }
      for (const [nth, one] of plan.entries()) {
        if (one.before < before) continue;
        for (const name of one.name === undefined ? names : [one.name]) {
          yield sorted(plan.with(nth, { before, user, name }));
        }
      }
    }
  }
}

function sorted(plan: readonly Missing[]): readonly Missing[] {
  return plan.toSorted((a, b) => a.before - b.before);
}
