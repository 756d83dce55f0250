import type { Stats } from 'node:fs';
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FileError, shown } from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { CommandFailed } from './failed.js';
import { tidyAtExit } from './interrupted.js';
import type { NameResult } from './names.js';
import { below, givesOwner, modeLike, removeUnfinished } from './tree-disk.js';
import type { EntryStatus } from './tree-report.js';
import { TreeReport } from './tree-report.js';

/**
 * Walks a tree and makes another like it, entry by entry.
 *
 * The work says what an entry becomes: its name, where a link leads, and the contents of a file. This file does what is
 * the same in both directions. Folders, symbolic links and hard links are made like those that they are made of, with
 * times and modes, and as root with owners. Links are never followed, neither those that are read nor those that stand
 * where something is to be written. Nothing that is there is replaced unasked: what an earlier run made is kept.
 * An error is a line of the report, and the walk goes on; only a full disk ends it.
 */

/** A file that is to be made. */
export interface TreeFileWork {
  readonly from: Buffer;
  readonly to: Buffer;
  /** The folder that it is made in. */
  readonly folder: Buffer;
  readonly status: Stats;
}

/** What became of a file. */
export interface FileResult {
  readonly status: EntryStatus;
  readonly why?: string;
}

/** What an entry becomes. */
export interface TreeWork {
  name(name: Buffer): NameResult;
  target(target: Buffer): NameResult;
  file(work: TreeFileWork): Promise<FileResult>;
}

/** A walk. */
export interface WalkOptions {
  readonly from: string;
  readonly to: string;
  /** On which side the names are plain: those are shown. */
  readonly plainSide: 'from' | 'to';
  readonly work: TreeWork;
}

/** File systems have times of different grain, and Node.js gives them as floating point. */
const sameTimeMs = 2;
const ownerMay = 0o700;
const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/**
 * Walks, and reports. Returns the exit status.
 *
 * @throws CommandFailed when the disk is full, or a folder cannot be read or made to begin with
 */
export async function walkTree(options: WalkOptions): Promise<number> {
  const report = new TreeReport();
  try {
    await walk(options, report);
  } finally {
    report.end();
  }
  return report.status;
}

/** What is said where something has the name already: kept, if an earlier run made it. */
export async function presentAt(
  { to, status }: TreeFileWork,
  { force, isLike }: PresentOptions,
): Promise<FileResult | undefined> {
  const present = lstatSync(to, { throwIfNoEntry: false });
  if (present === undefined) return undefined;
  if (!present.isFile())
    return { status: 'failed', why: 'something else than a file has its name' };
  const isOfItsTime = Math.abs(present.mtimeMs - status.mtimeMs) < sameTimeMs;
  if (isOfItsTime && (await isLike(present))) return { status: 'kept' };
  if (force) return undefined;
  return { status: 'failed', why: 'another file has its name; replace it with --force' };
}

interface PresentOptions {
  readonly force: boolean;
  /** Whether a file of the same time has the length that it should have. */
  readonly isLike: (present: Stats) => boolean | Promise<boolean>;
}

async function walk(options: WalkOptions, report: TreeReport): Promise<void> {
  const { from, to } = options;
  mustBeApart(from, to);
  tidyAtExit(removeUnfinished);
  try {
    await new Walk(options, report).folder(
      Buffer.from(from),
      Buffer.from(to),
      lstatSync(realpathSync(from)),
    );
  } catch (error) {
    throw CommandFailed.of(from, 'the tree cannot be walked:', error);
  }
}

class Walk {
  readonly #options: WalkOptions;
  readonly #work: TreeWork;
  readonly #report: TreeReport;
  /** Where files with several names were put. */
  readonly #linked = new Map<string, Buffer>();

  constructor(options: WalkOptions, report: TreeReport) {
    this.#options = options;
    this.#work = options.work;
    this.#report = report;
  }

  async folder(from: Buffer, to: Buffer, status: Stats): Promise<void> {
    makeFolder(to);
    for (const name of readdirSync(from, { encoding: 'buffer' }).sort((a, b) => a.compare(b))) {
      await this.#entry(below(from, name), name, to);
    }
    if (givesOwner) chownSync(to, status.uid, status.gid);
    chmodSync(to, modeLike(status));
    utimesSync(to, status.atimeMs / 1000, status.mtimeMs / 1000);
  }

