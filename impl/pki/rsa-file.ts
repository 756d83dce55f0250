import { hash } from 'node:crypto';
import { Secret } from '../crypto/index.js';
import { shown } from '../shown.js';
import { DecodeError, signatureBytes } from '../wire/index.js';
import type { KeyBlob } from './key-blob.js';
import { decodeKeyBlob, encodeKeyBlob } from './key-blob.js';
import type { PkiModule, PkiOpened, PkiRefused, PkiSealed, PkiToken, PkiValues } from './module.js';
import { refused, sealedMax } from './module.js';
import { flawOf, weaknessOf } from './rsa-check.js';

/**
 * A key module over files with RSA keys, whatever does the arithmetic.
 *
 * A content is encrypted whole: RSA-OAEP with SHA-1 and without a label, which costs 42 bytes of the
 * modulus. A key is named by the first 8 bytes of the fingerprint that OpenPGP version 4 would give
 * it were its date 0 and its algorithm 2 (OpenPGP's own key ids are the last 8). The file is read anew
 * each time, so that no key stays in memory, and a file that is replaced counts at once. A key that protects
 * nothing is refused, see rsa-check.ts.
 *
 * Source: ecryptfs-utils 111 src/key_mod/ecryptfs_key_mod_openssl.c; RFC 8017 section 7.1; RFC 4880
 * section 12.2.
 */
export class RsaFileModule implements PkiModule {
  readonly name: string;
  readonly parameters = [
    { name: 'keyfile', meaning: 'path of the file with the RSA private key', need: 'required' },
    { name: 'passphrase', meaning: 'what opens it, where it is encrypted', need: 'optional' },
  ] as const;
  readonly #engine: RsaEngine;
  readonly #readKeyFile: ReadKeyFile;

  constructor({ name, engine, readKeyFile }: RsaFileOptions) {
    this.name = name;
    this.#engine = engine;
    this.#readKeyFile = readKeyFile;
  }

  async token({
    keyfile,
    passphrase = new Uint8Array(),
  }: PkiValues): Promise<PkiToken | PkiRefused> {
    if (keyfile === undefined)
      return refused('bad-parameter', 'keyfile is missing; name the key file');
    const path = Buffer.from(keyfile).toString('utf8');
    let blob: Uint8Array;
    try {
      blob = encodeKeyBlob({ path, passphrase });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return refused('bad-parameter', error.message);
    }
    const key = await this.#load(blob);
    const weakness = 'why' in key ? undefined : weaknessOf(key);
    if ('why' in key || weakness !== undefined) {
      blob.fill(0);
      return 'why' in key ? key : refused('unusable-key', this.#unusable(path, weakness ?? ''));
    }
    return { kind: 'token', signature: rsaSignature(key), blob };
  }

  async seal(blob: Uint8Array, content: Uint8Array): Promise<PkiSealed | PkiRefused> {
    const key = await this.#load(blob);
    if ('why' in key) return key;
    const { length } = key.modulus;
    if (content.length > length - oaepBytes || length > sealedMax) {
      return refused(
        'too-long',
        `a key of ${length} bytes cannot seal ${content.length}; use one of ${content.length + oaepBytes} to ${sealedMax}`,
      );
    }
    return { kind: 'sealed', sealed: key.encrypt(content) };
  }

  async open(blob: Uint8Array, sealed: Uint8Array): Promise<PkiOpened | PkiRefused> {
    const key = await this.#load(blob);
    if ('why' in key) return key;
    const content = sealed.length === key.modulus.length ? key.decrypt(sealed) : undefined;
    if (content === undefined) {
      return refused(
        'does-not-fit',
        'the key does not open what was sealed; it is damaged or under another key',
      );
    }
    return { kind: 'opened', content: Secret.own(content) };
  }

  async #load(blob: Uint8Array): Promise<RsaKey | PkiRefused> {
    let fields: KeyBlob;
    try {
      fields = decodeKeyBlob(blob);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return refused('bad-token', `the token of module ${this.name} is wrong ${error.message}`);
    }
    const { path, passphrase } = fields;
    let file: Uint8Array;
    try {
      file = await this.#readKeyFile(path);
    } catch (error) {
      return refused(
        'no-key',
        `key file ${shown(path)} cannot be read (${codeOf(error)}); look at its path and mode`,
      );
    }
    const key = await this.#engine(file, passphrase);
    file.fill(0);
    const flaw = typeof key === 'string' ? key : flawOf(key);
    if (typeof key !== 'string' && flaw === undefined) return key;
    return refused('unusable-key', this.#unusable(path, flaw ?? ''));
  }

  #unusable(path: string, why: string): string {
    return `key file ${shown(path)} cannot be used: ${why}`;
  }
}

/** Reads a file that holds a key; whoever calls wipes what it gives. */
export type ReadKeyFile = (path: string) => Promise<Uint8Array>;

/** An RSA key, ready to be used. */
export interface RsaKey {
  /** Without zeros in front. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  /** RSA-OAEP with SHA-1. */
  encrypt(content: Uint8Array): Uint8Array;
  /** Undefined where the bytes are not such ones under this key. */
  decrypt(sealed: Uint8Array): Uint8Array | undefined;
}

/** Finds the key in a file; or says why it cannot, in words without a secret. */
export type RsaEngine = (file: Uint8Array, passphrase: Uint8Array) => Promise<RsaKey | string>;

/** What makes a module over files. */
export interface RsaFileOptions {
  readonly name: string;
  readonly engine: RsaEngine;
  readonly readKeyFile: ReadKeyFile;
}

/** What OAEP with SHA-1 takes of a modulus. */
const oaepBytes = 42;

/** What an engine says of a file that does not open. */
export const unopened: string = 'its passphrase is another, or it holds no RSA private key';

/** What names an RSA key: 16 digits of hex. */
export function rsaSignature({ modulus, exponent }: Pick<RsaKey, 'modulus' | 'exponent'>): string {
  const numbers = Buffer.concat([multiprecision(modulus), multiprecision(exponent)]);
  const body = Buffer.concat([Uint8Array.of(4, 0, 0, 0, 0, 2), numbers]);
  const hashed = hash(
    'sha1',
    Buffer.concat([Uint8Array.of(0x99), u16(body.length), body]),
    'buffer',
  );
  return hashed.subarray(0, signatureBytes).toString('hex');
}

/** A number as OpenPGP writes it: its count of bits, and its bytes. */
function multiprecision(number: Uint8Array): Uint8Array {
  const bits = number.length * 8 - (Math.clz32(number[0] ?? 0) - 24);
  return Buffer.concat([u16(bits), number]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function codeOf(error: unknown): string {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : 'EIO';
}
