import { createDecipheriv, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CipherName } from '../../impl/index.js';
import {
  cipherByCode,
  cipherOf,
  DecodeError,
  deriveKey,
  extentBytes,
  Extents,
  fekekSignature,
  FileKey,
  Secret,
  UnsupportedCipher,
} from '../../impl/index.js';

/** Keys, wrapped and unwrapped, and contents under them. */

interface CryptoVectors {
  readonly passphrases: readonly {
    readonly passphrase: string;
    readonly salt: string;
    readonly signature: string;
    readonly fekek?: string;
  }[];
  readonly fileKey: {
    readonly key: string;
    readonly wrapped: string;
    readonly content: string;
    readonly vectors: Readonly<Record<string, string>>;
  };
  readonly extent: { readonly plain: string; readonly begins: string };
}

// The file is ours, and the tests fail where it is not of this form.
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/crypto.json', import.meta.url), 'utf8'),
) as CryptoVectors;
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const counted = (length: number, from = 0) => Uint8Array.from({ length }, (_, nth) => from + nth);
const fekek = bytesOf(vectors.passphrases[0]?.fekek ?? '');
const offered = [
  ['aes', 16],
  ['aes', 24],
  ['aes', 32],
  ['des3_ede', 24],
] as const;

describe('a passphrase', () => {
  it.each(vectors.passphrases)('"$passphrase" becomes the key of the vectors', (one) => {
    const derived = deriveKey(Buffer.from(one.passphrase), bytesOf(one.salt));
    expect(derived.signature).toBe(one.signature);
    expect(derived.fekek.lengthBytes).toBe(64);
    if (one.fekek !== undefined) expect(derived.fekek.use(hexOf)).toBe(one.fekek);
    expect(derived.fekek.use(fekekSignature)).toBe(one.signature);
    derived.fekek.wipe();
  });

  it('of no byte or of more than 64 is refused, and the sentence does not show it', () => {
    const long = 'correct horse battery staple '.repeat(3);
    expect(() => deriveKey(new Uint8Array())).toThrow(
      'a passphrase has 1 to 64 bytes, and this one 0',
    );
    expect(() => deriveKey(Buffer.from(long))).toThrow(
      'a passphrase has 1 to 64 bytes, and this one 87',
    );
    expect(() => deriveKey(counted(64), counted(7))).toThrow('a salt has 8 bytes, and this one 7');
  });
});

describe('a secret', () => {
  it('shows nowhere', () => {
    const secret = Secret.own(bytesOf('00c0ffee'));
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })];
    expect(shown).toEqual(['[secret]', '{"secret":"[secret]"}', '{ secret: [secret] }']);
  });

  it('is zeros once it is wiped, and is lent to nobody', () => {
    const bytes = counted(4, 1);
    const secret = Secret.own(bytes);
    const copy = Secret.copy(bytes);
    secret.wipe();
    secret.wipe();
    expect([...bytes]).toEqual([0, 0, 0, 0]);
    expect(copy.use((lent) => [...lent])).toEqual([1, 2, 3, 4]);
    expect(() => secret.use(() => 0)).toThrow('a secret was used after it was wiped');
  });
});

