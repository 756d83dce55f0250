import { rebuilt } from './foreign.js';

/**
 * Takes key material out of what programs send.
 *
 * A member whose name says that it holds a secret loses its value, and so does text that is a private key. A part
 * that is nested too deeply is cut off (foreign.ts). The rest stays as it was; a message without any of that stays
 * the same to the byte.
 */

const secretName =
  /secret|pass(?:phrase|word|wd)|private_?key|session_?key|api_?key|credential|authorization|cookie|^_*fek(?:ek)?$|token$/i;
/** Names of many things: a value that is long enough to be a key is taken for one. */
const keyName = /(?:key|^_*(?:keys|salt|pem))$/i;
const keyLengthMin = 16;
const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
/** What stands in the place of a secret. */
export const redacted = '[redacted]';

/** A value without key material: the same object if there was none. */
export function redact(value: unknown, depth = 0): unknown {
  return rebuilt(value, replaced, depth);
}

function replaced(part: unknown, name: string | undefined, depth: number): unknown {
  if (name !== undefined && isSecret(name, part)) return redacted;
  return typeof part === 'string' ? redactText(part, depth) : undefined;
}

/** Text without private keys; text that is JSON itself is searched as such. */
function redactText(text: string, depth: number): string {
  const isJson = /^\s*[[{]/.test(text);
  if (isJson) {
    const value = parsed(text);
    const after = redact(value, depth + 1);
    if (after !== value) return JSON.stringify(after);
  }
  return text.includes('PRIVATE KEY') ? text.replace(privateKey, redacted) : text;
}

/** Whether a member holds a secret. A flag such as `passwordIsSet` does not. */
function isSecret(name: string, value: unknown): boolean {
  const isText = typeof value === 'string';
  const holdsSomething = isText ? value !== '' : typeof value === 'object' && value !== null;
  if (secretName.test(name)) return holdsSomething || typeof value === 'number';
  return keyName.test(name) && (isText ? value.length >= keyLengthMin : isBytes(value));
}

/** Bytes, as JSON has them: numbers in an array, or under the names 0, 1, 2. */
function isBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const held: unknown = Object.hasOwn(value, 'data') && 'data' in value ? value.data : value;
  const bytes: readonly unknown[] = Object.values(held ?? {});
  return bytes.length >= keyLengthMin && bytes.every((one) => typeof one === 'number');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
