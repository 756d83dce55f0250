import { FileKey, UnsupportedCipher } from '../crypto/index.js';
import type { DaemonKeys } from '../daemon/answer.js';
import { answer } from '../daemon/answer.js';
import type { KeyReply, KeyRequest } from '../wire/index.js';
import { DecodeError, decodeKeyReply, encodeKeyRequest } from '../wire/index.js';

/**
 * How the key of a file gets to a daemon and back, where only the daemon can use the key that it is under.
 *
 * `TagExchange` makes the packets and reads the replies; how a payload gets to a daemon and what comes back
 * is a function that it is given. Over a kernel side that is a request that sleeps; `localExchange` asks a
 * daemon's answer in the same process.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c decrypt_pki_encrypted_session_key and
 * pki_encrypt_session_key. A reply that cannot be read or is a failure is EIO, one with a cipher that nobody
 * has EINVAL; why no reply came is passed on. Payloads are wiped after use.
 */
export interface KeyExchange {
  /** Lets a daemon encrypt the key of a file. */
  seal(request: SealRequest): Promise<Sealed>;
  /** Lets a daemon decrypt it. */
  open(request: OpenRequest): Promise<Opened>;
}

/** The key of a file, and the key that it is to be under. */
export interface SealRequest {
  readonly signature: string;
  readonly key: FileKey;
}

/** The key of a file as a Tag 1 has it. */
export interface OpenRequest {
  readonly signature: string;
  readonly encrypted: Uint8Array;
}

/** An exchange that came to nothing; the message is a sentence without a secret. */
export interface ExchangeRefused {
  readonly kind: 'refused';
  readonly errno: string;
  readonly message: string;
}

/** What came of sealing. */
export type Sealed = { readonly kind: 'sealed'; readonly encrypted: Uint8Array } | ExchangeRefused;
/** What came of opening; the key is its taker's to wipe. */
export type Opened = { readonly kind: 'opened'; readonly key: FileKey } | ExchangeRefused;

/** What came of asking a daemon. */
export type Asked =
  | {
      readonly kind: 'reply';
      /** Is wiped once it was read. */
      readonly payload: Uint8Array;
      /** Why it is a failure, where whoever asked can know it. */
      readonly why?: string | undefined;
    }
  | ExchangeRefused;

/** Sends a payload to the daemon of whoever asks, and waits for its reply. It must not keep the payload. */
export type Ask = (payload: Uint8Array) => Promise<Asked>;

/** The exchange by packets of Tag 64 to 67. */
export class TagExchange implements KeyExchange {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async seal({ signature, key }: SealRequest): Promise<Sealed> {
    const content = key.content();
    const request = content.use((bytes) =>
      encodeKeyRequest({ kind: 'encrypt', signature, content: bytes }),
    );
    content.wipe();
    return this.#exchange(request, 'encrypt', (reply) =>
      reply.kind === 'encrypted'
        ? { kind: 'sealed', encrypted: Uint8Array.from(reply.encrypted) }
        : refused('EIO', 'the daemon replied to another request'),
    );
  }

  open({ signature, encrypted }: OpenRequest): Promise<Opened> {
    const request = encodeKeyRequest({ kind: 'decrypt', signature, encrypted });
    return this.#exchange(request, 'decrypt', (reply) =>
      reply.kind === 'decrypted'
        ? { kind: 'opened', key: FileKey.ofContent(reply.content) }
        : refused('EIO', 'the daemon replied to another request'),
    );
  }

  async #exchange<T>(
    request: Uint8Array,
    kind: KeyRequest['kind'],
    read: (reply: KeyReply) => T | ExchangeRefused,
  ): Promise<T | ExchangeRefused> {
    let asked: Asked;
    try {
      asked = await this.#ask(request);
    } finally {
      request.fill(0);
    }
    if (asked.kind === 'refused') return asked;
    try {
      const reply = decodeKeyReply(asked.payload);
      if (reply.kind === 'failed' && reply.of === kind) {
        return refused('EIO', asked.why ?? 'the daemon could not do it');
      }
      return read(reply);
    } catch (error) {
      if (error instanceof UnsupportedCipher) return refused('EINVAL', error.message);
      if (error instanceof DecodeError)
        return refused('EIO', `the daemon's reply is wrong ${error.message}`);
      throw error;
    } finally {
      asked.payload.fill(0);
    }
  }
}

/** The exchange with a daemon's answer in this process, without a message in between. */
export function localExchange(daemon: DaemonKeys): KeyExchange {
  return new TagExchange(async (request) => {
    let why: string | undefined;
    const onFailure = (reason: string) => {
      why = reason;
      daemon.onFailure?.(reason);
    };
    return { kind: 'reply', payload: await answer(request, { ...daemon, onFailure }), why };
  });
}

function refused(errno: string, message: string): ExchangeRefused {
  return { kind: 'refused', errno, message };
}
