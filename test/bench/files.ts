import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk, DiskFile } from '../../impl/index.js';
import { cipherOf, EncryptedFile, extentBytes, NodeDisk, replaceFile } from '../../impl/index.js';
import { chance, passphraseToken, userWith } from '../impl/user.js';
import { head, median, print, quick, turns } from './measure.js';

/**
 * Encrypted files: how fast they are written and read, against the same calls of node:crypto on
 * the same bytes with nothing around them: one MD5 and one cipher an extent.
 */

const megabytes = quick ? 16 : 128;
const sizeBytes = megabytes * 1024 * 1024;
const piece = new Uint8Array(64 * 1024).map((_, nth) => (nth * 31) & 0xff);

/** A disk that forgets what is written and reads what it was left with: the cost of everything else. */
class NoDisk implements Disk {
  readonly #front = new Uint8Array(8192);

  open(): Promise<DiskFile> {
    return Promise.resolve(this.#file());
  }

  create(): Promise<DiskFile> {
    return Promise.resolve(this.#file());
  }

  rename(): Promise<void> {
    return Promise.resolve();
  }

  unlink(): Promise<void> {
    return Promise.resolve();
  }

  syncFolderOf(): Promise<void> {
    return Promise.resolve();
  }

  #file(): DiskFile {
    const done = () => Promise.resolve();
    return {
      read: (into, at) => {
        if (at === 0) into.set(this.#front.subarray(0, into.length));
        return Promise.resolve(into.length);
      },
      write: (bytes, at) => {
        if (at < this.#front.length) this.#front.set(bytes.subarray(0, 8192), at);
        return Promise.resolve();
      },
      truncate: done,
      sync: done,
      close: done,
    };
  }
}

function* source(): Generator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= piece.length) yield piece;
}

const foo = passphraseToken('foo');
const { access } = userWith([foo]);

async function secondsOfWall(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** What the processor spends, whoever else wants it: the ratio is of this. */
async function secondsOfProcessor(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

const written = (disk: Disk, path: string, cipher: ReturnType<typeof cipherOf>) =>
  replaceFile({
    ...access,
    disk,
    path,
    cipher,
    random: chance(),
    signatures: [foo.signature],
    source: source(),
  });

async function read(disk: Disk, path: string): Promise<void> {
  const file = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
  const into = new Uint8Array(64 * extentBytes);
  for (let at = 0; at < file.sizeBytes; at += into.length) await file.read(into, at);
  await file.close();
}

/** The calls of node:crypto, and no other. */
function bare(
  cbc: string,
  keyBytes: number,
  vectorBytes: number,
  create: typeof createCipheriv | typeof createDecipheriv,
): number {
  const [key, seed] = [new Uint8Array(keyBytes).fill(7), new Uint8Array(32)];
  const extent = piece.subarray(0, extentBytes);
  for (let left = sizeBytes; left > 0; left -= extentBytes) {
    const vector = hash('md5', seed, 'buffer');
    const cipher = create(cbc, key, vector.subarray(0, vectorBytes));
    cipher.setAutoPadding(false);
    cipher.update(extent);
    cipher.final();
  }
  return sizeBytes;
}

const folder = mkdtempSync(join(tmpdir(), 'msgctx-bench-'));
const path = join(folder, 'file');
head(`encrypted files of ${megabytes} MB, MB a second of the processor (on a disk: of the clock)`, [
  'cipher', 'direction', 'without a disk', 'node:crypto alone', 'ratio', 'on the disk of this machine',
]); // prettier-ignore
try {
  for (const cipher of [cipherOf('aes', 16), cipherOf('aes', 32), cipherOf('des3_ede', 24)]) {
    // Triple DES needs a minute for what AES does in a second.
    if (quick && cipher.name === 'des3_ede') continue;
    const { name, keyBytes, cbc, blockBytes } = cipher;
    for (const direction of ['write', 'read'] as const) {
      const isWrite = direction === 'write';
      const [none, real] = [new NoDisk(), new NodeDisk()];
      await written(none, path, cipher);
      await written(real, path, cipher);
      const work = (disk: Disk) => (isWrite ? written(disk, path, cipher) : read(disk, path));
      const times = { ours: [] as number[], bare: [] as number[], disk: [] as number[] };
      const create = isWrite ? createCipheriv : createDecipheriv;
      const rounds = name === 'aes' ? turns : 1;
      for (let turn = 0; turn < rounds; turn += 1) {
        times.ours.push(await secondsOfProcessor(() => work(none)));
        times.bare.push(
          await secondsOfProcessor(() => Promise.resolve(bare(cbc, keyBytes, blockBytes, create))),
        );
        times.disk.push(await secondsOfWall(() => work(real)));
      }
      const speed = (all: readonly number[]) => megabytes / median(all);
      print([
        `${name} ${keyBytes}`,
        direction,
        speed(times.ours).toFixed(0),
        speed(times.bare).toFixed(0),
        `${(speed(times.ours) / speed(times.bare)).toFixed(2)}x`,
        speed(times.disk).toFixed(0),
      ]);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
