import { encodeDevice } from '../../framing/device.js';
import { messageTypes } from '../../framing/message.js';
import { ascii, contentOf, field, joined, readLength, tags } from '../../framing/tags.js';
import type { Half } from './kernels.js';

/**
 * The bytes that go to the kernel and come from it: what waits in /dev/ecryptfs, what is written there,
 * the token of the mount, and the beginning of a file whose key only a daemon can tell.
 *
 * Sources: Linux 6.1 fs/ecryptfs/miscdev.c ecryptfs_miscdev_read, ecryptfs_miscdev_write; keystore.c
 * parse_tag_65_packet, parse_tag_67_packet, write_tag_1_packet; crypto.c ecryptfs_write_headers_virt;
 * include/linux/ecryptfs.h struct ecryptfs_auth_tok.
 */

/** Names the key that the file system is mounted with. */
export const mountSignature = '6d73676374780001';

/** Mounts the file system so that every file that is created is under that key. */
export const mountOrder = `mount /mnt ecryptfs_sig=${mountSignature},ecryptfs_cipher=aes,ecryptfs_key_bytes=16`;

const headBytes = 5;
/** No context has it: stands where a packet names none. */
const noIndex = 0xffff_ffff;
const cipherAes128 = 7;
const keyBytes = 16;
const sealedBytes = 16;

/** A packet that was read: who asks. Of one that carries no message the index is that of no context. */
export function readPacket(packet: Uint8Array): { readonly index: number; readonly seq: number } {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const seq = packet.length < headBytes ? 0 : view.getUint32(1);
  const length = readLength(packet, headBytes);
  const from = headBytes + (length?.size ?? 0);
  const isWhole =
    length !== undefined && length.length >= 8 && from + length.length === packet.length;
  return { index: isWhole ? view.getUint32(from, true) : noIndex, seq };
}

/** The bytes of an answer that the kernel understands. */
export function replyPacket(half: Half, numbers: { index: number; sequence: number }): Uint8Array {
  const body =
    half === 'create'
      ? field(new Uint8Array(sealedBytes).fill(sealedBytes))
      : field(contentOf(cipherAes128, new Uint8Array(keyBytes).fill(cipherAes128)));
  const tag = half === 'create' ? tags.encrypted : tags.decrypted;
  const data = joined(Uint8Array.of(tag, 0), body);
  return encodeDevice({ type: messageTypes.response, ...numbers, data }, 'little', {});
}

const tokenBytes = 740;
const privateKeyAt = 628;

/** What a keyring holds of a private key: version 0.4, and which module of the daemon knows it. */
export function privateKeyToken(signature: string, module = 'openssl', blob?: Uint8Array): Buffer {
  const token = Buffer.alloc(tokenBytes + (blob?.length ?? 0));
  token.writeUInt16LE(0x0004, 0);
  token.writeUInt16LE(1, 2);
  token.writeUInt32LE(blob?.length ?? 0, privateKeyAt + 4);
  token.write(signature, privateKeyAt + 8, 'latin1');
  token.write(module, privateKeyAt + 25, 'latin1');
  token.set(blob ?? [], privateKeyAt + 42);
  return token;
}

const markerXor = 0x3c81_b7f5;
const extentBytes = 4096;

/** A file of one extent whose key is under a private key (Tag 1): how long it is, and how it begins. */
export const sealedFile = {
  lengthBytes: 3 * extentBytes,
  begin: () => {
    const head = Buffer.alloc(26);
    head.writeBigUInt64BE(BigInt(extentBytes), 0);
    head.writeUInt32BE(1, 8);
    head.writeUInt32BE((1 ^ markerXor) >>> 0, 12);
    head.writeUInt32BE(0x0300_0002, 16);
    head.writeUInt32BE(extentBytes, 20);
    head.writeUInt16BE(2, 24);
    const signature = Buffer.from(mountSignature, 'hex');
    const sealed = new Uint8Array(sealedBytes).fill(sealedBytes);
    const tag1 = joined(Uint8Array.of(3), signature, Uint8Array.of(1), sealed);
    return joined(head, Uint8Array.of(1), field(tag1));
  },
};

/** What a message asks for, without its keys: the tag of the half. */
export function payloadOf(half: Half): string {
  return Buffer.from(ascii(half === 'create' ? 'B' : '@')).toString('hex');
}
