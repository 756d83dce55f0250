import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeOfCipher,
  cipherOfCode,
  DecodeError,
  encodeHeader,
  encodeKeyRequest,
  encodeLength,
  encodeTag1,
  encodeTag3,
  encodeToken,
} from '../../impl/index.js';
import { Reader } from '../../impl/wire/bytes.js';
import { readLength } from '../../impl/wire/length.js';
import { codecs } from './codecs.js';

/** Bytes of every format, against vectors of known source and against chance. */

interface Vectors {
  readonly format: string;
  readonly source: string;
  readonly cases: readonly {
    readonly reason: string;
    readonly valid: boolean;
    readonly bytes: string;
    readonly meaning?: unknown;
    /** False where these bytes are read but never written. */
    readonly canonical?: boolean;
    readonly error?: { readonly offset: number; readonly expected: string; readonly found: string };
  }[];
}

const folder = new URL('../vectors/', import.meta.url);
const vectors = readdirSync(fileURLToPath(folder))
  // The files are ours, and the tests below fail where one is not of this form.
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vectors)
  .filter(({ format }) => format in codecs);

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Values as they stand in a vector: bytes are text that begins with `hex:`. */
function written(value: unknown): unknown {
  if (value instanceof Uint8Array) return `hex:${hexOf(value)}`;
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one)]));
}

function read(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('hex:')) return bytesOf(value.slice(4));
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, read(one)]));
}

