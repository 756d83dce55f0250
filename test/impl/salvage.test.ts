import { describe, expect, it } from 'vitest';
import type { Disk, DiskFile, Doubt } from '../../impl/index.js';
import { cipherOf, EncryptedFile, encodeSize, replaceFile } from '../../impl/index.js';
import { MemoryDisk } from './memory-disk.js';
import { aes128, chance, contentsOf, passphraseToken, userWith } from './user.js';

/** What is left of files that are cut off, damaged, or that their headers lie about. */

const foo = passphraseToken('foo');
const { access } = userWith([foo]);
const path = 'file';
const extent = 4096;

async function made(contents: Uint8Array, cipher = aes128): Promise<Uint8Array> {
  const disk = new MemoryDisk();
  const signatures = [foo.signature];
  await replaceFile({ ...access, disk, path, cipher, random: chance(), signatures, source: [contents] }); // prettier-ignore
  return disk.bytesOf(path);
}

async function salvaged(disk: Disk): Promise<{ bytes: Buffer; doubts: Doubt[] }> {
  const file = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
  const doubts: Doubt[] = [];
  const pieces: Uint8Array[] = [];
  for await (const piece of file.salvage((doubt) => doubts.push(doubt))) pieces.push(piece);
  await file.close();
  return { bytes: Buffer.concat(pieces), doubts };
}

const from = (bytes: Uint8Array) => salvaged(new MemoryDisk({ [path]: bytes }));
const contents = contentsOf(10_200);
const whole = await made(contents);

/** The same file with another size in its header. */
function saying(sizeBytes: number, bytes = whole): Uint8Array {
  const lying = bytes.slice();
  lying.set(encodeSize(sizeBytes));
  return lying;
}

describe('a file that is as it should be', () => {
  it.each([0, 1, 4095, 4096, 4097, 262_144, 262_145, 600_000])(
    'of %i bytes is given as it is, without a doubt',
    async (size) => {
      const { bytes, doubts } = await from(await made(contentsOf(size)));
      expect(doubts).toEqual([]);
      expect(bytes.equals(contentsOf(size))).toBe(true);
    },
  );
});

describe('a file that is cut off', () => {
  it('gives the whole blocks of the extent that is cut, and says what is missing', async () => {
    const { bytes, doubts } = await from(whole.subarray(0, 8192 + extent + 1000));
    expect(bytes.equals(contents.subarray(0, extent + 992))).toBe(true);
    expect(doubts).toEqual([
      { kind: 'cut', extent: 1, keptBytes: 992 },
      { kind: 'missing', from: 2, to: 2 },
    ]);
  });

  it('between two extents misses the others alone', async () => {
    const { bytes, doubts } = await from(whole.subarray(0, 8192 + extent));
    expect(bytes.equals(contents.subarray(0, extent))).toBe(true);
    expect(doubts).toEqual([{ kind: 'missing', from: 1, to: 2 }]);
  });

  it('behind its contents misses nothing', async () => {
    const end = 8192 + Math.ceil(contents.length / 16) * 16;
    expect(await from(whole.subarray(0, end))).toEqual({ bytes: Buffer.from(contents), doubts: [] });
  }); // prettier-ignore

  it('gives blocks of 8 bytes under triple DES', async () => {
    const cut = (await made(contents, cipherOf('des3_ede', 24))).subarray(0, 8192 + 1001);
    const { bytes, doubts } = await from(cut);
    expect(bytes.equals(contents.subarray(0, 1000))).toBe(true);
    expect(doubts[0]).toEqual({ kind: 'cut', extent: 0, keptBytes: 1000 });
  });

  it('is read up to the cut without salvaging too, and then fails', async () => {
    for (const [size, cut] of [[10_200, 8192 + extent + 1000], [600_000, 8192 + 70 * extent + 5]] as const) {
      const bytes = (await made(contentsOf(size))).subarray(0, cut);
      const disk = new MemoryDisk({ [path]: bytes });
      const file = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
      const pieces: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of file.chunks()) pieces.push(piece);
      })();
      const kept = Math.floor((cut - 8192) / extent);
      await expect(reading).rejects.toThrow(`file cannot be read (EIO): it is cut off: extent ${kept} of its contents is not there or not whole`);
      expect(Buffer.concat(pieces).equals(contentsOf(size).subarray(0, kept * extent))).toBe(true);
    }
  }); // prettier-ignore
});

