import type { Reader } from './bytes.js';
import { joined } from './bytes.js';
import { encodeTag1, readTag1, tag1 } from './tag-1.js';
import { encodeTag11, readTag11, tag11 } from './tag-11.js';
import { encodeTag3, readTag3, tag3 } from './tag-3.js';

/**
 * The tokens of a file, one packet or two each, in their order, and a zero byte behind the last. Each
 * has the file's key once more, encrypted under another key. Whoever reads takes any other byte for their end as well.
 *
 * Source: Linux 6.1 fs/ecryptfs/keystore.c ecryptfs_parse_packet_set, bounded by the bytes that are
 * there, and ecryptfs_generate_key_packet_set.
 */

/** A way to the key of a file. */
export type FileToken =
  | {
      readonly kind: 'passphrase';
      readonly signature: string;
      readonly cipherCode: number;
      readonly salt: Uint8Array;
      readonly encryptedKey: Uint8Array;
    }
  | {
      readonly kind: 'private-key';
      readonly signature: string;
      readonly encryptedKey: Uint8Array;
    };

/** The bytes of tokens, with the zero behind them. */
export function encodePacketSet(tokens: readonly FileToken[]): Uint8Array {
  if (tokens.length === 0) throw new RangeError('a file needs a token; give one at least');
  const packets = tokens.flatMap((token) => {
    return token.kind === 'private-key'
      ? [encodeTag1(token)]
      : [encodeTag3(token), encodeTag11(token)];
  });
  return joined(...packets, Uint8Array.of(0));
}

/**
 * Reads tokens up to the first byte that begins none, or up to the end. As in Linux, what stands behind them means
 * nothing; only a Tag 11 without a Tag 3 is an error.
 */
export function readPacketSet(reader: Reader): FileToken[] {
  const tokens: FileToken[] = [];
  for (;;) {
    const first = reader.peek();
    if (first === tag1) tokens.push({ kind: 'private-key', ...readTag1(reader) });
    else if (first === tag3) {
      const packet = readTag3(reader);
      tokens.push({ kind: 'passphrase', ...packet, ...readTag11(reader) });
    } else if (tokens.length > 0 && first !== tag11) return tokens;
    else
      return reader.fail(
        tokens.length === 0 ? 'a Tag 1 or a Tag 3' : 'a Tag 3 in front of a Tag 11',
        first === undefined ? 'the end' : `${first}`,
      );
  }
}