describe('the key of a file', () => {
  const { key, wrapped, content } = vectors.fileKey;

  it('is wrapped and becomes a content as the vectors say', () => {
    const file = FileKey.own(cipherOf('aes', 16), bytesOf(key));
    expect(file.wrap(fekek)).toEqual({ cipherCode: 7, encryptedKey: bytesOf(wrapped) });
    expect(file.content().use(hexOf)).toBe(content);
  });

  it.each(offered)(
    'of %s with %i bytes comes back from wrapping and from a content',
    (name, bytes) => {
      const cipher = cipherOf(name, bytes);
      const file = FileKey.own(cipher, counted(bytes, 100));
      const packed = file.wrap(fekek);
      expect(packed.encryptedKey.length).toBe(bytes === 24 && name === 'aes' ? 32 : bytes);
      const back = FileKey.unwrap(packed, fekek);
      expect(back.cipher).toEqual(cipher);
      expect(back.use(hexOf)).toBe(hexOf(counted(bytes, 100)));
      const asked = FileKey.ofContent(file.content().use((one) => one));
      expect(asked.cipher).toEqual(cipher);
      expect(asked.use(hexOf)).toBe(hexOf(counted(bytes, 100)));
    },
  );

  it('of AES-192 is followed by 8 zeros before it is wrapped', () => {
    const { encryptedKey } = FileKey.own(cipherOf('aes', 24), counted(24)).wrap(fekek);
    const decipher = createDecipheriv('aes-192-ecb', fekek.subarray(0, 24), null);
    decipher.setAutoPadding(false);
    expect(hexOf(decipher.update(encryptedKey))).toBe(hexOf(counted(24)) + '0'.repeat(16));
  });

  it('is as long as what was wrapped, whichever number AES goes by', () => {
    expect(
      FileKey.unwrap({ cipherCode: 7, encryptedKey: counted(32) }, fekek).cipher.keyBytes,
    ).toBe(32);
    expect(cipherByCode(9, 16).cbc).toBe('aes-128-cbc');
  });

  it('is refused by name where its cipher is not offered', () => {
    const named: readonly [CipherName, number][] = [['blowfish', 16], ['cast5', 16], ['cast6', 32], ['twofish', 32], ['aes', 17], ['des3_ede', 16]]; // prettier-ignore
    for (const [name, bytes] of named) {
      expect(() => cipherOf(name, bytes)).toThrow(UnsupportedCipher);
      expect(() => cipherOf(name, bytes)).toThrow(`cipher ${name} with a key of ${bytes} bytes`);
    }
    expect(() => cipherByCode(0, 16)).toThrow('cipher number 0 with a key of 16 bytes');
    expect(() => FileKey.unwrap({ cipherCode: 10, encryptedKey: counted(32) }, fekek)).toThrow(
      'cipher twofish with a key of 32 bytes is not offered; use aes (16, 24, 32) or des3_ede (24), or mount the files with eCryptfs in a Linux kernel that has this cipher',
    );
  });

  it('that is not as long as its cipher wants, or whose checksum is wrong, is refused', () => {
    expect(() => FileKey.own(cipherOf('aes', 32), counted(16))).toThrow(
      '32 bytes, and this one 16',
    );
    const wrong = bytesOf(content);
    wrong[1] = 1;
    expect(() => FileKey.ofContent(wrong)).toThrow(DecodeError);
  });

  it('is of no use once it is wiped', () => {
    const bytes = counted(16, 1);
    const file = FileKey.own(cipherOf('aes', 16), bytes);
    file.wipe();
    expect(hexOf(bytes)).toBe('00'.repeat(16));
    expect(() => file.wrap(fekek)).toThrow('after it was wiped');
  });
});

describe('the contents of a file', () => {
  const file = FileKey.own(cipherOf('aes', 16), bytesOf(vectors.fileKey.key));

  it('have the vectors of the vectors, one an extent', () => {
    const extents = new Extents(file);
    for (const [extent, vector] of Object.entries(vectors.fileKey.vectors)) {
      expect(hexOf(extents.vector(Number(extent)))).toBe(vector);
    }
    const rootVector = hash(
      'md5',
      file.use((key) => key),
      'buffer',
    );
    const seed = Buffer.concat([rootVector, Buffer.from('4294967296'), Buffer.alloc(6)]);
    expect(hexOf(extents.vector(2 ** 32))).toBe(hash('md5', seed));
  });

  it('begin as the vectors say', () => {
    const extent = new Uint8Array(extentBytes);
    extent.set(Buffer.from(vectors.extent.plain));
    new Extents(file).encrypt(extent, 0);
    expect(hexOf(extent.subarray(0, 16))).toBe(vectors.extent.begins);
  });

  it.each(offered)(
    'under %s with %i bytes come back, extent by extent and all at once',
    (name, bytes) => {
      const extents = new Extents(FileKey.own(cipherOf(name, bytes), counted(bytes, 7)));
      const plain = Uint8Array.from({ length: 3 * extentBytes }, (_, nth) => (nth * nth) & 0xff);
      const all = plain.slice();
      extents.encrypt(all, 5);
      const each = plain.slice();
      for (const nth of [2, 0, 1]) {
        extents.encrypt(each.subarray(nth * extentBytes, (nth + 1) * extentBytes), 5 + nth);
      }
      expect(hexOf(each)).toBe(hexOf(all));
      expect(hexOf(all)).not.toBe(hexOf(plain));
      extents.decrypt(all, 5);
      expect(hexOf(all)).toBe(hexOf(plain));
    },
  );

  it('with the same bytes in two extents do not look alike', () => {
    const two = new Uint8Array(2 * extentBytes);
    new Extents(file).encrypt(two, 0);
    expect(hexOf(two.subarray(0, 16))).not.toBe(hexOf(two.subarray(extentBytes, extentBytes + 16)));
  });
});
