import { timingSafeEqual } from 'node:crypto';
import { joined, Reader, room } from './bytes.js';
import { encodeLength, readField, readLength } from './length.js';
import { readSignatureText, signatureDigits, signatureText } from './signature.js';
import { encryptedKeyMax } from './tag-1.js';

/**
 * What kernel side and daemon say to each other: Tag 64 and 66 ask, Tag 65 and 67 reply.
 *
 * A request is its tag, a field with the 16 digits of a signature, and a field: in a Tag 64 the key
 * of a file as its Tag 1 has it, in a Tag 66 the content to be encrypted. A reply is its tag, a status and a
 * field: in a Tag 65 the content, in a Tag 67 the encrypted key. Behind a status that is not 0 nothing
 * matters. A content is the number of a cipher, a key, and the sum of the key's bytes modulo 2^16
 * with its high byte first; to a daemon it is bytes that it hands on as they are.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c write_tag_64_packet, parse_tag_65_packet,
 * write_tag_66_packet and parse_tag_67_packet; ecryptfs-utils 111 src/libecryptfs/packets.c, whose Tag 67 has
 * one byte too many below a length of 192: readers must bear it, and do.
 */

/** The tags, as they stand on the wire. */
export const keyTags = { decrypt: 64, decrypted: 65, encrypt: 66, encrypted: 67 } as const;
/** The longest key of a file. */
export const fileKeyMax = 64;
/** The longest content: number of the cipher, key and checksum. */
export const contentMax = fileKeyMax + 3;
const contentMin = 3;
const failed = 0xff;

/** A request. */
export type KeyRequest =
  | { readonly kind: 'decrypt'; readonly signature: string; readonly encrypted: Uint8Array }
  | { readonly kind: 'encrypt'; readonly signature: string; readonly content: Uint8Array };

/** A reply. */
export type KeyReply =
  | { readonly kind: 'decrypted'; readonly content: Uint8Array }
  | { readonly kind: 'encrypted'; readonly encrypted: Uint8Array }
  | { readonly kind: 'failed'; readonly of: KeyRequest['kind']; readonly status: number };

/** The number of a cipher and a key. */
export interface Content {
  readonly cipherCode: number;
  readonly key: Uint8Array;
}

/** The bytes of a request. */
export function encodeKeyRequest(request: KeyRequest): Uint8Array {
  const { kind, signature } = request;
  const body = kind === 'decrypt' ? request.encrypted : request.content;
  const max = kind === 'decrypt' ? encryptedKeyMax : contentMax;
  if (body.length > max) {
    throw new RangeError(`a body of ${body.length} bytes is above the ${max} of a request`);
  }
  const text = signatureText(signature);
  return joined(Uint8Array.of(keyTags[kind]), ...field(text), ...field(body));
}

/**
 * Reads a request; its body is a view.
 *
 * @throws DecodeError when the bytes are none
 */
export function decodeKeyRequest(bytes: Uint8Array): KeyRequest {
  const reader = new Reader(bytes);
  const tag = reader.u8('tag');
  if (tag !== keyTags.decrypt && tag !== keyTags.encrypt) {
    return reader.fail(`tag ${keyTags.decrypt} or ${keyTags.encrypt}`, `${tag}`, 0);
  }
  const bounds = { min: signatureDigits, max: signatureDigits, what: 'signature' };
  readLength(reader, bounds);
  const signature = readSignatureText(reader);
  const isDecrypt = tag === keyTags.decrypt;
  const body = isDecrypt
    ? readField(reader, { min: 0, max: encryptedKeyMax, what: 'encrypted key' })
    : readField(reader, { min: contentMin, max: contentMax, what: 'content' });
  reader.end('request');
  return isDecrypt
    ? { kind: 'decrypt', signature, encrypted: body }
    : { kind: 'encrypt', signature, content: body };
}

/** The bytes of a reply; a failure is two. */
export function encodeKeyReply(reply: KeyReply): Uint8Array {
  switch (reply.kind) {
    case 'failed':
      return Uint8Array.of(keyTags[reply.of] + 1, reply.status);
    case 'decrypted':
      return joined(Uint8Array.of(keyTags.decrypted, 0), ...field(reply.content));
    case 'encrypted':
      return joined(Uint8Array.of(keyTags.encrypted, 0), ...field(reply.encrypted));
  }
}

/** The reply to a request that cannot be served. */
export function failureOf(of: KeyRequest['kind']): KeyReply {
  return { kind: 'failed', of, status: failed };
}

/**
 * Reads a reply; its body is a view.
 *
 * @throws DecodeError when the bytes are none
 */
export function decodeKeyReply(bytes: Uint8Array): KeyReply {
  const reader = new Reader(bytes);
  const tag = reader.u8('tag');
  if (tag !== keyTags.decrypted && tag !== keyTags.encrypted) {
    return reader.fail(`tag ${keyTags.decrypted} or ${keyTags.encrypted}`, `${tag}`, 0);
  }
  const isDecrypted = tag === keyTags.decrypted;
  const status = reader.u8('status');
  if (status !== 0) return { kind: 'failed', of: isDecrypted ? 'decrypt' : 'encrypt', status };
  if (isDecrypted) {
    const content = readField(reader, { min: contentMin, max: contentMax, what: 'content' });
    reader.end('reply');
    return { kind: 'decrypted', content };
  }
  const encrypted = readField(reader, { min: 0, max: encryptedKeyMax, what: 'encrypted key' });
  if (reader.left !== 1 || encrypted.length >= 192) reader.end('reply');
  return { kind: 'encrypted', encrypted };
}

/** The bytes of a content, with the sum of its key. They hold the key: wipe them after use. */
export function encodeContent({ cipherCode, key }: Content): Uint8Array {
  if (key.length > fileKeyMax) {
    throw new RangeError(`a key of ${key.length} bytes is above the ${fileKeyMax} of a file`);
  }
  const content = room(contentMin + key.length);
  content[0] = cipherCode;
  content.set(key, 1);
  content.set(checksumOf(key), 1 + key.length);
  return content;
}

/**
 * Reads a content; its key is a view. The sum is compared in constant time, and the number of the cipher
 * is not looked at.
 *
 * @throws DecodeError when it is too short or too long, or its sum is not that of its key
 */
export function decodeContent(bytes: Uint8Array): Content {
  const reader = new Reader(bytes);
  const cipherCode = reader.u8('number of a cipher');
  const keyBytes = bytes.length - contentMin;
  if (keyBytes < 0 || keyBytes > fileKeyMax) {
    reader.fail(`${contentMin} to ${contentMax} bytes of content`, `${bytes.length}`, 0);
  }
  const key = reader.take(keyBytes, 'key');
  const at = reader.offset;
  if (!timingSafeEqual(reader.take(2, 'checksum'), checksumOf(key))) {
    reader.fail('the checksum of the key', 'another', at);
  }
  return { cipherCode, key };
}

function checksumOf(key: Uint8Array): Uint8Array {
  const sum = key.reduce((total, byte) => total + byte, 0);
  return Uint8Array.of((sum >> 8) & 0xff, sum & 0xff);
}

/** A length and what it counts; apart, so that no copy of a key is left behind. */
function field(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  return [encodeLength(bytes.length), bytes];
}
