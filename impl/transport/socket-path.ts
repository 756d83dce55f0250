import type { Stats } from 'node:fs';
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { shown } from '../shown.js';
import type { Native } from './native.js';
import { errnoName, linux } from './native.js';
import type { Located } from './socket-folder.js';
import { FolderRefused, inFolder, locate } from './socket-folder.js';
import { TransportUnavailable } from './transport.js';

/**
 * A Unix socket that listens at a path, and takes nobody else's place.
 *
 * Theory of operation. The socket is bound, opened to all users and made to listen in a new private folder
 * beside the path; then it gets its name there by link(2), which fails if the name is taken. So a socket
 * that has the name listens, or its owner is dead, and the mode is never set through a name that another
 * could exchange.
 *
 * A name that is taken is freed only if it is a socket of this user at which nobody listens. It is renamed into
 * the private folder first and judged again there: of two processes that do this at once one wins, and the
 * other finds a socket that listens. When the listener ends, the name is removed in the same way, and only
 * if it is still that of the socket that was bound.
 *
 * Source: unix(7), link(2), rename(2).
 */

const pathBytesMax = 107;
const backlog = 256;
/** How often a name may turn out to be taken while it is taken over. */
const triesMax = 8;
const ownName = 'socket';
const takenName = 'taken';

/** A socket that listens. */
export interface ListeningSocket {
  readonly fd: number;
  /** Closes it and removes its name, unless somebody else has the name now. */
  close(): void;
}

/**
 * Listens at a path.
 *
 * @throws TransportUnavailable when the path is no place for a socket, or is taken
 */
export function listenAt(native: Native, path: string): ListeningSocket {
  unixAddress(path);
  let located: Located | undefined;
  try {
    located = locate(path);
    return new NamedSocket(native, located);
  } catch (error) {
    if (located !== undefined) closeSync(located.folder);
    throw unavailable(path, error);
  }
}

/**
 * The address of a socket at a path.
 *
 * @throws TransportUnavailable when no socket can have the path
 */
export function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(path);
  if (bytes.length === 0 || bytes.length > pathBytesMax || bytes.includes(0)) {
    throw new TransportUnavailable(
      `the path of a channel has 1 to ${pathBytesMax} bytes and none that is 0, and "${shown(path)}" has ${bytes.length}; choose a shorter --socket`,
    );
  }
  return addressOf(bytes);
}

function addressOf(path: Uint8Array): Buffer {
  const address = Buffer.alloc(2 + path.length + 1);
  address.writeUInt16LE(linux.family.unix, 0);
  address.set(path, 2);
  return address;
}

/** Why a name is not free. */
class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

class NamedSocket implements ListeningSocket {
  readonly fd: number;
  readonly #native: Native;
  readonly #located: Located;
  /** What tells the socket from any other: its number stays its own as long as it is open. */
  readonly #own: Stats;

