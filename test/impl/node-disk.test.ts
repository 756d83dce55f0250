import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  EncryptedFile,
  keyFilesOf,
  NodeDisk,
  readHeader,
  readKeyFile,
  replaceFile,
} from '../../impl/index.js';
import { aes128, chance, contentsOf, passphraseToken, userWith } from './user.js';

/** Encrypted files on the disk of this machine. */

const folder = mkdtempSync(join(tmpdir(), 'msgctx-files-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const disk = new NodeDisk();
const foo = passphraseToken('foo');
const { access } = userWith([foo]);
const signatures = [foo.signature];
const made = (path: string, contents: Uint8Array) =>
  replaceFile({
    ...access,
    disk,
    path,
    cipher: aes128,
    random: chance(),
    signatures,
    source: [contents],
  });

describe('the disk of this machine', () => {
  it('keeps a file that is written, changed, closed and opened again', async () => {
    const path = join(folder, 'changed');
    expect(await made(path, contentsOf(300_000))).toBe(300_000);
    expect(statSync(path).size).toBe(8192 + 74 * 4096);
    const file = await EncryptedFile.open({ ...access, disk, path, access: 'write' });
    await file.write(Buffer.from('changed'), 299_999);
    await file.truncate(300_003);
    await file.sync();
    await file.close();
    const again = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
    const into = new Uint8Array(9);
    expect(await again.read(into, 299_998)).toBe(5);
    expect([...into.subarray(1, 5)]).toEqual([...Buffer.from('chan')]);
    await again.close();
    expect((await readHeader(disk, path))?.sizeBytes).toBe(300_003);
  });

  it('replaces a file with its access rights, and leaves nothing beside it', async () => {
    const path = join(folder, 'replaced');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    await made(path, contentsOf(10));
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.startsWith('replaced'))).toEqual(['replaced']);
  });

  it('says what it cannot do in a sentence with path and errno', async () => {
    const path = join(folder, 'none', 'file');
    await expect(made(path, contentsOf(10))).rejects.toThrow(
      `${path} cannot be created (ENOENT): ENOENT`,
    );
    const opening = EncryptedFile.open({ ...access, disk, path: folder, access: 'read' });
    await expect(opening).rejects.toThrow(`${folder} cannot be opened (EISDIR)`);
  });

  it('does not write a file that was opened to be read', async () => {
    const path = join(folder, 'read');
    await made(path, contentsOf(10));
    const before = readFileSync(path);
    const file = await EncryptedFile.open({ ...access, disk, path, access: 'read' });
    await expect(file.write(contentsOf(1), 0)).rejects.toThrow(`${path} cannot be written (EBADF)`);
    await file.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('reads no more of a key file than a key file has', async () => {
    const path = join(folder, 'key');
    writeFileSync(path, new Uint8Array(100_000));
    expect((await readKeyFile(path)).length).toBe(65_536);
    writeFileSync(path, 'short');
    expect((await readKeyFile(path)).length).toBe(5);
  });

  it('reads no key file of another user, where it must not', async () => {
    const path = join(folder, 'owned');
    writeFileSync(path, 'key');
    const { uid } = statSync(path);
    expect((await keyFilesOf(uid)(path)).length).toBe(3);
    await expect(keyFilesOf(uid + 1)(path)).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('does not wait for a pipe that is named as key file', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(readKeyFile(path)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(readKeyFile(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
