import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeWrapped,
  defaultSalt,
  deriveKey,
  unwrapPassphrase,
  wrapPassphrase,
} from '../../impl/index.js';

/** Wrapped passphrases, against files of other programs. */

interface WrappedVectors {
  readonly cases: readonly {
    readonly source: string;
    readonly version: 1 | 2;
    readonly login: string;
    readonly passphrase: string;
    readonly bytes: string;
    readonly signature?: string;
  }[];
}

// The file is ours, and the tests fail where it is not of this form.
const { cases } = JSON.parse(
  readFileSync(new URL('../vectors/wrapped.json', import.meta.url), 'utf8'),
) as WrappedVectors;
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text));
const wrappedOf = (hex: string) => {
  const wrapped = decodeWrapped(Uint8Array.from(Buffer.from(hex, 'hex')));
  if (wrapped === undefined) throw new Error('it is no wrapped passphrase');
  return wrapped;
};

describe('a wrapped passphrase', () => {
  it.each(cases.map((one) => [one.version, one.source, one] as const))(
    'of version %i by %s is unwrapped, and written again to the byte',
    (version, _, { login, passphrase, bytes, signature }) => {
      const wrapped = wrappedOf(bytes);
      expect(wrapped.version).toBe(version);
      const unwrapped = unwrapPassphrase(wrapped, bytesOf(login));
      if (unwrapped.kind === 'refused') throw new Error(unwrapped.message);
      const found = unwrapped.passphrase.use((one) => Buffer.from(one).toString());
      expect(found).toBe(passphrase);
      if (signature !== undefined) expect(deriveKey(bytesOf(found)).signature).toBe(signature);
      const salt = wrapped.salt ?? defaultSalt;
      const again = wrapPassphrase({ passphrase: bytesOf(passphrase), login: bytesOf(login), salt, version });
      expect(Buffer.from(again).toString('hex')).toBe(bytes);
    },
  ); // prettier-ignore

  it('says which key it wants when the login passphrase is another', () => {
    const [one] = cases;
    expect(unwrapPassphrase(wrappedOf(one?.bytes ?? ''), bytesOf('logout'))).toEqual({
      kind: 'refused',
      message: expect.stringMatching(/^it is wrapped under key 31591a39566808d6, and this login passphrase makes [0-9a-f]{16}; give the login passphrase that it was wrapped with$/) as string,
    });
  }); // prettier-ignore

  it('of version 1 may have a salt of its own', () => {
    const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const options = { passphrase: bytesOf('mount'), login: bytesOf('login'), salt };
    const wrapped = decodeWrapped(wrapPassphrase({ ...options, version: 1 }));
    if (wrapped === undefined) throw new Error('it is no wrapped passphrase');
    expect(unwrapPassphrase(wrapped, options.login).kind).toBe('refused');
    expect(unwrapPassphrase(wrapped, options.login, salt).kind).toBe('unwrapped');
  });

  it('is told from what is none', () => {
    const text = (length: number) => bytesOf('0123456789abcdef'.repeat(8).slice(0, length));
    for (const other of [
      new Uint8Array(),
      bytesOf('correct horse\n'),
      text(32),
      text(64),
      new Uint8Array(42),
      Uint8Array.from([0x3a, 0x02, ...new Uint8Array(40)]),
      Uint8Array.from(Buffer.from(cases[0]?.bytes ?? '', 'hex')).subarray(0, 41),
    ]) {
      expect(decodeWrapped(other)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (some) => {
        expect(decodeWrapped(some)).toBeUndefined();
      }),
      { seed: 1 },
    );
  });

  it('is not made of a passphrase that cannot be one', () => {
    const options = { login: bytesOf('login'), salt: defaultSalt, version: 2 } as const;
    for (const bad of [new Uint8Array(), new Uint8Array(65).fill(65), Uint8Array.of(65, 0, 65)]) {
      expect(() => wrapPassphrase({ ...options, passphrase: bad })).toThrow(RangeError);
    }
  });
});
