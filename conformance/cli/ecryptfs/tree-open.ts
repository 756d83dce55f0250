import { closeSync, fstatSync, readSync } from 'node:fs';
import { attributeOf, hasMarker, shown } from '../../../impl/index.js';
import type { FileSession } from './file-session.js';
import { withKeys } from './file-session.js';
import type { GivenKeys } from './given-keys.js';
import { decryptedName, decryptedTarget } from './names.js';
import type { OpenFlags } from './open.js';
import { contentsOf, doubtWords, opened, placeContents } from './open.js';
import type { FileResult, TreeFileWork, TreeWork } from './tree.js';
import { presentAt, walkTree } from './tree.js';
import { openRegular, pieces, TreeDisk } from './tree-disk.js';

/** `msgctx ecryptfs open` of a folder: decrypts a tree, names included. */

/** Returns the exit status. */
export async function openTree(from: string, to: string, flags: OpenFlags): Promise<number> {
  return withKeys(flags, (session) =>
    walkTree({ from, to, plainSide: 'to', work: new TreeOpening(session, flags) }),
  );
}

class TreeOpening implements TreeWork {
  readonly #session: FileSession;
  readonly #keys: GivenKeys;
  readonly #flags: OpenFlags;

  constructor(session: FileSession, flags: OpenFlags) {
    this.#session = session;
    this.#keys = session.keys;
    this.#flags = flags;
  }

  name(name: Buffer) {
    return asText(name) === undefined ? { name } : decryptedName(name.toString(), this.#keys);
  }

  target(target: Buffer) {
    return asText(target) === undefined
      ? { name: target }
      : decryptedTarget(target.toString(), this.#keys);
  }

  async file(work: TreeFileWork): Promise<FileResult> {
    const isPlain = isPlainFile(work.from);
    if (isPlain && this.#flags.plain === 'skip')
      return { status: 'skipped', why: 'it is not encrypted' };
    return isPlain ? this.#copy(work) : this.#decrypt(work);
  }

  async #copy(work: TreeFileWork): Promise<FileResult> {
    const present = await this.#present(work, work.status.size);
    if (present !== undefined) return present;
    const disk = this.#disk(work);
    const file = await disk.open();
    try {
      await placeContents(disk, shown(work.to.toString()), pieces(file));
      return { status: 'copied' };
    } finally {
      await file.close();
    }
  }

  async #decrypt(work: TreeFileWork): Promise<FileResult> {
    const disk = this.#disk(work);
    const file = await opened(disk, work.from.toString(), this.#session);
    const { source, doubts } = contentsOf(file, this.#flags);
    try {
      const present = await this.#present(work, file.sizeBytes);
      if (present !== undefined) return present;
      await placeContents(disk, shown(work.to.toString()), source);
    } finally {
      await file.close();
    }
    if (doubts.length === 0) return { status: 'decrypted' };
    return { status: 'doubtful', why: doubts.map(doubtWords).join('; ') };
  }

  #present(work: TreeFileWork, sizeBytes: number): Promise<FileResult | undefined> {
    const { force } = this.#flags;
    return presentAt(work, { force, isLike: ({ size }) => size === sizeBytes });
  }

  #disk(work: TreeFileWork): TreeDisk {
    return new TreeDisk({ ...work, isSparse: true, mayReplace: this.#flags.force });
  }
}

/** Whether a file has neither a header nor an attribute with one. An empty file is encrypted: eCryptfs makes such. */
function isPlainFile(path: Buffer): boolean {
  const fd = openRegular(path);
  try {
    const front = new Uint8Array(16);
    const read = readSync(fd, front, 0, front.length, 0);
    if (hasMarker(front.subarray(0, read)) || fstatSync(fd).size === 0) return false;
    return attributeOf(fd, 'user.ecryptfs') === undefined;
  } finally {
    closeSync(fd);
  }
}

/** Names that are not UTF-8 are not encrypted: those have ASCII letters only. */
function asText(name: Buffer): string | undefined {
  const text = name.toString();
  return Buffer.from(text).equals(name) ? text : undefined;
}
