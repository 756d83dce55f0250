import { randomBytes } from 'node:crypto';
import type { Disk, Doubt } from '../../../impl/index.js';
import { EncryptedFile, FileError, placeFile, shown } from '../../../impl/index.js';
import { writeOut } from '../pipes.js';
import { mustBeReplaceable } from './create.js';
import type { FileFlags, FileSession } from './file-session.js';
import { withKeys } from './file-session.js';
import { TidyDisk } from './interrupted.js';
import { diskOf, isStandardInput, standardInput } from './standard-input.js';

/** `msgctx ecryptfs open` of one file: decrypts it to stdout, or to another file. */
export interface OpenFlags extends FileFlags {
  readonly salvage: boolean;
  readonly output?: string;
  readonly force: boolean;
  readonly plain: 'copy' | 'skip';
}

/** Returns the exit status. */
export async function openFile(path: string, flags: OpenFlags): Promise<number> {
  const disk = isStandardInput(path) ? diskOf(standardInput()) : new TidyDisk();
  return withKeys(flags, async (session) => {
    const file = await opened(disk, path, session);
    const { source, doubts } = contentsOf(file, flags);
    try {
      if (flags.output === undefined) await toStandardOutput(source);
      else await toFile(flags.output, flags, source);
    } finally {
      await file.close();
    }
    for (const doubt of doubts)
      process.stderr.write(`msgctx: ${shown(path)}: ${doubtWords(doubt)}\n`);
    return doubts.length === 0 ? 0 : 1;
  });
}

/** Opens a file with the keys of the command line. */
export function opened(
  disk: Disk,
  path: string,
  { keys, exchange }: FileSession,
): Promise<EncryptedFile> {
  return EncryptedFile.open({ disk, path, access: 'read', keys, exchange });
}

async function toStandardOutput(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of source) await writeOut(bytes);
}

/** Puts the contents in the place of a file, or nothing if they cannot be read to their end. */
async function toFile(
  path: string,
  { force }: OpenFlags,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  mustBeReplaceable(path, { force });
  const disk = new TidyDisk({ mayReplace: force });
  disk.tidyAtExit();
  try {
    await placeContents(disk, path, source);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    throw new FileError({ path, doing: 'created', errno: error.code, why: error.message });
  }
}

/** Writes the contents of a whole file, all or nothing. */
export function placeContents(
  disk: Disk,
  path: string,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  return placeFile({ disk, path, random: (count) => randomBytes(count) }, async (file) => {
    let at = 0;
    for await (const bytes of source) {
      await file.write(bytes, at);
      at += bytes.length;
    }
  });
}

/** The contents of an opened file, or what can be salvaged, with what is doubtful then. */
export function contentsOf(
  file: EncryptedFile,
  { salvage }: Pick<OpenFlags, 'salvage'>,
): { readonly source: AsyncIterable<Uint8Array>; readonly doubts: readonly Doubt[] } {
  const doubts: Doubt[] = [];
  const source = salvage ? file.salvage((doubt) => doubts.push(doubt)) : file.chunks();
  return { source, doubts };
}

/** What is not as it should be, in words. */
export function doubtWords(doubt: Doubt): string {
  switch (doubt.kind) {
    case 'cut':
      return `extent ${doubt.extent} is cut off: its first ${doubt.keptBytes} bytes were read`;
    case 'missing':
      return `${extentsFrom(doubt)} missing: the file ends before ${doubt.from === doubt.to ? 'it' : 'them'}`;
    case 'never-written':
      return `${extentsFrom(doubt)} doubtful: zeros on the disk, so never written; zeros are given`;
    case 'unreadable':
      return `${extentsFrom(doubt)} doubtful: the disk cannot read ${doubt.from === doubt.to ? 'it' : 'them'}; zeros are given`;
    case 'longer':
      return `the header says ${doubt.headerBytes} bytes, and the file holds ${doubt.fileBytes}: all are given; what stands behind byte ${doubt.headerBytes} is doubtful, and zeros at the end may be filling`;
  }
}

function extentsFrom({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `extent ${from} is` : `extents ${from} to ${to} are`;
}
