import { Secret } from '../crypto/index.js';
import type { FileToken, KeyToken } from '../wire/index.js';
import { copied, DecodeError, decodeToken, encodeToken, isSignature } from '../wire/index.js';

/**
 * The keys of users: each user has a session of their own, in which a key is found by its signature.
 *
 * A key is the bytes of a token, which may be wrong: they are looked at when the key is used, as the kernel
 * does. To use one is two steps, since time passes between them: it is found, and its token is read. What
 * cannot be done has the errno of the kernel: to find a key that is not there ENOENT, one that has expired
 * ETIME, one that was revoked EINVAL; to read a key that was revoked or removed meanwhile EKEYREVOKED, one that
 * expired meanwhile EKEYEXPIRED, one of another version or type EINVAL.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_keyring_auth_tok_for_sig, process_request_key_err,
 * ecryptfs_verify_auth_tok_from_key; ecryptfs-utils 111 src/libecryptfs/key_management.c (a key that is there
 * is not added again).
 */

/** How many keys a user may have; that of Linux. */
export const keysMax = 200;

/** What goes wrong with keys. The names are Linux's. */
export type KeyErrno = 'ENOENT' | 'ETIME' | 'EINVAL' | 'EKEYREVOKED' | 'EKEYEXPIRED' | 'EDQUOT';

/** A key cannot be had; the message is a sentence and holds no secret. */
export interface KeyRefused {
  readonly kind: 'refused';
  readonly errno: KeyErrno;
  readonly message: string;
}

/** Tells the time in milliseconds, since whenever. */
export type Now = () => number;

/** Where keys are had by their signatures. */
export interface KeySource {
  /**
   * Lends the token of a key to some work, which must not keep it.
   *
   * @param wanted the token of the file that asks for the key: it has the salt by which the key can be derived
   * @returns what the work returned, or why it was not begun
   */
  use<T>(
    signature: string,
    work: (token: KeyToken) => Promise<T> | T,
    wanted?: FileToken,
  ): Promise<Used<T> | KeyRefused>;
}

/** What came of work with a token. */
export interface Used<T> {
  readonly kind: 'used';
  readonly value: T;
}

/** The sessions of all users; no key of one is seen from another. */
export class Keyring {
  readonly #sessions = new Map<number, Session>();
  readonly #now: Now;

  constructor({ now }: { readonly now: Now }) {
    this.#now = now;
  }

  /** The session of a user, which is empty until somebody adds a key. */
  session(uid: number): Session {
    const known = this.#sessions.get(uid);
    if (known !== undefined) return known;
    const session = new Session(this.#now);
    this.#sessions.set(uid, session);
    return session;
  }

  /** Ends a user's session; its keys are wiped. */
  end(uid: number): void {
    this.#sessions.get(uid)?.clear();
    this.#sessions.delete(uid);
  }
}

/** The keys of one user. */
export class Session implements KeySource {
  readonly #keys = new Map<string, UserKey>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  /** Adds a token under its own signature. */
  add(token: KeyToken, options: KeyOptions = {}): Added {
    const payload = encodeToken(token);
    const added = this.addPayload(token.signature, payload, options);
    payload.fill(0);
    return added;
  }

  /**
   * Adds a copy of any bytes under a signature, a token or not.
   *
   * @throws RangeError when the signature is none
   */
  addPayload(signature: string, payload: Uint8Array, { expiresAtMs }: KeyOptions = {}): Added {
    if (!isSignature(signature))
      throw new RangeError('a signature has 16 digits of lower-case hex');
    if (this.#keys.get(signature)?.state === 'valid') return { kind: 'present' };
    this.remove(signature);
    if (this.#keys.size >= keysMax) {
      return refused('EDQUOT', `there are ${keysMax} keys, and there can be no more; remove one`);
    }
    const key = new UserKey({ secret: Secret.copy(payload), now: this.#now, expiresAtMs });
    this.#keys.set(signature, key);
    return { kind: 'added' };
  }

  /** Finds a key. */
  find(signature: string): { readonly kind: 'found'; readonly key: UserKey } | KeyRefused {
    const key = this.#keys.get(signature);
    if (key === undefined) return refused('ENOENT', 'there is no key of this signature; add it');
    if (key.state === 'expired') return refused('ETIME', 'the key has expired; add it again');
    if (key.state === 'gone') return refused('EINVAL', 'the key was revoked; add it again');
    return { kind: 'found', key };
  }

  async use<T>(
    signature: string,
    work: (token: KeyToken) => Promise<T> | T,
  ): Promise<Used<T> | KeyRefused> {
    const found = this.find(signature);
    return found.kind === 'refused' ? found : found.key.use(work);
  }

  /** Takes a key's bytes away; that there was one stays known. */
  revoke(signature: string): void {
    this.#keys.get(signature)?.revoke();
  }

  /** Takes a key away. */
  remove(signature: string): void {
    this.revoke(signature);
    this.#keys.delete(signature);
  }

  /** Takes all away. */
  clear(): void {
    for (const signature of this.#keys.keys()) this.remove(signature);
  }
}

/** When a key ends by itself; never, where absent. */
export interface KeyOptions {
  readonly expiresAtMs?: number | undefined;
}

/** What came of adding a key. */
export type Added = { readonly kind: 'added' | 'present' } | KeyRefused;

interface KeyParts extends KeyOptions {
  readonly secret: Secret;
  readonly now: Now;
}

/** A key that was found. */
export class UserKey {
  readonly #secret: Secret;
  readonly #now: Now;
  readonly #expiresAtMs: number;
  #isGone = false;

  constructor({ secret, now, expiresAtMs = Infinity }: KeyParts) {
    this.#secret = secret;
    this.#now = now;
    this.#expiresAtMs = expiresAtMs;
  }

  /** What has become of it. */
  get state(): 'valid' | 'expired' | 'gone' {
    if (this.#isGone) return 'gone';
    return this.#now() >= this.#expiresAtMs ? 'expired' : 'valid';
  }

  /** Wipes its bytes. */
  revoke(): void {
    this.#isGone = true;
    this.#secret.wipe();
  }

  /** Lends a copy of its token to some work, and wipes it when that is done. */
  async use<T>(work: (token: KeyToken) => Promise<T> | T): Promise<Used<T> | KeyRefused> {
    if (this.state === 'gone') return refused('EKEYREVOKED', 'the key was revoked; add it again');
    if (this.state === 'expired')
      return refused('EKEYEXPIRED', 'the key has expired; add it again');
    const payload = this.#secret.use(copied);
    try {
      const token = tokenOf(payload);
      return 'errno' in token ? token : { kind: 'used', value: await work(token) };
    } finally {
      payload.fill(0);
    }
  }
}

function tokenOf(payload: Uint8Array): KeyToken | KeyRefused {
  try {
    return decodeToken(payload);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refused('EINVAL', `the key is no token: ${error.message}`);
  }
}

function refused(errno: KeyErrno, message: string): KeyRefused {
  return { kind: 'refused', errno, message };
}