  constructor(native: Native, located: Located) {
    this.#native = native;
    this.#located = located;
    const { family, type, socketFlags } = linux;
    this.fd = must(native.socket(family.unix, type.seqpacket | socketFlags, 0));
    try {
      this.#own = this.#inPrivate((nest) => {
        const address = addressOf(Buffer.from(nest(ownName)));
        must(native.bind(this.fd, address, address.length));
        // Whoever connects is judged by its credentials: the mode lets all users in.
        chmodSync(nest(ownName), 0o666);
        must(native.listen(this.fd, backlog));
        this.#take(nest);
        return lstatSync(nest(ownName));
      });
    } catch (error) {
      native.close(this.fd);
      throw error;
    }
  }

  close(): void {
    try {
      const isOwn = (one: Stats) => one.ino === this.#own.ino && one.dev === this.#own.dev;
      if (isOwn(lstatSync(this.#name))) {
        this.#inPrivate((nest) => this.#removed(nest, (taken) => isOwn(lstatSync(taken))));
      }
    } catch {
      // The name is gone already, or the folder may not be written any more.
    }
    this.#native.close(this.fd);
    closeSync(this.#located.folder);
  }

  get #name(): string {
    return inFolder(this.#located.folder, this.#located.name);
  }

  /** Gives the socket its name. */
  #take(nest: Nest): void {
    for (let tries = 0; tries < triesMax; tries += 1) {
      try {
        linkSync(nest(ownName), this.#name);
        return;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const status = lstatSync(this.#name, { throwIfNoEntry: false });
      if (status === undefined) continue;
      mustBeFree(status);
      this.#mustBeDead(nest(takenName));
      if (!this.#removed(nest, (taken) => this.#isDead(taken))) {
        throw new NameTaken('another kernel side listens there; stop it, or use another path');
      }
    }
    throw new NameTaken('others take the name all the time; use another path');
  }

  /** Takes the name away and says whether that was right; if not, it is given back. */
  #removed(nest: Nest, isRight: (taken: string) => boolean): boolean {
    const taken = nest(takenName);
    try {
      renameSync(this.#name, taken);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return true;
      throw error;
    }
    const wasRight = isRight(taken);
    if (!wasRight) giveBack(taken, this.#name);
    unlinkSync(taken);
    return wasRight;
  }

  /** Judges the socket by a second name, which is short enough for an address wherever the folder is. */
  #mustBeDead(second: string): void {
    linkSync(this.#name, second);
    const isDead = this.#isDead(second);
    unlinkSync(second);
    if (isDead) return;
    throw new NameTaken('somebody listens there already; stop that process, or use another path');
  }

  /** Whether nobody listens at a socket: only a refused connection says so. */
  #isDead(name: string): boolean {
    const { family, type, socketFlags } = linux;
    const probe = must(this.#native.socket(family.unix, type.seqpacket | socketFlags, 0));
    const address = addressOf(Buffer.from(name));
    const answer = this.#native.connect(probe, address, address.length);
    this.#native.close(probe);
    return answer < 0 && errnoName(answer) === 'ECONNREFUSED' && lstatSync(name).isSocket();
  }

  /** Lends a new folder that only this user enters, beside the name. */
  #inPrivate<T>(work: (nest: Nest) => T): T {
    const made = mkdtempSync(inFolder(this.#located.folder, '.msgctx-'));
    const nest: Nest = (name) => `${made}/${name}`;
    try {
      // The umask may have taken away what even its owner needs.
      chmodSync(made, 0o700);
      return work(nest);
    } finally {
      for (const name of [ownName, takenName]) {
        if (lstatSync(nest(name), { throwIfNoEntry: false }) !== undefined) unlinkSync(nest(name));
      }
      rmdirSync(made);
    }
  }
}

/** The path of a name in a private folder. */
type Nest = (name: string) => string;

function mustBeFree(status: Stats): void {
  if (!status.isSocket()) {
    throw new NameTaken(
      `there is ${kindOf(status)}, which is kept; remove it, or use another path`,
    );
  }
  if (status.uid !== process.geteuid?.()) {
    throw new NameTaken(`there is a socket of uid ${status.uid}; remove it, or use another path`);
  }
}

function kindOf(status: Stats): string {
  if (status.isFile()) return 'a file';
  if (status.isDirectory()) return 'a folder';
  if (status.isSymbolicLink()) return 'a symbolic link';
  return status.isFIFO() ? 'a pipe' : 'a device';
}

function giveBack(taken: string, name: string): void {
  try {
    linkSync(taken, name);
  } catch {
    // Somebody has taken the name meanwhile, and keeps it.
  }
}

function unavailable(path: string, error: unknown): unknown {
  if (error instanceof TransportUnavailable) return error;
  const cannot = `the kernel side cannot listen at ${shown(path)}`;
  if (error instanceof FolderRefused || error instanceof NameTaken) {
    return new TransportUnavailable(`${cannot}: ${error.message}`);
  }
  const code = codeOf(error);
  if (code === undefined) return error;
  return new TransportUnavailable(
    `${cannot} (${code}); use a path in a folder of your own (--socket), or netlink (--netlink, --target netlink)`,
  );
}

function must(result: number): number {
  if (result >= 0) return result;
  const code = errnoName(result);
  throw Object.assign(new Error(code), { code });
}

function codeOf(error: unknown): string | undefined {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : undefined;
}
