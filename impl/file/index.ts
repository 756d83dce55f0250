/** Encrypted files: made whole, opened, read and written. */
export type { Disk, DiskFile } from './disk.js';
export { FileError } from './file-error.js';
export type { FileFailure } from './file-error.js';
export { EncryptedFile, readHeader } from './encrypted-file.js';
export type { OpenOptions } from './encrypted-file.js';
export type { KeyAccess, Random } from './file-tokens.js';
export { localExchange, TagExchange } from './key-exchange.js';
export type {
  Ask,
  Asked,
  ExchangeRefused,
  KeyExchange,
  Opened,
  OpenRequest,
  Sealed,
  SealRequest,
} from './key-exchange.js';
export { attributeOf, keyFilesOf, NodeDisk, readKeyFile } from './node-disk.js';
export { placeFile } from './place-file.js';
export type { PlaceOptions } from './place-file.js';
export type { Doubt } from './salvage.js';
export { replaceFile } from './replace-file.js';
export type { ReplaceOptions } from './replace-file.js';
