import { counted } from '../counted.js';
import { capabilitiesAsked } from '../learn/alphabet.js';
import { chance } from '../learn/chance.js';
import type { Learnt } from '../learn/learn.js';
import { learn } from '../learn/learn.js';
import type { Origin } from '../learn/machine-file.js';
import { configOf } from '../learn/machine-file.js';
import { differenceSvg, inWords, outputInWords, picturedMax } from '../learn/picture.js';
import { profileNamed } from '../select.js';
import { UsageError } from '../usage.js';
import type { Subject } from '../subject.js';
import { machineClock } from '../subjects/clock.js';
import { writeText } from './files.js';
import type { SubjectOptions } from './subject.js';
import { openSubject } from './subject.js';

/** `msgctx learn`: learns the machine of an implementation, and compares it with the model's. */

/** The options of `msgctx learn`. */
export interface LearnFlags extends SubjectOptions {
  readonly contexts: number;
  readonly users: number;
  readonly budget: number;
  readonly json: boolean;
  /** The files for the machine as XState's JSON, and for the picture of the differences. */
  readonly machine?: string;
  readonly svg?: string;
}

const statusOf = { same: 0, different: 1, inconclusive: 4 } as const;
const draws = 500;

/** Returns the exit status. */
export async function learnCommand(flags: LearnFlags): Promise<number> {
  const subject = await openSubject(flags);
  try {
    const profile = profileNamed(subject.claims.profile);
    const { contexts, users, budget } = flags;
    const began = performance.now();
    const learnt = await learn({
      ...{ subject, profile, extent: { contexts, users }, draws, random: chance() },
      ...{ budgetMs: budget * 1000, clock: machineClock },
      progress: (states) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${states} states `);
      },
    });
    const seconds = (performance.now() - began) / 1000;
    const about = { profile: profile.name, contexts, users, seconds };
    const isWritten = await write(learnt, originOf(learnt, subject, about), flags);
    const text = flags.json
      ? `${JSON.stringify(documentOf(learnt, subject, about))}\n`
      : `${linesOf(learnt, about).join('\n')}\n`;
    process.stdout.write(text);
    return isWritten ? statusOf[learnt.verdict] : 2;
  } catch (error) {
    if (error instanceof RangeError)
      throw new UsageError(`the model is too large: ${error.message}`);
    throw error;
  } finally {
    await subject.close();
  }
}

interface About {
  readonly profile: string;
  readonly contexts: number;
  readonly users: number;
  readonly seconds: number;
}

function originOf(
  { verdict }: Learnt,
  { claims: { name, version, capabilities } }: Subject,
  { profile, contexts, users }: About,
): Origin {
  const asked = capabilitiesAsked.filter((one) => capabilities.has(one));
  return {
    ...{ implementation: { name, version }, profile, contexts, users },
    ...{ capabilities: asked, verdict },
  };
}

async function write(
  { machine, comparison }: Learnt,
  origin: Origin,
  flags: LearnFlags,
): Promise<boolean> {
  if (machine === undefined || comparison === undefined) return true;
  const { machine: file, svg } = flags;
  const isTold =
    file === undefined ||
    writeText(file, `${JSON.stringify(configOf(machine, origin), null, 2)}\n`);
  if (svg === undefined) return isTold;
  if (machine.states > picturedMax) {
    process.stderr.write(
      `msgctx: a machine of ${machine.states} states is too large for a picture (at most ${picturedMax}); learn fewer contexts or users\n`,
    );
    return false;
  }
  return writeText(svg, await differenceSvg(machine, comparison)) && isTold;
}

function wordOf(word: readonly number[], { language }: Learnt): readonly string[] {
  return word.map((input) => inWords(language.alphabet.names[input] ?? ''));
}

function documentOf(learnt: Learnt, subject: Subject, about: About): object {
  const { name, version } = subject.claims;
  const { verdict, why, machine, comparison, conflict, states, words, symbols, examined, notes } =
    learnt;
  const { shortest, deviations = [] } = comparison ?? {};
  const inputs = learnt.language.alphabet.names;
  return {
    ...{ schema: 'msgctx-learn/1', implementation: { name, version } },
    ...{ ...about, verdict, why, inputs: inputs.length, states, words, symbols, examined, notes },
    modelStates: learnt.language.model.states,
    shortest: shortest && { ...shortest, word: wordOf(shortest.word, learnt) },
    deviations: deviations.map(({ kind, state, input, learnt: ours, model }) => ({
      ...{ kind, state: `s${state}`, input: inputs[input], learnt: ours?.output },
      model: model?.output,
    })),
    conflict: conflict && { ...conflict, word: wordOf(conflict.word, learnt) },
    machine: machine && configOf(machine, originOf(learnt, subject, about)),
  };
}

function linesOf(learnt: Learnt, { profile, contexts, users, seconds }: About): string[] {
  const { verdict, why, comparison, conflict, states, words, symbols, examined, notes } = learnt;
  const { language } = learnt;
  const { shortest, deviations = [] } = comparison ?? {};
  const count = (kind: string) => deviations.filter((one) => one.kind === kind).length;
  const verdicts = {
    same: `equal to the model's machine (${language.model.states} states)`,
    different: `differs from the model's machine (${language.model.states} states)`,
    inconclusive: `inconclusive: ${why ?? ''}`,
  };
  return [
    `profile ${profile}: ${counted(contexts, 'context')}, ${counted(users, 'user')}, 2 processes per user, ${language.alphabet.names.length} inputs`,
    `${states} states after ${words} queries with ${symbols} inputs; ${examined.words} of these queries, with ${examined.symbols} inputs, tested the result; ${seconds.toFixed(1)} s`,
    ...notes,
    ...(shortest === undefined
      ? []
      : [
          'the shortest conversation in which they differ:',
          ...wordOf(shortest.word, learnt).map((input) => `  ${input}`),
          `  learnt: ${outputInWords(shortest.learnt)}; model: ${outputInWords(shortest.model)}`,
          `transitions: ${count('changed')} changed, ${count('missing')} missing, ${count('extra')} extra`,
        ]),
    ...(conflict === undefined
      ? []
      : [
          'the same inputs gave two different outputs:',
          ...wordOf(conflict.word, learnt).map((input) => `  ${input}`),
          `  first: ${conflict.first}; then: ${conflict.second}`,
        ]),
    verdicts[verdict],
  ];
}
