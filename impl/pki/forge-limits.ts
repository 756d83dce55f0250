/**
 * How much work node-forge does for the passphrase of one PKCS#12 file.
 *
 * Such a file says at several places how often something is hashed, some of them encrypted themselves, so that
 * they cannot be looked at before. So the functions that hash are counted while a file is read; node-forge
 * reads it in one go, and they are as before when it is done. It works while nothing else is done: the limit
 * is about a second.
 */

/** The most iterations of one file. One of PKCS#12's own derivation, in JavaScript, counts as several of PBKDF2. */
const workMax = 1_250_000;
const ownDerivationWork = 5;

/** Work that is above its limit. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

type Derive = (...values: unknown[]) => unknown;

/** The functions of node-forge that derive keys, of which its types know some. */
interface Derivations {
  readonly pkcs5: { pbkdf2: Derive };
  readonly pkcs12: { generateKey: Derive };
  readonly pki: { readonly pbe: { generatePkcs12Key: Derive } };
}

/**
 * Reads a PKCS#12 file.
 *
 * @throws TooMuchWork when its passphrase takes too long
 */
export function withLimits<T>(forge: unknown, read: () => T): T {
  // Functions of these names are in node-forge 1.4, which package.json pins.
  const { pkcs5, pkcs12, pki } = forge as Derivations;
  const before = [pkcs5.pbkdf2, pkcs12.generateKey, pki.pbe.generatePkcs12Key] as const;
  let work = 0;
  const counted =
    (derive: Derive, at: number, weight: number): Derive =>
    (...values) => {
      const iterations = Number(values[at]);
      work += iterations * weight;
      // A number that is too long for node-forge is negative, or none.
      if (!(iterations >= 0 && work <= workMax)) throw new TooMuchWork(tooMuch);
      return derive(...values);
    };
  pkcs5.pbkdf2 = counted(before[0], 2, 1);
  pkcs12.generateKey = counted(before[1], 3, ownDerivationWork);
  pki.pbe.generatePkcs12Key = counted(before[2], 3, ownDerivationWork);
  try {
    return read();
  } finally {
    [pkcs5.pbkdf2, pkcs12.generateKey, pki.pbe.generatePkcs12Key] = before;
  }
}

const tooMuch =
  'its passphrase takes more iterations than are allowed; make it a PEM file with openssl pkcs12 -nocerts';
