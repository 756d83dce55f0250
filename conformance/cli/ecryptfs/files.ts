import { randomBytes } from 'node:crypto';
import { createReadStream, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Asked, CipherName, Errno, Outcome, Session } from '../../../impl/index.js';
import {
  Asker,
  cipherOf,
  connect,
  deriveKey,
  doorOf,
  EncryptedFile,
  Keyring,
  readHeader,
  replaceFile,
  shown,
  TagExchange,
} from '../../../impl/index.js';
import { UsageError } from '../../usage.js';
import { writeOut } from '../pipes.js';
import { CommandFailed } from './failed.js';
import { TidyDisk } from './interrupted.js';
import type { PlaceFlags } from './place.js';
import { placeOf, trustedUids } from './place.js';
import { readPassphrase } from './secrets.js';

/**
 * `msgctx ecryptfs create` and `open`: files whose keys a daemon has, or that are under a passphrase.
 *
 * The key of a file goes through the kernel side to the daemon of whoever runs the command, and no further.
 */
export interface FileFlags extends PlaceFlags {
  readonly passphraseFile?: string;
}

/** The same to create one. */
export interface CreateFlags extends FileFlags {
  readonly signature: readonly string[];
  readonly cipher: string;
  readonly keyBytes: number;
}

const disk = new TidyDisk();

/** Encrypts stdin into a file. Returns the exit status. */
export async function createCommand(path: string, flags: CreateFlags): Promise<number> {
  const cipher = cipherNamed(flags);
  const source = standardInput();
  disk.tidyAtExit();
  return withKeys(flags, async (keys, exchange) => {
    const own = addPassphrase(keys, flags);
    for (const signature of flags.signature) addPublic(keys, signature);
    const signatures = [...flags.signature, ...own];
    if (signatures.length === 0) {
      throw new UsageError(
        'name a key that is to open the file: --signature, --passphrase-file or both',
      );
    }
    const random = (count: number) => randomBytes(count);
    await replaceFile({ disk, path, cipher, random, signatures, source, keys, exchange });
    return 0;
  });
}

/**
 * The bytes of standard input. Node takes what it does not know, a folder or a disk, for an empty input: then
 * an empty file would take the place of another.
 */
function standardInput(): AsyncIterable<Uint8Array> {
  const status = fstatSync(0);
  if (status.isFIFO() || status.isSocket() || isatty(0)) return process.stdin;
  if (status.isFile() || status.isCharacterDevice() || status.isBlockDevice()) {
    return createReadStream('', { fd: 0, autoClose: false });
  }
  const what = status.isDirectory() ? 'a folder' : 'nothing that can be read';
  throw new CommandFailed(`standard input is ${what}; give it a file or a pipe`);
}

/** Decrypts a file to stdout. Returns the exit status. */
export async function openCommand(path: string, flags: FileFlags): Promise<number> {
  const { tokens } = await readHeader(disk, path);
  return withKeys(flags, async (keys, exchange) => {
    addPassphrase(keys, flags);
    for (const { kind, signature } of tokens)
      if (kind === 'private-key') addPublic(keys, signature);
    const file = await EncryptedFile.open({ disk, path, access: 'read', keys, exchange });
    try {
      for await (const bytes of file.chunks()) {
        await writeOut(bytes);
      }
    } finally {
      await file.close();
    }
    return 0;
  });
}

/** A keyring and a way to the daemon; both are gone afterwards. */
async function withKeys(
  flags: FileFlags,
  work: (keys: Session, exchange: TagExchange) => Promise<number>,
): Promise<number> {
  const keyring = new Keyring({ now: () => performance.now() });
  // Without a private key nobody is asked, and no transport is needed.
  let asker: Asker | undefined;
  const exchange = new TagExchange(async (payload) => {
    asker ??= new Asker({ end: connect(doorOf(placeOf(flags))), kernelUids: trustedUids() });
    return askedOf(await asker.ask(payload));
  });
  try {
    return await work(keyring.session(0), exchange);
  } finally {
    asker?.close();
    keyring.end(0);
  }
}

/** What a process that calls open(2) or creat(2) is told, where more can be said than the errno. */
const reasons: Readonly<
  Partial<Record<Errno, { readonly errno: string; readonly message: string }>>
> = {
  ENOMSG: { errno: 'EIO', message: 'the daemon did not answer within the time-out; does it hang?' },
  ENOTCONN: {
    errno: 'ENOTCONN',
    message: 'no daemon of this user is registered; start msgctx ecryptfs daemon',
  },
  ECONNREFUSED: {
    errno: 'ECONNREFUSED',
    message:
      'the daemon of this user is dead, or there is no kernel side; start the one or the other',
  },
  ECONNRESET: {
    errno: 'ECONNRESET',
    message:
      'the kernel side closed the channel: it has ended, or this user has too many channels; try again',
  },
  EAGAIN: {
    errno: 'EAGAIN',
    message:
      'the kernel side had no turn for it: too many requests of this user are under way, or a queue is full; try again later',
  },
  ETIMEDOUT: {
    errno: 'ETIMEDOUT',
    message: 'the kernel side keeps silent; is it that of root or of this user?',
  },
};

function askedOf(outcome: Outcome): Asked {
  if (outcome.kind === 'answered') return { kind: 'reply', payload: outcome.payload };
  const { errno } = outcome;
  const reason = reasons[errno] ?? {
    errno,
    message: 'the kernel side refused it; try again later',
  };
  return { kind: 'refused', ...reason };
}

/** The kernel side looks at nothing of a private key but that it is one: the rest is the daemon's. */
function addPublic(keys: Session, signature: string): void {
  if (!/^[0-9a-f]{16}$/.test(signature)) {
    throw new UsageError(
      `--signature "${shown(signature)}" is not 16 digits of lower-case hex, as keygen prints them`,
    );
  }
  keys.add({ kind: 'private-key', signature, module: 'openssl', blob: new Uint8Array() });
}

function addPassphrase(keys: Session, { passphraseFile }: FileFlags): readonly string[] {
  if (passphraseFile === undefined) return [];
  const passphrase = readPassphrase(passphraseFile);
  try {
    const { fekek, signature, salt } = deriveKey(passphrase);
    fekek.use((key) => keys.add({ kind: 'passphrase', signature, salt, fekek: key }));
    fekek.wipe();
    return [signature];
  } catch (error) {
    if (error instanceof RangeError)
      throw new CommandFailed(`${shown(passphraseFile)}: ${error.message}`);
    throw error;
  } finally {
    passphrase.fill(0);
  }
}

function cipherNamed({ cipher, keyBytes }: CreateFlags) {
  try {
    // What is no name of a cipher is refused by name there.
    return cipherOf(cipher as CipherName, keyBytes);
  } catch (error) {
    throw error instanceof Error && error.name === 'UnsupportedCipher'
      ? new UsageError(error.message)
      : error;
  }
}
