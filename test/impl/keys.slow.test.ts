import { createCipheriv, createPrivateKey, pbkdf2Sync, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PkiModule, PkiRefused, PkiToken } from '../../impl/index.js';
import { opensslModule, rsaModule } from '../../impl/index.js';
import { otherKey, pathOf, valuesOf } from './keyfiles.js';

/** Key files that take too much work, or hold a key that protects nothing. */

const modules = [opensslModule, rsaModule] as const;
const passphrase = Buffer.from('open');
const hexBytes = (hex: string) => Buffer.from(hex, 'hex');

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from(head), body]);
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, hexBytes(hex));
const octets = (bytes: Uint8Array) => der(0x04, bytes);
function integer(value: bigint | number): Buffer {
  const hex = value.toString(16);
  return der(0x02, hexBytes(hex.length % 2 === 0 ? `00${hex}` : `0${hex}`));
}
const pem = (kind: string, bytes: Buffer) =>
  `-----BEGIN ${kind}-----\n${bytes.toString('base64')}\n-----END ${kind}-----\n`;

/** What a module makes of a key file with this text. */
async function tokenOf(make: (typeof modules)[number], text: string | Buffer) {
  const module: PkiModule = make(() => Promise.resolve(Uint8Array.from(Buffer.from(text))));
  return module.token({ keyfile: Buffer.from('key'), passphrase });
}
const messageOf = (token: PkiToken | PkiRefused) =>
  token.kind === 'refused' ? token.message : token.signature;

const plain = createPrivateKey({
  key: readFileSync(pathOf(otherKey.file)),
  passphrase: otherKey.passphrase,
});
const pkcs8 = plain.export({ type: 'pkcs8', format: 'der' });
const [salt, vector] = [Buffer.alloc(8, 3), Buffer.alloc(16, 5)];
const pbes2 = '2a864886f70d01050d';
const aes256 = sequence(oid('60864801650304012a'), octets(vector));

function encrypted(derivation: Buffer, key: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', key, vector);
  const body = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
  const scheme = sequence(oid(pbes2), sequence(derivation, aes256));
  return pem('ENCRYPTED PRIVATE KEY', sequence(scheme, octets(body)));
}
const pbkdf2 = (iterations: number | bigint, ...rest: readonly Buffer[]) =>
  sequence(oid('2a864886f70d01050c'), sequence(octets(salt), integer(iterations), ...rest));
const sha512 = sequence(oid('2a864886f70d020b'), hexBytes('0500'));
const scrypt = (N: number, r: number, p: number) =>
  sequence(
    oid('2b06010401da47040b'),
    sequence(octets(salt), integer(N), integer(r), integer(p), integer(32)),
  );
const anyKey = Buffer.alloc(32);

