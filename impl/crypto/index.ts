/** Keys of files, keys from passphrases, and what is done with them. */
export { cipherByCode, cipherOf, keyLengthsOf, UnsupportedCipher } from './cipher.js';
export type { Cipher } from './cipher.js';
export { extentBytes, Extents } from './extents.js';
export {
  decryptName,
  decryptTarget,
  encryptName,
  encryptTarget,
  NameError,
  readName,
} from './file-name.js';
export type { NameKey } from './file-name.js';
export { FileKey } from './file-key.js';
export type { WrappedKey } from './file-key.js';
export { defaultSalt, deriveKey, fekekSignature, passphraseMax } from './passphrase.js';
export type { DerivedKey } from './passphrase.js';
export { nameSalts } from './passphrase.js';
export { Secret } from './secret.js';
export { decodeWrapped, unwrapPassphrase, wrapPassphrase } from './wrapped-passphrase.js';
export type { Unwrapped, Wrapped, WrapOptions } from './wrapped-passphrase.js';
