/**
 * The text that an encrypted name has in a folder: a prefix, and six bits of the packet in each letter.
 *
 * The letters are those that every file system takes, in the order of ASCII. Three bytes become four letters; the
 * bytes are filled up with zeros to a multiple of three.
 *
 * Source: Linux 6.1 fs/ecryptfs/crypto.c ecryptfs_encode_for_filename, ecryptfs_decode_from_filename.
 */

/** What every encrypted name begins with. */
export const namePrefix = 'ECRYPTFS_FNEK_ENCRYPTED.';

const letters = '-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const values: ReadonlyMap<string, number> = new Map(
  Array.from(letters, (letter, value) => [letter, value]),
);
const groupBytes = 3;
const groupLetters = 4;

/** Whether a name begins as encrypted names do. */
export function isEncryptedName(name: string): boolean {
  return name.startsWith(namePrefix);
}

/** The text of the bytes of a packet. */
export function encodeNameText(bytes: Uint8Array): string {
  let text = namePrefix;
  for (let at = 0; at < bytes.length; at += groupBytes) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + groupBytes);
    const group = (a << 16) | (b << 8) | c;
    for (const shift of [18, 12, 6, 0]) text += letters[(group >> shift) & 63] ?? '';
  }
  return text;
}

/** The bytes of a text; undefined where it is no such text. */
export function decodeNameText(text: string): Uint8Array | undefined {
  if (!isEncryptedName(text)) return undefined;
  const body = text.slice(namePrefix.length);
  const bytes = new Uint8Array(Math.floor((body.length * groupBytes) / groupLetters));
  let [held, bits, done] = [0, 0, 0];
  for (const letter of body) {
    const value = values.get(letter);
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0x3fff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[done] = (held >> bits) & 0xff;
    done += 1;
  }
  return bytes;
}
