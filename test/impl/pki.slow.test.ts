import { createPrivateKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PkiModule, PkiToken, PkiValues } from '../../impl/index.js';
import {
  bundledModules,
  encodeKeyBlob,
  generateKeyFile,
  opensslModule,
  passphraseModule,
  PkiRegistry,
  rsaModule,
  rsaSignature,
} from '../../impl/index.js';
import { otherKey, pathOf, readKeyFile, sameKey, valuesOf } from './keyfiles.js';

/** The contract of key modules, held by all of them; and that those over RSA files are one another's. */

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const content = (length: number) => Uint8Array.from({ length }, (_, nth) => (nth * 37) & 0xff);
const text = (words: string) => Uint8Array.from(Buffer.from(words));

const openssl = opensslModule(readKeyFile);
const rsa = rsaModule(readKeyFile);

async function tokenOf(module: PkiModule, values: PkiValues): Promise<PkiToken> {
  const token = await module.token(values);
  if (token.kind === 'refused') throw new Error(token.message);
  return token;
}

async function sealedBy(module: PkiModule, blob: Uint8Array, bytes: Uint8Array) {
  const result = await module.seal(blob, bytes);
  if (result.kind === 'refused') throw new Error(result.message);
  return result.sealed;
}

async function openedBy(module: PkiModule, blob: Uint8Array, sealed: Uint8Array) {
  const result = await module.open(blob, sealed);
  return result.kind === 'opened' ? result.content.use((bytes) => [...bytes]) : result.why;
}

interface Contender {
  readonly module: PkiModule;
  readonly values: PkiValues;
  /** Another key of the module. */
  readonly other: PkiValues;
}

const [plain = otherKey, encrypted = otherKey] = sameKey;
const contenders: readonly (readonly [string, Contender])[] = [
  {
    module: passphraseModule,
    values: { passphrase: text('foo') },
    other: { passphrase: text('foo'), salt: bytesOf('aaaaaaaaaaaaaaaa') },
  },
  { module: rsa, values: valuesOf(encrypted), other: valuesOf(otherKey) },
  { module: openssl, values: valuesOf(encrypted), other: valuesOf(otherKey) },
].map((one) => [one.module.name, one] as const);

