import type { FileKey } from '../crypto/index.js';
import type { FileHeader } from '../wire/index.js';
import {
  DecodeError,
  decodeHeader,
  headerBytesMax,
  headerBytesMin,
  headerFlags,
  headerVersion,
} from '../wire/index.js';
import { chunkBytes, Contents, MissingExtent } from './contents.js';
import type { Disk, DiskFile } from './disk.js';
import type { FileFailure } from './file-error.js';
import { FileError, onDisk } from './file-error.js';
import type { KeyAccess } from './file-tokens.js';
import { openedKey } from './file-tokens.js';
import type { Doubt } from './salvage.js';
import { salvaged } from './salvage.js';

/**
 * An encrypted file that is open.
 *
 * What is asked of it is done in turn, one thing after the other. A change is made where it belongs, and
 * a power cut in its midst may leave a part of it; what must be all or nothing is `replaceFile`'s.
 *
 * Errors: whatever keeps the header or the key from being had is EIO, as it is to a process that calls
 * open(2); so is an extent that is not there. What the disk says is passed on. Contents that were
 * changed by somebody else read as something else: the format has nothing to notice it by.
 *
 * Source: Linux 6.1 fs/ecryptfs/file.c ecryptfs_open, crypto.c ecryptfs_read_metadata.
 */
export class EncryptedFile {
  /** What its header said when it was opened. */
  readonly header: FileHeader;
  readonly #path: string;
  readonly #file: DiskFile;
  readonly #key: FileKey | undefined;
  readonly #contents: Contents | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor({ path, file, header, key }: OpenedFile) {
    const { headerBytes, sizeBytes } = header;
    this.header = header;
    this.#path = path;
    this.#file = file;
    this.#key = key;
    this.#contents = key && new Contents({ file, key, headerBytes, sizeBytes });
  }

  /**
   * Opens a file by the first of its keys that is to be had. An empty file needs none to be read, and has nothing in
   * it: it was made and never written.
   *
   * @throws FileError
   */
  static async open({ disk, path, access, ...keys }: OpenOptions): Promise<EncryptedFile> {
    const file = await onDisk({ path, doing: 'opened' }, () => disk.open(path, access));
    try {
      const header = await headerOf(file, path);
      if (header === undefined) return emptyFile({ path, file, access });
      if (header.headerBytes === 0 && access === 'write') {
        const why = 'its header is in the attribute user.ecryptfs, which is read and never written';
        throw new FileError({ path, doing: 'opened', errno: 'EOPNOTSUPP', why });
      }
      const key = await openedKey(header.tokens, keys);
      if ('errno' in key)
        throw new FileError({ path, doing: 'opened', errno: 'EIO', why: key.message });
      return new EncryptedFile({ path, file, header, key });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** An empty file, without a header and without a key. */
  static empty(path: string, file: DiskFile): EncryptedFile {
    return new EncryptedFile({ path, file, header: emptyHeader, key: undefined });
  }

  /** How long the contents are. */
  get sizeBytes(): number {
    return this.#contents?.sizeBytes ?? 0;
  }

  /**
   * Reads from a place on, and says how much: fewer bytes than there is room for only at the end, and in front of
   * what is missing.
   *
   * @throws FileError
   */
  read(into: Uint8Array, at: number): Promise<number> {
    return this.#inTurn('read', async () => (await this.#contents?.read(into, at)) ?? 0);
  }

  /**
   * All of the contents, in pieces that are the taker's to keep.
   *
   * @throws FileError
   */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < this.sizeBytes;) {
      const bytes = new Uint8Array(Math.min(chunkBytes, this.sizeBytes - at));
      const read = await this.read(bytes, at);
      at += read;
      yield bytes.subarray(0, read);
    }
  }

  /**
   * What is left of the contents, in pieces that are the taker's to keep, where the file is cut off or its header
   * lies; see `salvaged`. Nothing else may be asked meanwhile.
   *
   * @throws FileError
   */
  async *salvage(onDoubt: (doubt: Doubt) => void): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#key === undefined) return;
    const { headerBytes, sizeBytes } = this.header;
    yield* salvaged({ file: this.#file, key: this.#key, headerBytes, sizeBytes, onDoubt });
  }

  /**
   * Writes at a place; behind the end zeros come in between.
   *
   * @throws FileError
   */
  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#inTurn('written', async () => this.#contents?.write(bytes, at));
  }

  /**
   * Makes the contents longer, by zeros, or shorter.
   *
   * @throws FileError
   */
  truncate(sizeBytes: number): Promise<void> {
    return this.#inTurn('written', async () => this.#contents?.truncate(sizeBytes));
  }

  /**
   * Makes what was written outlast a power cut.
   *
   * @throws FileError
   */
  sync(): Promise<void> {
    return this.#inTurn('written', () => this.#file.sync());
  }

  /** Closes it, when all that was asked is done, and wipes its key. */
  async close(): Promise<void> {
    try {
      await this.#inTurn('written', () => this.#file.close());
    } finally {
      this.#contents?.wipe();
      this.#key?.wipe();
    }
  }

  #inTurn<T>(doing: FileFailure['doing'], work: () => Promise<T>): Promise<T> {
    const path = this.#path;
    const done = this.#turn.then(() => onDisk({ path, doing }, work));
    this.#turn = done.catch(() => undefined);
    return done.catch((error: unknown) => {
      if (!(error instanceof MissingExtent)) throw error;
      throw new FileError({ path, doing, errno: 'EIO', why: error.message });
    });
  }
}

