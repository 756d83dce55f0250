import { randomBytes } from 'node:crypto';
import type { Cipher } from '../../../impl/index.js';
import {
  defaultSalt,
  encryptName,
  encryptTarget,
  NodeDisk,
  readHeader,
  replaceFile,
} from '../../../impl/index.js';
import type { CreateFlags } from './create.js';
import { cipherNamed, ownSignatures } from './create.js';
import type { FileSession } from './file-session.js';
import { withKeys } from './file-session.js';
import type { NameResult } from './names.js';
import { encryptedName } from './names.js';
import { saltOf } from './secrets.js';
import type { FileResult, TreeFileWork, TreeWork } from './tree.js';
import { presentAt, walkTree } from './tree.js';
import { pieces, TreeDisk } from './tree-disk.js';

/** `msgctx ecryptfs create` of a folder: encrypts a tree, and its names where that is asked for. */

/** Returns the exit status. */
export async function createTree(from: string, to: string, flags: CreateFlags): Promise<number> {
  const cipher = cipherNamed(flags);
  const salt = flags.salt === undefined ? defaultSalt : saltOf(flags.salt);
  return withKeys(flags, (session) => {
    const signatures = ownSignatures(session, flags, salt);
    const work = new TreeCreation({ session, cipher, signatures, flags });
    return walkTree({ from, to, plainSide: 'from', work });
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

  #present(work: TreeFileWork): Promise<FileResult | undefined> {
    const { force } = this.#options.flags;
    return presentAt(work, {
      force,
      isLike: async () => {
        const header = await readHeader(new NodeDisk(), work.to.toString()).catch(() => undefined);
        return header?.sizeBytes === work.status.size;
      },
    });
  }

  #encrypted(plain: Buffer, encrypt: typeof encryptName): NameResult {
    const { session, cipher, flags } = this.#options;
    return flags.encryptNames
      ? encryptedName(plain, session.keys, { cipher, encrypt })
      : { name: plain };
  }
}