  async #entry(from: Buffer, name: Buffer, folder: Buffer): Promise<void> {
    await setImmediate();
    const named = this.#work.name(name);
    if ('why' in named) {
      // Its plain name is not known.
      const { from: root } = this.#options;
      return this.#report.add('failed', relative(from, root), named.why);
    }
    const to = below(folder, named.name);
    try {
      await this.#made({ from, to, folder, status: lstatSync(from) });
    } catch (error) {
      if (!isOfFiles(error)) throw error;
      if (fullCodes.includes(codeOf(error))) throw fullDisk(error);
      await this.#say('failed', { from, to }, error.message);
    }
  }

  async #made(work: TreeFileWork): Promise<void> {
    const { from, to, status } = work;
    if (status.isDirectory()) return this.folder(from, to, status);
    if (status.isSymbolicLink()) return this.#symbolicLink(work);
    if (!status.isFile()) return this.#say('skipped', work, 'it is a pipe, a device or a socket');
    const identity = status.nlink > 1 ? `${status.dev}:${status.ino}` : undefined;
    const first = identity === undefined ? undefined : this.#linked.get(identity);
    if (first !== undefined) return this.#hardLink(first, work);
    const { status: result, why } = await this.#work.file(work);
    const isMade = result !== 'failed' && result !== 'skipped';
    if (identity !== undefined && isMade) this.#linked.set(identity, to);
    return this.#say(result, work, why);
  }

  async #symbolicLink(work: TreeFileWork): Promise<void> {
    const { from, to, status } = work;
    const target = this.#work.target(readlinkSync(from, { encoding: 'buffer' }));
    if ('why' in target) return this.#say('failed', work, target.why);
    const present = lstatSync(to, { throwIfNoEntry: false });
    if (present?.isSymbolicLink() === true) {
      const isSame = readlinkSync(to, { encoding: 'buffer' }).equals(target.name);
      return this.#say(isSame ? 'kept' : 'failed', work, isSame ? '' : 'another link has its name');
    }
    symlinkSync(Buffer.from(target.name), to);
    if (givesOwner) lchownSync(to, status.uid, status.gid);
    lutimesSync(to, status.atimeMs / 1000, status.mtimeMs / 1000);
    return this.#say('linked', work);
  }

  async #hardLink(first: Buffer, work: TreeFileWork): Promise<void> {
    const { to } = work;
    const present = lstatSync(to, { throwIfNoEntry: false });
    if (present !== undefined) {
      const { dev, ino } = lstatSync(first);
      if (present.dev === dev && present.ino === ino) return this.#say('kept', work);
    }
    linkSync(first, to);
    return this.#say('linked', work);
  }

  /** Says it of the plain path. */
  #say(status: EntryStatus, paths: Paths, why?: string): Promise<void> {
    const { plainSide } = this.#options;
    return this.#report.add(status, relative(paths[plainSide], this.#options[plainSide]), why);
  }
}

type Paths = Pick<TreeFileWork, 'from' | 'to'>;

function relative(path: Buffer, root: string): Buffer {
  return path.subarray(Buffer.byteLength(root) + 1);
}

/** Makes a folder, or takes one that is there. What else is in it may be somebody's and stays. */
function makeFolder(path: Buffer): void {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) {
    mkdirSync(path, ownerMay);
    return;
  }
  if (!present.isDirectory()) {
    throw Object.assign(new Error(`${shown(path.toString())} is there already and is no folder`), {
      code: 'ENOTDIR',
    });
  }
  if ((present.mode & ownerMay) !== ownerMay) chmodSync(path, (present.mode & 0o777) | ownerMay);
}

/** A tree is not made inside of itself. */
function mustBeApart(from: string, to: string): void {
  const [a, b] = [realpathSync(from), existing(to)];
  const isWithin = (inner: string, outer: string) =>
    inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
  if (isWithin(b, a) || isWithin(a, b)) {
    throw new UsageError(
      `--output ${shown(to)} and ${shown(from)} lie in one another; name a folder elsewhere`,
    );
  }
}

/** The real path of what is there or will be. */
function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const at = path.replace(/\/+$/, '').lastIndexOf('/');
    const parent = at < 0 ? '.' : path.slice(0, Math.max(at, 1));
    try {
      return `${realpathSync(parent)}${sep}${path.slice(at + 1)}`;
    } catch (error) {
      throw CommandFailed.of(path, 'the folder cannot be made:', error);
    }
  }
}

function isOfFiles(error: unknown): error is Error {
  return error instanceof FileError || (error instanceof Error && 'code' in error);
}

function codeOf(error: Error): unknown {
  return error instanceof FileError ? error.errno : 'code' in error ? error.code : undefined;
}

function fullDisk(error: Error): CommandFailed {
  return new CommandFailed(
    `the disk is full (${String(codeOf(error))}); make room and run the command again: it goes on where it stopped`,
  );
}
