import { mustExist, UsageError } from '../select.js';
import type { Subject } from '../subject.js';
import { ProcessSubject } from '../subjects/process.js';
import { ReferenceSubject } from '../subjects/reference.js';
import { SystemSubject } from '../subjects/system.js';
import { suiteName } from '../version.js';

/** What a command line names as the implementation under test. */

/** The implementations that come with the package, and what each is. */
export const targets = {
  memory: 'the reference implementation in this process, over the memory transport',
  netlink: 'the same as processes of several users over AF_NETLINK, in real time; as root',
  channel: 'the same over one Unix socket for each process, in real time; as root',
} as const;

/** How long one call may take, unless the command line says otherwise. */
export const deadlineDefaultMs = 10_000;

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
    const { target = 'memory', deadlineMs } = options;
    mustExist('target', target, Object.keys(targets));
    if (target !== 'netlink' && target !== 'channel') return new ReferenceSubject();
    return SystemSubject.start({ transport: target, deadlineMs });
  }
  if (options.target !== undefined) {
    throw new UsageError('either --target or an adapter behind "--" can be under test, not both');
  }
  const { deadlineMs } = options;
  return ProcessSubject.start({ command, args, suite: suiteName, deadlineMs });
}

/** The same, as it is written on a command line. */
export function subjectWords({ adapter, target }: SubjectOptions): string {
  const quoted = (word: string) =>
    /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  if (adapter.length > 0) return ` -- ${adapter.map(quoted).join(' ')}`;
  return target === undefined ? '' : ` --target ${target}`;
}
