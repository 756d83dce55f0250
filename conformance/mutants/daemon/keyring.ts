import type { KeyObject } from 'node:crypto';
import { constants, createPrivateKey, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { HasDaemonFault } from './faults.js';

/** The keyring of the daemon that is there to be broken, and what it does with its keys. */

/** A token as it was added. */
export interface Token {
  readonly signature: string;
  readonly module: string;
  readonly blob: Buffer;
}

/** Why a request is not served. */
export type Refusal = 'malformed' | 'unknown-key' | 'token' | 'damaged' | 'no-room';

/** A request that is not served. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(`the request is refused: ${why}`);
    this.why = why;
  }
}

/** What brings the daemon down. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Reads a file; comes from outside, where files may be read. Undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' } as const;

/** The tokens, and keys opened by them. */
export class Keyring {
  readonly #has: HasDaemonFault;
  readonly #readFile: ReadFile;
  #tokens: Token[] = [];
  #latest: KeyObject | undefined;

  constructor(has: HasDaemonFault, readFile: ReadFile) {
    this.#has = has;
    this.#readFile = readFile;
  }

  /** A token takes the place of one of the same signature. */
  add(token: Token): void {
    this.#tokens = [...this.#tokens.filter((one) => one.signature !== token.signature), token];
  }

  /** The key that a signature names. */
  find(signature: string): KeyObject {
    const has = this.#has;
    const digits = has('signature-8') ? 8 : has('signature-15') ? 15 : 16;
    const named = this.#tokens.find(
      (one) => one.signature.slice(0, digits) === signature.slice(0, digits),
    );
    if (named === undefined) throw new Refused('unknown-key');
    const token = has('first-key')
      ? this.#tokens[0]
      : has('last-key')
        ? this.#tokens.at(-1)
        : named;
    return this.#open(token ?? named);
  }

  /** Decrypts with the key that a signature names. */
  decrypt(signature: string, encrypted: Buffer): Buffer {
    const key = this.find(signature);
    const others = this.#has('tries-all-keys')
      ? this.#tokens.map((token) => () => this.#open(token))
      : [];
    for (const open of [() => key, ...others]) {
      try {
        return privateDecrypt({ key: open(), ...oaep }, encrypted);
      } catch {
        // The next one may do.
      }
    }
    const content = this.#has('older-padding-too') ? unpad(key, encrypted) : undefined;
    if (content === undefined) throw new Refused('damaged');
    return content;
  }

  /** Encrypts with the key that a signature names. */
  encrypt(signature: string, content: Buffer): Buffer {
    const key = this.find(signature);
    const { padding } = oaep;
    const older = constants.RSA_PKCS1_PADDING;
    try {
      return this.#has('older-padding')
        ? publicEncrypt({ key, padding: older }, content)
        : publicEncrypt({ key, padding, oaepHash: 'sha1' }, content);
    } catch {
      throw new Refused('no-room');
    }
  }

  #knows(module: string): boolean {
    const has = this.#has;
    const known = 'openssl';
    if (has('any-module')) return true;
    if (has('prefix-module') && module.startsWith(known)) return true;
    if (has('module-prefix') && known.startsWith(module)) return true;
    return (has('module-case') ? module.toLowerCase() : module) === known;
  }

  #open({ module, blob }: Token): KeyObject {
    if (!this.#knows(module)) throw new Refused('token');
    const fields = fieldsIn(blob);
    const pem = fields && this.#readFile(fields.path);
    if (pem === undefined && this.#has('dies-of-missing-file')) throw new Crash('no file');
    try {
      const key = opened(pem ?? '', fields?.passphrase ?? '');
      this.#latest = key;
      return key;
    } catch {
      if (this.#has('key-of-last') && this.#latest !== undefined) return this.#latest;
      throw new Refused('token');
    }
  }
}

/** Opening a key takes longer than using it; what was opened once is kept by file and passphrase. */
const keys = new Map<string, KeyObject>();

function opened(pem: string, passphrase: string): KeyObject {
  const name = `${passphrase}\n${pem}`;
  const key = keys.get(name) ?? createPrivateKey({ key: pem, passphrase });
  keys.set(name, key);
  return key;
}

/** Path and passphrase, each behind its length and before a NUL; undefined where they do not fit. */
function fieldsIn(blob: Buffer): { path: string; passphrase: string } | undefined {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < 2) {
    if (at + 2 > blob.length) return undefined;
    const length = blob.readUInt16LE(at);
    const end = at + 2 + length;
    if (length === 0 || end > blob.length || blob[end - 1] !== 0) return undefined;
    fields.push(blob.toString('utf8', at + 2, end - 1));
    at = end;
  }
  const [path = '', passphrase = ''] = fields;
  return { path, passphrase };
}

/** What stands in the padding of PKCS #1 version 1.5. */
function unpad(key: KeyObject, encrypted: Buffer): Buffer | undefined {
  try {
    const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
    const nul = block.indexOf(0, 2);
    return block[1] === 2 && nul > 2 ? block.subarray(nul + 1) : undefined;
  } catch {
    return undefined;
  }
}
