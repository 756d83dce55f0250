import { spawnSync } from 'node:child_process';

/** The programs that prepare and run the virtual machine, and what to do where one is missing. */

/** What prevents a preparation, in one sentence or one a line. */
export class PrepareError extends Error {
  override readonly name = 'PrepareError';
}

interface Program {
  readonly name: string;
  /** The packages of Debian that have it. */
  readonly from: string;
}

/** What has to be there. */
export const programs: readonly Program[] = [
  { name: 'qemu-system-x86_64', from: 'qemu-system-x86' },
  { name: 'apt-get', from: 'apt' },
  { name: 'dpkg-deb', from: 'dpkg' },
  { name: 'cc', from: 'gcc libc6-dev' },
  { name: 'cpio', from: 'cpio' },
  { name: 'xz', from: 'xz-utils' },
  { name: 'zstd', from: 'zstd' },
];

/** A sentence for a program that is missing. */
export function need(name: string): string {
  const from = programs.find((one) => one.name === name)?.from ?? name;
  return `${name} is missing: apt-get install -y --no-install-recommends ${from}`;
}

/** Whether a program can be started. */
export function isThere(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

const outputMaxBytes = 2 ** 28;

/** How a program is started. */
export interface Started {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  /** Its output counts, whatever its exit status. */
  readonly mayFail?: true;
}

/**
 * What a program writes to stdout, a character for each byte.
 *
 * @throws PrepareError when it fails
 */
export function output(name: string, args: readonly string[], started: Started = {}): string {
  return bytesOf(name, args, started).toString('latin1');
}

/** The same as bytes. */
export function bytesOf(name: string, args: readonly string[], started: Started = {}): Buffer {
  const { mayFail, ...options } = started;
  const { error, status, stdout, stderr } = spawnSync(name, args, {
    ...options,
    maxBuffer: outputMaxBytes,
  });
  if (error !== undefined) throw new PrepareError(`${name} cannot be started: ${error.message}`);
  if (status === 0 || mayFail === true) return stdout;
  const said = stderr.toString().trim().split('\n').slice(-3).join('; ');
  throw new PrepareError(`${name} ended with status ${status ?? 'none'}: ${said}`);
}
