/**
 * What files are kept on, as little of it as is needed; `NodeDisk` is the one of this machine, and tests have
 * others. What fails rejects with an error whose `code` is an errno.
 */
export interface Disk {
  /** Opens a file that is there. */
  open(path: string, access: 'read' | 'write'): Promise<DiskFile>;
  /**
   * Makes a file that is not there yet, which is to take the place of another: with its owner and its access
   * rights if it is there. Rejects where that is neither a file nor a link.
   */
  create(path: string, rights: { readonly like: string }): Promise<DiskFile>;
  /**
   * Gives a file another name, in whose place there is nothing else at any time. Rejects where something has the
   * name that is neither a file nor a link.
   */
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
  /** An extended attribute; undefined where there is none, or where this disk cannot tell. */
  attribute?(name: string): Promise<Uint8Array | undefined>;
  /** Writes all of the bytes. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  /** Makes what was written outlast a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
