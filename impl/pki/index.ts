import type { PkiModule } from './module.js';
import { opensslModule } from './openssl.js';
import { passphraseModule } from './passphrase.js';
import type { ReadKeyFile } from './rsa-file.js';
import { rsaModule } from './rsa.js';

/** Key modules: the contract, where they are found, and those that come with the package. */
export { decodeKeyBlob, encodeKeyBlob } from './key-blob.js';
export type { KeyBlob } from './key-blob.js';
export { refused, sealedMax } from './module.js';
export type {
  PkiModule,
  PkiOpened,
  PkiParameter,
  PkiReason,
  PkiRefused,
  PkiSealed,
  PkiToken,
  PkiValues,
} from './module.js';
export { generateKeyFile, opensslModule, rsaBits } from './openssl.js';
export type { KeyFileOptions } from './openssl.js';
export { passphraseModule } from './passphrase.js';
export { PkiRegistry } from './registry.js';
export { rsaModule } from './rsa.js';
export { rsaSignature } from './rsa-file.js';
export type { ReadKeyFile, RsaKey } from './rsa-file.js';

/** The modules that come with the package. */
export function bundledModules(readKeyFile: ReadKeyFile): readonly PkiModule[] {
  return [passphraseModule, rsaModule(readKeyFile), opensslModule(readKeyFile)];
}
