import type { Cipher, KeyAccess, KeyToken, PkiModule, Random, Session } from '../../impl/index.js';
import {
  bundledModules,
  cipherOf,
  deriveKey,
  encodeKeyBlob,
  Keyring,
  localExchange,
  PkiRegistry,
  Secret,
} from '../../impl/index.js';
import { readKeyFile } from './keyfiles.js';

/** A user of encrypted files: a keyring, a daemon in this process, and chance that is the same each time. */

/** A user with these keys. */
export interface User {
  readonly session: Session;
  readonly access: KeyAccess;
  /** Why the daemon failed, each time. */
  readonly failures: string[];
}

/** Makes a user. */
export function userWith(tokens: readonly KeyToken[], modules: readonly PkiModule[] = []): User {
  const session = new Keyring({ now: () => 0 }).session(1000);
  for (const token of tokens) session.add(token);
  const failures: string[] = [];
  const registry = new PkiRegistry([...bundledModules(readKeyFile), ...modules]);
  const exchange = localExchange({
    keys: session,
    modules: registry,
    onFailure: (why) => failures.push(why),
  });
  return { session, access: { keys: session, exchange }, failures };
}

/** The token of a passphrase, with the salt of the vectors. */
export function passphraseToken(passphrase: string): KeyToken {
  const { fekek, signature, salt } = deriveKey(Buffer.from(passphrase));
  return { kind: 'passphrase', signature, salt, fekek: fekek.use((key) => Uint8Array.from(key)) };
}

/** A token of a private key under a name of one's own, which a daemon does not mind. */
export function keyToken(
  signature: string,
  module: string,
  path: string,
  passphrase = '',
): KeyToken {
  const blob = encodeKeyBlob({ path, passphrase: Buffer.from(passphrase) });
  return { kind: 'private-key', signature, module, blob };
}

/** A module that costs nothing: it turns bytes round. */
export const turning: PkiModule = {
  name: 'turning',
  parameters: [],
  token: () =>
    Promise.resolve({ kind: 'refused', why: 'bad-parameter', message: 'it has no keys' }),
  seal: (_, content) => Promise.resolve({ kind: 'sealed', sealed: content.toReversed() }),
  open: (_, sealed) =>
    Promise.resolve({ kind: 'opened', content: Secret.own(sealed.toReversed()) }),
};

/** Bytes that look drawn. */
export function chance(seed = 1): Random {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    });
}

/** The usual cipher. */
export const aes128: Cipher = cipherOf('aes', 16);

/** Contents of a length that repeat nowhere in an extent. */
export function contentsOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, nth) => (nth * 31 + (nth >> 8)) & 0xff);
}
