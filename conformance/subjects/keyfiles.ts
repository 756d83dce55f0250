import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Key files for a daemon under test: a folder of their own, which is gone when it is over. */

/** Where key files are put. */
export interface KeyFiles {
  /** Writes a file, and says where it is; in a folder of an unusual name, if one is asked for. */
  put(name: string, text: string, place?: keyof typeof places): string;
  /** Where a file would be that is not there. */
  missing(name: string): string;
  /** Removes what was written. */
  remove(): void;
}

/** Folders of unusual names: longer than a byte can count, with a blank, with letters beyond ASCII. */
const places = {
  deep: join('d'.repeat(150), 'e'.repeat(150)),
  blank: 'two words',
  accented: 'clé-für-ключ',
} as const;

/** Folders that are there now; removed when this process exits for whatever reason. */
const folders = new Set<string>();

/** A folder for key files. It is made when the first file is put there. */
export function openKeyFiles(): KeyFiles {
  let folder: string | undefined;
  const made = () => {
    if (folder !== undefined) return folder;
    if (folders.size === 0) process.once('exit', removeAll);
    folder = mkdtempSync(join(tmpdir(), 'msgctx-keys-'));
    folders.add(folder);
    return folder;
  };
  return {
    put: (name, text, place) => {
      const inside = place === undefined ? made() : join(made(), places[place]);
      mkdirSync(inside, { recursive: true });
      const path = join(inside, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    missing: (name) => join(made(), `no-${name}`),
    remove: () => {
      if (folder !== undefined) removeFolder(folder);
      folder = undefined;
      if (folders.size === 0) process.off('exit', removeAll);
    },
  };
}

function removeAll(): void {
  for (const folder of folders) removeFolder(folder);
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
