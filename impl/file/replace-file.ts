import type { Cipher, FileKey } from '../crypto/index.js';
import { extentBytes, Extents } from '../crypto/index.js';
import { encodeHeader, encodeSize, headerBytesMin, headerFlags } from '../wire/index.js';
import { chunkBytes, wholeExtents } from './contents.js';
import type { Disk, DiskFile } from './disk.js';
import { FileError, onDisk } from './file-error.js';
import type { KeyAccess, Random } from './file-tokens.js';
import { drawnKey, sealedTokens } from './file-tokens.js';
import { placeFile } from './place-file.js';

/**
 * Makes a whole encrypted file, all or nothing, in the place of one that may be there.
 *
 * `placeFile` says how. A link that has the name is replaced, not followed; what is neither a file nor a link is kept.
 *
 * The keys are asked for first: without them no file is touched.
 *
 * Source: Linux 6.1 fs/ecryptfs/inode.c ecryptfs_initialize_file, crypto.c ecryptfs_new_file_context
 * (every file has a key of its own; errors reach whoever creates unchanged).
 *
 * @returns how long the contents are
 * @throws FileError
 */
export async function replaceFile(options: ReplaceOptions): Promise<number> {
  const { disk, path, cipher, random, signatures } = options;
  const key = drawnKey(cipher, random);
  try {
    const tokens = await sealedTokens(key, signatures, options);
    if ('errno' in tokens) {
      throw new FileError({ path, doing: 'created', errno: tokens.errno, why: tokens.message });
    }
    const [a = 0, b = 0, c = 0, d = 0] = random(4);
    const marker = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const header = encodeHeader({ sizeBytes: 0, marker, flags: headerFlags.encrypted, tokens });
    return await onDisk({ path, doing: 'created' }, () =>
      placeFile({ disk, path, random }, (file) =>
        write(file, { header, key, source: options.source }),
      ),
    );
  } finally {
    key.wipe();
  }
}

/** What a file is made of. */
export interface ReplaceOptions extends KeyAccess {
  readonly disk: Disk;
  readonly path: string;
  readonly cipher: Cipher;
  readonly random: Random;
  /** The keys that it is to be opened with, one at least. */
  readonly signatures: readonly string[];
  /** The contents, in pieces of any length. */
  readonly source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface Written {
  readonly header: Uint8Array;
  readonly key: FileKey;
  readonly source: ReplaceOptions['source'];
}

/** Writes header and contents from the front to the end, and then how long they are. */
async function write(file: DiskFile, { header, key, source }: Written): Promise<number> {
  const extents = new Extents(key);
  const buffer = new Uint8Array(chunkBytes);
  let [held, done] = [0, 0];
  const flush = async () => {
    const whole = buffer.subarray(0, wholeExtents(held));
    whole.fill(0, held);
    extents.encrypt(whole, done / extentBytes);
    await file.write(whole, headerBytesMin + done);
    done += held;
    held = 0;
  };
  try {
    await file.write(header, 0);
    for await (const bytes of source) {
      for (let taken = 0; taken < bytes.length;) {
        const piece = Math.min(bytes.length - taken, chunkBytes - held);
        buffer.set(bytes.subarray(taken, taken + piece), held);
        [held, taken] = [held + piece, taken + piece];
        if (held === chunkBytes) await flush();
      }
    }
    if (held > 0) await flush();
    await file.write(encodeSize(done), 0);
    return done;
  } finally {
    extents.wipe();
    buffer.fill(0);
  }
}
