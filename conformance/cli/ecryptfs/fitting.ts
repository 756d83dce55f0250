import { deriveKey, passphraseMax } from '../../../impl/index.js';

/**
 * Whether a passphrase would fit without what editors and other systems add to it.
 *
 * A file that was written on another system may begin with a byte order mark, end in a carriage return or a blank, or
 * have letters that are not UTF-8. All of that belongs to the passphrase, since a passphrase may have any bytes.
 * So nothing is dropped unasked: the message says what to drop.
 */

/** A passphrase without something, and what that is. */
interface Variant {
  readonly without: readonly string[];
  readonly bytes: Uint8Array;
}

const byteOrderMark = [0xef, 0xbb, 0xbf];
const carriageReturn = 0x0d;
const blanks = [0x20, 0x09, carriageReturn];

/** What can be dropped, in the order in which it is dropped. */
const drops: readonly ((bytes: Uint8Array) => Variant | undefined)[] = [
  withoutMark,
  withoutEnd,
  withoutForeign,
];

/**
 * Says what to drop from a passphrase so that it makes a key; undefined where nothing helps. It may take half a second.
 */
export function fittingHint(
  passphrase: Uint8Array,
  salt: Uint8Array,
  signature: string,
): string | undefined {
  for (const { without, bytes } of variantsOf(passphrase)) {
    const fits = makes(bytes, salt, signature);
    bytes.fill(0);
    if (fits) return `it fits without ${without.join(' and ')}: remove that from the file`;
  }
  return undefined;
}

/** The passphrase without each of what can be dropped, and without several of them. */
function variantsOf(passphrase: Uint8Array): readonly Variant[] {
  const variants: Variant[] = [{ without: [], bytes: passphrase }];
  for (const drop of drops) {
    for (const { without, bytes } of [...variants]) {
      const dropped = drop(bytes);
      if (dropped === undefined) continue;
      variants.push({ without: [...without, ...dropped.without], bytes: dropped.bytes });
    }
  }
  return variants.slice(1);
}

function makes(bytes: Uint8Array, salt: Uint8Array, signature: string): boolean {
  if (bytes.length < 1 || bytes.length > passphraseMax) return false;
  const derived = deriveKey(bytes, salt);
  derived.fekek.wipe();
  return derived.signature === signature;
}

function withoutMark(bytes: Uint8Array): Variant | undefined {
  if (!byteOrderMark.every((byte, at) => bytes[at] === byte)) return undefined;
  return {
    without: ['the byte order mark at its front'],
    bytes: bytes.slice(byteOrderMark.length),
  };
}

function withoutEnd(bytes: Uint8Array): Variant | undefined {
  const end = bytes.findLastIndex((byte) => !blanks.includes(byte)) + 1;
  if (end === bytes.length) return undefined;
  const hasReturn = bytes.subarray(end).includes(carriageReturn);
  const what = hasReturn ? 'the carriage return (CR) at its end' : 'the blanks at its end';
  return { without: [what], bytes: bytes.slice(0, end) };
}

function withoutForeign(bytes: Uint8Array): Variant | undefined {
  const kept = Buffer.from(new TextDecoder().decode(bytes).replaceAll('\ufffd', ''));
  if (kept.length >= bytes.length) return undefined;
  return { without: ['the bytes in it that are not UTF-8'], bytes: Uint8Array.from(kept) };
}
