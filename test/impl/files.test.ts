import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cipher, KeyToken } from '../../impl/index.js';
import {
  cipherOf,
  decodeHeader,
  EncryptedFile,
  encodeSize,
  Extents,
  FileError,
  FileKey,
  readHeader,
  replaceFile,
  TagExchange,
} from '../../impl/index.js';
import { otherKey, pathOf, sameKey } from './keyfiles.js';
import { MemoryDisk } from './memory-disk.js';
import {
  aes128,
  chance,
  contentsOf,
  keyToken,
  passphraseToken,
  turning,
  userWith,
} from './user.js';

/** Encrypted files: the bytes of the vectors, what is read and written, what goes wrong, and power cuts. */

const foo = passphraseToken('foo');
const bar = passphraseToken('bar');
const toy = keyToken('00000000000000aa', 'turning', '');
const path = '/home/file';
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

interface Made {
  readonly disk?: MemoryDisk;
  readonly tokens?: readonly KeyToken[];
  readonly cipher?: Cipher;
}

/** Makes a file, under all of the tokens. */
async function made(
  contents: readonly Uint8Array[],
  { disk = new MemoryDisk(), tokens = [foo], cipher = aes128 }: Made = {},
): Promise<MemoryDisk> {
  const signatures = tokens.map(({ signature }) => signature);
  const { access } = userWith(tokens, [turning]);
  await replaceFile({
    ...access,
    disk,
    path,
    cipher,
    random: chance(),
    signatures,
    source: contents,
  });
  return disk;
}

function opened(disk: MemoryDisk, tokens: readonly KeyToken[] = [foo]): Promise<EncryptedFile> {
  const { access } = userWith(tokens, [turning]);
  return EncryptedFile.open({ ...access, disk, path, access: 'write' });
}

async function contentsIn(file: EncryptedFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.chunks()) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}

async function errorOf(work: Promise<unknown>): Promise<FileError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FileError) return error;
  throw new Error(`no FileError but ${String(error)}`);
}

describe('the file of the vectors', () => {
  const drawn = ['000102030405060708090a0b0c0d0e0f', 'deadbeef', '000000000000'];

  it('has their bytes, and is read', async () => {
    const disk = new MemoryDisk();
    const bytes = drawn.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
    const random = () => bytes.shift() ?? new Uint8Array();
    const { access } = userWith([foo]);
    const source = [Buffer.from('hel'), Buffer.from('lo\n')];
    const signatures = [foo.signature];
    const size = await replaceFile({
      ...access,
      disk,
      path,
      cipher: aes128,
      random,
      signatures,
      source,
    });
    expect(size).toBe(6);
    const file = disk.bytesOf(path);
    expect(file.length).toBe(12_288);
    expect(hexOf(file.subarray(0, 26))).toBe(
      '0000000000000006deadbeefe22c091a03000002000010000002',
    );
    expect(hexOf(file.subarray(26, 57))).toBe(
      '8c1d040703010011223344556677609b1a05ff156726d4f1a121845d6a2de1',
    );
    expect(hexOf(file.subarray(57, 82))).toBe('ed1662085f434f4e534f4c4500000000253ca7e88811d18400');
    expect(hexOf(file.subarray(8192, 8208))).toBe('7003f72df7875e792465b26d0194c675');
    expect(createHash('sha256').update(file).digest('hex')).toBe(
      '58faf0d336bdfe8363203d31839bebd6a2b91bf6ef01c9e248230963d06191ce',
    );
    const again = await opened(disk);
    expect(Buffer.from(await contentsIn(again)).toString()).toBe('hello\n');
    await again.close();
  });
});

