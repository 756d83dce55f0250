/**
 * Takes key material out of what programs tell.
 *
 * A member whose name says that it holds a secret loses its value, and so does text that is a private
 * key. The rest stays as it was; a message without any of that stays the same to the byte.
 */

const secretName =
  /secret|pass(?:phrase|word|wd)|private_?key|session_?key|api_?key|credential|authorization|cookie|^_*fek(?:ek)?$|token$/i;
/** Names of many things: what is long enough to be a key is taken for one. */
const keyName = /^_*(?:.*key|keys|salt|pem)$/i;
const keyLengthMin = 16;
const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
/** What stands where a secret was. */
export const redacted = '[redacted]';

/** A value without key material: the same object where there was none. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return changed(value, value.map(redact));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const after = entries.map(([name, one]: [string, unknown]) =>
    isSecret(name, one) ? redacted : redact(one),
  );
  if (entries.every(([, one], nth) => one === after[nth])) return value;
  return Object.fromEntries(entries.map(([name], nth) => [name, after[nth]]));
}

/** Text without private keys; text that is JSON itself is looked through as such. */
function redactText(text: string): string {
  const isJson = text.startsWith('{') && text.endsWith('}');
  if (isJson) {
    const value = parsed(text);
    const after = redact(value);
    if (after !== value) return JSON.stringify(after);
  }
  return text.includes('PRIVATE KEY') ? text.replace(privateKey, redacted) : text;
}

function changed(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.every((one, nth) => one === after[nth]) ? before : after;
}

/** What is only said to be there is no secret. */
function isSecret(name: string, value: unknown): boolean {
  const isText = typeof value === 'string';
  const holdsSomething = isText ? value !== '' : typeof value === 'object' && value !== null;
  if (secretName.test(name)) return holdsSomething || typeof value === 'number';
  return keyName.test(name) && (isText ? value.length >= keyLengthMin : isBytes(value));
}

/** Bytes, as JSON has them: numbers in an array, or under the names 0, 1, 2. */
function isBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const held: unknown = 'data' in value ? value.data : value;
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
