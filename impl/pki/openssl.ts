import type { KeyObject, PrivateKeyInput } from 'node:crypto';
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { promisify } from 'node:util';
import { unlocked } from './encrypted-pem.js';
import type { PkiModule } from './module.js';
import type { ReadKeyFile, RsaEngine, RsaKey } from './rsa-file.js';
import { RsaFileModule, unopened } from './rsa-file.js';

/**
 * The key module "openssl" of ecryptfs-utils, by node:crypto: the same files, tokens, names and bytes.
 *
 * It reads PEM: PKCS#1 and PKCS#8, encrypted or not.
 */

/** Makes the module. */
export function opensslModule(readKeyFile: ReadKeyFile): PkiModule {
  return new RsaFileModule({ name: 'openssl', engine, readKeyFile });
}

const engine: RsaEngine = async (file, passphrase) => {
  const key = await unlocked(file, passphrase);
  if (key.kind === 'refused') return key.why;
  const der = key.kind === 'decrypted' ? key.der : undefined;
  const opened = privateKeyOf(
    der === undefined
      ? {
          key: viewOf(file),
          format: 'pem',
          ...(passphrase.length > 0 && { passphrase: viewOf(passphrase) }),
        }
      : { key: viewOf(der), format: 'der', type: 'pkcs8' },
  );
  der?.fill(0);
  return opened?.asymmetricKeyType === 'rsa' ? rsaKeyOf(opened) : unopened;
};

function privateKeyOf(input: PrivateKeyInput): KeyObject | undefined {
  try {
    return createPrivateKey(input);
  } catch {
    return undefined;
  }
}

/** The same bytes as a Buffer; a copy would be left behind. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function rsaKeyOf(key: KeyObject): RsaKey {
  const { n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
  const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
  return {
    modulus: Buffer.from(n, 'base64url'),
    exponent: Buffer.from(e, 'base64url'),
    encrypt: (content) => publicEncrypt(oaep, content),
    decrypt: (sealed) => {
      try {
        return privateDecrypt(oaep, sealed);
      } catch {
        return undefined;
      }
    },
  };
}

/** How long a key may be that is made here. Above 4096 bits nothing that it seals fits into a file. */
export const rsaBits = { min: 1024, max: 4096 } as const;

/** What a key file is made of. */
export interface KeyFileOptions {
  /** 1024 to 4096. */
  readonly bits: number;
  readonly passphrase: Uint8Array;
}

/**
 * Makes an RSA key, as the text of a file: PEM, PKCS#1, AES-256-CBC under the passphrase; exponent 65537. The
 * text is a secret of its kind: let nobody else read its file.
 *
 * @throws RangeError when it would be too short or too long, or when there is no passphrase
 */
export async function generateKeyFile({ bits, passphrase }: KeyFileOptions): Promise<string> {
  const { min, max } = rsaBits;
  if (!Number.isInteger(bits) || bits < min || bits > max) {
    throw new RangeError(`a key of ${bits} bits cannot be made; use ${min} to ${max}`);
  }
  if (passphrase.length === 0) throw new RangeError('the passphrase is empty; give one');
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: bits,
    publicExponent: 65_537,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: {
      type: 'pkcs1',
      format: 'pem',
      cipher: 'aes-256-cbc',
      // The types know text only; bytes are taken as they are.
      passphrase: viewOf(passphrase) as unknown as string,
    },
  });
  return privateKey;
}
