import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EncryptedFile, opensslModule } from '../../impl/index.js';
import { encodeToken } from '../../impl/wire/token.js';
import { imageOf, insertion } from '../../conformance/subjects/linux/image.js';
import { kernelDefault, kernels } from '../../conformance/subjects/linux/kernels.js';
import { Machine } from '../../conformance/subjects/linux/machine.js';
import { otherKey, pathOf, readKeyFile, valuesOf } from '../impl/keyfiles.js';
import { MemoryDisk } from '../impl/memory-disk.js';
import { keyToken, userWith } from '../impl/user.js';
import { lacksWhen } from '../needs.js';
import { ecryptfsdArchive } from './ecryptfsd.js';

/**
 * The daemon that Linux distributions have, in the guest with the real kernel: what it does with a key of
 * ours, and when it does not know one. Every night only, since it is fetched and partly built.
 */

const isMissing =
  process.env['MSGCTX_NIGHTLY'] === undefined ||
  lacksWhen(() => {
    const image = imageOf(kernelDefault);
    if (typeof image === 'string') throw new Error(image);
  });
const orderMs = 60_000;
const unknown = '00112233445566aa';

describe.skipIf(isMissing)('ecryptfsd of Debian', () => {
  let machine: Machine;
  let signature = '';
  const folder = mkdtempSync(join(tmpdir(), 'msgctx-test-'));
  const order = async (words: string): Promise<readonly string[]> => {
    const { lines, errno } = await machine.order(words, orderMs);
    if (errno !== undefined) throw new Error(`${errno}: ${words.slice(0, 60)}`);
    return lines;
  };
  /** Orders to settle until a call has returned; what it returned. */
  const returned = async (task: number): Promise<string> => {
    for (let tries = 0; tries < 1000; tries += 1) {
      const done = (await order('settle leave')).find((line) => line.startsWith(`done ${task} `));
      if (done !== undefined) return done.split(' ')[2] ?? '';
    }
    return 'nothing';
  };
  const mountUnder = (key: string) =>
    order(`mount /mnt ecryptfs_sig=${key},ecryptfs_cipher=aes,ecryptfs_key_bytes=16`);
  const give = (token: ReturnType<typeof keyToken>) =>
    order(`key ${token.signature} ${Buffer.from(encodeToken(token)).toString('hex')}`);

  beforeAll(async () => {
    const image = imageOf(kernelDefault);
    if (typeof image === 'string') throw new Error(image);
    const initrd = join(folder, 'initrd');
    const rest = ecryptfsdArchive(folder, pathOf(otherKey.file));
    writeFileSync(initrd, Buffer.concat([readFileSync(image.initrd), rest]));
    machine = await Machine.start({ kernel: image.kernel, initrd });
    const known = await opensslModule(readKeyFile).token(valuesOf(otherKey));
    if (known.kind === 'refused') throw new Error(known.message);
    ({ signature } = known);
    for (const name of kernels[kernelDefault]?.modules ?? []) await order(`insert /modules/${name}.ko`); // prettier-ignore
    await order(insertion({ contexts: 4, seconds: 10 }));
    await give(keyToken(signature, 'openssl', '/key.pem', otherKey.passphrase));
    await give(keyToken(unknown, 'nobody', '/nowhere'));
    await order('mount /lower mode=0777');
    await mountUnder(signature);
    await order('run 1 0 /bin/ecryptfsd -f');
  });
  afterAll(async () => {
    await machine.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is the registered daemon of its user', async () => {
    const { errno } = await machine.order('open 9 0', orderMs);
    expect(errno).toBe('EINVAL');
  });

  it('seals the key of a new file, which we open with the same private key', async () => {
    await order('ask 1 0');
    expect(await returned(1)).toBe('0');
    await order(`put /mnt/1/file ${Buffer.from('hello').toString('hex')}`);
    await order('unmount /mnt');
    const [line = ''] = await order('get /lower/1/file 0 20000');
    const file = Uint8Array.from(Buffer.from(line.replace('data ', ''), 'hex'));
    const token = keyToken(signature, 'openssl', pathOf(otherKey.file), otherKey.passphrase);
    const { access } = userWith([token]);
    const disk = new MemoryDisk({ file });
    const opened = await EncryptedFile.open({ ...access, disk, path: 'file', access: 'read' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.chunks()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
  });

  it('opens it for the kernel again after the file system was mounted anew', async () => {
    await mountUnder(signature);
    expect(await order('get /mnt/1/file 0 100')).toEqual([`data ${Buffer.from('hello').toString('hex')}`]); // prettier-ignore
    await order('unmount /mnt');
  });

  it('fails at once when it has no module for a key', async () => {
    await mountUnder(unknown);
    const began = performance.now();
    await order('ask 2 0');
    expect(await returned(2)).toBe('EIO');
    expect(performance.now() - began).toBeLessThan(5000);
    await order('unmount /mnt');
  });

  it('is registered no more when it was told to end', async () => {
    expect(await order('run 5 0 /bin/busybox killall ecryptfsd')).toEqual(['data 00']);
    await mountUnder(signature);
    await order('ask 3 0');
    expect(await returned(3)).toBe('ENOTCONN');
  });
});
