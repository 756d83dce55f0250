import type { KeyToken } from '../wire/index.js';
import type { KeyRefused, KeySource, Session, Used, UserKey } from './keyring.js';

/**
 * The keys that a mount was given: found when it begins, and used as long as it lasts.
 *
 * A key that is found by its signature must be there when the mount begins, else there is no mount. When
 * it is used and has expired, that use fails and the next may succeed; when it is wrong in any other way, it is
 * not asked again. A key that the mount was not given is looked for in the keyring, unless it uses its own
 * alone.
 *
 * Source: Linux 6.1 fs/ecryptfs/main.c ecryptfs_init_global_auth_toks and keystore.c
 * ecryptfs_find_global_auth_tok_for_sig, ecryptfs_find_auth_tok_for_sig.
 */
export class Mount implements KeySource {
  readonly #keys: ReadonlyMap<string, UserKey>;
  readonly #flagged = new Set<string>();
  readonly #keyring: Session | undefined;

  private constructor(keys: ReadonlyMap<string, UserKey>, keyring: Session | undefined) {
    this.#keys = keys;
    this.#keyring = keyring;
  }

  /** Begins a mount. */
  static begin({ session, signatures, others }: MountOptions): Mount | KeyRefused {
    const keys = new Map<string, UserKey>();
    for (const signature of signatures) {
      const found = session.find(signature);
      if (found.kind === 'refused') return found;
      keys.set(signature, found.key);
    }
    return new Mount(keys, others === 'keyring' ? session : undefined);
  }

  async use<T>(
    signature: string,
    work: (token: KeyToken) => Promise<T> | T,
  ): Promise<Used<T> | KeyRefused> {
    const key = this.#keys.get(signature);
    if (key === undefined)
      return this.#keyring?.use(signature, work) ?? invalid('was not given to the mount');
    if (this.#flagged.has(signature)) return invalid('was found wrong before');
    const used = await key.use(work);
    if (used.kind === 'refused' && used.errno !== 'EKEYEXPIRED') this.#flagged.add(signature);
    return used;
  }
}

/** What a mount begins with. */
export interface MountOptions {
  readonly session: Session;
  readonly signatures: readonly string[];
  /** Where keys come from that the mount was not given: the keyring, or nowhere. */
  readonly others: 'keyring' | 'nowhere';
}

function invalid(why: string): KeyRefused {
  return {
    kind: 'refused',
    errno: 'EINVAL',
    message: `the key ${why}; mount anew with the right keys`,
  };
}
