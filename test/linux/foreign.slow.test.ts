import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hash } from 'node:crypto';
import type { KeyToken } from '../../impl/index.js';
import {
  bundledModules,
  defaultSalt,
  EncryptedFile,
  encodeSize,
  encryptName,
  PkiRegistry,
  replaceFile,
} from '../../impl/index.js';
import { imageOf } from '../../conformance/subjects/linux/image.js';
import { kernelDefault } from '../../conformance/subjects/linux/kernels.js';
import { readKeyFile } from '../impl/keyfiles.js';
import { MemoryDisk } from '../impl/memory-disk.js';
import { aes128, chance, contentsOf, passphraseToken, userWith } from '../impl/user.js';
import { lacksWhen } from '../needs.js';
import { Guest } from './guest.js';

/**
 * Files as people have them, in the real kernel and here: encrypted names, empty and cut files, and bytes behind the
 * tokens of a header. What the kernel does with each is written down here. Where bytes are missing it gives others
 * without a word, and we give an error.
 *
 * Gap: a header in the attribute user.ecryptfs is not tried in the kernel, since the guest's file systems have no such
 * attributes.
 */

const isMissing = lacksWhen(() => {
  const image = imageOf(kernelDefault);
  if (typeof image === 'string') throw new Error(image);
});
const foo = passphraseToken('foo');
/** Its MD5 has a zero, which is written as another byte in front of names. */
const odd = oddToken();

function oddToken(): PassphraseToken {
  const fekek = new Uint8Array(64);
  while (!hash('md5', fekek, 'buffer').includes(0)) fekek[0] = (fekek[0] ?? 0) + 1;
  return { kind: 'passphrase', signature: '00000000000000aa', salt: defaultSalt, fekek };
}

type PassphraseToken = KeyToken & { readonly kind: 'passphrase' };
const extent = 4096;

async function made(contents: Uint8Array, token: KeyToken = foo): Promise<Uint8Array> {
  const [disk, path] = [new MemoryDisk(), 'file'];
  const { access } = userWith([token]);
  const signatures = [token.signature];
  await replaceFile({ ...access, disk, path, cipher: aes128, random: chance(), signatures, source: [contents] }); // prettier-ignore
  return disk.bytesOf(path);
}

/** What we read in a file. */
async function oursOf(file: Uint8Array, token: KeyToken = foo): Promise<Buffer> {
  const { access } = userWith([token]);
  const disk = new MemoryDisk({ file });
  const opened = await EncryptedFile.open({ ...access, disk, path: 'file', access: 'read' });
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function guestWith(token: KeyToken = foo, options = ''): Promise<Guest> {
  const image = imageOf(kernelDefault);
  if (typeof image === 'string') throw new Error(image);
  const modules = new PkiRegistry(bundledModules(readKeyFile));
  return Guest.start(image, token, { keys: userWith([token]).session, modules }, options);
}

describe.skipIf(isMissing)('in a mount with encrypted names', () => {
  let guest: Guest;
  beforeAll(async () => {
    const names = `ecryptfs_fnek_sig=${odd.signature},ecryptfs_fn_cipher=aes,ecryptfs_fn_key_bytes=16`;
    guest = await guestWith(odd, `,${names}`);
  });
  afterAll(() => guest.end());

  it.each(['a', 'letter', 'sixteen-letters.', 'a'.repeat(31), 'a'.repeat(143)])(
    'the kernel writes and reads the name that we make of "%s"',
    async (name) => {
      const lower = encryptName(Buffer.from(name), aes128, odd);
      await guest.put(`/mnt/${name}`, Buffer.from('written by the kernel'));
      await guest.remount();
      const below = await guest.get(`/lower/${lower}`);
      expect((await oursOf(below, odd)).toString()).toBe('written by the kernel');
      const other = `${name.slice(1)}z`;
      const ours = encryptName(Buffer.from(other), aes128, odd);
      await guest.put(`/lower/${ours}`, await made(Buffer.from('written by us'), odd));
      expect(Buffer.from(await guest.get(`/mnt/${other}`)).toString()).toBe('written by us');
    },
  );

  it('the kernel takes no longer name than we do', async () => {
    const name = 'a'.repeat(144);
    await expect(guest.put(`/mnt/${name}`, new Uint8Array())).rejects.toThrow('ENAMETOOLONG');
    expect(() => encryptName(Buffer.from(name), aes128, odd)).toThrow('it can have 143');
  }); // prettier-ignore
});

describe.skipIf(isMissing)('files that are not whole', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await guestWith();
  });
  afterAll(() => guest.end());

  it('an empty lower file is an empty file, here and there', async () => {
    await guest.put('/lower/empty', new Uint8Array());
    expect(await guest.get('/mnt/empty')).toHaveLength(0);
    expect(await oursOf(new Uint8Array())).toHaveLength(0);
  });

  it('bytes behind the last token end the tokens, here and there', async () => {
    const contents = contentsOf(5000);
    const file = await made(contents);
    file.set([0x46, 0x99, 0xff], file.indexOf(0xed) + 24);
    await guest.put('/lower/behind', file);
    expect(Buffer.from(await guest.get('/mnt/behind')).equals(contents)).toBe(true);
    expect((await oursOf(file)).equals(contents)).toBe(true);
  });

  it('of a file that is cut the kernel gives bytes that nobody wrote, and we an error', async () => {
    const contents = contentsOf(10_200);
    const file = (await made(contents)).subarray(0, 8192 + extent + 1000);
    await guest.put('/lower/cut', file);
    const theirs = Buffer.from(await guest.get('/mnt/cut'));
    expect(theirs).toHaveLength(contents.length);
    // The blocks of the cut extent that are there are right, which is what salvaging gives.
    expect(theirs.subarray(0, extent + 992).equals(contents.subarray(0, extent + 992))).toBe(true);
    expect(theirs.subarray(extent + 1008).equals(contents.subarray(extent + 1008))).toBe(false);
    await expect(oursOf(file)).rejects.toThrow(
      'extent 1 of its contents is not there or not whole',
    );
  });

  it('of an extent of zeros the kernel gives bytes that nobody wrote', async () => {
    const file = (await made(contentsOf(10_200))).slice();
    file.fill(0, 8192 + extent, 8192 + 2 * extent);
    await guest.put('/lower/zeros', file);
    const theirs = Buffer.from(await guest.piece('/mnt/zeros', { from: extent, count: extent }));
    expect(theirs.every((byte) => byte === 0)).toBe(false);
    expect((await oursOf(file)).subarray(extent, 2 * extent).equals(theirs)).toBe(true);
  });

  it('of a header that says too little both give what it says', async () => {
    const file = (await made(contentsOf(10_200))).slice();
    file.set(encodeSize(5));
    await guest.put('/lower/lying', file);
    expect(await guest.get('/mnt/lying')).toHaveLength(5);
    expect(await oursOf(file)).toHaveLength(5);
  });

  it('of a header that is cut behind its tokens the kernel makes a file, and we an error', async () => {
    const file = (await made(contentsOf(10_200))).subarray(0, 4000);
    await guest.put('/lower/header', file);
    expect(await guest.get('/mnt/header')).toHaveLength(10_200);
    await expect(oursOf(file)).rejects.toThrow('it is cut off in its header');
  });
});