/** What a decoder makes of bytes: a value, or the error that says what is wrong. */
function attempt(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return { value: decode(bytes) };
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

const codecOf = (format: string) => {
  const codec = codecs[format];
  if (codec === undefined) throw new RangeError(`there is no format ${format}`);
  return codec;
};

describe('vectors', () => {
  it('are there for every format, valid and malformed, each with its source', () => {
    const formats = vectors.map(({ format }) => format).sort();
    const spoken = Object.keys(codecs).filter((name) => !/kernel|device-big/.test(name));
    expect(formats).toEqual(spoken.sort());
    for (const { source, cases } of vectors) {
      expect(source).not.toBe('');
      expect(new Set(cases.map(({ valid }) => valid)).size).toBe(2);
    }
    expect(vectors.flatMap(({ cases }) => cases).length).toBe(159);
  });

  it.each(
    vectors.flatMap(({ format, cases }) =>
      cases.map((one) => [format, one.reason, one.valid ? 'means' : 'is refused', one] as const),
    ),
  )('%s: %s %s what it should', (format, _, __, one) => {
    const { decode, encode } = codecOf(format);
    if (!one.valid) {
      const error = attempt(decode, bytesOf(one.bytes));
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject(one.error ?? {});
      return;
    }
    expect(written(decode(bytesOf(one.bytes)))).toEqual(one.meaning);
    const again = encode?.(read(one.meaning)) ?? new Uint8Array();
    expect(written(decode(again))).toEqual({
      ...(one.meaning as object),
      ...presentVersion(one.meaning),
    });
    if (one.canonical !== false) expect(hexOf(again)).toBe(one.bytes);
  });
});

/** A header is always written in the present version. */
function presentVersion(meaning: unknown): object {
  const isHeader = typeof meaning === 'object' && meaning !== null && 'headerBytes' in meaning;
  return isHeader ? { version: 3, headerBytes: 8192 } : {};
}

function holds<T>(property: fc.IProperty<T>, parameters: fc.Parameters<T>): void {
  expect(() => {
    fc.assert(property, parameters);
  }).not.toThrow();
}

describe.each(Object.entries(codecs))('the decoder of %s', (_, { decode, encode, samples }) => {
  // The kernel side's own reader has no writer.
  it.skipIf(encode === undefined)('reads back what was written', () => {
    if (encode === undefined) return;
    holds(
      fc.property(samples, ({ value, bytes }) => {
        expect(decode(bytes)).toEqual(value);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  const damaged = fc.oneof(
    samples.chain(({ bytes }) =>
      fc.nat({ max: bytes.length }).map((end) => bytes.subarray(0, end)),
    ),
    fc.tuple(samples, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(([{ bytes }, more]) => {
      return Uint8Array.from([...bytes, ...more]);
    }),
    samples.chain(({ bytes }) =>
      fc
        .array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
        .map((changes) => {
          const altered = bytes.slice();
          for (const [at, byte] of changes)
            if (altered.length > 0) altered[at % altered.length] = byte;
          return altered;
        }),
    ),
    fc.uint8Array({ maxLength: 800 }),
  );

  it('makes of truncated, extended, altered and random bytes a value or a DecodeError', () => {
    holds(
      fc.property(damaged, (bytes) => {
        attempt(decode, bytes);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('reads again what it made of damaged bytes, once that is written', () => {
    holds(
      fc.property(damaged, (bytes) => {
        const made = attempt(decode, bytes);
        if (made instanceof DecodeError || encode === undefined) return;
        const { value } = made as { value: object };
        const present = 'headerBytes' in value ? presentVersion(value) : {};
        expect(decode(encode(value))).toEqual({ ...value, ...present });
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('does not touch what it reads, and reads where a buffer holds more', () => {
    holds(
      fc.property(samples, ({ bytes }) => {
        const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
        const copy = Buffer.from(around);
        expect(decode(around.subarray(3, 3 + bytes.length))).toEqual(decode(bytes));
        expect(around.equals(copy)).toBe(true);
      }),
      { seed: 3, numRuns: 50 },
    );
  });
});

describe('a length', () => {
  const bounds = { min: 0, max: 65_535, what: 'field' };

  it.each([
    [0, '00'],
    [191, 'bf'],
    [192, 'c000'],
    [520, 'c148'],
    [8383, 'dfff'],
  ])('of %i is %s, there and back', (length, hex) => {
    expect(hexOf(encodeLength(length))).toBe(hex);
    const reader = new Reader(Uint8Array.from([...bytesOf(hex), ...new Uint8Array(length)]));
    expect(readLength(reader, bounds)).toBe(length);
    expect(reader.left).toBe(length);
  });

  it.each([8384, -1, 1.5, NaN])('of %d cannot be written', (length) => {
    expect(() => encodeLength(length)).toThrow(
      new RangeError(`a length of ${length} cannot be said; it can be 0 to 8383`),
    );
  });

  it('has one form only: all of two bytes are those that are written', () => {
    for (let first = 0; first < 256; first += 1) {
      const reader = new Reader(Uint8Array.from([first, 7, ...new Uint8Array(8383)]));
      const read = attempt(() => readLength(reader, bounds), new Uint8Array());
      const length = first < 192 ? first : (first - 192) * 256 + 7 + 192;
      if (first > 223) expect(read).toBeInstanceOf(DecodeError);
      else expect(read).toEqual({ value: length });
    }
  });

  it('that lies allocates nothing', () => {
    const lying = bytesOf('dfff');
    const before = process.memoryUsage().arrayBuffers;
    const all = Array.from({ length: 10_000 }, () =>
      attempt(() => readLength(new Reader(lying), bounds), lying),
    );
    expect(all.every((one) => one instanceof DecodeError)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8383 * 1000);
  });
});

describe('an encoder', () => {
  const signature = '253ca7e88811d184';
  const long = new Uint8Array(513);

  it.each([
    [
      'a Tag 1 with a key of 513 bytes',
      () => encodeTag1({ signature, encryptedKey: long }),
      'above 512',
    ],
    [
      'a Tag 1 with half a signature',
      () => encodeTag1({ signature: '253c', encryptedKey: long.subarray(1) }),
      '16 digits',
    ],
    [
      'a Tag 3 with a salt of 7 bytes',
      () =>
        encodeTag3({ cipherCode: 7, salt: new Uint8Array(7), encryptedKey: long.subarray(497) }),
      'a salt has 8 bytes, and this one 7',
    ],
    [
      'a request with a content of 68 bytes',
      () => encodeKeyRequest({ kind: 'encrypt', signature, content: long.subarray(0, 68) }),
      'above the 67',
    ],
    [
      'a header without a token',
      () => encodeHeader({ sizeBytes: 0, marker: 0, flags: 2, tokens: [] }),
      'give one at least',
    ],
    [
      'a header with too many tokens',
      () =>
        encodeHeader({
          sizeBytes: 0,
          marker: 0,
          flags: 2,
          tokens: Array.from({ length: 16 }, () => ({
            kind: 'private-key' as const,
            signature,
            encryptedKey: long.subarray(1),
          })),
        }),
      '16 tokens need a header of 8427 bytes',
    ],
    [
      'a token whose module has no name',
      () => encodeToken({ kind: 'private-key', signature, module: '', blob: long }),
      '1 to 16 letters',
    ],
    [
      'a token with too long a blob',
      () =>
        encodeToken({
          kind: 'private-key',
          signature,
          module: 'openssl',
          blob: new Uint8Array(32_028),
        }),
      'above 32027',
    ],
  ])('refuses %s', (_, encode, why) => {
    expect(encode).toThrow(RangeError);
    expect(encode).toThrow(why);
  });
});

describe('the number of a cipher', () => {
  it.each([
    ['aes', 16, 7],
    ['aes', 24, 8],
    ['aes', 32, 9],
    ['aes', 20, undefined],
    ['des3_ede', 24, 2],
    ['cast5', 16, 3],
    ['blowfish', 56, 4],
    ['twofish', 32, 10],
    ['cast6', 32, 11],
  ] as const)('of %s with a key of %i bytes is %s', (name, keyBytes, code) => {
    expect(codeOfCipher(name, keyBytes)).toBe(code);
    if (code !== undefined) expect(cipherOfCode(code)?.name).toBe(name);
  });
});
