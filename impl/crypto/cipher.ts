import type { CipherName } from '../wire/index.js';
import { cipherOfCode, codeOfCipher } from '../wire/index.js';

/**
 * The ciphers that files can be under: AES and triple DES, by node:crypto. The other ones that a packet can
 * name (blowfish, cast5, cast6, twofish) it does not offer, or only where a legacy provider is loaded; they are
 * refused by name.
 */

/** A cipher with its length of key. */
export interface Cipher {
  readonly name: CipherName;
  readonly keyBytes: number;
  readonly blockBytes: number;
  /** Its number in packets. */
  readonly code: number;
  /** Its names at node:crypto, for contents and for wrapping keys. */
  readonly cbc: string;
  readonly ecb: string;
}

/** A cipher that is not offered. */
export class UnsupportedCipher extends Error {
  override readonly name = 'UnsupportedCipher';

  constructor(name: string, keyBytes: number) {
    const use = 'use aes (16, 24, 32) or des3_ede (24)';
    const isInLinux = keyLengthsOf(name).includes(keyBytes);
    const mount = ', or mount the files with eCryptfs in a Linux kernel that has this cipher';
    super(
      `cipher ${name} with a key of ${keyBytes} bytes is not offered; ${use}${isInLinux ? mount : ''}`,
    );
  }
}

const keyLengths: Readonly<Record<CipherName, readonly number[]>> = {
  aes: [16, 24, 32],
  des3_ede: [24],
  blowfish: [16, 32, 56],
  twofish: [16, 32],
  cast6: [16, 32],
  cast5: [16],
};

/**
 * How long the key of a cipher can be, in bytes: the lengths that ecryptfs-utils offer, the usual one first. None where
 * Linux has no cipher of this name.
 */
export function keyLengthsOf(name: string): readonly number[] {
  const known = Object.entries(keyLengths).find(([one]) => one === name);
  return known?.[1] ?? [];
}

/**
 * A cipher by its name and its length of key.
 *
 * @throws UnsupportedCipher when there is no such one
 */
export function cipherOf(name: CipherName, keyBytes: number): Cipher {
  const code = codeOfCipher(name, keyBytes);
  if (code !== undefined && name === 'aes') {
    const bits = keyBytes * 8;
    return { name, keyBytes, blockBytes: 16, code, cbc: `aes-${bits}-cbc`, ecb: `aes-${bits}-ecb` };
  }
  if (code !== undefined && name === 'des3_ede' && keyBytes === 24) {
    return { name, keyBytes, blockBytes: 8, code, cbc: 'des-ede3-cbc', ecb: 'des-ede3-ecb' };
  }
  throw new UnsupportedCipher(name, keyBytes);
}

/**
 * A cipher by its number in a packet. The number says which cipher, the key how long it is; the kernels
 * take AES that way whichever of its numbers it goes by.
 *
 * @throws UnsupportedCipher when there is no such one
 */
export function cipherByCode(code: number, keyBytes: number): Cipher {
  const coded = cipherOfCode(code);
  if (coded === undefined) throw new UnsupportedCipher(`number ${code}`, keyBytes);
  return cipherOf(coded.name, keyBytes);
}