describe('an encrypted file', () => {
  const keys: readonly KeyToken[] = [
    foo,
    keyToken('00000000000000bb', 'openssl', pathOf('pkcs1-encrypted.pem'), 'open'),
    keyToken('00000000000000cc', 'rsa', pathOf(otherKey.file), otherKey.passphrase),
    bar,
  ];

  it('is opened by each of its keys alone', async () => {
    const disk = await made([contentsOf(5000)], { tokens: keys });
    expect((await readHeader(disk, path))?.tokens.map(({ kind }) => kind)).toEqual(['passphrase', 'private-key', 'private-key', 'passphrase']); // prettier-ignore
    for (const token of keys) {
      const file = await opened(disk, [token]);
      expect(hexOf(await contentsIn(file))).toBe(hexOf(contentsOf(5000)));
      await file.close();
    }
  });

  it('asks for its keys from the last to the first, and stops at the first that opens', async () => {
    const disk = await made([contentsOf(10)], { tokens: [toy, bar, foo] });
    const asked: string[] = [];
    const { access } = userWith([toy, bar], [turning]);
    const keysUsed: typeof access.keys = {
      use: (signature, work) => {
        asked.push(signature);
        return access.keys.use(signature, work);
      },
    };
    await EncryptedFile.open({ ...access, keys: keysUsed, disk, path, access: 'read' });
    expect(asked).toEqual([foo.signature, bar.signature]);
  });

  it.each([
    ['aes', 16],
    ['aes', 24],
    ['aes', 32],
    ['des3_ede', 24],
  ] as const)(
    'under %s with %i bytes comes back, by passphrase and by daemon',
    async (name, bytes) => {
      const contents = contentsOf(3 * 4096 + 17);
      const disk = await made([contents], { tokens: [foo, toy], cipher: cipherOf(name, bytes) });
      for (const token of [foo, toy]) {
        expect(hexOf(await contentsIn(await opened(disk, [token])))).toBe(hexOf(contents));
      }
    },
  );

  it.each([0, 1, 4095, 4096, 4097, 262_144, 262_145, 300_000])(
    'of %i bytes is made of pieces of any length, and has whole extents behind its header',
    async (size) => {
      const contents = contentsOf(size);
      const cuts = [0, 1, 2, 5000, 5001, 262_143, 270_000, size].filter((cut) => cut <= size);
      const pieces = cuts
        .sort((a, b) => a - b)
        .map((cut, nth) => contents.subarray(cuts[nth - 1] ?? 0, cut));
      const disk = await made(pieces);
      expect(disk.bytesOf(path).length).toBe(8192 + Math.ceil(size / 4096) * 4096);
      expect(disk.largest).toBeLessThanOrEqual(64 * 4096);
      const file = await opened(disk);
      expect(file.sizeBytes).toBe(size);
      expect(hexOf(await contentsIn(file))).toBe(hexOf(contents));
      expect(disk.largest).toBeLessThanOrEqual(64 * 4096);
    },
  );

  it('shows nothing of its contents', async () => {
    const disk = await made([Buffer.from('a sentence that is easy to find '.repeat(500))]);
    expect(Buffer.from(disk.bytesOf(path)).includes('easy to find')).toBe(false);
  });

  it('is what plain bytes are, whatever is written, cut and read in it, also when it is opened again', async () => {
    const place = fc.oneof(
      fc.nat({ max: 20_000 }),
      fc.constantFrom(0, 4095, 4096, 4097, 8192, 270_000),
    );
    const length = fc.oneof(fc.nat({ max: 9000 }), fc.constantFrom(0, 1, 4096, 8192, 266_000));
    const change = fc.record({
      kind: fc.constantFrom('write', 'write', 'truncate', 'read'),
      place,
      length,
    });
    const changes = fc.array(change, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 10_000 }), changes, async (size, all) => {
        let plain = contentsOf(size);
        const disk = await made([plain]);
        const file = await opened(disk);
        for (const one of all) {
          if (one.kind === 'write') {
            const bytes = contentsOf(one.length).map((byte) => byte ^ 0x55);
            if (one.length > 0) {
              const longer = new Uint8Array(Math.max(plain.length, one.place + one.length));
              longer.set(plain);
              longer.set(bytes, one.place);
              plain = longer;
            }
            await file.write(bytes, one.place);
          } else if (one.kind === 'truncate') {
            const changed = new Uint8Array(one.place);
            changed.set(plain.subarray(0, one.place));
            plain = changed;
            await file.truncate(one.place);
          } else {
            const into = new Uint8Array(one.length);
            const read = await file.read(into, one.place);
            expect(hexOf(into.subarray(0, read))).toBe(
              hexOf(plain.subarray(one.place, one.place + one.length)),
            );
          }
          expect(file.sizeBytes).toBe(plain.length);
          expect(disk.bytesOf(path).length).toBe(8192 + Math.ceil(plain.length / 4096) * 4096);
        }
        await file.close();
        expect(hexOf(await contentsIn(await opened(disk)))).toBe(hexOf(plain));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('with a header of 64 KiB, as hosts with such pages write it, is read and written behind it', async () => {
    const usual = (await made([contentsOf(5000)])).bytesOf(path);
    const bytes = Buffer.concat([
      usual.subarray(0, 8192),
      new Uint8Array(65_536 - 8192),
      usual.subarray(8192),
    ]);
    bytes.set([0, 1, 0, 0, 0, 1], 20);
    const disk = new MemoryDisk({ [path]: bytes });
    const file = await opened(disk);
    expect(hexOf(await contentsIn(file))).toBe(hexOf(contentsOf(5000)));
    await file.write(contentsOf(1), 8192);
    expect(disk.bytesOf(path).length).toBe(65_536 + 3 * 4096);
    expect(hexOf((await contentsIn(await opened(disk))).subarray(0, 5000))).toBe(
      hexOf(contentsOf(5000)),
    );
  });

  it('that became shorter keeps nothing behind its end', async () => {
    const disk = await made([contentsOf(9000)]);
    await (await opened(disk)).truncate(5000);
    const key = FileKey.own(aes128, chance()(16));
    const last = disk.bytesOf(path).slice(8192 + 4096);
    new Extents(key).decrypt(last, 1);
    expect(last.length).toBe(4096);
    expect(hexOf(last.subarray(0, 904))).toBe(hexOf(contentsOf(5000).subarray(4096)));
    expect(last.subarray(904).every((byte) => byte === 0)).toBe(true);
  });

  it('that becomes longer shows zeros, whatever somebody left behind its end', async () => {
    const disk = await made([contentsOf(4096)]);
    disk.bytesOf(path).set(encodeSize(10));
    const file = await opened(disk);
    await file.truncate(100);
    const found = await contentsIn(file);
    expect(hexOf(found)).toBe(hexOf(contentsOf(10)) + '00'.repeat(90));
  });

  it('does what is asked in turn, though nobody waits', async () => {
    const file = await opened(await made([contentsOf(10)]));
    const into = new Uint8Array(6);
    const asked = [file.truncate(0), file.write(Buffer.from('abc'), 0), file.write(Buffer.from('def'), 3), file.read(into, 0), file.truncate(1)]; // prettier-ignore
    await Promise.all(asked);
    expect(Buffer.from(into).toString()).toBe('abcdef');
    expect(file.sizeBytes).toBe(1);
  });

  it('leaves what is written as it was', async () => {
    const bytes = contentsOf(9000);
    const file = await opened(await made([bytes]));
    await file.write(bytes, 5);
    expect(bytes).toEqual(contentsOf(9000));
  });

  it('has old contents or new ones where the power was cut while it became longer or shorter', async () => {
    for (const size of [3000, 9000]) {
      for (let step = 1; step <= 6; step += 1) {
        const disk = await made([contentsOf(6000)]);
        const file = await opened(disk);
        disk.failure = { step: disk.steps + step, code: 'power cut', forever: true };
        await file.truncate(size).catch(() => undefined);
        const after = await opened(disk.afterPowerCut({ names: 'kept', bytes: 'kept' }));
        expect([6000, size]).toContain(after.sizeBytes);
        const same = Math.min(size, 6000);
        const found = await contentsIn(after);
        expect(hexOf(found.subarray(0, same))).toBe(hexOf(contentsOf(6000).subarray(0, same)));
      }
    }
  });
});

describe('a file that cannot be opened', () => {
  const open = async (disk: MemoryDisk, tokens: readonly KeyToken[] = [foo]) => {
    const before = disk.paths().map((one) => hexOf(disk.bytesOf(one)));
    const error = await errorOf(opened(disk, tokens));
    expect(disk.paths().map((one) => hexOf(disk.bytesOf(one)))).toEqual(before);
    return error;
  };
  const private1 = (fixture = sameKey[1] ?? otherKey) =>
    keyToken('00000000000000dd', 'openssl', pathOf(fixture.file), fixture.passphrase);

  it('for want of the passphrase is EIO', async () => {
    const error = await open(await made([contentsOf(10)]), [bar]);
    expect(error.message).toBe(
      '/home/file cannot be opened (EIO): key 253ca7e88811d184: there is no key of this signature; add it',
    );
    expect(error).toMatchObject({ errno: 'EIO', path });
  });

  it('because its key file holds another key now is EIO', async () => {
    const disk = await made([contentsOf(10)], { tokens: [private1()] });
    expect((await open(disk, [private1({ ...otherKey })])).message).toBe(
      '/home/file cannot be opened (EIO): key 00000000000000dd: the key does not open what was sealed; it is damaged or under another key',
    );
  });

  it('because its key file cannot be read, or not with this passphrase, is EIO, and says which file', async () => {
    const disk = await made([contentsOf(10)], { tokens: [private1()] });
    const missing = await open(disk, [private1({ ...otherKey, file: 'none.pem' })]);
    expect(missing).toMatchObject({ errno: 'EIO' });
    expect(missing.message).toContain(`key file ${pathOf('none.pem')} cannot be read (ENOENT)`);
    const locked = await open(disk, [
      private1({ ...otherKey, file: 'pkcs1-encrypted.pem', passphrase: 'lost' }),
    ]);
    expect(locked.message).toContain(`key file ${pathOf('pkcs1-encrypted.pem')} cannot be used`);
    expect(locked.message).not.toContain('lost');
  });

  it('because the keyring has a passphrase where it has a private key is EIO', async () => {
    const disk = await made([contentsOf(10)], { tokens: [private1()] });
    expect((await open(disk, [{ ...foo, signature: private1().signature }])).message).toContain(
      'the file and the keyring do not agree on what key 00000000000000dd is',
    );
  });

  it.each([
    ['no daemon', 'ENOTCONN'],
    ['a daemon that does not answer in time', 'EIO'],
  ])('for want of %s is EIO', async (why, errno) => {
    const disk = await made([contentsOf(10)], { tokens: [toy] });
    const exchange = new TagExchange(() =>
      Promise.resolve({ kind: 'refused', errno, message: why }),
    );
    const { access } = userWith([toy]);
    const error = await errorOf(
      EncryptedFile.open({ ...access, exchange, disk, path, access: 'read' }),
    );
    expect(error.message).toBe(`/home/file cannot be opened (EIO): key 00000000000000aa: ${why}`);
  });

  it.each([
    ['is not there', undefined, 'ENOENT', 'ENOENT: told to fail'],
    [
      'is empty, so that nothing can be written',
      new Uint8Array(),
      'EIO',
      'it is empty and has no key yet; create it anew',
    ],
    [
      'is of Synology Cloud Sync',
      Buffer.from('__CLOUDSYNC_ENC__d8d6ba7b9df02ef39a33ef912a91dc56'),
      'EIO',
      'it is a file of Synology Cloud Sync and not of eCryptfs; use the Cloud Sync Decryption Tool',
    ],
    [
      'is not encrypted',
      Buffer.from('plain text, and more than a header of twenty'),
      'EIO',
      'its header is wrong at byte 8: expected the marker of an encrypted file, found none',
    ],
  ])('because it %s says so', async (_, bytes, errno, why) => {
    const disk = new MemoryDisk(bytes === undefined ? {} : { [path]: bytes });
    expect((await open(disk)).message).toBe(`/home/file cannot be opened (${errno}): ${why}`);
  });

  it('because its header is cut off, or says that it is not encrypted, is EIO', async () => {
    const whole = (await made([contentsOf(10)])).bytesOf(path);
    const cut = new MemoryDisk({ [path]: whole.subarray(0, 8191) });
    expect((await open(cut)).message).toContain('(EIO): it is cut off in its header');
    const plain = whole.slice();
    plain[19] = 0;
    expect((await open(new MemoryDisk({ [path]: plain }))).message).toContain(
      'says that it is not encrypted',
    );
  });

  it('because a byte of its header is wrong is EIO, and never anything but an error or a file', async () => {
    const whole = (await made([contentsOf(10)], { tokens: [toy, foo] })).bytesOf(path);
    const { tokens } = decodeHeader(whole);
    expect(tokens.length).toBe(2);
    const results = { opened: 0, refused: 0 };
    for (let at = 8; at < 110; at += 1) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      const result = await opened(new MemoryDisk({ [path]: damaged }), [toy]).catch(
        (error: unknown) => error,
      );
      if (result instanceof FileError) {
        expect(result.errno).toBe('EIO');
        results.refused += 1;
      } else {
        expect(result).toBeInstanceOf(EncryptedFile);
        results.opened += 1;
      }
    }
    expect(results.refused).toBeGreaterThan(50);
    expect(results.opened + results.refused).toBe(102);
  });
});

describe('contents that are cut off', () => {
  it('are EIO where they are missing, and are read where they are not', async () => {
    const whole = (await made([contentsOf(600_000)])).bytesOf(path);
    const disk = new MemoryDisk({ [path]: whole.subarray(0, 8192 + 4096 * 70 + 5) });
    const file = await opened(disk);
    const into = new Uint8Array(4096);
    expect(await file.read(into, 69 * 4096)).toBe(4096);
    const error = await errorOf(file.read(into, 70 * 4096));
    expect(error.message).toBe(
      '/home/file cannot be read (EIO): it is cut off: extent 70 of its contents is not there or not whole',
    );
    expect((await errorOf(file.write(into, 70 * 4096 + 1))).errno).toBe('EIO');
    expect(await file.read(into, 0)).toBe(4096);
  });
});

describe('a file that cannot be made', () => {
  const old = contentsOf(7000);

  it.each([
    [
      'a key is not in the keyring',
      [bar.signature],
      'ENOENT',
      'key 72c0078c0eaa7eec: there is no key of this signature; add it',
    ],
    [
      'the last of its keys is not',
      [foo.signature, '0000000000000001'],
      'ENOENT',
      'key 0000000000000001: there is no key of this signature; add it',
    ],
    [
      'there is no daemon',
      [toy.signature],
      'ENOTCONN',
      'key 00000000000000aa: nobody is registered',
    ],
  ])('because %s leaves the old one as it was', async (_, signatures, errno, why) => {
    const disk = await made([old]);
    const before = hexOf(disk.bytesOf(path));
    const stepsBefore = disk.steps;
    const { access } = userWith([foo, toy]);
    const exchange = new TagExchange(() =>
      Promise.resolve({ kind: 'refused', errno: 'ENOTCONN', message: 'nobody is registered' }),
    );
    const options = { ...access, exchange, disk, path, cipher: aes128, random: chance() };
    const error = await errorOf(replaceFile({ ...options, signatures, source: [old] }));
    expect(error.message).toBe(`/home/file cannot be created (${errno}): ${why}`);
    expect(hexOf(disk.bytesOf(path))).toBe(before);
    expect(disk.steps).toBe(stepsBefore);
  });

  it('because the disk fails at any step leaves the old one as it was, and nothing beside it', async () => {
    const whole = await made([old]);
    const fresh = await made([contentsOf(300_000)]);
    const before = hexOf(whole.bytesOf(path));
    for (let step = 1; step < fresh.steps; step += 1) {
      const disk = new MemoryDisk({ [path]: whole.bytesOf(path) });
      disk.failure = { step, code: 'ENOSPC', forever: false };
      const error = await errorOf(made([contentsOf(300_000)], { disk }));
      expect(error.message).toContain('/home/file cannot be created (ENOSPC): ');
      expect(disk.paths()).toEqual([path]);
      expect(hexOf(disk.bytesOf(path))).toBe(before);
    }
    expect(fresh.steps).toBe(9);
  });

  it('because its source fails leaves the old one as it was', async () => {
    const disk = await made([old]);
    const before = hexOf(disk.bytesOf(path));
    const source = (function* () {
      yield contentsOf(100);
      throw new Error('the source is gone');
    })();
    const { access } = userWith([foo]);
    const options = { ...access, disk, path, cipher: aes128, random: chance() };
    await expect(replaceFile({ ...options, signatures: [foo.signature], source })).rejects.toThrow(
      'the source is gone',
    );
    expect(disk.paths()).toEqual([path]);
    expect(hexOf(disk.bytesOf(path))).toBe(before);
  });
});

describe('a power cut', () => {
  const survivals = (['kept', 'lost'] as const).flatMap((names) =>
    (['kept', 'lost'] as const).map((bytes) => ({ names, bytes })),
  );

  it.each(survivals)(
    'at any step leaves the old file or the new one, whole: %j',
    async (survival) => {
      const [old, fresh] = [contentsOf(7000), contentsOf(9000)];
      const first = (await made([old])).bytesOf(path);
      const found: number[] = [];
      for (let step = 1; step <= 9; step += 1) {
        const disk = new MemoryDisk({ [path]: first });
        disk.failure = { step, code: 'power cut', forever: true };
        await made([fresh], { disk }).catch(() => undefined);
        const file = await opened(disk.afterPowerCut(survival));
        const contents = await contentsIn(file);
        expect([hexOf(old), hexOf(fresh)]).toContain(hexOf(contents));
        found.push(contents.length);
      }
      // The last cut comes when all was done.
      expect(found[8]).toBe(9000);
      expect(found[0]).toBe(7000);
    },
  );
});
