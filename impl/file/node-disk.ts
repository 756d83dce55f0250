import type { FileHandle } from 'node:fs/promises';
import { constants, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReadKeyFile } from '../pki/index.js';
import type { Disk, DiskFile } from './disk.js';

/** Where files of this machine are touched, and the only place where they are: an edge. */

/** The disk of this machine. */
export class NodeDisk implements Disk {
  async open(path: string, access: 'read' | 'write'): Promise<DiskFile> {
    return new NodeFile(await open(path, access === 'read' ? 'r' : 'r+'));
  }

  async create(path: string, { like }: { readonly like: string }): Promise<DiskFile> {
    const handle = await open(path, 'wx+');
    const mode = await modeOf(like);
    if (mode !== undefined) await handle.chmod(mode);
    return new NodeFile(handle);
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  unlink(path: string): Promise<void> {
    return unlink(path);
  }

  async syncFolderOf(path: string): Promise<void> {
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        at + done,
      );
      done += bytesWritten;
    }
  }

  truncate(lengthBytes: number): Promise<void> {
    return this.#handle.truncate(lengthBytes);
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The longest key file that is read. */
const keyFileMax = 65_536;

/** Reads a key file for a key module, whoever owns it. */
export const readKeyFile: ReadKeyFile = (path) => readKey(path, undefined);

/**
 * Reads key files that a user owns, and no others: for a daemon that may read more than the users whom it
 * serves, and who name their key files themselves.
 */
export function keyFilesOf(uid: number): ReadKeyFile {
  return (path) => readKey(path, uid);
}

/** Of a file that is too long, and so is no key file, only the beginning; of what is no file, nothing. */
async function readKey(path: string, owner: number | undefined): Promise<Uint8Array> {
  // A pipe that nobody writes to must not keep a daemon waiting.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw failure('EISDIR', 'it is a folder');
    if (!status.isFile()) throw failure('EINVAL', 'it is no file');
    if (owner !== undefined && status.uid !== owner)
      throw failure('EACCES', 'it is of another user');
    const bytes = new Uint8Array(keyFileMax);
    return bytes.subarray(0, await new NodeFile(handle).read(bytes, 0));
  } finally {
    await handle.close();
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch {
    return undefined;
  }
}