interface OpenedFile {
  readonly path: string;
  readonly file: DiskFile;
  readonly header: FileHeader;
  readonly key: FileKey | undefined;
}

/** What a file is opened with. */
export interface OpenOptions extends KeyAccess {
  readonly disk: Disk;
  readonly path: string;
  readonly access: 'read' | 'write';
}

/** What is said of an empty file. */
const emptyHeader: FileHeader = {
  sizeBytes: 0,
  marker: 0,
  version: headerVersion,
  flags: headerFlags.encrypted,
  headerBytes: 0,
  tokens: [],
};

function emptyFile(options: {
  readonly path: string;
  readonly file: DiskFile;
  readonly access: 'read' | 'write';
}): EncryptedFile {
  const { path, file, access } = options;
  if (access === 'read') return EncryptedFile.empty(path, file);
  const why = 'it is empty and has no key yet; create it anew';
  throw new FileError({ path, doing: 'opened', errno: 'EIO', why });
}

/**
 * Reads the header of a file, for which no key is needed; undefined where the file is empty.
 *
 * @throws FileError
 */
export async function readHeader(disk: Disk, path: string): Promise<FileHeader | undefined> {
  const file = await onDisk({ path, doing: 'opened' }, () => disk.open(path, 'read'));
  try {
    return await headerOf(file, path);
  } finally {
    await file.close();
  }
}

/**
 * The header, from the front of the file or else from its attribute, as the kernel looks for it. As much is read as
 * most headers have; more only where that is not enough.
 */
async function headerOf(file: DiskFile, path: string): Promise<FileHeader | undefined> {
  const short = await frontOf(file, path, headerBytesMin);
  const isUsual = short.length < headerBytesMin || headerLengthOf(short) === headerBytesMin;
  const front = isUsual ? short : await frontOf(file, path, headerBytesMax);
  const read = front.length;
  const failed = (why: string) => new FileError({ path, doing: 'opened', errno: 'EIO', why });
  try {
    const header = await decodedHeader(file, front);
    if (header === undefined) return undefined;
    if (read < header.headerBytes) throw failed('it is cut off in its header');
    if ((header.flags & headerFlags.encrypted) === 0)
      throw failed('its header says that it is not encrypted');
    return header;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (Buffer.from(front.subarray(0, cloudSync.length)).toString('latin1') === cloudSync) {
      throw failed(
        'it is a file of Synology Cloud Sync and not of eCryptfs; use the Cloud Sync Decryption Tool',
      );
    }
    throw failed(`its header is wrong ${error.message}`);
  }
}

async function frontOf(file: DiskFile, path: string, lengthBytes: number): Promise<Uint8Array> {
  const front = new Uint8Array(lengthBytes);
  const read = await onDisk({ path, doing: 'opened' }, () => file.read(front, 0));
  return front.subarray(0, read);
}

/** How long a header says that it is; undefined where it is none. */
function headerLengthOf(front: Uint8Array): number | undefined {
  try {
    return decodeHeader(front).headerBytes;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** What the files of Synology Cloud Sync begin with, which people take for files of eCryptfs. */
const cloudSync = '__CLOUDSYNC_ENC__';

async function decodedHeader(file: DiskFile, front: Uint8Array): Promise<FileHeader | undefined> {
  try {
    return decodeHeader(front);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const attribute = await file.attribute?.('user.ecryptfs');
    if (attribute !== undefined) return decodeHeader(attribute, 'attribute');
    if (front.length === 0) return undefined;
    throw error;
  }
}
