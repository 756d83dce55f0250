import { createReadStream, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { reasonOf, UsageError } from '../usage.js';
import { printable } from '../printable.js';
import { readChunks } from './files.js';

/**
 * Where a log or a capture is read from: a file, a pipe, or stdin as `-`, compressed with gzip or not.
 *
 * A source gives all bytes that can be read, and then says why the reading stopped: a compressed file that was cut
 * still has its beginning.
 */
export interface Source {
  /** Its name, for messages. */
  readonly name: string;
  /** Its first bytes, without compression. */
  readonly first: Uint8Array;
  readonly isCompressed: boolean;
  /** All of its bytes, once. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Its bytes from the beginning, as often as wanted; what is no plain file is kept in memory for that. */
  again(): Promise<() => Iterable<Uint8Array>>;
  /** Why it ended early; undefined if it did not, or if it was not read up to there yet. */
  readonly broke: string | undefined;
}

const gzipMagic = [0x1f, 0x8b];
const firstBytes = 4;
const pieceBytes = 4096;
const keptMaxBytes = 256 << 20;

/**
 * Opens a source, and reads its beginning.
 *
 * @param what it should be, for messages
 * @throws UsageError that names the source and what is wrong with it
 */
export async function openSource(file: string, what: string): Promise<Source> {
  const name = file === '-' ? 'stdin' : printable(file);
  const isFile = file !== '-' && isPlainFile(file, name);
  const raw = await opened(bytesOf(file, { name, what, isFile }));
  const isCompressed = gzipMagic.every((byte, nth) => raw.first[nth] === byte);
  let broke: string | undefined;
  const unpacked = isCompressed
    ? await opened(
        unzipped(raw.chunks(), (why) => {
          broke = why;
        }),
      )
    : raw;
  if (unpacked.first.length === 0) {
    throw new UsageError(`${name}: expected ${what}, found ${broke ?? 'nothing'}`);
  }
  return {
    ...{ name, first: unpacked.first, isCompressed, chunks: unpacked.chunks },
    again: async () => {
      if (isFile && !isCompressed) return () => readChunks(file, what);
      const kept = await keptOf(unpacked.chunks(), name);
      return () => kept;
    },
    get broke() {
      return broke;
    },
  };
}

function isPlainFile(file: string, name: string): boolean {
  try {
    const stat = statSync(file);
    if (!stat.isDirectory()) return stat.isFile();
  } catch (error) {
    throw unreadable(name, error);
  }
  throw new UsageError(`${name}: expected a file, found a directory`);
}

async function* bytesOf(
  file: string,
  { name, what, isFile }: { name: string; what: string; isFile: boolean },
): AsyncGenerator<Uint8Array> {
  if (isFile) {
    yield* readChunks(file, what);
    return;
  }
  const stream = file === '-' ? process.stdin : createReadStream(file);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): UsageError {
  return new UsageError(`${name}: cannot be read (${printable(reasonOf(error))})`);
}

/** The beginning of some bytes, and all of them. */
async function opened(bytes: AsyncGenerator<Uint8Array>): Promise<{
  readonly first: Uint8Array;
  readonly chunks: () => AsyncGenerator<Uint8Array>;
}> {
  const read: Uint8Array[] = [];
  let count = 0;
  while (count < firstBytes) {
    const next = await bytes.next();
    if (next.done === true) break;
    read.push(next.value);
    count += next.value.length;
  }
  const first = Buffer.concat(read);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    if (first.length > 0) yield first;
    yield* bytes;
  };
  return { first, chunks };
}

/** What is compressed in some bytes, as far as it can be unpacked. */
async function* unzipped(
  chunks: AsyncIterable<Uint8Array>,
  say: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH });
  // A stream that fails drops what nobody has read yet; what was passed on is safe.
  const unpacked: Uint8Array[] = [];
  let bytes = 0;
  gunzip.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    unpacked.push(chunk);
  });
  const over = finished(gunzip, { writable: false }).then(
    () => 'whole' as const,
    () => 'broken' as const,
  );
  for await (const chunk of piecesOf(chunks)) {
    const written = new Promise<'written'>((resolve) => {
      gunzip.write(chunk, () => {
        resolve('written');
      });
    });
    // Behind the end of the compressed data nothing is taken any more.
    const what = await Promise.race([written, over]);
    yield* unpacked.splice(0);
    if (what !== 'written') break;
  }
  if (gunzip.writable) gunzip.end();
  if ((await over) === 'broken')
    say(`compressed data that ends or is damaged after ${bytes} bytes`);
  yield* unpacked.splice(0);
}

/** What a piece gives is lost if the piece is damaged, so pieces are small. */
async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      yield chunk.subarray(at, at + pieceBytes);
    }
  }
}

async function keptOf(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): Promise<readonly Uint8Array[]> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > keptMaxBytes) {
      throw new UsageError(
        `${name}: a capture of more than ${keptMaxBytes} bytes is read from a plain file only; save it, without compression`,
      );
    }
    kept.push(chunk);
  }
  return kept;
}
