import type { FileKey } from '../crypto/index.js';
import { extentBytes, Extents } from '../crypto/index.js';
import { encodeSize } from '../wire/index.js';
import type { DiskFile } from './disk.js';

/**
 * The contents of an open file: read, written and made longer or shorter at any place.
 *
 * Extent e stands behind the header at 4096 times e, and the last one is filled up with zeros before
 * it is encrypted. What is written into a part of an extent needs the rest of it: it is read, changed and
 * written again. What lies between the end and a place behind it that is written becomes zeros. The field with
 * the size is written after what makes the contents longer, and before what makes them shorter is taken
 * away, so that a file that was interrupted has an old size or a new one and all that it counts.
 *
 * A few hundred kilobytes are worked on at a time, however long the file is.
 *
 * Source: Linux 6.1 fs/ecryptfs/crypto.c ecryptfs_encrypt_page, read_write.c ecryptfs_write, inode.c
 * truncate_upper.
 */
export class Contents {
  readonly #file: DiskFile;
  readonly #extents: Extents;
  readonly #headerBytes: number;
  /** No longer than it had to be up to now: a small file needs little. */
  #buffer = new Uint8Array();
  #sizeBytes: number;

  constructor({ file, key, headerBytes, sizeBytes }: ContentsOptions) {
    this.#file = file;
    this.#extents = new Extents(key);
    this.#headerBytes = headerBytes;
    this.#sizeBytes = sizeBytes;
  }

  /** How long they are. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * Reads from a place on.
   *
   * @returns how many bytes were read: fewer than there is room for only at the end, and in front of an extent that
   * is not there
   * @throws MissingExtent when the first extent to be read is not there or not whole
   */
  async read(into: Uint8Array, at: number): Promise<number> {
    const count = Math.max(0, Math.min(into.length, this.#sizeBytes - at));
    for (let done = 0; done < count;) {
      const place = placeOf(at + done);
      const piece = Math.min(count - done, chunkBytes - place.within);
      const target = into.subarray(done, done + piece);
      const isWhole = place.within === 0 && piece % extentBytes === 0;
      const extents = isWhole ? target : this.#room(wholeExtents(place.within + piece));
      const loaded = await this.#loadWhole(extents, place.extent);
      const there = Math.min(piece, loaded - place.within);
      if (there <= 0 && done > 0) return done;
      if (there <= 0) throw new MissingExtent(place.extent + loaded / extentBytes);
      if (!isWhole) target.set(extents.subarray(place.within, place.within + there));
      done += there;
      if (there < piece) return done;
    }
    return count;
  }

  /** Writes at a place, which may lie behind the end. */
  async write(bytes: Uint8Array, at: number): Promise<void> {
    if (bytes.length === 0) return;
    await this.#fill(at);
    await this.#put(bytes, at);
    await this.#grow(at + bytes.length);
  }

  /** Makes them longer, by zeros, or shorter. */
  async truncate(sizeBytes: number): Promise<void> {
    if (sizeBytes >= this.#sizeBytes) {
      await this.#fill(sizeBytes);
      return this.#grow(sizeBytes);
    }
    const { extent, within } = placeOf(sizeBytes);
    if (within > 0) {
      const last = this.#room(extentBytes);
      await this.#load(last, extent);
      last.fill(0, within);
      await this.#store(last, extent);
    }
    await this.#file.write(encodeSize(sizeBytes), 0);
    this.#sizeBytes = sizeBytes;
    await this.#file.truncate(this.#headerBytes + wholeExtents(sizeBytes));
  }

  /** Forgets what it knows of the key and of the contents. */
  wipe(): void {
    this.#extents.wipe();
    this.#buffer.fill(0);
  }

  /** Room for extents; what stood in it means nothing any more. */
  #room(bytes: number): Uint8Array {
    if (this.#buffer.length < bytes) {
      this.#buffer.fill(0);
      this.#buffer = new Uint8Array(bytes);
    }
    return this.#buffer.subarray(0, bytes);
  }

  /** Zeros from the end up to a place. */
  async #fill(to: number): Promise<void> {
    const zeros = new Uint8Array(Math.max(0, Math.min(chunkBytes, to - this.#sizeBytes)));
    for (let at = this.#sizeBytes; at < to; at += zeros.length) {
      await this.#put(zeros.subarray(0, Math.min(zeros.length, to - at)), at);
    }
  }

  async #grow(sizeBytes: number): Promise<void> {
    if (sizeBytes <= this.#sizeBytes) return;
    await this.#file.write(encodeSize(sizeBytes), 0);
    this.#sizeBytes = sizeBytes;
  }

  /** Writes extents, of which a part at either end may be there already. */
  async #put(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { extent, within } = placeOf(at + done);
      const piece = Math.min(bytes.length - done, chunkBytes - within);
      const extents = this.#room(wholeExtents(within + piece));
      const end = within + piece;
      const lastAt = extents.length - extentBytes;
      extents.fill(0);
      if (within > 0) await this.#loadIfThere(extents.subarray(0, extentBytes), extent);
      if (end < extents.length && (lastAt > 0 || within === 0)) {
        await this.#loadIfThere(extents.subarray(lastAt), extent + lastAt / extentBytes);
      }
      extents.set(bytes.subarray(done, done + piece), within);
      await this.#store(extents, extent);
      done += piece;
    }
  }

  /** Loads an extent that the contents reach into, without what lies behind their end. */
  async #loadIfThere(target: Uint8Array, extent: number): Promise<void> {
    const there = this.#sizeBytes - extent * extentBytes;
    if (there <= 0) return;
    await this.#load(target, extent);
    if (there < extentBytes) target.fill(0, there);
  }

  async #load(extents: Uint8Array, first: number): Promise<void> {
    const loaded = await this.#loadWhole(extents, first);
    if (loaded < extents.length) throw new MissingExtent(first + loaded / extentBytes);
  }

  /** Loads the extents that are whole, up to the first that is not; how many bytes they have. */
  async #loadWhole(extents: Uint8Array, first: number): Promise<number> {
    const read = await this.#file.read(extents, this.#headerBytes + first * extentBytes);
    const whole = read - (read % extentBytes);
    this.#extents.decrypt(extents.subarray(0, whole), first);
    return whole;
  }

  async #store(extents: Uint8Array, first: number): Promise<void> {
    this.#extents.encrypt(extents, first);
    await this.#file.write(extents, this.#headerBytes + first * extentBytes);
  }
}

/** What contents are made of. */
export interface ContentsOptions {
  readonly file: DiskFile;
  /** Stays its owner's to wipe. */
  readonly key: FileKey;
  readonly headerBytes: number;
  readonly sizeBytes: number;
}

/** A file ends before its contents do. */
export class MissingExtent extends Error {
  override readonly name = 'MissingExtent';

  constructor(extent: number) {
    super(`it is cut off: extent ${extent} of its contents is not there or not whole`);
  }
}

/** How much is worked on at a time. */
export const chunkBytes = 64 * extentBytes;

/** As many bytes as whole extents have that hold so many. */
export function wholeExtents(bytes: number): number {
  return Math.ceil(bytes / extentBytes) * extentBytes;
}

function placeOf(at: number): { readonly extent: number; readonly within: number } {
  const extent = Math.floor(at / extentBytes);
  return { extent, within: at - extent * extentBytes };
}
