import { hash } from 'node:crypto';
import { saltBytes, signatureBytes } from '../wire/index.js';
import { Secret } from './secret.js';

/**
 * From a passphrase to the key that encrypts the keys of files.
 *
 * SHA-512 of salt and passphrase, hashed 65,535 times more; the 64 bytes that come out are the key. The first
 * 8 bytes of its SHA-512 name it.
 *
 * Source: ecryptfs-utils 111 src/libecryptfs/main.c generate_passphrase_sig.
 */

/** The longest passphrase, in bytes. */
export const passphraseMax = 64;
/** The salt that is used where nobody names one. */
export const defaultSalt: Uint8Array = Uint8Array.of(
  0x00,
  0x11,
  0x22,
  0x33,
  0x44,
  0x55,
  0x66,
  0x77,
);
/**
 * The salts that a key for names can be derived with, the likeliest first. `ecryptfs-add-passphrase --fnek` takes the
 * first eight letters of the salt in hex, "99887766", and not the bytes that they stand for; others take the bytes;
 * and a mount may use the key of the contents for names as well.
 */
export const nameSalts: readonly Uint8Array[] = [
  Uint8Array.from(Buffer.from('99887766', 'latin1')),
  Uint8Array.from(Buffer.from('9988776655443322', 'hex')),
  defaultSalt,
];
const hashings = 65_536;

/** What comes of a passphrase. */
export interface DerivedKey {
  readonly fekek: Secret;
  readonly signature: string;
  readonly salt: Uint8Array;
}

/**
 * Derives the key; takes about a tenth of a second, in which nothing else is done. The passphrase stays its
 * owner's to wipe.
 *
 * @throws RangeError when the passphrase has not 1 to 64 bytes, or the salt not 8
 */
export function deriveKey(passphrase: Uint8Array, salt: Uint8Array = defaultSalt): DerivedKey {
  if (passphrase.length < 1 || passphrase.length > passphraseMax) {
    throw new RangeError(
      `a passphrase has 1 to ${passphraseMax} bytes, and this one ${passphrase.length}`,
    );
  }
  if (salt.length !== saltBytes) {
    throw new RangeError(`a salt has ${saltBytes} bytes, and this one ${salt.length}`);
  }
  let key: Uint8Array = Buffer.concat([salt, passphrase]);
  for (let nth = 0; nth < hashings; nth += 1) {
    const next = hash('sha512', key, 'buffer');
    key.fill(0);
    key = next;
  }
  const signature = fekekSignature(key);
  return { fekek: Secret.own(key), signature, salt: Uint8Array.from(salt) };
}

/** What names a key that was derived from a passphrase. */
export function fekekSignature(fekek: Uint8Array): string {
  return hash('sha512', fekek, 'buffer').subarray(0, signatureBytes).toString('hex');
}
