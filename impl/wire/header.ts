import * as P from 'micro-packed';
import { joined, layout, Reader } from './bytes.js';
import type { FileToken } from './packet-set.js';
import { encodePacketSet, readPacketSet } from './packet-set.js';

/**
 * The header of an encrypted file: how long its contents are, a marker by which it is known, version and
 * flags, how long the header is, and the tokens that lead to the key.
 *
 * All numbers have their high byte first: size u64, r u32, r XOR 3c81b7f5 u32, flags u32 whose highest
 * byte is the version, extent of the header u32, number of such extents u16; the tokens; zeros to the end.
 * Version 0 has neither extent nor number: its tokens follow the flags, and it is 8192 bytes long.
 *
 * Source: Linux 6.1 fs/ecryptfs/crypto.c ecryptfs_write_headers_virt, ecryptfs_read_headers_virt,
 * ecryptfs_validate_marker.
 */

/** The version that is written, and the highest that is read. */
export const headerVersion = 3;
/** The shortest header, and the one that is written. */
export const headerBytesMin = 8192;
/** The longest header that is read: that of a host with the largest pages. */
export const headerBytesMax = 65_536;
/** What the flags of a file say. */
export const headerFlags = { hmac: 1, encrypted: 2, inXattr: 4, namesEncrypted: 8 } as const;

const markerMask = 0x3c81b7f5;
const extentBytes = 4096;
const flagBits = 0xffffff;

const front = layout(
  'file header',
  P.struct({ size: P.U64BE, marker: P.U32BE, masked: P.U32BE, flags: P.U32BE }),
);
const extents = layout('header size', P.struct({ extentBytes: P.U32BE, count: P.U16BE }));

/** How many bytes at the front say how long the contents are. */
export const sizeFieldBytes = 8;

/** Where a header stands: at the front of the file, or in its extended attribute `user.ecryptfs`. */
export type HeaderPlace = 'file' | 'attribute';

/** What a header says. */
export interface FileHeader {
  /** How long the contents are. */
  readonly sizeBytes: number;
  /** A number that was drawn when the file was made; it means nothing. */
  readonly marker: number;
  readonly version: number;
  /** Without the version; see `headerFlags`. */
  readonly flags: number;
  /** Where the contents begin. */
  readonly headerBytes: number;
  readonly tokens: readonly FileToken[];
}

/** The bytes of a header of the present version, zeros to its end included. */
export function encodeHeader(header: Omit<FileHeader, 'version' | 'headerBytes'>): Uint8Array {
  const { sizeBytes, marker, flags, tokens } = header;
  const bytes = joined(
    front.encode({
      size: BigInt(sizeBytes),
      marker,
      masked: masked(marker),
      flags: ((headerVersion << 24) | flags) >>> 0,
    }),
    extents.encode({ extentBytes, count: headerBytesMin / extentBytes }),
    encodePacketSet(tokens),
  );
  if (bytes.length > headerBytesMin) {
    throw new RangeError(
      `${tokens.length} tokens need a header of ${bytes.length} bytes, and it has ${headerBytesMin}; use fewer`,
    );
  }
  return joined(bytes, new Uint8Array(headerBytesMin - bytes.length));
}

/** Whether the first bytes of a file are those of a header, by its marker; 16 bytes are enough. */
export function hasMarker(bytes: Uint8Array): boolean {
  if (bytes.length < markerEnd) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(12) === masked(view.getUint32(8));
}

const markerEnd = 16;

/** The field of a header that is written anew when the contents become longer or shorter. */
export function encodeSize(sizeBytes: number): Uint8Array {
  return P.U64BE.encode(BigInt(sizeBytes));
}

/**
 * Reads the front of a file, of which there may be more or less than the header.
 *
 * @param place an extended attribute has the same bytes; then the contents begin where the file does
 * @throws DecodeError when it is not the front of an encrypted file, or holds no token
 */
export function decodeHeader(bytes: Uint8Array, place: HeaderPlace = 'file'): FileHeader {
  const reader = new Reader(bytes);
  const { size, marker, masked: second, flags } = front.read(reader);
  if (second !== masked(marker)) reader.fail('the marker of an encrypted file', 'none', 8);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) reader.fail('a size below 2^53', `${size}`, 0);
  const version = flags >>> 24;
  if (version > headerVersion) reader.fail(`a version of 0 to ${headerVersion}`, `${version}`, 16);
  const headerBytes = version === 0 ? headerBytesMin : readHeaderBytes(reader, place);
  const tokens = readPacketSet(reader);
  if (reader.offset > headerBytes && place === 'file')
    reader.fail(`tokens up to ${headerBytes}`, `${reader.offset}`);
  return {
    sizeBytes: Number(size),
    marker,
    version,
    flags: flags & flagBits,
    headerBytes: place === 'file' ? headerBytes : 0,
    tokens,
  };
}

function readHeaderBytes(reader: Reader, place: HeaderPlace): number {
  const at = reader.offset;
  const read = extents.read(reader);
  const headerBytes = read.extentBytes * read.count;
  if (place === 'attribute') return headerBytes;
  if (headerBytes < headerBytesMin || headerBytes > headerBytesMax) {
    reader.fail(`a header of ${headerBytesMin} to ${headerBytesMax} bytes`, `${headerBytes}`, at);
  }
  return headerBytes;
}

function masked(marker: number): number {
  return (marker ^ markerMask) >>> 0;
}
