/**
 * The numbers that stand for ciphers in packets.
 *
 * Source: RFC 2440 section 9.2; Linux 6.1 fs/ecryptfs/crypto.c ecryptfs_cipher_code_str_map. AES has a
 * number for each length of key; the others have one whatever their key.
 */

/** The ciphers that a packet can name. */
export type CipherName = 'aes' | 'blowfish' | 'cast5' | 'cast6' | 'des3_ede' | 'twofish';

/** What a number stands for. */
export interface CodedCipher {
  readonly name: CipherName;
  /** How long the key is, where the number says it. */
  readonly keyBytes?: number;
}

const coded: Readonly<Record<number, CodedCipher>> = {
  2: { name: 'des3_ede' },
  3: { name: 'cast5' },
  4: { name: 'blowfish' },
  7: { name: 'aes', keyBytes: 16 },
  8: { name: 'aes', keyBytes: 24 },
  9: { name: 'aes', keyBytes: 32 },
  10: { name: 'twofish' },
  11: { name: 'cast6' },
};

/** The number of AES with a key of 24 bytes, whose wrapped keys are longer than they are. */
export const aes192Code = 8;

/** The cipher that a number names; undefined where it names none. */
export function cipherOfCode(code: number): CodedCipher | undefined {
  return coded[code];
}

/** The number of a cipher; undefined for AES with a key of another length. */
export function codeOfCipher(name: CipherName, keyBytes: number): number | undefined {
  const found = Object.entries(coded).find(
    ([, cipher]) => cipher.name === name && (cipher.keyBytes ?? keyBytes) === keyBytes,
  );
  return found === undefined ? undefined : Number(found[0]);
}
