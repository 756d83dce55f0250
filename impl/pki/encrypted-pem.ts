import { createDecipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { DecodeError } from '../wire/index.js';
import { Reader } from '../wire/bytes.js';
import { derTags, readElement, readNumber } from './der.js';

/**
 * Private keys in PEM that are encrypted by PKCS#8: what their passphrase costs, and their decryption.
 *
 * Whoever writes a key file says in it how much work its passphrase is to be. The work is limited, and that of
 * PBES2 with AES or triple DES is done by the threads of node:crypto, so that a daemon serves on meanwhile.
 * The other schemes (PBES1 and those of PKCS#12) are left to who decrypts, below a lower limit.
 *
 * Source: RFC 5958 section 3, RFC 8018 appendix A, RFC 7914 section 7.
 */

/** The most iterations of PBKDF2. At 2,000,000 a key takes some seconds to open, as long as a request may take. */
export const iterationsMax = 2_000_000;
/** The most iterations of a scheme during whose work nothing else is done. */
export const blockingIterationsMax = 100_000;
/** The most work and memory of scrypt: N times r times p, and N times r of 128 bytes. */
const scryptWorkMax = 2 ** 22;
const scryptMemoryMax = 2 ** 21;

/** What is in a PEM file. */
export type Unlocked =
  /** The key is not encrypted by PKCS#8, or by a scheme that is left to others. */
  | { readonly kind: 'as it is' }
  /** A PrivateKeyInfo in DER, to be wiped. */
  | { readonly kind: 'decrypted'; readonly der: Uint8Array }
  | { readonly kind: 'refused'; readonly why: string };

interface Scheme {
  /** Derives the key of a cipher. */
  derive(passphrase: Uint8Array, keyBytes: number): Promise<Uint8Array>;
}

interface Pbes2 {
  readonly scheme: Scheme;
  readonly cipher: { readonly name: string; readonly keyBytes: number };
  readonly vector: Uint8Array;
}

const oids = {
  pbes2: '2a864886f70d01050d',
  pbkdf2: '2a864886f70d01050c',
  scrypt: '2b06010401da47040b',
} as const;
const digests: Readonly<Partial<Record<string, string>>> = {
  '2a864886f70d0207': 'sha1',
  '2a864886f70d0208': 'sha224',
  '2a864886f70d0209': 'sha256',
  '2a864886f70d020a': 'sha384',
  '2a864886f70d020b': 'sha512',
};
const ciphers: Readonly<Partial<Record<string, Pbes2['cipher']>>> = {
  '608648016503040102': { name: 'aes-128-cbc', keyBytes: 16 },
  '608648016503040116': { name: 'aes-192-cbc', keyBytes: 24 },
  '60864801650304012a': { name: 'aes-256-cbc', keyBytes: 32 },
  '2a864886f70d0307': { name: 'des-ede3-cbc', keyBytes: 24 },
};
const pem =
  /-----BEGIN ENCRYPTED PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END ENCRYPTED PRIVATE KEY-----/;

/** Work that is above its limit. */
class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

/** Decrypts the key of a PEM file, if it is one that is encrypted by PKCS#8. */
export async function unlocked(file: Uint8Array, passphrase: Uint8Array): Promise<Unlocked> {
  // What is encrypted is no secret, so that a string of it does no harm.
  const [, text] = pem.exec(Buffer.from(file).toString('latin1')) ?? [];
  if (text === undefined) return { kind: 'as it is' };
  try {
    const reader = new Reader(Buffer.from(text, 'base64'));
    const whole = new Reader(readElement(reader, derTags.sequence, 'encrypted key'));
    const pbes2 = readScheme(new Reader(readElement(whole, derTags.sequence, 'scheme')));
    if (pbes2 === undefined) return { kind: 'as it is' };
    const encrypted = readElement(whole, derTags.octets, 'encrypted data');
    return { kind: 'decrypted', der: await decrypted(pbes2, encrypted, passphrase) };
  } catch (error) {
    if (error instanceof TooMuchWork) return { kind: 'refused', why: error.message };
    if (error instanceof DecodeError) return { kind: 'as it is' };
    return { kind: 'refused', why: 'its passphrase is another, or it holds no RSA private key' };
  }
}

/** The parts of PBES2; undefined where the scheme is left to others. */
function readScheme(reader: Reader): Pbes2 | undefined {
  const oid = readOid(reader);
  const parameters = new Reader(readElement(reader, derTags.sequence, 'parameters'));
  if (oid !== oids.pbes2) {
    readElement(parameters, derTags.octets, 'salt');
    mustBeBelow(readNumber(parameters, 'iterations'), blockingIterationsMax);
    return undefined;
  }
  const derivation = new Reader(readElement(parameters, derTags.sequence, 'derivation'));
  const encryption = new Reader(readElement(parameters, derTags.sequence, 'encryption'));
  const kind = readOid(derivation);
  const values = new Reader(readElement(derivation, derTags.sequence, 'values'));
  const scheme = kind === oids.scrypt ? readScrypt(values) : readPbkdf2(values);
  const cipher = ciphers[readOid(encryption)];
  if (cipher === undefined || scheme === undefined) {
    // Somebody else knows it, who works on it while nothing else is done.
    mustBeBelow(scheme?.iterations ?? 0, blockingIterationsMax);
    return undefined;
  }
  return { scheme, cipher, vector: readElement(encryption, derTags.octets, 'vector') };
}

type Derivation = Scheme & { readonly iterations: number };

function readPbkdf2(reader: Reader): Derivation | undefined {
  const salt = readElement(reader, derTags.octets, 'salt');
  const iterations = readNumber(reader, 'iterations');
  mustBeBelow(iterations, iterationsMax);
  if (reader.peek() === derTags.integer) readNumber(reader, 'length of the key');
  const digest =
    reader.left === 0
      ? 'sha1'
      : digests[readOid(new Reader(readElement(reader, derTags.sequence, 'digest')))];
  if (digest === undefined) {
    mustBeBelow(iterations, blockingIterationsMax);
    return undefined;
  }
  return {
    iterations,
    derive: (passphrase, keyBytes) =>
      promisify(pbkdf2)(passphrase, salt, iterations, keyBytes, digest),
  };
}

function readScrypt(reader: Reader): Derivation {
  const salt = readElement(reader, derTags.octets, 'salt');
  const [N, r, p] = ['N', 'r', 'p'].map((what) => readNumber(reader, what));
  const [cost, block, parallel] = [N ?? 0, r ?? 0, p ?? 0];
  if (cost * block * parallel > scryptWorkMax || cost * block > scryptMemoryMax) {
    throw new TooMuchWork(
      `its passphrase takes more work than the limit (scrypt with N ${cost}, r ${block}, p ${parallel}); encrypt it anew with openssl pkcs8 -topk8`,
    );
  }
  const options = { N: cost, r: block, p: parallel, maxmem: 2 * 128 * scryptMemoryMax };
  return {
    iterations: 0,
    derive: (passphrase, keyBytes) =>
      new Promise((resolve, reject) => {
        scrypt(passphrase, salt, keyBytes, options, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      }),
  };
}

async function decrypted(
  { scheme, cipher, vector }: Pbes2,
  encrypted: Uint8Array,
  passphrase: Uint8Array,
): Promise<Uint8Array> {
  const key = await scheme.derive(passphrase, cipher.keyBytes);
  try {
    const decipher = createDecipheriv(cipher.name, key, vector);
    const first = decipher.update(encrypted);
    const der = Buffer.concat([first, decipher.final()]);
    first.fill(0);
    return der;
  } finally {
    key.fill(0);
  }
}

function mustBeBelow(iterations: number, max: number): void {
  if (iterations <= max) return;
  throw new TooMuchWork(
    `its passphrase takes ${iterations} iterations, more than the ${max} that are allowed; encrypt it anew with openssl pkcs8 -topk8`,
  );
}

function readOid(reader: Reader): string {
  return Buffer.from(readElement(reader, derTags.oid, 'name of an algorithm')).toString('hex');
}
