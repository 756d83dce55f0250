import type { Cipher } from '../crypto/index.js';
import { FileKey, UnsupportedCipher } from '../crypto/index.js';
import type { KeySource } from '../daemon/keyring.js';
import type { FileToken, KeyToken } from '../wire/index.js';
import { copied } from '../wire/index.js';
import type { ExchangeRefused, KeyExchange, OpenRequest } from './key-exchange.js';

/**
 * From the key of a file to the tokens in its header, and back.
 *
 * A token is made for each key that a file is to be opened with: under a passphrase here, under a private key
 * by a daemon, whom nobody asks while a key of the keyring is held. The first that cannot be made is the end
 * of it. To open a file its tokens are tried from the last to the first, as the kernels do; one whose
 * key is not in the keyring, or that fails, is passed over.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_generate_key_packet_set and
 * ecryptfs_parse_packet_set.
 */

/** Where keys come from. */
export interface KeyAccess {
  readonly keys: KeySource;
  readonly exchange: KeyExchange;
}

/** Makes a token for each signature; or says what went wrong with the first that could not be made. */
export async function sealedTokens(
  key: FileKey,
  signatures: readonly string[],
  access: KeyAccess,
): Promise<readonly FileToken[] | ExchangeRefused> {
  const tokens: FileToken[] = [];
  for (const signature of signatures) {
    const token = await sealedToken(key, signature, access);
    if (token.kind === 'refused') return token;
    tokens.push(token);
  }
  return tokens;
}

async function sealedToken(
  key: FileKey,
  signature: string,
  { keys, exchange }: KeyAccess,
): Promise<FileToken | ExchangeRefused> {
  const used = await keys.use(signature, (token): FileToken | undefined => {
    if (token.kind === 'private-key') return undefined;
    const salt = Uint8Array.from(token.salt);
    return { kind: 'passphrase', signature, salt, ...key.wrap(token.fekek) };
  });
  if (used.kind === 'refused') return about(signature, used);
  if (used.value !== undefined) return used.value;
  const sealed = await exchange.seal({ signature, key });
  if (sealed.kind === 'refused') return about(signature, sealed);
  return { kind: 'private-key', signature, encryptedKey: sealed.encrypted };
}

/** Opens the key of a file by the last of its tokens that does; or says why none does. */
export async function openedKey(
  tokens: readonly FileToken[],
  access: KeyAccess,
): Promise<FileKey | ExchangeRefused> {
  const whys: string[] = [];
  for (const token of tokens.toReversed()) {
    const key = await keyOf(token, access);
    if (key instanceof FileKey) return key;
    whys.push(key.message);
  }
  return { kind: 'refused', errno: 'EIO', message: whys.join('; ') };
}

async function keyOf(
  token: FileToken,
  { keys, exchange }: KeyAccess,
): Promise<FileKey | ExchangeRefused> {
  const { signature } = token;
  const used = await keys.use(signature, (held) => keyFrom(token, held), token);
  if (used.kind === 'refused') return about(signature, used);
  if (used.value instanceof FileKey || used.value.kind === 'refused') return used.value;
  const opened = await exchange.open(used.value);
  return opened.kind === 'refused' ? about(signature, opened) : opened.key;
}

/** What a daemon has to be asked. */
interface Question extends OpenRequest {
  readonly kind: 'ask';
}

/** What a key of the keyring makes of a token: the file's key, a reason, or that a daemon must be asked. */
function keyFrom(token: FileToken, held: KeyToken): FileKey | ExchangeRefused | Question {
  const { signature } = token;
  if (token.kind === 'private-key' && held.kind === 'private-key') {
    return { kind: 'ask', signature, encrypted: token.encryptedKey };
  }
  if (token.kind === 'private-key' || held.kind === 'private-key') {
    const message = `the file and the keyring do not agree on what key ${signature} is`;
    return { kind: 'refused', errno: 'EINVAL', message };
  }
  try {
    return FileKey.unwrap(token, held.fekek);
  } catch (error) {
    if (!(error instanceof UnsupportedCipher)) throw error;
    return { kind: 'refused', errno: 'EINVAL', message: error.message };
  }
}

function about(
  signature: string,
  { errno, message }: Pick<ExchangeRefused, 'errno' | 'message'>,
): ExchangeRefused {
  return { kind: 'refused', errno, message: `key ${signature}: ${message}` };
}

/** A new key for a file. */
export function drawnKey(cipher: Cipher, random: Random): FileKey {
  const drawn = random(cipher.keyBytes);
  const key = FileKey.own(cipher, copied(drawn));
  drawn.fill(0);
  return key;
}

/** Draws bytes that nobody can foresee, for whoever asks alone. */
export type Random = (count: number) => Uint8Array;
