import { checkPrimeSync } from 'node:crypto';

/**
 * Whether an RSA key protects anything: what is wrong with one that does not, in words without a secret.
 *
 * Two kinds of questions. What can be seen at once is asked whenever a key is used: its length, and whether
 * modulus and exponent are odd and the exponent above 1. What takes milliseconds is asked when a key is
 * brought into a keyring: whether anybody could find the factors (the modulus is a prime or has a small
 * factor, or its factors are next to each other), and whether the key opens what it seals.
 *
 * Source: FIPS 186-5 appendix A.1.1; RFC 8017 section 3.1; Fermat's method of factors.
 */

/** What of a key is looked at. */
export interface Examined {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  encrypt(content: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array | undefined;
}

const bitsMin = 1024;
const bitsMax = 4096;
const smallFactorsMax = 10_000;
const fermatSteps = 1000;

/** What is wrong with a key at first sight. */
export function flawOf({
  modulus,
  exponent,
}: Pick<Examined, 'modulus' | 'exponent'>): string | undefined {
  const bits = bitsOf(modulus);
  if (bits < bitsMin || bits > bitsMax) {
    return `its modulus has ${bits} bits, and should have ${bitsMin} to ${bitsMax}; make another key`;
  }
  if (isEven(modulus)) return 'its modulus is even; make another key';
  if (isEven(exponent) || bitsOf(exponent) < 2) {
    return 'its exponent is even or 1, so that it encrypts nothing; make another key';
  }
  if (bitsOf(exponent) >= bits) return 'its exponent is not below its modulus; make another key';
  return undefined;
}

/** What is wrong with a key at a closer look. */
export function weaknessOf(key: Examined): string | undefined {
  const modulus = numberOf(key.modulus);
  const isFactored = checkPrimeSync(modulus) || hasSmallFactor(modulus) || hasNeighbours(modulus);
  if (isFactored) return 'its modulus is easily factored; make another key';
  return opensItself(key) ? undefined : 'its parts do not belong together; make another key';
}

function opensItself(key: Examined): boolean {
  try {
    const opened = key.decrypt(key.encrypt(Uint8Array.of(1, 2, 3)));
    return opened !== undefined && Buffer.from(opened).equals(Uint8Array.of(1, 2, 3));
  } catch {
    return false;
  }
}

function hasSmallFactor(modulus: bigint): boolean {
  for (let factor = 3n; factor < smallFactorsMax; factor += 2n) {
    if (modulus % factor === 0n) return true;
  }
  return false;
}

/** Fermat: n is a² - b² with a just above its root where its factors are close. */
function hasNeighbours(modulus: bigint): boolean {
  let a = rootOf(modulus);
  if (a * a < modulus) a += 1n;
  for (let step = 0; step < fermatSteps; step += 1) {
    const rest = a * a - modulus;
    // Squares end in few ways; a root is taken of those alone.
    if (squareEndings.has(Number(rest & 63n))) {
      const b = rootOf(rest);
      if (b * b === rest) return true;
    }
    a += 1n;
  }
  return false;
}

const squareEndings: ReadonlySet<number> = new Set(
  Array.from({ length: 64 }, (_, nth) => (nth * nth) & 63),
);

/** The whole root, by Newton's method. */
function rootOf(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(16).length * 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function bitsOf(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (number.length - first) * 8 - (Math.clz32(number[first] ?? 0) - 24);
}

function isEven(number: Uint8Array): boolean {
  return ((number.at(-1) ?? 0) & 1) === 0;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}
