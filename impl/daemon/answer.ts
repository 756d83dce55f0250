import type { Secret } from '../crypto/index.js';
import type { PkiModule, PkiRegistry } from '../pki/index.js';
import { sealedMax } from '../pki/index.js';
import type { KeyRequest, KeyToken } from '../wire/index.js';
import {
  contentMax,
  DecodeError,
  decodeKeyRequest,
  encodeKeyReply,
  failureOf,
  keyTags,
} from '../wire/index.js';
import type { KeySource } from './keyring.js';

/**
 * What a daemon answers to the payload of a request, whatever bytes it has: always one reply.
 *
 * A request names a key by its whole signature; the key's token names its module by its whole name; the module
 * opens or seals. Whatever goes wrong on that way is a failure: the tag that replies to the request's, and
 * a status that is not 0. Bytes whose tag belongs to no request get a failure too, so that the process that
 * asked need not sleep until its time is over.
 *
 * Source: ecryptfs-utils 111 src/libecryptfs/packets.c parse_packet, key_mod_encrypt and key_mod_decrypt, where
 * lengths are not compared with what is there, unreadable tokens are used, prefixes of names count, errors
 * of a module can look like success, what is too long is freed twice, a Tag 67 has a byte too many, and an
 * unknown tag gets no reply: here none of that is so.
 */

/** What a daemon has of its user. */
export interface DaemonKeys {
  readonly keys: KeySource;
  readonly modules: PkiRegistry;
  /** Is told, in a sentence without a secret, why a request failed. */
  readonly onFailure?: (why: string) => void;
}

/** Answers a request. It does not throw, whatever the bytes are and whatever a module does. */
export async function answer(request: Uint8Array, daemon: DaemonKeys): Promise<Uint8Array> {
  const of = request[0] === keyTags.encrypt ? 'encrypt' : 'decrypt';
  const outcome = await served(request, daemon);
  if (typeof outcome !== 'string') return outcome;
  daemon.onFailure?.(outcome);
  return encodeKeyReply(failureOf(of));
}

/** The bytes of a reply, or why there is none. */
async function served(
  request: Uint8Array,
  { keys, modules }: DaemonKeys,
): Promise<Uint8Array | string> {
  let asked: KeyRequest;
  try {
    asked = decodeKeyRequest(request);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `a request is wrong ${error.message}`;
  }
  const used = await keys.use(asked.signature, (token) => withToken(asked, token, modules));
  return used.kind === 'refused' ? used.message : used.value;
}

async function withToken(
  asked: KeyRequest,
  token: KeyToken,
  modules: PkiRegistry,
): Promise<Uint8Array | string> {
  if (token.kind !== 'private-key')
    return 'the key is a passphrase, which the kernel side uses itself';
  const module = modules.find(token.module);
  if (module === undefined) return `there is no key module ${token.module}; register it`;
  try {
    return await byModule(asked, token.blob, module);
  } catch {
    // A module of somebody else's may throw what it likes; what it says may hold a secret.
    return `key module ${token.module} threw`;
  }
}

async function byModule(
  asked: KeyRequest,
  blob: Uint8Array,
  module: PkiModule,
): Promise<Uint8Array | string> {
  if (asked.kind === 'encrypt') {
    const result = await module.seal(blob, asked.content);
    if (result.kind === 'refused') return result.message;
    return (
      lengthOf(result.sealed, sealedMax) ??
      encodeKeyReply({ kind: 'encrypted', encrypted: result.sealed })
    );
  }
  const result = await module.open(blob, asked.encrypted);
  if (result.kind === 'refused') return result.message;
  return withSecret(
    result.content,
    (content) => lengthOf(content, contentMax) ?? encodeKeyReply({ kind: 'decrypted', content }),
  );
}

function withSecret<T>(secret: Secret, work: (bytes: Uint8Array) => T): T {
  try {
    return secret.use(work);
  } finally {
    secret.wipe();
  }
}

/** Why a module's output is too long, if it is. */
function lengthOf({ length }: Uint8Array, max: number): string | undefined {
  return length <= max ? undefined : `a key module gave ${length} bytes, which is above ${max}`;
}
