import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GivenKeys } from '../../conformance/cli/ecryptfs/given-keys.js';
import { fekekSignature, Keyring, replaceFile, deriveKey } from '../../impl/index.js';
import { MemoryDisk } from '../impl/memory-disk.js';
import { aes128, chance, passphraseToken, userWith } from '../impl/user.js';
import { msgctx } from '../msgctx.js';

/** The keys that a command line gives: derived with each file's salt, unwrapped, raw; and what is said when they miss. */

const folder = mkdtempSync(join(tmpdir(), 'msgctx-keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** An encrypted file under a key of some bytes, with a salt in its header. */
async function encrypted(
  name: string,
  { signature, salt, fekek }: { signature: string; salt: Uint8Array; fekek: Uint8Array },
): Promise<string> {
  const [disk, path] = [new MemoryDisk(), 'file'];
  const { access } = userWith([{ kind: 'passphrase', signature, salt, fekek }]);
  const made = { ...access, disk, path, cipher: aes128, random: chance(), signatures: [signature] };
  await replaceFile({ ...made, source: [Buffer.from('Dear Alice\n')] });
  return file(name, disk.bytesOf(path));
}

async function under(name: string, passphrase: string, hex: string): Promise<string> {
  const { fekek, signature, salt } = deriveKey(Buffer.from(passphrase), Buffer.from(hex, 'hex'));
  return encrypted(name, { signature, salt, fekek: fekek.use((bytes) => Uint8Array.from(bytes)) });
}

const open = (...words: readonly string[]) => msgctx(['ecryptfs', 'open', ...words]);
const secret = file('secret', 'correct horse\n');
const ownSalt = 'a1b2c3d4e5f60718';

describe('a passphrase', () => {
  it('opens a file with the salt of its header, whichever that is', async () => {
    const usual = await under('usual', 'correct horse', '0011223344556677');
    const salted = await under('salted', 'correct horse', ownSalt);
    for (const path of [usual, salted]) {
      expect(await open(path, '--passphrase-file', secret)).toBe('Dear Alice\n');
    }
  });

  it('that is another says which key it makes, which the file wants, and with which salt', async () => {
    const path = await under('other', 'correct pony', ownSalt);
    const { signature } = deriveKey(Buffer.from('correct pony'), Buffer.from(ownSalt, 'hex'));
    const made = deriveKey(Buffer.from('correct horse'), Buffer.from(ownSalt, 'hex')).signature;
    expect(await open(path, '--passphrase-file', secret)).toBe(
      `msgctx: ${path} cannot be opened (EIO): key ${signature}: the passphrase in ${secret} makes key ${made} with the salt ${ownSalt} of the file; give the passphrase that the file is under\n`,
    );
  });

  it.each([
    ['a carriage return', 'correct horse\r\n', 'the carriage return (CR) at its end'],
    ['blanks', 'correct horse \t\n', 'the blanks at its end'],
    ['a byte order mark', '\ufeffcorrect horse\n', 'the byte order mark at its front'],
    ['both', '\ufeffcorrect horse\r\n', 'the byte order mark at its front and the carriage return (CR) at its end'],
    ['a letter of Latin-1', Buffer.from('correct\xe9 horse\n', 'latin1'), 'the bytes in it that are not UTF-8'],
  ])('with %s too many says what to remove, and nothing of itself', async (_, bytes, what) => {
    const path = await under('letter', 'correct horse', ownSalt);
    const said = await open(path, '--passphrase-file', file('odd', bytes));
    expect(said).toContain(`; it fits without ${what}: remove that from the file\n`);
    expect(said).not.toContain('horse');
  }); // prettier-ignore

  it('that really ends in a carriage return is used as it is', async () => {
    const path = await under('returned', 'correct horse\r', ownSalt);
    expect(await open(path, '--passphrase-file', file('cr', 'correct horse\r\n'))).toBe('Dear Alice\n');
  }); // prettier-ignore

  it('of no byte or of too many is refused', async () => {
    const path = await under('letter', 'correct horse', ownSalt);
    for (const [bytes, count] of [['\n', 0], ['a'.repeat(65), 65]] as const) {
      const long = file('long', bytes);
      expect(await open(path, '--passphrase-file', long)).toBe(
        `msgctx: ${long}: a passphrase has 1 to 64 bytes, and this one ${count}\n`,
      );
    }
    expect(await open(path)).toContain('there is no key of this signature; give its passphrase with --passphrase-file or --wrapped, or the key itself with --fekek-file');
  }); // prettier-ignore
});

describe('a wrapped passphrase', () => {
  const login = file('login', 'login\n');
  // ecryptfs-wrap-passphrase of ecryptfs-utils 111 wrote it.
  const hex =
    '3a02020a845dff4e904e33313539316133393536363830386436eedc83a80eaa24d8fae6b293fd840fb8';
  const wrapped = file('wrapped-passphrase', Buffer.from(hex, 'hex'));

  it('opens files, and is printed', async () => {
    const path = await under('mounted', 'mountpass', '0011223344556677');
    expect(await open(path, '--wrapped', wrapped, '--passphrase-file', login)).toBe('Dear Alice\n');
    expect(await msgctx(['ecryptfs', 'unwrap', wrapped, '--passphrase-file', login])).toBe('mountpass\n');
  }); // prettier-ignore

  it('is recognised where it is given for a passphrase, and by info', async () => {
    const path = await under('mounted', 'mountpass', '0011223344556677');
    expect(await open(path, '--passphrase-file', wrapped)).toBe(
      `msgctx: ${wrapped} is a wrapped passphrase; give it with --wrapped, and the login passphrase that opens it with --passphrase-file\n`,
    );
    expect(await msgctx(['ecryptfs', 'info', wrapped])).toContain(
      'a wrapped passphrase of version 2, 16 bytes\nkey       under login passphrase 31591a39566808d6, salt 020a845dff4e904e\n',
    );
  });

  it('that does not fit says why, also what the login passphrase has too much', async () => {
    const unwrap = (path: string, from = wrapped) =>
      msgctx(['ecryptfs', 'unwrap', from, '--passphrase-file', path]);
    expect(await unwrap(secret)).toContain(
      `${wrapped} cannot be unwrapped: it is wrapped under key 31591a39566808d6, and this login passphrase makes `,
    );
    expect(await unwrap(file('windows', 'login\r\n'))).toContain(
      'does not fit; it fits without the carriage return (CR) at its end',
    );
    expect(await unwrap(login, secret)).toContain(`${secret} is no wrapped passphrase`);
    expect(await open(wrapped, '--wrapped', wrapped)).toContain(
      '--wrapped needs the login passphrase: add --passphrase-file FILE',
    );
  });

  it('is written as a new file, and never over one', async () => {
    const made = join(folder, 'fresh');
    const mount = file('mount', 'mount passphrase\n');
    const wrap = ['ecryptfs', 'wrap', made, '--passphrase-file', login, '--mount-passphrase-file', mount]; // prettier-ignore
    expect(await msgctx(wrap)).toBe('');
    expect(readFileSync(made)).toHaveLength(2 + 8 + 16 + 16);
    expect(await msgctx(['ecryptfs', 'unwrap', made, '--passphrase-file', login])).toBe('mount passphrase\n'); // prettier-ignore
    expect(await msgctx(wrap)).toContain('(EEXIST): it is there already; name another file');
    expect(await msgctx([...wrap, '--salt', 'xyz'])).toContain('--salt "xyz" is not 16 hex digits');
  });
});

describe('a key of its own', () => {
  const key = Uint8Array.from({ length: 64 }, (_, nth) => nth + 1);
  const salt = Buffer.from('0011223344556677', 'hex');
  const made = (name: string, signature: string) =>
    encrypted(name, { signature, salt, fekek: key });
  const raw = file('key', key);

  it('opens files under its own signature and under a name that it was given', async () => {
    const own = await made('own', fekekSignature(key));
    const named = await made('named', '1000000000000000');
    expect(await open(own, '--fekek-file', raw)).toBe('Dear Alice\n');
    expect(await open(named, '--fekek-file', raw)).toBe('Dear Alice\n');
    expect(await open(named, '--fekek-file', `1000000000000000=${raw}`)).toBe('Dear Alice\n');
    expect(await open(named, '--fekek-file', `2000000000000000=${raw}`)).toContain(
      `the key in ${raw} is not the key of this signature, or too short for it; name the right one, as 1000000000000000=FILE`,
    );
  });

  it('becomes the key of one name, not of several', async () => {
    const keys = GivenKeys.of(new Keyring({ now: () => 0 }).session(0), { fekekFile: [raw] });
    const wanted = (signature: string) =>
      ({ kind: 'passphrase', signature, salt, cipherCode: 7, encryptedKey: new Uint8Array(16) }) as const;
    const used = async (signature: string) =>
      (await keys.use(signature, () => 0, wanted(signature))).kind;
    expect(await used('1000000000000000')).toBe('used');
    expect(await used('2000000000000000')).toBe('refused');
    expect(await used('1000000000000000')).toBe('used');
    expect(await used(fekekSignature(key))).toBe('used');
  }); // prettier-ignore

  it('has 32 to 64 bytes, and is shorter than the file needs in no case', async () => {
    const path = await made('named', '1000000000000000');
    for (const length of [31, 65]) {
      expect(await open(path, '--fekek-file', file('short', key.slice(0, 1).map(() => 7)))).toContain('32 to 64 are expected');
      expect(await open(path, '--fekek-file', file('odd', new Uint8Array(length)))).toContain(`has ${length} bytes; 32 to 64 are expected`);
    }
    expect(await open(path, '--fekek-file', file('half', key.subarray(0, 32)))).toBe('Dear Alice\n');
    const digits = `${Buffer.from(key).toString('hex')}\n`;
    expect(await open(path, '--fekek-file', file('digits', digits))).toContain('make bytes of them with xxd -r -p');
  }); // prettier-ignore
});

describe('keys that are wiped', () => {
  it('are of no use any more', () => {
    const token = passphraseToken('foo');
    const keys = GivenKeys.of(new Keyring({ now: () => 0 }).session(0), {
      fekekFile: [],
      passphraseFile: secret,
    });
    expect(keys.addOwn(token.kind === 'passphrase' ? token.salt : new Uint8Array(8))).toHaveLength(
      1,
    );
    keys.wipe();
    expect(() => keys.addOwn(new Uint8Array(8))).toThrow('after it was wiped');
  });
});
