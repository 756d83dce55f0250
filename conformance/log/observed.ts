import type { Process } from '../../model/index.js';
import { nameOfProcess } from '../../model/index.js';
import type { Ledger, Settings } from '../ledger.js';
import { printable } from '../printable.js';
import type { Answer, SubjectEvent } from '../subject.js';

/**
 * What was observed, read back from the words of a trace.
 *
 * `ok` or `refused with EINVAL` begins an answer, and what follows are the events that came with it:
 * `message to u1.d1: request, index 0, seq 4096, payload a0000001`, `message to u1.d1: quit`, `r1 returns
 * payload b0000001`, `r1 returns EIO`. A second `ok` is the answer to the millisecond that passes after a
 * request. Events before any answer belong to one that nobody saw.
 */

/** A process by its name, or a pid that has none. */
type Who = Process | number;

/** An event, with the name of who was sent a message. */
type Named<E> = E extends { readonly to: number } ? Omit<E, 'to'> & { readonly to: Who } : E;

/** One answer as it stands in a log. */
export interface Observation extends Pick<Answer, 'result' | 'error'> {
  readonly events: readonly Named<SubjectEvent>[];
  /** Events that came after it, which none may. */
  readonly late: readonly Named<SubjectEvent>[];
  /** It never came though nothing moved any more, or the adapter broke: how. */
  readonly broke?: string;
}

/** The observations in the words of a line; the first word that is none, if there is one. */
export function readObserved(words: readonly string[]): readonly Observation[] | string {
  const all: { -readonly [K in keyof Observation]: Observation[K] }[] = [];
  for (const word of words) {
    const answer = readAnswer(word);
    if (answer !== undefined) {
      all.push({ events: [], late: [], ...answer });
      continue;
    }
    if (all.length === 0) all.push({ events: [], late: [] });
    const last = all.at(-1);
    const isLate = word.startsWith(afterwards);
    const event = readEvent(isLate ? word.slice(afterwards.length) : word);
    const view = readView(word);
    if (last === undefined || (event === undefined && view === undefined)) return word;
    if (view !== undefined) last.result = { ...last.result, ...view };
    else if (event !== undefined && isLate) last.late = [...last.late, event];
    else if (event !== undefined) last.events = [...last.events, event];
  }
  return all;
}

/** An answer with the pids of a conversation. */
export function answerOf({ events, late, result, error }: Observation, ledger: Ledger): Answer {
  return {
    events: [...events, ...late].map((event) => withPid(event, ledger)),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  };
}

function withPid(event: Named<SubjectEvent>, ledger: Ledger): SubjectEvent {
  if (event.event === 'complete') return event;
  const to = typeof event.to === 'number' ? event.to : ledger.pidNamed(event.to);
  return { ...event, to };
}

const numberMax = 2 ** 32 - 1;

/** What is wrong with the numbers of a word, as an expectation; undefined where all are in their range. */
export function outsideOf(word: string, { users, processes }: Bounds): string | undefined {
  const all = suspicious.test(word) ? word.matchAll(numbers) : [];
  for (const [, name = '', digits = ''] of all) {
    if (digits.startsWith('-') || Number(digits) > numberMax) {
      return `${name} from 0 to ${numberMax}, found ${printable(digits, digitsShownMax)}`;
    }
  }
  const [, user, process] = word.includes(toProcess) ? (named.exec(word) ?? []) : [];
  if (user !== undefined && (Number(user) < 1 || Number(user) > users)) {
    return `users u1 to u${users}, found "u${printable(user, digitsShownMax)}"`;
  }
  if (process !== undefined && (Number(process) < 1 || Number(process) > processes)) {
    return `processes d1 to d${processes}, found "d${printable(process, digitsShownMax)}"`;
  }
  return undefined;
}

/** Most words have neither a sign nor ten digits, and need no closer look. */
const suspicious = /-\d|\d{10}/;
const toProcess = 'message to u';
const named = /message to u(\d+)\.d(\d+):/;
const numbers = /\b(index|seq|uid|pid) (-?\d+)/g;
const digitsShownMax = 40;
type Bounds = Pick<Settings, 'users' | 'processes'>;

const afterwards = 'after the answer: ';
const unanswered = 'no answer';
const breaking = 'the adapter broke: ';

function readAnswer(word: string): Partial<Observation> | undefined {
  if (word === 'ok') return { result: {} };
  if (word === unanswered) return { broke: 'no answer' };
  if (word.startsWith(breaking)) return { broke: word };
  const [, errno] = /^refused with (\w+|no errno)$/.exec(word) ?? [];
  if (errno !== undefined) {
    return { error: { code: 'ERRNO', ...(errno === 'no errno' ? {} : { errno }) } };
  }
  return /^(UNSUPPORTED|INVALID|INTERNAL)$/.test(word) ? { error: { code: word } } : undefined;
}

function readEvent(word: string): Named<SubjectEvent> | undefined {
  const [, task, how = ''] = /^r(\d{1,10}) returns (.+)$/.exec(word) ?? [];
  if (task !== undefined) {
    const [, payload] = /^payload ([\da-f]*)$/.exec(how) ?? [];
    const returned = { event: 'complete', task: Number(task) } as const;
    if (how === 'success') return returned;
    if (payload !== undefined) return { ...returned, payload };
    return /^\w+$/.test(how) ? { ...returned, errno: how } : undefined;
  }
  const [, user, process, pid, what = ''] =
    /^message to (?:u(\d{1,10})\.d(\d{1,10})|pid (\d{1,10})): (.+)$/.exec(word) ?? [];
  if (user === undefined && pid === undefined) return undefined;
  const to = pid === undefined ? { user: Number(user), process: Number(process) } : Number(pid);
  if (what === 'quit') return { event: 'message', to, type: 'quit' };
  const [, index, seq, payload = ''] =
    /^request, index (\d{1,10}), seq (\d{1,10}), payload ([\da-f]*|undefined)$/.exec(what) ?? [];
  if (index === undefined) return undefined;
  return { event: 'message', to, type: 'request', index: Number(index), seq: Number(seq), payload };
}

/** The name of who was sent a message, for messages of ours. */
export function nameOf(who: Who): string {
  return typeof who === 'number' ? `pid ${who}` : nameOfProcess(who);
}

const rows = {
  contexts: /^(\d+) (\w+)(?: seq (\w+))?$/,
  daemons: /^uid (\w+) pid (\w+)$/,
} as const;

/** One line of the inside that an implementation showed. */
function readView(word: string): Readonly<Record<string, unknown>> | undefined {
  const [, what = '', text = ''] = /^(free|allocated|contexts|daemons) (.+)$/.exec(word) ?? [];
  if (what === '') return undefined;
  if (text === 'nothing') return {};
  const inside = /^\[(.*)\]$/.exec(text)?.[1];
  if (inside === undefined) return { [what]: text };
  const parts = inside === '' ? [] : inside.split(', ');
  if (what === 'free' || what === 'allocated') return { [what]: parts.map(Number) };
  const shape = what === 'contexts' ? rows.contexts : rows.daemons;
  return {
    [what]: parts.map((part) => {
      const [, ...cells] = (shape.exec(part) ?? []).map(valueOf);
      const [first, second, third] = cells;
      if (what === 'daemons') return { uid: first, pid: second };
      return { index: first, state: second, seq: third };
    }),
  };
}

function valueOf(text: string | undefined): unknown {
  if (text === undefined || text === 'nothing') return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
