import type { Disk, DiskFile } from './disk.js';
import type { Random } from './file-tokens.js';

/**
 * Puts a whole file in the place of one that may be there, all or nothing.
 *
 * It is written under another name beside its own, synced, and renamed; then the folder is synced. So at any
 * time, and after a power cut at any time, there is the old file or the new one, whole. Whatever goes
 * wrong before the renaming leaves the old one as it was, and nothing beside it; a power cut may leave a file
 * whose name ends in `.new`. Where the folder alone cannot be synced the new file is there, and might not outlast a
 * power cut.
 *
 * @returns what the work returned that wrote it
 */
export async function placeFile<T>(
  { disk, path, random }: PlaceOptions,
  work: (file: DiskFile) => Promise<T>,
): Promise<T> {
  const beside = `${path}.${Buffer.from(random(6)).toString('hex')}.new`;
  const file = await disk.create(beside, { like: path });
  let isInPlace = false;
  try {
    const done = await work(file);
    await file.sync();
    await file.close();
    await disk.rename(beside, path);
    isInPlace = true;
    await disk.syncFolderOf(path);
    return done;
  } catch (error) {
    await file.close().catch(() => undefined);
    // Whoever has that name afterwards is somebody else.
    if (!isInPlace) await disk.unlink(beside).catch(() => undefined);
    throw error;
  }
}

/** Where a file is put. */
export interface PlaceOptions {
  readonly disk: Disk;
  readonly path: string;
  readonly random: Random;
}
