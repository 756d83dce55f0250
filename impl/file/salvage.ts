import type { FileKey } from '../crypto/index.js';
import { extentBytes, Extents } from '../crypto/index.js';
import { chunkBytes, wholeExtents } from './contents.js';
import type { DiskFile } from './disk.js';

/**
 * Reads what is left of a file that is cut off, damaged, or longer or shorter than its header says.
 *
 * Every extent is encrypted by itself, so each that is there can be read whatever happened to the others. Of an
 * extent that is cut its whole blocks can, since each needs only the one in front of it. Where the header's size
 * cannot be true, the contents are as long as the file: an interrupted write leaves an old size behind, and a cut takes
 * away the end. An extent of zeros was never written, for no contents are encrypted to that: zeros are given
 * back. An extent that the disk cannot read becomes zeros too. All this is said; whether the bytes of an intact extent
 * were changed nobody can know, since the format has no checksum.
 *
 * Source: Linux 6.1 fs/ecryptfs/crypto.c crypt_extent (each extent has its own vector).
 */

/** Something that is not as it should be; extents are counted from 0. */
export type Doubt =
  | { readonly kind: 'cut'; readonly extent: number; readonly keptBytes: number }
  | { readonly kind: 'missing'; readonly from: number; readonly to: number }
  | { readonly kind: 'never-written'; readonly from: number; readonly to: number }
  | { readonly kind: 'unreadable'; readonly from: number; readonly to: number }
  | { readonly kind: 'longer'; readonly headerBytes: number; readonly fileBytes: number };

/** What is salvaged from. */
export interface SalvageOptions {
  readonly file: DiskFile;
  readonly key: FileKey;
  readonly headerBytes: number;
  /** How long the contents are, as the header says. */
  readonly sizeBytes: number;
  readonly onDoubt: (doubt: Doubt) => void;
}

/** The contents that can be had, in pieces that are the taker's to keep. */
export async function* salvaged(options: SalvageOptions): AsyncGenerator<Uint8Array, void> {
  const { sizeBytes, onDoubt } = options;
  const salvage = new Salvage(options);
  try {
    // What stands between the size and the end of its extent is given only when there is more behind it.
    let filling = new Uint8Array();
    let at = 0;
    for (;;) {
      const { bytes, isLast } = await salvage.next(at);
      if (bytes.length > 0 && filling.length > 0) yield filling;
      const end = wholeExtents(sizeBytes) === at + bytes.length ? sizeBytes - at : bytes.length;
      filling = bytes.slice(Math.max(0, end));
      if (end > 0) yield bytes.slice(0, end);
      at += bytes.length;
      if (isLast) break;
    }
    salvage.end();
    const extents = wholeExtents(sizeBytes);
    if (at > extents) onDoubt({ kind: 'longer', headerBytes: sizeBytes, fileBytes: at });
    if (wholeExtents(at) < extents) {
      onDoubt({
        kind: 'missing',
        from: wholeExtents(at) / extentBytes,
        to: extents / extentBytes - 1,
      });
    }
  } finally {
    salvage.wipe();
  }
}

/** Reads extents in their order. */
class Salvage {
  readonly #options: SalvageOptions;
  readonly #extents: Extents;
  readonly #buffer = new Uint8Array(chunkBytes);
  /** Extents of the present piece. */
  readonly #unreadable = new Set<number>();
  #run:
    | { readonly kind: 'never-written' | 'unreadable'; readonly from: number; to: number }
    | undefined;

  constructor(options: SalvageOptions) {
    this.#options = options;
    this.#extents = new Extents(options.key);
  }

  /** The extents from a place on; the bytes are of the buffer. */
  async next(at: number): Promise<{ readonly bytes: Uint8Array; readonly isLast: boolean }> {
    // A piece ends where the header's size does, so that whoever cuts there sees it.
    const toSize = wholeExtents(this.#options.sizeBytes) - at;
    const piece = this.#buffer.subarray(0, toSize > 0 ? Math.min(toSize, chunkBytes) : chunkBytes);
    this.#unreadable.clear();
    const read = await this.#read(piece, at);
    const whole = read - (read % extentBytes);
    for (let from = 0; from < whole; from += extentBytes) {
      this.#decrypt(piece.subarray(from, from + extentBytes), (at + from) / extentBytes);
    }
    const kept =
      read === whole ? 0 : this.#cut(piece.subarray(whole, read), (at + whole) / extentBytes);
    return { bytes: piece.subarray(0, whole + kept), isLast: read < piece.length };
  }

  /** Says what is left to say. */
  end(): void {
    if (this.#run !== undefined) this.#options.onDoubt(this.#run);
    this.#run = undefined;
  }

  wipe(): void {
    this.#extents.wipe();
    this.#buffer.fill(0);
  }

  #decrypt(bytes: Uint8Array, extent: number): void {
    if (this.#unreadable.has(extent)) this.#note('unreadable', extent);
    else if (isZero(bytes)) this.#note('never-written', extent);
    else this.#extents.decrypt(bytes, extent);
  }

  /** Decrypts the whole blocks of an extent that is cut, where contents are expected; how many bytes they have. */
  #cut(bytes: Uint8Array, extent: number): number {
    const { sizeBytes, key, onDoubt } = this.#options;
    const expected = sizeBytes - extent * extentBytes;
    if (expected <= 0) return 0;
    const { blockBytes } = key.cipher;
    const whole = Math.min(expected, bytes.length - (bytes.length % blockBytes));
    const rest = new Uint8Array(extentBytes);
    rest.set(bytes);
    this.#extents.decrypt(rest, extent);
    bytes.set(rest.subarray(0, whole));
    rest.fill(0);
    if (whole < Math.min(expected, extentBytes)) onDoubt({ kind: 'cut', extent, keptBytes: whole });
    return whole;
  }

  async #read(piece: Uint8Array, at: number): Promise<number> {
    const { file, headerBytes } = this.#options;
    try {
      return await file.read(piece, headerBytes + at);
    } catch {
      return this.#readEach(piece, at);
    }
  }

  /** Reads extent by extent where the disk cannot read them all. */
  async #readEach(piece: Uint8Array, at: number): Promise<number> {
    const { file, headerBytes, sizeBytes } = this.#options;
    const isExpected = at < sizeBytes;
    for (let from = 0; from < piece.length; from += extentBytes) {
      const bytes = piece.subarray(from, from + extentBytes);
      try {
        const read = await file.read(bytes, headerBytes + at + from);
        if (read < extentBytes) return from + read;
      } catch (error) {
        // Behind the contents an error is the end.
        if (!isExpected) return from;
        if (!(error instanceof Error && 'code' in error)) throw error;
        bytes.fill(0);
        this.#unreadable.add((at + from) / extentBytes);
      }
    }
    return piece.length;
  }

  #note(kind: 'never-written' | 'unreadable', extent: number): void {
    if (this.#run?.kind === kind && this.#run.to === extent - 1) {
      this.#run.to = extent;
      return;
    }
    this.end();
    this.#run = { kind, from: extent, to: extent };
  }
}

const zeros = new Uint8Array(extentBytes);

function isZero(extent: Uint8Array): boolean {
  return Buffer.compare(extent, zeros) === 0;
}
