import type { Disk, DiskFile } from '../../impl/index.js';

/**
 * A disk that fails when it is told to, and whose power can be cut: what was not synced is then kept or lost,
 * names and bytes each by themselves.
 */

interface Body {
  bytes: Uint8Array;
  /** What outlasts a power cut. */
  synced: Uint8Array;
}

/** An errno, as a disk says it. */
export class DiskFailure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`${code}: told to fail`);
    this.code = code;
  }
}

/** What survives of what was not synced. */
export interface Survival {
  readonly names: 'kept' | 'lost';
  readonly bytes: 'kept' | 'lost';
}

/** See the file head. */
export class MemoryDisk implements Disk {
  /** The step that fails, counted from 1, and all behind it where `forever`. */
  failure: { readonly step: number; readonly code: string; readonly forever: boolean } | undefined;
  /** How many steps were taken that change something. */
  steps = 0;
  /** The most that was read or written at once. */
  largest = 0;
  readonly #names: Map<string, Body>;
  #syncedNames: Map<string, Body>;

  constructor(files: Readonly<Record<string, Uint8Array>> = {}) {
    const bodies = Object.entries(files).map(([path, bytes]): [string, Body] => {
      return [path, { bytes: bytes.slice(), synced: bytes.slice() }];
    });
    this.#names = new Map(bodies);
    this.#syncedNames = new Map(bodies);
  }

  /** The files that there are. */
  paths(): string[] {
    return [...this.#names.keys()];
  }

  /** The bytes of a file. */
  bytesOf(path: string): Uint8Array {
    return this.#body(path).bytes;
  }

  /** The disk that is found when the power is there again. */
  afterPowerCut({ names, bytes }: Survival): MemoryDisk {
    const found = names === 'kept' ? this.#names : this.#syncedNames;
    const files = [...found].map(([path, body]) => [
      path,
      bytes === 'kept' ? body.bytes : body.synced,
    ]);
    // Object.fromEntries has no type of its own for such pairs.
    return new MemoryDisk(Object.fromEntries(files) as Record<string, Uint8Array>);
  }

  async open(path: string): Promise<DiskFile> {
    return Promise.resolve(this.#file(this.#body(path)));
  }

  async create(path: string): Promise<DiskFile> {
    this.#step();
    if (this.#names.has(path)) throw new DiskFailure('EEXIST');
    const body = { bytes: new Uint8Array(), synced: new Uint8Array() };
    this.#names.set(path, body);
    return Promise.resolve(this.#file(body));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    this.#names.set(to, this.#body(from));
    this.#names.delete(from);
    return Promise.resolve();
  }

  async unlink(path: string): Promise<void> {
    this.#step();
    this.#names.delete(path);
    return Promise.resolve();
  }

  async syncFolderOf(): Promise<void> {
    this.#step();
    this.#syncedNames = new Map(this.#names);
    return Promise.resolve();
  }

  #file(body: Body): DiskFile {
    const step = (count = 0) => {
      this.#step();
      this.largest = Math.max(this.largest, count);
    };
    return {
      read: (into, at) => {
        this.largest = Math.max(this.largest, into.length);
        const bytes = body.bytes.subarray(at, at + into.length);
        into.set(bytes);
        return Promise.resolve(bytes.length);
      },
      write: async (bytes, at) => {
        step(bytes.length);
        const longer = new Uint8Array(Math.max(body.bytes.length, at + bytes.length));
        longer.set(body.bytes);
        longer.set(bytes, at);
        body.bytes = longer;
        return Promise.resolve();
      },
      truncate: async (lengthBytes) => {
        step();
        const changed = new Uint8Array(lengthBytes);
        changed.set(body.bytes.subarray(0, lengthBytes));
        body.bytes = changed;
        return Promise.resolve();
      },
      sync: async () => {
        step();
        body.synced = body.bytes.slice();
        return Promise.resolve();
      },
      close: async () => {
        step();
        return Promise.resolve();
      },
    };
  }

  #body(path: string): Body {
    const body = this.#names.get(path);
    if (body === undefined) throw new DiskFailure('ENOENT');
    return body;
  }

  #step(): void {
    this.steps += 1;
    const { step = Infinity, code = '', forever = false } = this.failure ?? {};
    if (forever ? this.steps >= step : this.steps === step) throw new DiskFailure(code);
  }
}
