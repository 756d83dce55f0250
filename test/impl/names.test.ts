import { readFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CipherName, NameKey } from '../../impl/index.js';
import {
  cipherOf,
  decodeNameText,
  decryptName,
  decryptTarget,
  deriveKey,
  encodeNameText,
  encryptName,
  encryptTarget,
  NameError,
  namePrefix,
  nameSalts,
  readName,
} from '../../impl/index.js';

/** Encrypted names of files, against names that kernels wrote and other programs read. */

interface NameVectors {
  readonly groups: readonly {
    readonly passphrase: string;
    readonly salt: string;
    readonly signature: string;
    readonly names: readonly {
      readonly cipher: CipherName;
      readonly keyBytes: number;
      readonly name: string;
      readonly text: string;
    }[];
  }[];
}

// The file is ours, and the tests fail where it is not of this form.
const { groups } = JSON.parse(
  readFileSync(new URL('../vectors/names.json', import.meta.url), 'utf8'),
) as NameVectors;
const keyOf = (passphrase: string, salt: string): NameKey => {
  const { fekek, signature } = deriveKey(Buffer.from(passphrase), Buffer.from(salt, 'hex'));
  return { signature, fekek: fekek.use((bytes) => Uint8Array.from(bytes)) };
};
const keys = new Map(
  groups.map(({ passphrase, salt, signature }) => [signature, keyOf(passphrase, salt)]),
);
const vectors = groups.flatMap(({ names, signature }) =>
  names.map((one) => [one.cipher, one.keyBytes, one.name, { ...one, signature }] as const),
);
const offered = vectors.filter(([cipher]) => cipher === 'aes' || cipher === 'des3_ede');
const others = vectors.filter(([cipher]) => cipher !== 'aes' && cipher !== 'des3_ede');
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text));
const packetOf = (text: string) => {
  const packet = readName(text);
  if (packet === undefined) throw new Error(`${text} is no encrypted name`);
  return packet;
};
const someKey: NameKey = { signature: '00000000000000aa', fekek: new Uint8Array(64).fill(9) };
const aes = cipherOf('aes', 16);

describe('a name that a kernel wrote', () => {
  it.each(offered)('under %s with %i bytes is "%s", there and back', (cipher, keyBytes, name, one) => {
    const key = keys.get(one.signature) ?? someKey;
    expect(key.signature).toBe(one.signature);
    const packet = packetOf(one.text);
    expect(packet.signature).toBe(one.signature);
    expect(Buffer.from(decryptName(packet, key)).toString()).toBe(name);
    expect(encryptName(bytesOf(name), cipherOf(cipher, keyBytes), key)).toBe(one.text);
  }); // prettier-ignore

  it.each(others)('under %s with %i bytes is refused by name: %s', (cipher, keyBytes, _, one) => {
    const key = keys.get(one.signature) ?? someKey;
    expect(keyBytes).toBeGreaterThan(0);
    expect(() => decryptName(packetOf(one.text), key)).toThrow(`cipher ${cipher} with a key`);
  });

  it('has its key from the first eight letters of the salt in hex', () => {
    const [salt = new Uint8Array()] = nameSalts;
    expect(deriveKey(Buffer.from('test'), salt).signature).toBe('be877764c5918621');
  });
});