describe.each(contenders)('the key module %s', (_, { module, values, other }) => {
  it('names its key by 16 digits of hex, the same each time and another for another key', async () => {
    const token = await tokenOf(module, values);
    expect(token.signature).toMatch(/^[0-9a-f]{16}$/);
    expect(await tokenOf(module, values)).toEqual(token);
    expect((await tokenOf(module, other)).signature).not.toBe(token.signature);
  });

  it.each([3, 19, 27, 35, 67])('opens what it sealed, of %i bytes', async (length) => {
    const { blob } = await tokenOf(module, values);
    const sealed = await sealedBy(module, blob, content(length));
    expect(sealed.length).toBeLessThanOrEqual(512);
    expect(Buffer.from(sealed).includes(Buffer.from(content(length)))).toBe(false);
    expect(await openedBy(module, blob, sealed)).toEqual([...content(length)]);
  });

  it('opens nothing that was altered, cut, extended or sealed under another key', async () => {
    const { blob } = await tokenOf(module, values);
    const sealed = await sealedBy(module, blob, content(19));
    const altered = [0, 1, sealed.length >> 1, sealed.length - 1].map((at) =>
      sealed.map((byte, nth) => (nth === at ? byte ^ 1 : byte)),
    );
    const wrong = [...altered, sealed.subarray(1), sealed.subarray(0, -1), new Uint8Array(), content(19),
      Uint8Array.from([...sealed, 0])]; // prettier-ignore
    for (const bytes of wrong) expect(await openedBy(module, blob, bytes)).toBe('does-not-fit');
    const { blob: otherBlob } = await tokenOf(module, other);
    expect(await openedBy(module, otherBlob, sealed)).toBe('does-not-fit');
  });

  it('leaves blob, content and what was sealed as they were', async () => {
    const { blob } = await tokenOf(module, values);
    const [blobBefore, bytes] = [blob.slice(), content(19)];
    const sealed = await sealedBy(module, blob, bytes);
    const sealedBefore = sealed.slice();
    await module.open(blob, sealed);
    expect([blob, bytes, sealed]).toEqual([blobBefore, content(19), sealedBefore]);
  });

  it('refuses more than a file can carry', async () => {
    const { blob } = await tokenOf(module, values);
    expect(await module.seal(blob, content(600))).toMatchObject({
      kind: 'refused',
      why: 'too-long',
    });
  });

  it('says that a blob is none of its own, whatever bytes it has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 63 }), async (blob) => {
        const refusals = [
          await module.seal(blob, content(19)),
          await module.open(blob, content(128)),
        ];
        for (const refusal of refusals) {
          expect(refusal.kind).toBe('refused');
          expect('why' in refusal && ['bad-token', 'no-key'].includes(refusal.why)).toBe(true);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('names the parameters that it needs, and misses them when they are not there', async () => {
    const needed = module.parameters.filter(({ need }) => need === 'required');
    expect(needed.length).toBe(1);
    const refusal = await module.token({});
    expect(refusal).toMatchObject({ kind: 'refused', why: 'bad-parameter' });
    expect('message' in refusal && refusal.message).toContain(
      `${needed[0]?.name ?? '?'} is missing`,
    );
  });
});

describe('modules over files with RSA keys', () => {
  const readers = sameKey.flatMap((fixture) => {
    const isPem = fixture.file.endsWith('.pem');
    return (isPem ? [rsa, openssl] : [rsa]).map((module) => ({ module, fixture }));
  });

  it.each(readers.map((one) => [one.module.name, one.fixture.format, one] as const))(
    '%s reads %s, and opens and seals with all others that do',
    async (_, __, { module, fixture }) => {
      const token = await tokenOf(module, valuesOf(fixture));
      const sealed = await sealedBy(module, token.blob, content(35));
      for (const reader of readers) {
        const theirs = await tokenOf(reader.module, valuesOf(reader.fixture));
        expect(theirs.signature).toBe(token.signature);
        expect(await openedBy(reader.module, theirs.blob, sealed)).toEqual([...content(35)]);
      }
    },
  );

  it('are ten of module and format', () => {
    expect(readers.length).toBe(10);
  });

  it.each([
    ['with another passphrase', { ...encrypted, passphrase: 'opem' }, 'unusable-key'],
    ['without a passphrase', { ...encrypted, passphrase: '' }, 'unusable-key'],
    ['that holds no RSA key', { ...plain, file: 'elliptic.pem' }, 'unusable-key'],
    ['that holds no key', { ...plain, file: '../impl/pki.slow.test.ts' }, 'unusable-key'],
    ['that is not there', { ...plain, file: 'none.pem' }, 'no-key'],
    ['that is a folder', { ...plain, file: '.' }, 'no-key'],
  ] as const)('refuse a file %s, in a sentence with its path', async (_, fixture, why) => {
    for (const module of [rsa, openssl]) {
      const refusal = await module.token(valuesOf(fixture));
      expect(refusal).toMatchObject({ kind: 'refused', why });
      const { message } = { message: '', ...refusal };
      expect(message).toContain(pathOf(fixture.file));
      if (fixture.passphrase !== '') expect(message).not.toContain(fixture.passphrase);
    }
  });

  it('name what the system said of a file that cannot be read', async () => {
    const refusal = await openssl.token(valuesOf({ ...plain, file: 'none.pem' }));
    expect(refusal).toMatchObject({
      message: `key file ${pathOf('none.pem')} cannot be read (ENOENT); look at its path and mode`,
    });
  });

  it('have room for 42 bytes less than the modulus', async () => {
    for (const module of [rsa, openssl]) {
      const { blob } = await tokenOf(module, valuesOf(plain));
      const most = await sealedBy(module, blob, content(86));
      expect(await openedBy(module, blob, most)).toEqual([...content(86)]);
      expect(await module.seal(blob, content(87))).toMatchObject({ why: 'too-long' });
    }
  });

  it('refuse a path or a passphrase that a token cannot hold', async () => {
    expect(await rsa.token({ keyfile: text('a\0b') })).toMatchObject({ why: 'bad-parameter' });
    expect(await rsa.token({ keyfile: text('a'.repeat(65_535)) })).toMatchObject({
      why: 'bad-parameter',
    });
  });
});

describe('the name of an RSA key', () => {
  it('is that of the vectors', () => {
    const modulus = Uint8Array.from({ length: 128 }, (_, nth) => (nth === 0 ? 0xc0 : nth));
    expect(rsaSignature({ modulus, exponent: bytesOf('010001') })).toBe('eabe16bbc82b2e24');
  });
});

describe('the token of a key file', () => {
  it.each([
    ['a path with a NUL', { path: 'a\0b', passphrase: text('') }],
    ['a passphrase with a NUL', { path: 'a', passphrase: text('b\0') }],
    ['a path that is too long', { path: 'a'.repeat(65_535), passphrase: text('') }],
  ])('has no room for %s', (_, blob) => {
    expect(() => encodeKeyBlob(blob)).toThrow(
      'path and passphrase have no NUL and at most 65534 bytes each',
    );
  });
});

describe('a key file that is made', () => {
  it('is PEM under its passphrase, and both modules read it', async () => {
    const pem = await generateKeyFile({ bits: 1024, passphrase: text('new') });
    expect(pem).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC/,
    );
    expect(
      createPrivateKey({ key: pem, passphrase: 'new' }).asymmetricKeyDetails?.publicExponent,
    ).toBe(65_537n);
    const values = { keyfile: text('anywhere'), passphrase: text('new') };
    const read = () => Promise.resolve(text(pem));
    const tokens = [
      await tokenOf(rsaModule(read), values),
      await tokenOf(opensslModule(read), values),
    ];
    expect(tokens[0]).toEqual(tokens[1]);
  });

  it.each([1023, 4097, 2048.5])('is not of %d bits', async (bits) => {
    await expect(generateKeyFile({ bits, passphrase: text('new') })).rejects.toThrow(
      `a key of ${bits} bits cannot be made; use 1024 to 4096`,
    );
  });

  it('is not without a passphrase', async () => {
    await expect(generateKeyFile({ bits: 1024, passphrase: text('') })).rejects.toThrow(
      'is empty; give one',
    );
  });
});

describe('the registry of modules', () => {
  it('finds those of the package by their whole names only', () => {
    const registry = new PkiRegistry(bundledModules(readKeyFile));
    expect(registry.names()).toEqual(['passphrase', 'rsa', 'openssl']);
    expect(registry.find('openssl')?.name).toBe('openssl');
    for (const name of ['', 'open', 'openssl2', 'OPENSSL', 'rs', 'constructor']) {
      expect(registry.find(name)).toBeUndefined();
    }
  });

  it('takes the module of somebody else, once and under a name that a token can carry', async () => {
    const upsideDown: PkiModule = {
      name: 'upside-down',
      parameters: [],
      token: () =>
        Promise.resolve({ kind: 'token', signature: '0123456789abcdef', blob: content(0) }),
      seal: (_, bytes) => Promise.resolve({ kind: 'sealed', sealed: bytes.toReversed() }),
      open: () => Promise.resolve({ kind: 'refused', why: 'does-not-fit', message: 'it is a toy' }),
    };
    const registry = new PkiRegistry([upsideDown]);
    const found = registry.find('upside-down');
    expect(found).toBe(upsideDown);
    expect(await found?.seal(content(0), bytesOf('0102'))).toEqual({
      kind: 'sealed',
      sealed: bytesOf('0201'),
    });
    expect(() => {
      registry.register(upsideDown);
    }).toThrow('give this one another name');
    for (const name of ['', 'with space', 'a'.repeat(17), 'ä']) {
      expect(() => {
        registry.register({ ...upsideDown, name });
      }).toThrow('cannot name a key module');
    }
  });
});
