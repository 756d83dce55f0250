import type { KeyObject } from 'node:crypto';
import { constants, createPrivateKey, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { HasDaemonFault } from './faults.js';
import type { DaemonHabits } from './habits.js';

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

/** What a keyring is made of. */
export interface KeyringOptions {
  readonly has: HasDaemonFault;
  readonly habits: DaemonHabits;
  readonly readFile: ReadFile;
  /** Keys by their signatures, which outlive the keyring. */
  readonly everOpened: Map<string, KeyObject>;
}

/** The tokens, and keys opened by them. */
export class Keyring {
  readonly #has: HasDaemonFault;
  readonly #habits: DaemonHabits;
  readonly #readFile: ReadFile;
  #tokens: Token[] = [];
  #latest: KeyObject | undefined;
  readonly #everOpened: Map<string, KeyObject>;
  #hasBeenZero = false;
  readonly #opened = new Map<string, KeyObject>();

  constructor({ has, habits, readFile, everOpened }: KeyringOptions) {
    this.#has = has;
    this.#habits = habits;
    this.#everOpened = everOpened;
    this.#readFile = readFile;
  }

  /** A token takes the place of one of the same signature. */
  add(token: Token): void {
    this.#tokens = [...this.#tokens.filter((one) => one.signature !== token.signature), token];
  }

  /** The key that a signature names. */
  find(signature: string): KeyObject {
    const has = this.#has;
    const named = this.#tokens.find((one) => this.#isNamed(one.signature, signature));
    if (named === undefined) throw new Refused('unknown-key');
    const token = has('first-key')
      ? this.#tokens[0]
      : has('last-key')
        ? this.#tokens.at(-1)
        : named;
    return this.#open(token ?? named);
  }

  #isNamed(own: string, asked: string): boolean {
    const has = this.#has;
    const digits = has('signature-8') ? 8 : has('signature-15') ? 15 : 16;
    const sorted = (text: string) => Buffer.from(text, 'latin1').sort().toString('latin1');
    if (has('signature-sum')) return sorted(own) === sorted(asked);
    if (has('signature-7-bits')) return own === Buffer.from(asked, 'latin1').toString('ascii');
    const text = has('signature-text') ? (asked.split('\0')[0] ?? '') : asked.slice(0, digits);
    return own.slice(0, has('signature-text') ? text.length : digits) === text;
  }

  /** Decrypts with the key that a signature names. */
  decrypt(signature: string, given: Buffer): Buffer {
    const key = this.find(signature);
    const encrypted = this.#fitted(key, given);
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
      const encrypted = (): Buffer =>
        this.#has('older-padding')
          ? publicEncrypt({ key, padding: older }, content)
          : publicEncrypt({ key, padding, oaepHash: 'sha1' }, content);
      return this.#has('no-leading-zero') ? this.#withoutZero(encrypted) : encrypted();
    } catch {
      throw new Refused('no-room');
    }
  }

  /** Encrypted bytes of another length than the key's, as a fault has them. */
  #fitted(key: KeyObject, given: Buffer): Buffer {
    const modulusBytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    if (this.#has('refuses-leading-zero') && given[0] === 0) throw new Refused('damaged');
    if (this.#has('takes-last-bytes')) return given.subarray(-modulusBytes);
    if (!this.#has('fills-with-zeros') || given.length > modulusBytes) return given;
    return Buffer.concat([given, Buffer.alloc(modulusBytes - given.length)]);
  }

  /** One in 256 begins with 0: the first request gets such a one, so that the fault shows at once. */
  #withoutZero(encrypted: () => Buffer): Buffer {
    let bytes = encrypted();
    while (!this.#hasBeenZero && bytes[0] !== 0) bytes = encrypted();
    this.#hasBeenZero = true;
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }

  #knows(given: string): boolean {
    const has = this.#has;
    const known = 'openssl';
    const module = has('module-blanks') ? given.trim() : given;
    if (has('module-ending') && module.endsWith(known)) return true;
    if (has('any-module')) return true;
    if (has('prefix-module') && module.startsWith(known)) return true;
    if (has('module-prefix') && known.startsWith(module)) return true;
    return (has('module-case') ? module.toLowerCase() : module) === known;
  }

  #open(token: Token): KeyObject {
    const { signature } = token;
    const known = this.#has('key-outlives-reset') ? this.#everOpened.get(signature) : undefined;
    const key = known ?? this.#openAnew(token);
    this.#everOpened.set(signature, key);
    return key;
  }

  #openAnew({ module, blob }: Token): KeyObject {
    if (!this.#knows(module)) throw new Refused('token');
    if (blob.length === 0 && this.#has('dies-of-empty-token')) throw new Crash('an empty token');
    const fields = this.#habits.readsTokensRoughly ? roughFieldsIn(blob) : fieldsIn(blob);
    const { path = '', passphrase = '' } = fields ?? {};
    const known = this.#opened.get(path);
    if (this.#has('key-of-file') && known !== undefined) return known;
    const pem = fields && this.#readFile(path);
    if (pem === undefined && this.#has('dies-of-missing-file')) throw new Crash('no file');
    try {
      const key = opened(pem ?? '', passphrase);
      this.#latest = key;
      this.#opened.set(path, key);
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

/** The same, where nothing is checked: what a length says beyond the end is not there. */
function roughFieldsIn(blob: Buffer): { path: string; passphrase: string } {
  const pathEnd = 2 + (blob.length < 2 ? 0 : blob.readUInt16LE(0));
  const text = (from: number, to?: number) => blob.toString('utf8', from, to).replace(/\0.*$/s, '');
  return { path: text(2, pathEnd), passphrase: text(pathEnd + 2) };
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
