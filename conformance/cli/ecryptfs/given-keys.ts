import type {
  FileToken,
  KeyRefused,
  KeySource,
  KeyToken,
  NameKey,
  Session,
  Used,
} from '../../../impl/index.js';
import {
  defaultSalt,
  deriveKey,
  fekekBytes,
  fekekSignature,
  Keyring,
  nameSalts,
  room,
  Secret,
  shown,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { fittingHint } from './fitting.js';
import { readDerivable, readRawKey, readWrapped } from './secrets.js';

/**
 * The keys that a command line gives: a passphrase, one that is wrapped, and keys themselves.
 *
 * A key is derived from the passphrase when a file asks for one, with the salt in the header of that file; each salt
 * takes a tenth of a second, once. A key that is given without a signature (`--fekek-file FILE`) becomes the key of the
 * first signature for which there is no other key.
 */

/** The options that give keys. */
export interface KeyFlags {
  readonly passphraseFile?: string;
  readonly wrapped?: string;
  readonly fekekFile: readonly string[];
}

interface RawKey {
  readonly path: string;
  readonly bytes: Secret;
  signature: string | undefined;
}

interface Given {
  /** How messages call it. */
  readonly name: string;
  readonly bytes: Secret;
}

/** See the file head. Made by `of`; `wipe` ends it. */
export class GivenKeys implements KeySource {
  readonly #session: Session;
  readonly #passphrase: Given | undefined;
  readonly #rawKeys: readonly RawKey[];
  /** The signature that the passphrase makes with a salt. */
  readonly #made = new Map<string, string>();
  #ownNameKey: { readonly signature: string; readonly key: Secret } | undefined;
  readonly #nameKeys = new Map<string, Secret>();
  /** Signatures of names without a key, and how many salts of files were tried. */
  readonly #missing = new Map<string, number>();
  readonly #reasons = new Map<string, string>();
  /** Salts of files, with which names may be encrypted as well. */
  readonly #salts = new Map<string, Uint8Array>();

  private constructor(session: Session, passphrase: Given | undefined, rawKeys: readonly RawKey[]) {
    this.#session = session;
    this.#passphrase = passphrase;
    this.#rawKeys = rawKeys;
  }

  /**
   * Reads what the options name.
   *
   * @throws CommandFailed when a passphrase or a key cannot be read
   */
  static of(session: Session, flags: KeyFlags): GivenKeys {
    const rawKeys = flags.fekekFile.map(rawKeyOf);
    return new GivenKeys(session, givenPassphrase(flags), rawKeys);
  }

  /** Whether nothing was given but keys of daemons. */
  get isEmpty(): boolean {
    return this.#passphrase === undefined && this.#rawKeys.length === 0;
  }

  async use<T>(
    signature: string,
    work: (token: KeyToken) => Promise<T> | T,
    wanted?: FileToken,
  ): Promise<Used<T> | KeyRefused> {
    if (wanted?.kind === 'private-key') addPublic(this.#session, signature);
    if (wanted?.kind === 'passphrase') this.#provide(wanted);
    const used = await this.#session.use(signature, work);
    if (used.kind === 'used' || used.errno !== 'ENOENT') return used;
    return { ...used, message: this.#why(signature, wanted) };
  }

  /** Adds the keys that a new file is to be under; returns their signatures. */
  addOwn(salt: Uint8Array): readonly string[] {
    const signatures: string[] = [];
    if (this.#passphrase !== undefined) {
      const { fekek, signature } = this.#passphrase.bytes.use((bytes) => deriveKey(bytes, salt));
      this.#add(signature, salt, fekek);
      fekek.wipe();
      signatures.push(signature);
    }
    for (const raw of this.#rawKeys) {
      raw.signature ??= ownSignature(raw.bytes);
      this.#add(raw.signature, salt, raw.bytes);
      signatures.push(raw.signature);
    }
    return signatures;
  }

  /** The key for names with a signature; undefined where none of the keys has it. It stays ours to wipe. */
  nameKey(signature: string): Secret | undefined {
    const known = this.#nameKeys.get(signature);
    // A key that was missing is looked for again only after more salts became known.
    if (known !== undefined || this.#missing.get(signature) === this.#salts.size) return known;
    const found = this.#rawKeyOf(signature) ?? this.#derivedNameKey(signature);
    if (found === undefined) this.#missing.set(signature, this.#salts.size);
    else this.#nameKeys.set(signature, found);
    return found;
  }

  /** The key for the names of new files, as `ecryptfs-add-passphrase --fnek` derives it. */
  ownNameKey(): { readonly signature: string; readonly key: Secret } {
    return (this.#ownNameKey ??= this.#madeNameKey());
  }

  /** Lends a key for names; says why there is none. */
  withNameKey<T>(signature: string, work: (key: NameKey) => T): T | { readonly why: string } {
    const key = this.nameKey(signature);
    if (key === undefined) {
      return { why: this.#nameWhy(signature) };
    }
    return key.use((fekek) => work({ signature, fekek }));
  }

  /** Wipes what was given. */
  wipe(): void {
    this.#passphrase?.bytes.wipe();
    for (const { bytes } of this.#rawKeys) bytes.wipe();
    for (const key of this.#nameKeys.values()) key.wipe();
  }

  #madeNameKey(): { readonly signature: string; readonly key: Secret } {
    const [salt = defaultSalt] = nameSalts;
    const [raw] = this.#rawKeys;
    let key: Secret;
    let signature: string;
    if (this.#passphrase !== undefined) {
      const derived = this.#passphrase.bytes.use((bytes) => deriveKey(bytes, salt));
      ({ fekek: key, signature } = derived);
    } else if (raw !== undefined) {
      signature = raw.signature ??= ownSignature(raw.bytes);
      key = padded(raw.bytes);
    } else {
      throw new UsageError('names are encrypted under a passphrase: add --passphrase-file');
    }
    this.#nameKeys.set(signature, key);
    return { signature, key };
  }

  /** Brings the key that a file asks for into the keyring, if it was given. */
  #provide({ signature, salt, encryptedKey }: FileToken & { readonly kind: 'passphrase' }): void {
    if (this.#session.find(signature).kind === 'found') return;
    const hex = Buffer.from(salt).toString('hex');
    const made = this.#made.get(hex);
    if (this.#passphrase !== undefined && (made === undefined || made === signature)) {
      const derived = this.#passphrase.bytes.use((bytes) => deriveKey(bytes, salt));
      this.#made.set(hex, derived.signature);
      this.#salts.set(hex, Uint8Array.from(salt));
      if (derived.signature === signature) this.#add(signature, salt, derived.fekek);
      derived.fekek.wipe();
      if (derived.signature === signature) return;
    }
    const raw = this.#rawKeyOf(signature) ?? this.#nameless(signature);
    if (raw !== undefined && raw.lengthBytes >= Math.min(encryptedKey.length, fekekBytes)) {
      this.#add(signature, salt, raw);
    }
  }

  #add(signature: string, salt: Uint8Array, key: Secret): void {
    const fekek = padded(key);
    fekek.use((bytes) => this.#session.add({ kind: 'passphrase', signature, salt, fekek: bytes }));
    fekek.wipe();
  }

  #rawKeyOf(signature: string): Secret | undefined {
    const named = this.#rawKeys.find((raw) => raw.signature === signature);
    const raw = named ?? this.#rawKeys.find(({ bytes }) => ownSignature(bytes) === signature);
    return raw?.bytes;
  }

  /** A key without a name becomes that of the first signature that is asked for. */
  #nameless(signature: string): Secret | undefined {
    const raw = this.#rawKeys.find((one) => one.signature === undefined);
    if (raw === undefined) return undefined;
    raw.signature = signature;
    return raw.bytes;
  }

  #derivedNameKey(signature: string): Secret | undefined {
    for (const salt of [...nameSalts, ...this.#salts.values()]) {
      const derived = this.#passphrase?.bytes.use((bytes) => deriveKey(bytes, salt));
      if (derived?.signature === signature) return derived.fekek;
      derived?.fekek.wipe();
    }
    return undefined;
  }

  #why(signature: string, wanted: FileToken | undefined): string {
    const salt = wanted?.kind === 'passphrase' ? wanted.salt : defaultSalt;
    const place = `${signature} ${Buffer.from(salt).toString('hex')}`;
    const known = this.#reasons.get(place) ?? this.#reason(signature, salt);
    this.#reasons.set(place, known);
    return known;
  }

  #nameWhy(signature: string): string {
    const known = this.#reasons.get(signature);
    if (known !== undefined) return known;
    const why = `its name is under key ${signature}, and ${this.#nameReason(signature)}`;
    this.#reasons.set(signature, why);
    return why;
  }

  #nameReason(signature: string): string {
    if (this.#passphrase === undefined) {
      return this.isEmpty ? 'no key was given' : `${this.#what()} is another`;
    }
    const { name, bytes } = this.#passphrase;
    const made = nameSalts.map((salt) => bytes.use((one) => deriveKey(one, salt)).signature);
    const hints = nameSalts.map((salt) => bytes.use((one) => fittingHint(one, salt, signature)));
    const hint = hints.find((one) => one !== undefined) ?? 'give the passphrase that it is under';
    return `${name} makes ${made.join(', ')}; ${hint}`;
  }

  #reason(signature: string, salt: Uint8Array): string {
    if (this.isEmpty) {
      return 'there is no key of this signature; give its passphrase with --passphrase-file or --wrapped, or the key itself with --fekek-file';
    }
    if (this.#passphrase === undefined)
      return `${this.#what()} is not the key of this signature, or too short for it; name the right one, as ${signature}=FILE`;
    const { name, bytes } = this.#passphrase;
    const hex = Buffer.from(salt).toString('hex');
    const made = this.#made.get(hex) ?? bytes.use((one) => deriveKey(one, salt)).signature;
    const hint = bytes.use((one) => fittingHint(one, salt, signature));
    return `${name} makes key ${made} with the salt ${hex} of the file; ${hint ?? 'give the passphrase that the file is under'}`;
  }

  #what(): string {
    return this.#rawKeys.map(({ path }) => `the key in ${shown(path)}`).join(' and ');
  }
}

/** Lends the keys that options give, in a keyring of their own; both are gone afterwards. */
export async function withGivenKeys<T>(
  flags: KeyFlags,
  work: (keys: GivenKeys, session: Session) => Promise<T> | T,
): Promise<T> {
  const keyring = new Keyring({ now: () => performance.now() });
  const session = keyring.session(0);
  const keys = GivenKeys.of(session, flags);
  try {
    return await work(keys, session);
  } finally {
    keys.wipe();
    keyring.end(0);
  }
}

/** The kernel side looks at nothing of a private key but that it is one: the rest is the daemon's. */
export function addPublic(session: Session, signature: string): void {
  session.add({ kind: 'private-key', signature, module: 'openssl', blob: new Uint8Array() });
}

function givenPassphrase({ passphraseFile, wrapped }: KeyFlags): Given | undefined {
  if (passphraseFile === undefined) {
    if (wrapped === undefined) return undefined;
    throw new UsageError('--wrapped needs the login passphrase: add --passphrase-file FILE');
  }
  if (wrapped !== undefined) {
    const bytes = readWrapped(wrapped, { loginPath: passphraseFile });
    return { name: `the passphrase wrapped in ${shown(wrapped)}`, bytes };
  }
  const bytes = Secret.own(readDerivable(passphraseFile));
  return { name: `the passphrase in ${shown(passphraseFile)}`, bytes };
}

function rawKeyOf(text: string): RawKey {
  const [, signature, path = text] = /^([0-9a-f]{16})=(.+)$/s.exec(text) ?? [];
  return { path, bytes: Secret.own(readRawKey(path)), signature };
}

function ownSignature(key: Secret): string {
  return key.use(fekekSignature);
}

/** A key filled up to the length that tokens have. */
function padded(key: Secret): Secret {
  const bytes = room(fekekBytes);
  key.use((one) => {
    bytes.set(one);
  });
  return Secret.own(bytes);
}
