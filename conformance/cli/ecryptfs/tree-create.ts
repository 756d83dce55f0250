import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { Cipher, NameKey } from '../../../impl/index.js';
import {
  defaultSalt,
  encryptName,
  encryptTarget,
  NameError,
  NodeDisk,
  readHeader,
  replaceFile,
} from '../../../impl/index.js';
import type { CreateFlags } from './create.js';
import { cipherNamed, ownSignatures } from './create.js';
import type { FileSession } from './file-session.js';
import { withKeys } from './file-session.js';
import type { NameResult } from './names.js';
import { saltOf } from './secrets.js';
import type { FileResult, TreeFileWork, TreeWork } from './tree.js';
import { sameTimeMs, walkTree } from './tree.js';
import { pieces, TreeDisk } from './tree-disk.js';
import { TreeReport } from './tree-report.js';

/** `msgctx ecryptfs create` of a folder: encrypts a tree, and its names where that is asked for. */

/** Returns the exit status. */
export async function createTree(from: string, to: string, flags: CreateFlags): Promise<number> {
  const cipher = cipherNamed(flags);
  const salt = flags.salt === undefined ? defaultSalt : saltOf(flags.salt);
  return withKeys(flags, async (session) => {
    const signatures = ownSignatures(session, flags, salt);
    const work = new TreeCreation({ session, cipher, signatures, flags });
    const report = new TreeReport();
    try {
      await walkTree({ from, to, plainSide: 'from', work, report });
    } finally {
      report.end();
    }
    return report.status;
  });
}

interface CreationOptions {
  readonly session: FileSession;
  readonly cipher: Cipher;
  readonly signatures: readonly string[];
  readonly flags: CreateFlags;
}

class TreeCreation implements TreeWork {
  readonly #options: CreationOptions;

  constructor(options: CreationOptions) {
    this.#options = options;
  }

  name(name: Buffer): NameResult {
    return this.#encrypted(name, encryptName);
  }

  target(target: Buffer): NameResult {
    return this.#encrypted(target, encryptTarget);
  }

  async file(work: TreeFileWork): Promise<FileResult> {
    const present = await this.#present(work);
    if (present !== undefined) return present;
    const { session, cipher, signatures, flags } = this.#options;
    const disk = new TreeDisk({ ...work, isSparse: false, mayReplace: flags.force });
    const file = await disk.open();
    try {
      await replaceFile({
        disk,
        path: work.from.toString(),
        cipher,
        random: (count) => randomBytes(count),
        signatures,
        source: pieces(file),
        keys: session.keys,
        exchange: session.exchange,
      });
    } finally {
      await file.close();
    }
    return { status: 'encrypted' };
  }

  /** What is said where something has the name already: kept, if an earlier run made it. */
  async #present({ to, status }: TreeFileWork): Promise<FileResult | undefined> {
    const present = lstatSync(to, { throwIfNoEntry: false });
    if (present === undefined) return undefined;
    if (!present.isFile())
      return { status: 'failed', why: 'something else than a file has its name' };
    if (Math.abs(present.mtimeMs - status.mtimeMs) < sameTimeMs) {
      const header = await readHeader(new NodeDisk(), to.toString()).catch(() => undefined);
      if (header?.sizeBytes === status.size) return { status: 'kept' };
    }
    if (this.#options.flags.force) return undefined;
    return { status: 'failed', why: 'another file has its name; replace it with --force' };
  }

  #encrypted(
    plain: Buffer,
    encrypt: (plain: Uint8Array, cipher: Cipher, key: NameKey) => string,
  ): NameResult {
    const { session, cipher, flags } = this.#options;
    if (!flags.encryptNames) return { name: plain };
    const { signature, key } = session.keys.ownNameKey();
    try {
      return key.use((fekek) => ({
        name: Buffer.from(encrypt(plain, cipher, { signature, fekek })),
      }));
    } catch (error) {
      if (error instanceof NameError) return { why: error.message };
      throw error;
    }
  }
}
