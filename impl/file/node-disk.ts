import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { constants, lstat, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReadKeyFile } from '../pki/index.js';
import { native } from '../transport/native.js';
import { TransportUnavailable } from '../transport/transport.js';
import type { Disk, DiskFile } from './disk.js';

/** Where files of this machine are touched, and the only place where they are: an edge. */

/**
 * The disk of this machine. It opens files alone, and puts a file in the place of a file or a link, but of nothing
 * else: no pipe, device, socket or folder is replaced. A file that takes the place of another gets its mode and
 * its owner; where this user may not give it away, it is not created.
 */
export class NodeDisk implements Disk {
  async open(path: string, access: 'read' | 'write'): Promise<DiskFile> {
    return new NodeFile(
      await openFile(path, access === 'read' ? constants.O_RDONLY : constants.O_RDWR),
    );
  }

  async create(path: string, { like }: { readonly like: string }): Promise<DiskFile> {
    const replaced = await replaceable(like);
    const handle = await open(path, fresh, replaced === undefined ? 0o666 : 0o600);
    try {
      if (replaced !== undefined) await giveRights(handle, replaced);
      return new NodeFile(handle);
    } catch (error) {
      await handle.close();
      await unlink(path);
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await replaceable(to);
    await rename(from, to);
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

  attribute(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(attributeOf(this.#handle.fd, name));
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

/** The longest extended attribute that Linux has. */
const attributeMax = 65_536;

/** An extended attribute of an open file; undefined where there is none, and where this system cannot be asked. */
export function attributeOf(fd: number, name: string): Uint8Array | undefined {
  const into = new Uint8Array(attributeMax);
  try {
    const length = native().attribute(fd, name, into);
    return length > 0 ? into.subarray(0, length) : undefined;
  } catch (error) {
    if (error instanceof TransportUnavailable) return undefined;
    throw error;
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
  const handle = await openFile(path, constants.O_RDONLY);
  try {
    const status = await handle.stat();
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

/** How a file is made that must not be there yet, and that is no link to another. */
const fresh = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Opens a file. A device is not touched for it, and a pipe that nobody writes to keeps nobody waiting. */
async function openFile(path: string, access: number): Promise<FileHandle> {
  mustBeFile(await stat(path));
  const handle = await open(path, access | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    // It may be another one by now.
    mustBeFile(await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function mustBeFile(status: Stats): void {
  if (status.isFile()) return;
  if (status.isDirectory()) throw failure('EISDIR', 'it is a folder; name a file');
  throw failure('EINVAL', 'it is a pipe, a device or a socket; name a file');
}

/** The file in whose place another may come; undefined where there is none, or a link, which is not followed. */
async function replaceable(path: string): Promise<Stats | undefined> {
  let status: Stats;
  try {
    status = await lstat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (status.isSymbolicLink()) return undefined;
  mustBeFile(status);
  return status;
}

async function giveRights(handle: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) {
    await handle.chown(uid, gid).catch(() => {
      throw failure(
        'EPERM',
        `it belongs to uid ${uid} and gid ${gid}, and this user may not give a new one away; remove it first`,
      );
    });
  }
  await handle.chmod(mode & 0o777);
}
