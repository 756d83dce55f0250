import type { Profile } from '../../model/index.js';
import type { Patience } from '../fit.js';
import { fitted } from '../fit.js';
import { counted } from '../counted.js';
import type { ChosenCase } from '../select.js';
import { settingsOf } from '../settings.js';
import type { Shard } from '../shard.js';
import type { Subject } from '../subject.js';
import type { SubjectOptions } from './subject.js';
import { deadlineDefaultMs, subjectWords } from './subject.js';

/** The options of `msgctx run`, and what they say in words. */

/** The options of `msgctx run`, as they were given. */
export interface RunFlags extends SubjectOptions {
  readonly profile?: string;
  readonly strict: boolean;
  readonly suite: readonly string[];
  readonly filter: readonly string[];
  readonly contexts?: number;
  readonly users?: number;
  readonly seed: number;
  readonly path?: string;
  readonly runs: number;
  readonly bail: boolean;
  readonly budget?: number;
  readonly slack?: number;
  readonly jobs: number;
  readonly patient: boolean;
  readonly continueOnFailure: boolean;
  readonly known?: string;
  readonly updateKnown: boolean;
  readonly shard?: string;
  readonly record?: string;
  readonly reporter: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
}

/** What a run chose. */
export interface Chosen {
  readonly profile: Profile;
  readonly cases: readonly ChosenCase[];
  readonly shard: Shard | undefined;
}

const suitesNamed = 3;

/** Whether time-outs are waited for in real time. */
export function patienceOf({ patient }: RunFlags): Patience {
  return patient ? 'patient' : 'brief';
}

/** A version of the protocol has its errnos; the design of 2006 leaves them open. */
export function isStrict({ strict }: RunFlags, { name }: Profile): boolean {
  return strict || name !== 'seed';
}

/** What the defaults decided. */
export function decided(
  flags: RunFlags,
  { profile, cases, shard }: Chosen,
  subject: Subject,
): string {
  const names = [...new Set(cases.map(({ suite }) => suite))];
  const suites = names.length > suitesNamed ? `${names.length} suites` : names.join(', ');
  const fit = fitted(cases, subject, patienceOf(flags));
  const timeouts = new Set(fit.map((one) => settingsOf(one, subject).timeoutMs));
  const errnos = isStrict(flags, profile) ? 'errnos judged' : 'any errno counts';
  const part = shard === undefined ? '' : `part ${shard.nth} of ${shard.all}: `;
  const { contexts, users } = flags;
  const size = [
    ...(contexts === undefined ? [] : [`, contexts: ${contexts}`]),
    ...(users === undefined ? [] : [`, users: ${users}`]),
  ].join('');
  const drawn = `random seed ${flags.seed}, ${flags.runs} conversations per random case`;
  return `${part}${counted(cases.length, 'case')} of ${suites}${size}; ${drawn}, ${errnos}, time-outs of ${[...timeouts].join(', ')} ms, deadline ${flags.deadlineMs} ms`;
}

/** The options that a command line needs to run a case in the same way. */
export function againWords(flags: RunFlags): string {
  const profile = flags.profile === undefined ? '' : ` --profile ${flags.profile}`;
  const strict = flags.strict ? ' --strict' : '';
  const contexts = flags.contexts === undefined ? '' : ` --contexts ${flags.contexts}`;
  const users = flags.users === undefined ? '' : ` --users ${flags.users}`;
  const { deadlineMs } = flags;
  const deadline = deadlineMs === deadlineDefaultMs ? '' : ` --deadline ${deadlineMs}`;
  const slack = flags.slack === undefined ? '' : ` --slack ${flags.slack}`;
  const patient = `${flags.patient ? ' --patient' : ''}${flags.continueOnFailure ? ' --continue-on-failure' : ''}`;
  return `${profile}${strict}${contexts}${users}${patient}${slack}${deadline}${subjectWords(flags)}`;
}