describe('a name', () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 143 }).map((some) =>
    some.map((byte) => (byte === 0 || byte === 0x2f ? 0x41 : byte)),
  ); // prettier-ignore
  const ciphers = [aes, cipherOf('aes', 24), cipherOf('aes', 32), cipherOf('des3_ede', 24)];

  it('of any bytes comes back, is no longer than a name can be, and is always the same', () => {
    fc.assert(
      fc.property(name, fc.constantFrom(...ciphers), (plain, cipher) => {
        const text = encryptName(plain, cipher, someKey);
        expect(text.length).toBeLessThanOrEqual(255);
        expect(text).toMatch(/^ECRYPTFS_FNEK_ENCRYPTED\.[-.0-9A-Za-z]+$/);
        expect(encryptName(plain, cipher, someKey)).toBe(text);
        const isDots = ['.', '..'].includes(Buffer.from(plain).toString('latin1'));
        if (!isDots) expect(decryptName(packetOf(text), someKey)).toEqual(plain);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('has no zero in front, whatever the MD5 of the key is', () => {
    const fekek = Uint8Array.from({ length: 64 }, (_, nth) => nth);
    for (fekek[0] = 0; hash('md5', fekek, 'buffer').indexOf(0) === -1;) fekek[0] += 1;
    const key = { signature: someKey.signature, fekek };
    const text = encryptName(bytesOf('n'), aes, key);
    expect(Buffer.from(decryptName(packetOf(text), key)).toString()).toBe('n');
  });

  it('that is too long, empty, or holds a slash or a zero is not encrypted', () => {
    for (const bad of ['', 'a/b', 'a\0b', 'a'.repeat(144)]) {
      expect(() => encryptName(bytesOf(bad), aes, someKey)).toThrow(NameError);
    }
    expect(encryptName(bytesOf('a'.repeat(143)), aes, someKey)).toHaveLength(252);
  });

  it.each(['.', '..', '../../etc/passwd', 'a/b', '/'])(
    'that decrypts to "%s" is refused, for it would lead elsewhere',
    (evil) => {
      const text = encryptTarget(bytesOf(evil), aes, someKey);
      expect(() => decryptName(packetOf(text), someKey)).toThrow('can be no name of a file');
      expect(Buffer.from(decryptTarget(packetOf(text), someKey)).toString()).toBe(evil);
    },
  );

  it('under another key, damaged or cut off says so, and shows nothing of the key', () => {
    const text = encryptName(bytesOf('letter'), aes, someKey);
    const packet = packetOf(text);
    const wrong = { ...someKey, fekek: new Uint8Array(64).fill(8) };
    expect(() => decryptName(packet, wrong)).toThrow(
      'it does not decrypt under key 00000000000000aa; it is damaged, or another key has this signature',
    );
    expect(() => decryptName(packet, { ...someKey, signature: '00000000000000bb' })).toThrow(
      'it is under key 00000000000000aa, and this key is 00000000000000bb',
    );
    const odd = { ...packet, encryptedName: packet.encryptedName.subarray(1) };
    expect(() => decryptName(odd, someKey)).toThrow('no whole number of blocks');
  });

  it('with other bytes in front than a kernel writes is read all the same', () => {
    const other = { ...someKey, fekek: someKey.fekek.slice() };
    // The key of AES-128 is the first 16 bytes; what stands in front follows from all 64.
    other.fekek.fill(1, 16);
    const text = encryptName(bytesOf('lettre à Alice'), aes, other);
    expect(Buffer.from(decryptName(packetOf(text), someKey)).toString()).toBe('lettre à Alice');
  });

  it.each(['letter', namePrefix, `${namePrefix}abc`, `${namePrefix}FW,p`, 'ECRYPTFS_FNEK_ENCRYPTED'])(
    'that is "%s" is no encrypted name',
    (text) => {
      expect(readName(text)).toBeUndefined();
    },
  ); // prettier-ignore

  it('is text that means the same bytes, filled up to three', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const back = decodeNameText(encodeNameText(bytes)) ?? new Uint8Array();
        expect(back.length).toBe(Math.ceil(bytes.length / 3) * 3);
        expect(back.subarray(0, bytes.length)).toEqual(bytes);
        expect(back.subarray(bytes.length).every((byte) => byte === 0)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('the place that a link leads to', () => {
  it('may be a long path, whose packet has a length of two bytes', () => {
    const target = bytesOf('../'.repeat(700));
    const text = encryptTarget(target, aes, someKey);
    expect(decryptTarget(packetOf(text), someKey)).toEqual(target);
    expect(() => encryptTarget(bytesOf('a'.repeat(3100)), aes, someKey)).toThrow('4095 are possible');
  }); // prettier-ignore
});
