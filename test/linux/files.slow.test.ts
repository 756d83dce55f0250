import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyToken } from '../../impl/index.js';
import { bundledModules, EncryptedFile, PkiRegistry, replaceFile } from '../../impl/index.js';
import { opensslModule } from '../../impl/index.js';
import { imageOf } from '../../conformance/subjects/linux/image.js';
import { kernelDefault } from '../../conformance/subjects/linux/kernels.js';
import { otherKey, readKeyFile, valuesOf } from '../impl/keyfiles.js';
import { MemoryDisk } from '../impl/memory-disk.js';
import { aes128, chance, contentsOf, passphraseToken, userWith } from '../impl/user.js';
import { lacksWhen } from '../needs.js';
import { Guest } from './guest.js';

/**
 * Encrypted files, there and back: what we write the real kernel reads, and what it writes we read, under
 * a passphrase and under a private key that our own daemon serves to it.
 */

const isMissing = lacksWhen(() => {
  const image = imageOf(kernelDefault);
  if (typeof image === 'string') throw new Error(image);
});
/** The largest takes its time through a serial line: every night only. */
const sizes = [0, 1, 4095, 4096, 4097, ...(process.env['MSGCTX_NIGHTLY'] === undefined ? [] : [2 ** 20])]; // prettier-ignore

async function privateToken(): Promise<KeyToken> {
  const token = await opensslModule(readKeyFile).token(valuesOf(otherKey));
  if (token.kind === 'refused') throw new Error(token.message);
  const { signature, blob } = token;
  return { kind: 'private-key', signature, module: 'openssl', blob };
}

const keys: readonly [string, () => Promise<KeyToken>][] = [
  ['a passphrase', () => Promise.resolve(passphraseToken('foo'))],
  ['a private key', privateToken],
];

describe.skipIf(isMissing).each(keys)('under %s', (name, tokenOf) => {
  const asks = name === 'a private key' ? 1 : 0;
  let guest: Guest;
  let token: KeyToken;
  beforeAll(async () => {
    const image = imageOf(kernelDefault);
    if (typeof image === 'string') throw new Error(image);
    token = await tokenOf();
    const modules = new PkiRegistry(bundledModules(readKeyFile));
    guest = await Guest.start(image, token, { keys: userWith([token]).session, modules });
  });
  afterAll(() => guest.end());

  it.each(sizes)('a file of %i bytes that we write is read by the kernel', async (size) => {
    const contents = contentsOf(size);
    const [disk, path] = [new MemoryDisk(), 'file'];
    const { access } = userWith([token]);
    const signatures = [token.signature];
    const made = { ...access, disk, path, cipher: aes128, random: chance(), signatures };
    await replaceFile({ ...made, source: [contents] });
    const before = guest.served;
    expect(Buffer.from(await guest.reads(disk.bytesOf(path))).equals(contents)).toBe(true);
    expect(guest.served - before).toBe(asks);
  });

  it.each(sizes)('a file of %i bytes that the kernel writes is read by us', async (size) => {
    const contents = contentsOf(size);
    const before = guest.served;
    const file = await guest.writes(contents);
    expect(guest.served - before).toBe(asks);
    const disk = new MemoryDisk({ file });
    const { access } = userWith([token]);
    const opened = await EncryptedFile.open({ ...access, disk, path: 'file', access: 'read' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.chunks()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(contents)).toBe(true);
  });
});
