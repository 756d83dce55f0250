import type { Reader } from './bytes.js';

/**
 * The name of a key: 8 bytes, in files as they are, in requests and in the keyring as 16 digits of
 * lower-case hex.
 */

/** How many bytes name a key. */
export const signatureBytes = 8;
/** How many digits do. */
export const signatureDigits = 16;

/** Whether a text names a key. */
export function isSignature(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

/**
 * The bytes of a signature.
 *
 * @throws RangeError when it has not 16 digits of lower-case hex
 */
export function rawSignature(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(checked(text), 'hex'));
}

/** Reads a signature of 8 bytes. */
export function readRawSignature(reader: Reader): string {
  return Buffer.from(reader.take(signatureBytes, 'signature')).toString('hex');
}

/** A signature as letters. */
export function signatureText(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(checked(text), 'latin1'));
}

/** Reads a signature of 16 digits. */
export function readSignatureText(reader: Reader): string {
  const at = reader.offset;
  const text = Buffer.from(reader.take(signatureDigits, 'signature')).toString('latin1');
  if (!isSignature(text)) reader.fail('16 digits of lower-case hex', 'something else', at);
  return text;
}

function checked(text: string): string {
  if (isSignature(text)) return text;
  throw new RangeError('a signature has 16 digits of lower-case hex; give those that name the key');
}
