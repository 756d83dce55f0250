import { mustExist, UsageError } from '../select.js';
import type { Subject } from '../subject.js';
import { addressOf } from '../subjects/pipe.js';
import { ProcessSubject } from '../subjects/process.js';
import { imageOf } from '../subjects/linux/image.js';
import { LinuxSubject, linuxTargets } from '../subjects/linux/subject.js';
import { ReferenceSubject } from '../subjects/reference.js';
import { SystemSubject } from '../subjects/system.js';
import { suiteName } from '../version.js';

/** What a command line names as the implementation under test. */

/** The implementations that come with the package, and what each is. */
export const targets = {
  memory: 'the reference implementation in this process, over the memory transport',
  netlink: 'the same as processes of several users over AF_NETLINK, in real time; as root',
  channel: 'the same over one Unix socket for each process, in real time; as root',
  ...Object.fromEntries(
    Object.entries(linuxTargets).map(([name, { kernel, half }]) => [
      name,
      `the kernel of Debian with Linux ${kernel}, in a virtual machine: files are ${half === 'create' ? 'created (Tag 66, 67)' : 'opened (Tag 64, 65)'}`,
    ]),
  ),
} as const;

/** Whether a target could be held now, in words: ready, or what is missing and how it is got. */
export function stateOfTarget(name: string): string {
  const linux = linuxTargets[name];
  if (linux !== undefined) {
    const image = imageOf(linux.kernel);
    return typeof image === 'string' ? image : `ready: Debian's kernel ${image.version}`;
  }
  if (name === 'memory' || process.getuid?.() === 0) return 'ready';
  return 'needs root, which may start processes of several users';
}

/** How long one call may take, unless the command line says otherwise. */
export const deadlineDefaultMs = 10_000;

/** SUBJECT on the command line. */
export interface SubjectOptions {
  readonly target?: string;
  /** Where an adapter listens. */
  readonly connect?: string;
  /** What stands behind `--`. */
  readonly adapter: readonly string[];
  readonly deadlineMs: number;
}

/** Opens the implementation under test; the bundled one when none is named. */
export async function openSubject(options: SubjectOptions): Promise<Subject> {
  const [command, ...args] = options.adapter;
  const { target: named, connect, deadlineMs } = options;
  const given = [named, connect, command].filter((one) => one !== undefined);
  if (given.length > 1) {
    throw new UsageError(
      'one of --target, --connect and an adapter behind "--" can be under test, not several',
    );
  }
  const isInMemory =
    command === undefined && connect === undefined && (named ?? 'memory') === 'memory';
  if (!isInMemory) endInOrder();
  if (connect !== undefined) {
    const address = addressOf(connect);
    if (address !== undefined) {
      return ProcessSubject.start({ address, suite: suiteName, deadlineMs });
    }
    throw new UsageError(`--connect ${connect}: expected unix:PATH or tcp:127.0.0.1:PORT`);
  }
  if (command === undefined) {
    const { target = 'memory' } = options;
    mustExist('target', target, Object.keys(targets));
    const linux = linuxTargets[target];
    if (linux !== undefined) return LinuxSubject.start(linux);
    if (target !== 'netlink' && target !== 'channel') return new ReferenceSubject();
    return SystemSubject.start({ transport: target, deadlineMs });
  }
  return ProcessSubject.start({ command, args, suite: suiteName, deadlineMs });
}

const statuses = { SIGTERM: 143, SIGHUP: 129 } as const;

/** Who is ended ends what it has started too. Who has started nothing is busy with itself, and is ended by the system. */
function endInOrder(): void {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    if (process.listenerCount(signal) === 0)
      process.on(signal, () => process.exit(statuses[signal]));
  }
}

/** Opens so many of them, which hold cases side by side. */
export async function openSubjects(
  options: SubjectOptions,
  jobs: number,
): Promise<readonly [Subject, ...Subject[]]> {
  const { connect, target } = options;
  if (jobs > 1 && (connect !== undefined || target === 'netlink')) {
    const what = connect === undefined ? `--target ${target ?? ''}` : `--connect ${connect}`;
    throw new UsageError(`${what} is one only; leave --jobs out`);
  }
  const first = await openSubject(options);
  const others: Subject[] = [];
  try {
    while (others.length < jobs - 1) others.push(await openSubject(options));
    return [first, ...others];
  } catch (error) {
    await Promise.all([first, ...others].map((one) => one.close()));
    throw error;
  }
}

/** The same, as it is written on a command line. */
export function subjectWords({ adapter, target, connect }: SubjectOptions): string {
  const quoted = (word: string) =>
    /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  if (adapter.length > 0) return ` -- ${adapter.map(quoted).join(' ')}`;
  if (connect !== undefined) return ` --connect ${quoted(connect)}`;
  return target === undefined ? '' : ` --target ${target}`;
}
