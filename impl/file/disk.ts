/**
 * What files are kept on, as little of it as is needed; `NodeDisk` is the one of this machine, and tests have
 * others. What fails rejects with an error whose `code` is an errno.
 */
export interface Disk {
  /** Opens a file that is there. */
  open(path: string, access: 'read' | 'write'): Promise<DiskFile>;
  /** Makes a file that is not there yet, with the access rights of another if that is there. */
  create(path: string, rights: { readonly like: string }): Promise<DiskFile>;
  /** Gives a file another name, in whose place there is nothing else at any time. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
  /** Makes the names in the folder of a path outlast a power cut. */
  syncFolderOf(path: string): Promise<void>;
}

/** An open file. */
export interface DiskFile {
  /** Reads from a place on; fewer bytes than there is room for only at the end. */
  read(into: Uint8Array, at: number): Promise<number>;
  /** Writes all of the bytes. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  /** Makes what was written outlast a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Something went wrong with a file: a sentence that names it and the errno that eCryptfs gives. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly path: string;
  readonly errno: string;

  constructor({ path, errno, doing, why }: FileFailure) {
    super(`${path} cannot be ${doing} (${errno}): ${why}`);
    this.path = path;
    this.errno = errno;
  }
}

/** What goes wrong with a file. */
export interface FileFailure {
  readonly path: string;
  readonly errno: string;
  readonly doing: 'opened' | 'created' | 'read' | 'written';
  readonly why: string;
}

/**
 * Does something with a disk; what it rejects with becomes a FileError.
 *
 * @throws FileError
 */
export async function onDisk<T>(
  { path, doing }: Pick<FileFailure, 'path' | 'doing'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    throw new FileError({ path, doing, errno: error.code, why: error.message });
  }
}
