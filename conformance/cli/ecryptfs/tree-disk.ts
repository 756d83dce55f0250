import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Disk, DiskFile } from '../../../impl/index.js';
import { attributeOf } from '../../../impl/index.js';
import { placeUnderFreeName, removeQuietly } from './interrupted.js';

/**
 * One file of a tree as a disk: it is read from one place, and a new one is put in another.
 *
 * Paths are bytes, since names need not be UTF-8; those of the interface are not looked at. The calls are made at
 * once and not by other threads, which for small files takes a tenth of the time; after each piece other work and
 * signals get their turn. A new file is written under a short name beside its own, and gets owner, mode and times
 * before it gets its own name. It is not synced: a file that a power cut takes away or makes shorter is made again
 * when the command runs again, since its length or time differs.
 */
export interface TreeFileOptions {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly folder: Buffer;
  readonly status: Stats;
  /** Blocks of zeros take no room on the disk. */
  readonly isSparse: boolean;
  readonly mayReplace: boolean;
}

const blockBytes = 4096;
const pieceBytes = 1 << 18;
const zeros = Buffer.alloc(blockBytes);
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** What is unfinished now; removed when this process ends. */
const unfinished = new Set<Buffer>();

/** Removes what is unfinished. */
export function removeUnfinished(): void {
  for (const path of unfinished) removeQuietly(path);
}

/** A path below a folder. */
export function below(folder: Buffer, name: Uint8Array | string): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), Buffer.from(name)]);
}

/** See the file head. */
export class TreeDisk implements Disk {
  readonly #options: TreeFileOptions;
  readonly #beside: Buffer;

  constructor(options: TreeFileOptions) {
    this.#options = options;
    this.#beside = below(options.folder, `.msgctx-${randomBytes(6).toString('hex')}.new`);
  }

  open(): Promise<DiskFile> {
    const fd = openRegular(this.#options.from);
    return Promise.resolve(new TreeFile(fd, { isSparse: false }));
  }

  create(): Promise<DiskFile> {
    unfinished.add(this.#beside);
    const fd = openSync(this.#beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const { status, isSparse } = this.#options;
    return Promise.resolve(new TreeFile(fd, { isSparse, like: status }));
  }

  rename(): Promise<void> {
    const { to, mayReplace } = this.#options;
    if (mayReplace) renameSync(this.#beside, to);
    else placeUnderFreeName(this.#beside, to);
    unfinished.delete(this.#beside);
    return Promise.resolve();
  }

  unlink(): Promise<void> {
    unlinkSync(this.#beside);
    unfinished.delete(this.#beside);
    return Promise.resolve();
  }

  syncFolderOf(): Promise<void> {
    return Promise.resolve();
  }
}

/** The bytes of a file, piece by piece; a piece is the taker's until the next. */
export async function* pieces(file: DiskFile): AsyncGenerator<Uint8Array> {
  const into = new Uint8Array(pieceBytes);
  for (let at = 0; ;) {
    const count = await file.read(into, at);
    if (count > 0) yield into.subarray(0, count);
    at += count;
    if (count < into.length) return;
  }
}

/** Opens a file alone; what is none now is not read. */
export function openRegular(path: Buffer): number {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error('it is no file any more'), { code: 'EINVAL' });
}

interface TreeFileHabits {
  readonly isSparse: boolean;
  /** Whose owner, mode and times it gets. */
  readonly like?: Stats;
}

class TreeFile implements DiskFile {
  readonly #fd: number;
  readonly #habits: TreeFileHabits;
  #isOpen = true;
  #end = 0;
  #written = 0;

  constructor(fd: number, habits: TreeFileHabits) {
    this.#fd = fd;
    this.#habits = habits;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const read = readSync(this.#fd, into, done, into.length - done, at + done);
      if (read === 0) break;
      done += read;
    }
    if (done > blockBytes * 16) await setImmediate();
    return done;
  }

  attribute(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(attributeOf(this.#fd, name));
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    this.#end = Math.max(this.#end, at + bytes.length);
    if (!this.#habits.isSparse) this.#put(bytes, at);
    else for (const [from, to] of filled(bytes)) this.#put(bytes.subarray(from, to), at + from);
    return Promise.resolve();
  }

  truncate(lengthBytes: number): Promise<void> {
    ftruncateSync(this.#fd, lengthBytes);
    return Promise.resolve();
  }

  /** Finishes a new file. */
  sync(): Promise<void> {
    if (this.#written < this.#end) ftruncateSync(this.#fd, this.#end);
    if (this.#habits.like !== undefined) giveRights(this.#fd, this.#habits.like);
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
    return Promise.resolve();
  }

  #put(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
    }
    this.#written = Math.max(this.#written, at + bytes.length);
  }
}

/** The runs of blocks that are not all zeros. */
function* filled(bytes: Uint8Array): Generator<readonly [number, number]> {
  let from: number | undefined;
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const isZero = block[0] === 0 && Buffer.compare(block, zeros.subarray(0, block.length)) === 0;
    if (!isZero) from ??= at;
    else if (from !== undefined) {
      yield [from, at];
      from = undefined;
    }
  }
  if (from !== undefined) yield [from, bytes.length];
}

const isRoot = process.getuid?.() === 0;
/** Permissions, and the bits that lend the owner's or the group's rights. */
const modes = { all: 0o7777, plain: 0o777 };

/** The mode of something that is made like another: it lends rights only where it has the same owner. */
export function modeLike({ mode, uid }: Stats): number {
  const isOwn = isRoot || uid === process.getuid?.();
  return mode & (isOwn ? modes.all : modes.plain);
}

/** Whether new things get the owner of those that they are made of. */
export const givesOwner = isRoot;

function giveRights(fd: number, like: Stats): void {
  if (givesOwner) fchownSync(fd, like.uid, like.gid);
  fchmodSync(fd, modeLike(like));
  futimesSync(fd, like.atimeMs / 1000, like.mtimeMs / 1000);
}