describe('a header that lies about the size', () => {
  it('too short: all extents are given, and what is behind the size is doubtful', async () => {
    for (const size of [0, 5, 4096]) {
      const { bytes, doubts } = await from(saying(size));
      expect(bytes.subarray(0, contents.length).equals(contents)).toBe(true);
      expect(bytes.length).toBe(3 * extent);
      expect(bytes.subarray(contents.length).every((byte) => byte === 0)).toBe(true);
      expect(doubts).toEqual([{ kind: 'longer', headerBytes: size, fileBytes: 3 * extent }]);
    }
  });

  it('too long: what is there is given', async () => {
    const { bytes, doubts } = await from(saying(2 ** 50));
    expect(bytes.subarray(0, contents.length).equals(contents)).toBe(true);
    expect(doubts).toEqual([{ kind: 'missing', from: 3, to: 2 ** 38 - 1 }]);
  });

  it('within its last extent is believed, and a torn piece behind it is nothing', async () => {
    const { bytes, doubts } = await from(saying(8193));
    expect(bytes.equals(contents.subarray(0, 8193))).toBe(true);
    expect(doubts).toEqual([]);
    const torn = Buffer.concat([whole, new Uint8Array(7)]);
    expect((await from(torn)).doubts).toEqual([]);
  });
});

describe('extents', () => {
  it('of zeros were never written, and are given as zeros', async () => {
    const holed = (await made(contentsOf(70 * extent))).slice();
    holed.fill(0, 8192 + 3 * extent, 8192 + 5 * extent);
    holed.fill(0, 8192 + 69 * extent);
    const { bytes, doubts } = await from(holed);
    expect(doubts).toEqual([
      { kind: 'never-written', from: 3, to: 4 },
      { kind: 'never-written', from: 69, to: 69 },
    ]);
    expect(bytes.subarray(3 * extent, 5 * extent).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(5 * extent, 69 * extent).equals(contentsOf(70 * extent).subarray(5 * extent, 69 * extent))).toBe(true);
  }); // prettier-ignore

  it('that the disk cannot read do not take the others with them', async () => {
    const size = 70 * extent;
    const memory = new MemoryDisk({ [path]: await made(contentsOf(size)) });
    const bad = [[8192 + 2 * extent, 8192 + 3 * extent], [8192 + 68 * extent, 8192 + 70 * extent]] as const;
    const disk: Disk = Object.assign(Object.create(memory) as MemoryDisk, {
      open: async (name: string): Promise<DiskFile> => {
        const file = await memory.open(name);
        const read: DiskFile['read'] = (into, at) =>
          bad.some(([start, end]) => at < end && at + into.length > start && at >= 8192)
            ? Promise.reject(Object.assign(new Error('bad sector'), { code: 'EIO' }))
            : file.read(into, at);
        return { ...file, read };
      },
    });
    const { bytes, doubts } = await salvaged(disk);
    expect(doubts).toEqual([
      { kind: 'unreadable', from: 2, to: 2 },
      { kind: 'unreadable', from: 68, to: 69 },
    ]);
    expect(bytes.length).toBe(size);
    expect(bytes.subarray(0, 2 * extent).equals(contentsOf(size).subarray(0, 2 * extent))).toBe(true);
    expect(bytes.subarray(3 * extent, 68 * extent).equals(contentsOf(size).subarray(3 * extent, 68 * extent))).toBe(true);
  }); // prettier-ignore
});

describe('an empty file', () => {
  it('has nothing in it, and needs no key', async () => {
    const disk = new MemoryDisk({ [path]: new Uint8Array() });
    const { access: without } = userWith([]);
    const file = await EncryptedFile.open({ ...without, disk, path, access: 'read' });
    expect(file.sizeBytes).toBe(0);
    expect(await file.read(new Uint8Array(10), 0)).toBe(0);
    await file.close();
    expect(await from(new Uint8Array())).toEqual({ bytes: Buffer.alloc(0), doubts: [] });
  });
});

describe('a header in the attribute user.ecryptfs', () => {
  const withAttribute = (bytes: Uint8Array, header: Uint8Array): Disk => {
    const memory = new MemoryDisk({ [path]: bytes });
    return Object.assign(Object.create(memory) as MemoryDisk, {
      open: async (name: string): Promise<DiskFile> => ({
        ...(await memory.open(name)),
        attribute: (which: string) =>
          Promise.resolve(which === 'user.ecryptfs' ? header : undefined),
      }),
    });
  };

  it('is read where the front of the file is none; the contents begin at byte 0', async () => {
    const disk = withAttribute(whole.subarray(8192), whole.subarray(0, 82));
    const file = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
    const into = new Uint8Array(contents.length);
    expect(await file.read(into, 0)).toBe(contents.length);
    expect(Buffer.from(into).equals(contents)).toBe(true);
    await expect(EncryptedFile.open({ ...access, disk, path, access: 'write' })).rejects.toThrow(
      'which is read and never written',
    );
  });

  it('means nothing where the file has its own', async () => {
    const disk = withAttribute(whole, new Uint8Array(82));
    expect((await salvaged(disk)).bytes.equals(contents)).toBe(true);
  });
});
