import type { Command, Process } from '../model/index.js';
import { nameOfProcess } from '../model/index.js';
import type { Settings } from './ledger.js';
import type { Answer, Call, History, Subject, SubjectEvent } from './subject.js';

/**
 * Commands that overlap: which of them do, how they are held, and what is read of them.
 *
 * A group is a command and those behind it that overlap it. All its calls are written before an
 * answer is read. An adapter without `concurrent` works them off one by one, in the order in which
 * they were written; one with it may mix them, and any order that explains what came is right.
 */

/** A command of a group with its one call. */
export interface Planned {
  readonly command: Command;
  readonly call: Call;
}

/** The longest group: there are so many orders of its commands. What overlaps more begins another. */
const groupMax = 6;

/** Takes a conversation apart into groups; most are of one command. */
export function groupsOf(
  commands: readonly Command[],
  settings: Settings,
  capabilities: ReadonlySet<string>,
): readonly (readonly Command[])[] {
  // A message must name its request, and must come before its answer, or no order can be made out.
  const overlap =
    capabilities.has('payload') && settings.time === 'virtual' && !settings.manualRead;
  const groups: Command[][] = [];
  for (const command of commands) {
    const last = groups.at(-1);
    const joins = overlap && command.overlaps === true && isMixable(command);
    const first = last?.[0];
    if (joins && last !== undefined && first !== undefined) {
      if (isMixable(first) && last.length < groupMax) {
        last.push(command);
        continue;
      }
    }
    groups.push([alone(command)]);
  }
  return groups;
}

/** The same command, overlapping nothing before it. */
export function alone<C extends object>(command: C): C {
  if (!('overlaps' in command)) return command;
  const first: C & { overlaps?: unknown } = { ...command };
  delete first.overlaps;
  return first;
}

/** Whether it is one call, whose effect depends on nothing but the state. */
function isMixable({ do: verb }: Command): boolean {
  return mixable.includes(verb);
}

const mixable: readonly Command['do'][] = [
  'helo',
  'quit',
  'exit',
  'request',
  'reply',
  'wake',
  'advance',
];

/**
 * Whether a command makes sense beside others whatever the order is: a process that dies does nothing
 * else meanwhile, and nobody is woken twice.
 */
export function canOverlap(command: Command, others: readonly Planned[]): boolean {
  return others.every(({ command: other }) => {
    if (command.do === 'wake' && other.do === 'wake') return command.request !== other.request;
    const [own, theirs] = [processOf(command), processOf(other)];
    if (own === undefined || theirs === undefined) return true;
    const isSame = nameOfProcess(own) === nameOfProcess(theirs);
    return !isSame || (command.do !== 'exit' && other.do !== 'exit');
  });
}

function processOf(command: Command): Process | undefined {
  return 'by' in command ? command.by : undefined;
}

/** Makes the calls of a group, all at once. */
export async function overlap(subject: Subject, calls: readonly Call[]): Promise<History> {
  if (subject.overlap !== undefined && subject.claims.capabilities.has('concurrent')) {
    return subject.overlap(calls);
  }
  const pending = calls.map((call) => subject.call(call));
  await Promise.allSettled(pending);
  const answers: Answer[] = [];
  for (const one of pending) answers.push(await one);
  return oneByOne(answers);
}

/** What came of calls that were worked off one by one. */
export function oneByOne(answers: readonly Answer[]): History {
  return answers.flatMap(({ events, ...answer }, nth): History => [
    { kind: 'call', nth },
    ...events.map((event) => ({ kind: 'event', event }) as const),
    { kind: 'answer', nth, answer },
  ]);
}

/** For each call the answer that was read, with the events that were read since the one before. */
export function answersIn(
  history: History,
  calls: number,
): { readonly answers: readonly (Answer | undefined)[]; readonly late: readonly SubjectEvent[] } {
  const answers: (Answer | undefined)[] = Array.from({ length: calls }, () => undefined);
  let events: SubjectEvent[] = [];
  for (const one of history) {
    if (one.kind === 'event') events.push(one.event);
    if (one.kind !== 'answer') continue;
    answers[one.nth] = { ...one.answer, events };
    events = [];
  }
  return { answers, late: events };
}
