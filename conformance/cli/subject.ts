import { mustExist } from '../select.js';
import type { Subject } from '../subject.js';
import { ProcessSubject } from '../subjects/process.js';
import { ReferenceSubject } from '../subjects/reference.js';
import { suiteName } from '../version.js';

/** What a command line names as the implementation under test. */

/** The implementations that come with the package, and what each is. */
export const targets = {
  memory: 'the reference implementation in this process, over the memory transport',
} as const;

/** SUBJECT on the command line. */
export interface SubjectOptions {
  readonly target?: string;
  /** What stands behind `--`. */
  readonly adapter: readonly string[];
  readonly deadlineMs: number;
}

/** Opens the implementation under test; the bundled one when none is named. */
export async function openSubject(options: SubjectOptions): Promise<Subject> {
  const [command, ...args] = options.adapter;
  if (command === undefined) {
    mustExist('target', options.target ?? 'memory', Object.keys(targets));
    return new ReferenceSubject();
  }
  const { deadlineMs } = options;
  return ProcessSubject.start({ command, args, suite: suiteName, deadlineMs });
}

/** The same, as it is written on a command line. */
export function subjectWords({ adapter, target }: SubjectOptions): string {
  if (adapter.length > 0) return ` -- ${adapter.join(' ')}`;
  return target === undefined ? '' : ` --target ${target}`;
}
