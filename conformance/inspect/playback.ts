import { printCommand } from '../../model/index.js';
import { printDaemonCommand } from '../daemon/command.js';
import { replayWithDaemon } from '../daemon/hold.js';
import { holdRecorded } from '../replay.js';
import { printable } from '../printable.js';
import { profileNamed } from '../select.js';
import type { Subject } from '../subject.js';
import type { Recorded } from '../trace.js';
import { parseTraces } from '../trace.js';
import { reasonOf, TraceError, UsageError } from '../usage.js';
import { breakageOf, listed } from './explain.js';
import type { Breakage, ConversationShown, ReplayShown, StepShown } from './messages.js';
import { PeekingSubject } from './peeking.js';
import { Recording, withoutModel } from './recording.js';
import { closed } from './subjects.js';

const nameMax = 200;

/**
 * Saved conversations, prepared for playing forwards and backwards.
 *
 * A trace file has commands and observations, but no states. So each conversation runs once more, with the
 * implementation that the user names or with the reference, which gives the model's states at every step. Where the
 * file has another observation, the page shows both. The failure shown is the one found now, or else the one in the
 * file.
 */

/** What to play, and against which implementation. */
export interface PlaybackOptions {
  readonly file: string;
  /** Reads the file. @throws UsageError if it cannot be read */
  readonly read: () => string;
  readonly open: () => Promise<Subject>;
  readonly words: string;
  readonly strict: boolean;
  readonly notice: (sentence: string) => void;
}

/** Prepares all conversations of a file. Never throws: `problem` says in one sentence what cannot be played. */
export async function playback(options: PlaybackOptions): Promise<ReplayShown> {
  const { file, words, notice } = options;
  try {
    return { file, subject: words, conversations: await conversationsOf(options) };
  } catch (error) {
    const isOurs = !(error instanceof TraceError || error instanceof UsageError);
    const sentence = reasonOf(error);
    const problem = printable(isOurs ? `${file} cannot be played: ${sentence}` : sentence);
    notice(problem);
    return { file, subject: words, problem, conversations: [] };
  }
}

async function conversationsOf(options: PlaybackOptions): Promise<readonly ConversationShown[]> {
  const traces = parseTraces(options.read(), options.file);
  // Before anything is opened.
  for (const { profile } of traces) profileNamed(profile);
  const subject = await options.open();
  try {
    const all: ConversationShown[] = [];
    for (const trace of traces) {
      const held = await (trace.daemon === undefined
        ? heldAgain(trace, subject, options)
        : heldWithDaemon(trace, subject));
      all.push(asRecorded(held, trace));
    }
    return all;
  } finally {
    await closed(subject, options.notice);
  }
}

async function heldAgain(
  trace: Recorded,
  subject: Subject,
  { strict }: PlaybackOptions,
): Promise<ConversationShown> {
  const profile = profileNamed(trace.profile);
  const peeking = new PeekingSubject(subject);
  const watch = new Recording({
    name: printable(trace.case, nameMax),
    profile: profile.name,
    subject: peeking,
    turn: () => Promise.resolve(),
    took: () => undefined,
    began: () => undefined,
    changed: () => undefined,
  });
  const held = await holdRecorded(trace, { subject: peeking, profile, strict, watch });
  const { verdict, unsupported } = held;
  if (watch.shown.verdict === verdict || unsupported === undefined) return watch.shown;
  const step = Math.max(0, watch.shown.steps.length - 1);
  return { ...watch.shown, verdict, breakage: { step, why: unsupported, rules: [], allowed: [] } };
}

async function heldWithDaemon(trace: Recorded, subject: Subject): Promise<ConversationShown> {
  const held = await replayWithDaemon(trace.daemon ?? [], subject);
  const { verdict, failure } = held;
  const shown = {
    ...{
      name: printable(trace.case, nameMax),
      profile: trace.profile,
      role: 'daemon' as const,
      components: [],
      verdict,
    },
    steps: held.trace.map(withoutModel),
  };
  if (failure === undefined) return shown;
  return { ...shown, breakage: breakageOf(failure, Math.max(0, shown.steps.length - 1)) };
}

/** The same, with the observations of the file beside those that differ. */
function asRecorded(held: ConversationShown, trace: Recorded): ConversationShown {
  const commands =
    trace.daemon === undefined
      ? trace.commands.map(printCommand)
      : trace.daemon.map(printDaemonCommand);
  let nth = 0;
  const steps = held.steps.map((step): StepShown => {
    const place = step.probe === true ? -1 : commands.indexOf(step.command, nth);
    if (place === -1) return step;
    nth = place + 1;
    const recorded = listed(trace.observed[place] ?? []);
    const isSame = recorded.join() === step.observed.join() || recorded.length === 0;
    return isSame ? step : { ...step, recorded };
  });
  const asWas = held.breakage ?? breakageIn(steps, trace);
  return { ...held, steps, ...(asWas === undefined ? {} : { breakage: asWas }) };
}

/** Where a recorded failure belongs: the last step of the command that it names. */
function breakageIn(steps: readonly StepShown[], { failure }: Recorded): Breakage | undefined {
  if (failure === undefined) return undefined;
  const [, named] = /^at "(.*?)": got /.exec(failure.why) ?? [];
  const recorded = steps.findLastIndex((step) => step.recorded !== undefined);
  const step = steps.findLastIndex(({ command }) => command === named);
  return breakageOf(failure, Math.max(0, recorded, step));
}
