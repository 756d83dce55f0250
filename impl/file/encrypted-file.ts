import type { FileKey } from '../crypto/index.js';
import type { FileHeader } from '../wire/index.js';
import { DecodeError, decodeHeader, headerBytesMax, headerFlags } from '../wire/index.js';
import { chunkBytes, Contents, MissingExtent } from './contents.js';
import type { Disk, DiskFile } from './disk.js';
import type { FileFailure } from './file-error.js';
import { FileError, onDisk } from './file-error.js';
import type { KeyAccess } from './file-tokens.js';
import { openedKey } from './file-tokens.js';

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
  readonly #key: FileKey;
  readonly #contents: Contents;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor({ path, file, header, key }: OpenedFile) {
    const { headerBytes, sizeBytes } = header;
    this.header = header;
    this.#path = path;
    this.#file = file;
    this.#key = key;
    this.#contents = new Contents({ file, key, headerBytes, sizeBytes });
  }

  /**
   * Opens a file by the first of its keys that is to be had.
   *
   * @throws FileError
   */
  static async open({ disk, path, access, ...keys }: OpenOptions): Promise<EncryptedFile> {
    const file = await onDisk({ path, doing: 'opened' }, () => disk.open(path, access));
    try {
      const header = await headerOf(file, path);
      const key = await openedKey(header.tokens, keys);
      if ('errno' in key)
        throw new FileError({ path, doing: 'opened', errno: 'EIO', why: key.message });
      return new EncryptedFile({ path, file, header, key });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How long the contents are. */
  get sizeBytes(): number {
    return this.#contents.sizeBytes;
  }

  /**
   * Reads from a place on, and says how much: fewer bytes than there is room for only at the end.
   *
   * @throws FileError
   */
  read(into: Uint8Array, at: number): Promise<number> {
    return this.#inTurn('read', () => this.#contents.read(into, at));
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
   * Writes at a place; behind the end zeros come in between.
   *
   * @throws FileError
   */
  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#inTurn('written', () => this.#contents.write(bytes, at));
  }

  /**
   * Makes the contents longer, by zeros, or shorter.
   *
   * @throws FileError
   */
  truncate(sizeBytes: number): Promise<void> {
    return this.#inTurn('written', () => this.#contents.truncate(sizeBytes));
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
      this.#contents.wipe();
      this.#key.wipe();
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
  readonly key: FileKey;
}

/** What a file is opened with. */
export interface OpenOptions extends KeyAccess {
  readonly disk: Disk;
  readonly path: string;
  readonly access: 'read' | 'write';
}

/**
 * Reads the header of a file, for which no key is needed.
 *
 * @throws FileError
 */
export async function readHeader(disk: Disk, path: string): Promise<FileHeader> {
  const file = await onDisk({ path, doing: 'opened' }, () => disk.open(path, 'read'));
  try {
    return await headerOf(file, path);
  } finally {
    await file.close();
  }
}

async function headerOf(file: DiskFile, path: string): Promise<FileHeader> {
  const front = new Uint8Array(headerBytesMax);
  const read = await onDisk({ path, doing: 'opened' }, () => file.read(front, 0));
  const failed = (why: string) => new FileError({ path, doing: 'opened', errno: 'EIO', why });
  try {
    const header = decodeHeader(front.subarray(0, read));
    if (read < header.headerBytes) throw failed('it is cut off in its header');
    if ((header.flags & headerFlags.encrypted) === 0)
      throw failed('its header says that it is not encrypted');
    return header;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw failed(`its header is wrong ${error.message}`);
  }
}
