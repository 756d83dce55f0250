import type { Secret } from '../crypto/index.js';

/**
 * The contract of key modules: what knows how a user's key is kept and what it does to the key of a file.
 *
 * A token of the keyring names its module and has a blob that only the module understands. A module turns a
 * content into bytes that a file can carry (`seal`), and back (`open`). It may be slow, ask a card or a
 * server, and fail: that it cannot is an answer with its reason, not an exception. What it is given to seal,
 * and its blob, are its caller's to wipe; what it opens, too.
 *
 * Modules of others keep the same contract and are registered by `PkiRegistry.register`; the tests of
 * `test/impl/pki.slow.test.ts` say what they have to hold.
 */

/** The longest that a sealed content may become: what a packet of a file can carry. */
export const sealedMax = 512;

/** Why a module did not do what it was asked to. */
export type PkiReason =
  /** A parameter is missing or wrong. */
  | 'bad-parameter'
  /** The blob is not one of this module's. */
  | 'bad-token'
  /** What the blob points to cannot be read. */
  | 'no-key'
  /** It can be read and not be used: another passphrase, another kind of key, damaged. */
  | 'unusable-key'
  /** The key has no room for so much, or makes more of it than a file can carry. */
  | 'too-long'
  /** The key does not open these bytes. */
  | 'does-not-fit';

/** A module's no. The message is a sentence for a person, and holds no secret. */
export interface PkiRefused {
  readonly kind: 'refused';
  readonly why: PkiReason;
  readonly message: string;
}

/** Something that a module needs to be told before it can make a token. */
export interface PkiParameter {
  readonly name: string;
  readonly meaning: string;
  readonly need: 'required' | 'optional';
}

/** Values for a module's parameters, by their names. */
export type PkiValues = Readonly<Partial<Record<string, Uint8Array>>>;

/** What a keyring keeps of a key. */
export interface PkiToken {
  readonly kind: 'token';
  readonly signature: string;
  /** A secret where it holds a passphrase. */
  readonly blob: Uint8Array;
}

/** A content that was encrypted. */
export interface PkiSealed {
  readonly kind: 'sealed';
  readonly sealed: Uint8Array;
}

/** A content that was decrypted. */
export interface PkiOpened {
  readonly kind: 'opened';
  readonly content: Secret;
}

/** A key module. */
export interface PkiModule {
  /** Its whole name, by which tokens find it: 1 to 16 signs of ASCII. */
  readonly name: string;
  /** What `token` needs to be told. */
  readonly parameters: readonly PkiParameter[];
  /** Finds the key that parameters speak of. */
  token(values: PkiValues): Promise<PkiToken | PkiRefused>;
  /** Encrypts a content, into at most 512 bytes. */
  seal(blob: Uint8Array, content: Uint8Array): Promise<PkiSealed | PkiRefused>;
  /** Decrypts what was sealed. */
  open(blob: Uint8Array, sealed: Uint8Array): Promise<PkiOpened | PkiRefused>;
}

/** Says no. */
export function refused(why: PkiReason, message: string): PkiRefused {
  return { kind: 'refused', why, message };
}
