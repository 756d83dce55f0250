/** Keys of files, keys from passphrases, and what is done with them. */
export { cipherByCode, cipherOf, UnsupportedCipher } from './cipher.js';
export type { Cipher } from './cipher.js';
export { extentBytes, Extents } from './extents.js';
export { FileKey } from './file-key.js';
export type { WrappedKey } from './file-key.js';
export { defaultSalt, deriveKey, fekekSignature, passphraseMax } from './passphrase.js';
export type { DerivedKey } from './passphrase.js';
export { Secret } from './secret.js';
