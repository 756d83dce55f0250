import type { Stats } from 'node:fs';
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';

/**
 * The folder of a Unix socket, found so that no other user decides where that is.
 *
 * Theory of operation. A path is walked one name at a time, each opened from the descriptor of the folder
 * before it (O_PATH, O_NOFOLLOW), so that nobody can exchange a part that was looked at. A symbolic link is
 * followed if it belongs to this user or to root. The folder at the end must belong to this user or to root,
 * and nobody else may write in it; a sticky folder such as /tmp is fine, since there nobody removes or renames
 * what is another's. Everything that is done afterwards is done from the descriptor of that folder.
 *
 * The owner of `/` is trusted like root: in a user namespace root may have another number.
 *
 * Source: open(2) on O_PATH, path_resolution(7), sticky bits in inode(7).
 */

const linksMax = 40;
/** O_PATH, which Node has no name for. */
const pathOnly = 0o10_000_000;
const sticky = 0o1000;
const writableByOthers = 0o022;

/** Why a folder is refused: a clause for a message, and what to do. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused';
}

/** An open folder, and the last name of the path. */
export interface Located {
  /** The descriptor of the folder; its owner closes it. */
  readonly folder: number;
  readonly name: string;
}

/** A name in an open folder, as a path that no other user can lead elsewhere. */
export function inFolder(folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`;
}

/**
 * Opens the folder of a path and checks it.
 *
 * @throws FolderRefused when another user could exchange what is in it; what the system throws when it is not there
 */
export function locate(path: string): Located {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  if (name === '' || name === '.' || name === '..') {
    throw new FolderRefused('its last part is no name of a file; add one');
  }
  const folder = walk(path.startsWith('/') ? '/' : '.', parts);
  try {
    mustBePrivate(fstatSync(folder));
    return { folder, name };
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

/** Walks from a folder along names, and returns the descriptor of the last. */
function walk(from: string, parts: string[]): number {
  const flags = pathOnly | constants.O_NOFOLLOW;
  let folder = openSync(from, flags);
  let links = 0;
  try {
    for (let name = parts.shift(); name !== undefined; name = parts.shift()) {
      if (name === '' || name === '.') continue;
      const next = openSync(inFolder(folder, name), flags);
      const status = fstatSync(next);
      if (!status.isSymbolicLink()) {
        closeSync(folder);
        folder = next;
        continue;
      }
      closeSync(next);
      links += 1;
      mustBeFollowed(status, links);
      const target = readlinkSync(inFolder(folder, name));
      parts.unshift(...target.split('/'));
      if (!target.startsWith('/')) continue;
      closeSync(folder);
      folder = openSync('/', flags);
    }
    return folder;
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

function mustBeFollowed({ uid }: Stats, links: number): void {
  if (links > linksMax) throw new FolderRefused('its symbolic links never end; name the folder');
  if (isTrusted(uid)) return;
  throw new FolderRefused(
    `its folder is behind a symbolic link of uid ${uid}; name the folder itself`,
  );
}

function mustBePrivate(status: Stats): void {
  const { uid, mode } = status;
  if (!status.isDirectory()) throw new FolderRefused('what should be its folder is none');
  if (!isTrusted(uid)) {
    throw new FolderRefused(`its folder belongs to uid ${uid}; use a folder of this user`);
  }
  if ((mode & sticky) === 0 && (mode & writableByOthers) !== 0) {
    const digits = (mode & 0o7777).toString(8);
    throw new FolderRefused(
      `other users may write in its folder (mode ${digits}); run chmod go-w on the folder, or use another`,
    );
  }
}

function isTrusted(uid: number): boolean {
  if (uid === 0 || uid === process.geteuid?.()) return true;
  const root = openSync('/', pathOnly);
  try {
    return uid === fstatSync(root).uid;
  } finally {
    closeSync(root);
  }
}