describe.each(modules.map((make) => [make(() => Promise.reject(new Error())).name, make] as const))(
  'a key file of module %s',
  (_, make) => {
    it('opens under PBKDF2 with each length and digest, and under scrypt', async () => {
      const [known] = [await tokenOf(make, plain.export({ type: 'pkcs1', format: 'pem' }))];
      expect(known.kind).toBe('token');
      const files = [
        encrypted(pbkdf2(2048), pbkdf2Sync(passphrase, salt, 2048, 32, 'sha1')),
        encrypted(
          pbkdf2(100_001, integer(32), sha512),
          pbkdf2Sync(passphrase, salt, 100_001, 32, 'sha512'),
        ),
        encrypted(
          scrypt(16_384, 8, 1),
          scryptSync(passphrase, salt, 32, { N: 16_384, r: 8, p: 1 }),
        ),
      ];
      for (const file of files) expect(await tokenOf(make, file)).toEqual(known);
      const wrong = encrypted(pbkdf2(2048), pbkdf2Sync('another', salt, 2048, 32, 'sha1'));
      expect(messageOf(await tokenOf(make, wrong))).toContain('its passphrase is another');
    });

    it('lets other work go on while its passphrase is worked on', async () => {
      const file = encrypted(pbkdf2(500_000), pbkdf2Sync(passphrase, salt, 500_000, 32, 'sha1'));
      let isOver = false;
      const opened = tokenOf(make, file).finally(() => (isOver = true));
      let turns = 0;
      // Each turn lets everything else have its own.
      for (; !isOver; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      expect((await opened).kind).toBe('token');
      expect(turns).toBeGreaterThan(100);
    });

    it.each([
      ['too many iterations', pbkdf2(2_000_001), '2000001 iterations, more than the 2000000'],
      ['as many as fit', pbkdf2(2n ** 40n), '1099511627776 iterations'],
      ['too many of a digest that others know', pbkdf2(100_001, sequence(oid('2a8503020201'))), '100001 iterations, more than the 100000'],
      ['too much memory', scrypt(2 ** 22, 8, 1), 'scrypt with N 4194304'],
      ['too much work', scrypt(16_384, 8, 2 ** 20), 'scrypt with N 16384'],
    ])('is refused with %s', async (_what, derivation, why) => {
      const message = messageOf(await tokenOf(make, encrypted(derivation, anyKey)));
      expect(message).toMatch(/^key file key cannot be used: its passphrase takes /);
      expect(message).toContain(why);
    }); // prettier-ignore

    it('is refused with too many iterations of an older scheme', async () => {
      const scheme = sequence(
        oid('2a864886f70d010c0103'),
        sequence(octets(salt), integer(100_001)),
      );
      const file = pem('ENCRYPTED PRIVATE KEY', sequence(scheme, octets(Buffer.alloc(64))));
      expect(messageOf(await tokenOf(make, file))).toContain('100001 iterations');
    });

    it('may be cut off or altered anywhere, and is refused', async () => {
      const file = encrypted(pbkdf2(1), pbkdf2Sync(passphrase, salt, 1, 32, 'sha1'));
      const [head = '', body = '', tail = ''] = file.split('\n');
      const bytes = Buffer.from(body, 'base64');
      for (let length = 0; length < 100; length += 1) {
        const cut = bytes.subarray(0, length).toString('base64');
        expect((await tokenOf(make, [head, cut, tail].join('\n'))).kind).toBe('refused');
        const altered = Buffer.from(bytes);
        altered[length] = (altered[length] ?? 0) ^ 0x80;
        const text = [head, altered.toString('base64'), tail].join('\n');
        expect(['refused', 'token']).toContain((await tokenOf(make, text)).kind);
      }
    });
  },
);

describe('an RSA key that protects nothing', () => {
  const jwk = plain.export({ format: 'jwk' });
  const number = (field: string | undefined) =>
    BigInt(`0x${Buffer.from(field ?? '', 'base64url').toString('hex')}`);
  const good = {
    n: number(jwk.n),
    e: number(jwk.e),
    d: number(jwk.d),
    p: number(jwk.p),
    q: number(jwk.q),
    inverse: number(jwk.qi),
  };
  const file = ({ n, e, d, p, q, inverse }: typeof good) => {
    const rest = [d % (p - 1n), d % (q - 1n), inverse];
    return pem('RSA PRIVATE KEY', sequence(...[0n, n, e, d, p, q, ...rest].map(integer)));
  };
  const prime1024 = good.p;

  it.each([
    ['is short', { ...good, n: 2n ** 1022n + 1n }, 'its modulus has 1023 bits, and should have 1024 to 4096'],
    ['is long', { ...good, n: 2n ** 4096n + 1n }, 'its modulus has 4097 bits'],
    ['has an even modulus', { ...good, n: good.n + 1n }, 'its modulus is even'],
    ['has exponent 1', { ...good, e: 1n }, 'its exponent is even or 1'],
    ['has exponent 0', { ...good, e: 0n }, ''],
    ['has an even exponent', { ...good, e: 65_538n }, 'its exponent is even or 1'],
    ['has an exponent above its modulus', { ...good, e: good.n * 2n + 1n }, ''],
    ['has a prime modulus', { ...good, n: prime1024 }, 'its modulus is easily factored'],
    ['has a small factor', { ...good, n: prime1024 * 9973n }, 'its modulus is easily factored'],
    ['has the same prime twice', { ...good, n: good.p * good.p, q: good.p }, 'its modulus is easily factored'],
    ['has primes that are neighbours', { ...good, n: good.p * (good.p + 2n) }, 'its modulus is easily factored'],
    ['has parts of two keys', { ...good, d: good.d + 2n, p: good.p + 2n }, ''],
  ])('is refused where it %s', async (_, parts, why) => {
    for (const make of modules) {
      const token = await tokenOf(make, file(parts));
      expect(token).toMatchObject({ kind: 'refused', why: 'unusable-key' });
      expect(messageOf(token)).toContain(`key file key cannot be used: ${why}`);
    }
  }); // prettier-ignore

  it('is not one with exponent 65537 or of 1024 bits', async () => {
    for (const make of modules) {
      expect((await tokenOf(make, file(good))).kind).toBe('token');
      const fixture = valuesOf({ file: 'pkcs1.pem', passphrase: '', format: 'PKCS#1' });
      const { keyfile } = fixture;
      const read = make(() => Promise.resolve(Uint8Array.from(readFileSync(pathOf('pkcs1.pem')))));
      expect((await read.token({ ...(keyfile && { keyfile }) })).kind).toBe('token');
    }
  });
});

describe('a PKCS#12 file', () => {
  const store = readFileSync(pathOf('store.p12'));

  /** The file with another number of iterations for its checksum: 4 bytes in place of 2. */
  const withMore = () => {
    const changed = Buffer.concat([store.subarray(0, -4), hexBytes('02047fffffff')]);
    changed.writeUInt16BE(store.readUInt16BE(2) + 2, 2);
    // Behind the head (4 bytes), the version (3) and the contents stands what the checksum is made of.
    const lengthAt = 4 + 3 + 4 + store.readUInt16BE(4 + 3 + 2) + 1;
    changed[lengthAt] = (store[lengthAt] ?? 0) + 2;
    return changed;
  };

  it('opens with the usual work, and is refused with more', async () => {
    expect((await tokenOf(rsaModule, store)).kind).toBe('token');
    expect(messageOf(await tokenOf(rsaModule, withMore()))).toBe(
      'key file key cannot be used: its passphrase takes more iterations than are allowed; make it a PEM file with openssl pkcs12 -nocerts',
    );
    // What counts the work is gone afterwards.
    expect((await tokenOf(rsaModule, store)).kind).toBe('token');
  });
});
