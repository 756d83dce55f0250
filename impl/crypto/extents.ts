import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import type { FileKey } from './file-key.js';
import { Secret } from './secret.js';

/**
 * The contents of a file, in extents of 4096 bytes that are encrypted each by itself (CBC), so that one can be
 * changed without the others.
 *
 * The first block of an extent is chained to a vector of its own: the MD5 of the root vector and the number
 * of the extent in decimal, zeros behind it up to 16 bytes. The root vector is the MD5 of the file's key.
 * Ciphers with shorter blocks take the first bytes of it. Nothing guards the contents against change.
 *
 * Source: Linux 6.1 fs/ecryptfs/crypto.c ecryptfs_derive_iv, ecryptfs_compute_root_iv, crypt_extent.
 */

/** How long an extent is. */
export const extentBytes = 4096;
const vectorBytes = 16;

/** Encrypts and decrypts the extents of one file. */
export class Extents {
  readonly #key: FileKey;
  /** The root vector, and room for the number of an extent behind it. */
  readonly #seed: Secret;

  constructor(key: FileKey) {
    this.#key = key;
    const seed = new Uint8Array(2 * vectorBytes);
    const root = key.use((bytes) => hash('md5', bytes, 'buffer'));
    seed.set(root);
    root.fill(0);
    this.#seed = Secret.own(seed);
  }

  /** The vector of an extent, as long as those of the longest blocks. */
  vector(extent: number): Uint8Array {
    return this.#seed.use((seed) => {
      const digits = String(extent);
      for (let nth = 0; nth < vectorBytes; nth += 1) {
        seed[vectorBytes + nth] = nth < digits.length ? digits.charCodeAt(nth) : 0;
      }
      return hash('md5', seed, 'buffer');
    });
  }

  /** Encrypts whole extents in their place, the first of which has this number. */
  encrypt(extents: Uint8Array, first: number): void {
    this.#each(extents, first, createCipheriv);
  }

  /** Decrypts whole extents in their place. */
  decrypt(extents: Uint8Array, first: number): void {
    this.#each(extents, first, createDecipheriv);
  }

  /** Overwrites what it knows; the key is its owner's to wipe. */
  wipe(): void {
    this.#seed.wipe();
  }

  #each(
    extents: Uint8Array,
    first: number,
    create: typeof createCipheriv | typeof createDecipheriv,
  ): void {
    const { cbc, blockBytes } = this.#key.cipher;
    this.#key.use((key) => {
      for (let at = 0; at < extents.length; at += extentBytes) {
        const vector = this.vector(first + at / extentBytes);
        const cipher = create(cbc, key, vector.subarray(0, blockBytes));
        cipher.setAutoPadding(false);
        extents.set(cipher.update(extents.subarray(at, at + extentBytes)), at);
        cipher.final();
      }
    });
  }
}
