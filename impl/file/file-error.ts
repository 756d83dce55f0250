import { sentence, shown } from '../shown.js';

/** Something went wrong with a file: a sentence that names it and the errno that eCryptfs gives. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly path: string;
  readonly errno: string;

  constructor({ path, errno, doing, why }: FileFailure) {
    super(sentence(`${shown(path)} cannot be ${doing} (${errno}): ${why}`));
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
