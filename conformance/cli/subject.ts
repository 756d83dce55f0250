import type { Subject } from '../subject.js';
import { linuxTargets } from '../subjects/linux/kernels.js';
import { mustExist, UsageError } from '../usage.js';
import { suiteName } from '../version.js';
import { statusAfter } from './signals.js';

/** The implementation under test, as a command line names it. Each kind loads its own code. */

/** The bundled implementations, with what each is. */
export const targets = {
  memory: 'the reference implementation in this process, over the memory transport',
  netlink: 'the same as processes of several users over AF_NETLINK, in real time; needs root',
  channel: 'the same over one Unix socket per process, in real time; needs root',
  ...Object.fromEntries(
    Object.entries(linuxTargets).map(([name, { kernel, half }]) => [
      name,
      `Debian's Linux ${kernel} in a virtual machine: files are ${half === 'create' ? 'created (Tag 66, 67)' : 'opened (Tag 64, 65)'}`,
    ]),
  ),
} as const;

/** Whether a target can run now: ready, or what is missing and how to get it. */
export async function stateOfTarget(name: string): Promise<string> {
  const linux = linuxTargets[name];
  if (linux !== undefined) {
    const { imageOf } = await import('../subjects/linux/image.js');
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
  /** The words after `--`. */
  readonly adapter: readonly string[];
  readonly deadlineMs: number;
}

/** Opens the implementation under test; the bundled one in memory when none is named. */
export async function openSubject(options: SubjectOptions): Promise<Subject> {
  const [command, ...args] = options.adapter;
  const { target, connect, deadlineMs } = options;
  const given = [target, connect, command].filter((one) => one !== undefined);
  if (given.length > 1) {
    throw new UsageError(
      'expected one of --target, --connect and an adapter after "--", found several',
    );
  }
  if (command === undefined && connect === undefined)
    return openTarget(target ?? 'memory', deadlineMs);
  endWithChildren();
  const { ProcessSubject } = await import('../subjects/process.js');
  if (command !== undefined) {
    return ProcessSubject.start({ command, args, suite: suiteName, deadlineMs });
  }
  const { addressOf } = await import('../subjects/pipe.js');
  const address = addressOf(connect ?? '');
  if (address !== undefined) return ProcessSubject.start({ address, suite: suiteName, deadlineMs });
  throw new UsageError(`--connect ${connect ?? ''}: expected unix:PATH or tcp:127.0.0.1:PORT`);
}

async function openTarget(target: string, deadlineMs: number): Promise<Subject> {
  mustExist('target', target, Object.keys(targets));
  const linux = linuxTargets[target];
  if (linux === undefined && target === 'memory') {
    const { ReferenceSubject } = await import('../subjects/reference.js');
    return new ReferenceSubject();
  }
  endWithChildren();
  if (linux !== undefined) {
    const { LinuxSubject } = await import('../subjects/linux/subject.js');
    return LinuxSubject.start(linux);
  }
  const { SystemSubject } = await import('../subjects/system.js');
  return SystemSubject.start({
    transport: target === 'netlink' ? 'netlink' : 'channel',
    deadlineMs,
  });
}

/**
 * Lets a signal that ends this process run its exit handlers, which end the child processes. A process
 * without children needs none: the system ends it even while it computes.
 */
function endWithChildren(): void {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    if (process.listenerCount(signal) === 0)
      process.on(signal, () => process.exit(statusAfter(signal)));
  }
}

/** Opens a number of subjects that run cases in parallel. */
export async function openSubjects(
  options: SubjectOptions,
  jobs: number,
): Promise<readonly [Subject, ...Subject[]]> {
  const { connect, target } = options;
  if (jobs > 1 && (connect !== undefined || target === 'netlink')) {
    const what = connect === undefined ? `--target ${target ?? ''}` : `--connect ${connect}`;
    throw new UsageError(`${what} is a single subject; leave out --jobs`);
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

/** The words of a command line that name the subject. */
export function subjectWords({ adapter, target, connect }: SubjectOptions): string {
  const quoted = (word: string) =>
    /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  if (adapter.length > 0) return ` -- ${adapter.map(quoted).join(' ')}`;
  if (connect !== undefined) return ` --connect ${quoted(connect)}`;
  return target === undefined ? '' : ` --target ${target}`;
}
