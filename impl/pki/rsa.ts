import type { jsbn, pki } from 'node-forge';
import { room } from '../wire/index.js';
import { unlocked } from './encrypted-pem.js';
import { TooMuchWork, withLimits } from './forge-limits.js';
import type { PkiModule } from './module.js';
import type { ReadKeyFile, RsaEngine, RsaKey } from './rsa-file.js';
import { RsaFileModule, unopened } from './rsa-file.js';

/**
 * The key module "rsa": what "openssl" does, in JavaScript alone by node-forge, and from more files.
 *
 * It reads PEM (PKCS#1 and PKCS#8, encrypted or not) and PKCS#12. It is slow: a decryption under 2048 bits takes
 * about 25 ms. node-forge works with strings of bytes, one char a byte; they stay in here. They are not
 * wiped, as strings cannot be. PKCS#12 alone is decrypted while nothing else is done, see forge-limits.ts.
 */

/** Makes the module. */
export function rsaModule(readKeyFile: ReadKeyFile): PkiModule {
  return new RsaFileModule({ name: 'rsa', engine, readKeyFile });
}

type Forge = typeof import('node-forge');
type PrivateKey = pki.rsa.PrivateKey;

/** Loaded when it is first needed, since it takes longer to load than all the rest. */
const forgeLoaded = async (): Promise<Forge> => (await import('node-forge')).default;

const engine: RsaEngine = async (file, passphrase) => {
  const forge = await forgeLoaded();
  const unlockedKey = await unlocked(file, passphrase);
  if (unlockedKey.kind === 'refused') return unlockedKey.why;
  const text = binaryOf(file);
  const isPem = text.includes('-----BEGIN ');
  try {
    if (unlockedKey.kind === 'decrypted') return rsaKeyOf(forge, fromDer(forge, unlockedKey.der));
    const key = isPem
      ? fromPem(forge, text, binaryOf(passphrase))
      : withLimits(forge, () => fromPkcs12(forge, text, Buffer.from(passphrase).toString('utf8')));
    return key === undefined ? unopened : rsaKeyOf(forge, key);
  } catch (error) {
    if (error instanceof TooMuchWork) return error.message;
    // It throws what it likes at bytes that it cannot read, and after a wrong passphrase all are.
    return unopened;
  }
};

function fromDer(forge: Forge, der: Uint8Array): PrivateKey {
  const key = forge.pki.privateKeyFromAsn1(forge.asn1.fromDer(binaryOf(der)));
  der.fill(0);
  return key;
}

function fromPem(forge: Forge, text: string, passphrase: string): PrivateKey | undefined {
  // The types promise a key; with a wrong passphrase there is none.
  const key = forge.pki.decryptRsaPrivateKey(text, passphrase) as PrivateKey | null;
  return key ?? undefined;
}

function fromPkcs12(forge: Forge, der: string, passphrase: string): PrivateKey | undefined {
  const store = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(der), passphrase);
  const { pkcs8ShroudedKeyBag = '', keyBag = '' } = forge.pki.oids;
  for (const bagType of [pkcs8ShroudedKeyBag, keyBag]) {
    const key = store.getBags({ bagType })[bagType]?.[0]?.key;
    if (key !== undefined) return key;
  }
  return undefined;
}

function rsaKeyOf(forge: Forge, key: PrivateKey): RsaKey {
  const scheme = 'RSA-OAEP';
  return {
    modulus: bytesOfNumber(key.n),
    exponent: bytesOfNumber(key.e),
    encrypt: (content) => {
      const publicKey = forge.pki.rsa.setPublicKey(key.n, key.e);
      return bytesOf(publicKey.encrypt(binaryOf(content), scheme));
    },
    decrypt: (sealed) => {
      try {
        return bytesOf(key.decrypt(binaryOf(sealed), scheme));
      } catch {
        return undefined;
      }
    },
  };
}

function bytesOfNumber(number: jsbn.BigInteger): Uint8Array {
  const hex = number.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

function binaryOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bytesOf(binary: string): Uint8Array {
  const bytes = room(binary.length);
  for (let nth = 0; nth < bytes.length; nth += 1) bytes[nth] = binary.charCodeAt(nth);
  return bytes;
}
