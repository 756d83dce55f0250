import type { HasDaemonFault } from './faults.js';
import type { DaemonHabits } from './habits.js';
import type { Keyring, Refusal } from './keyring.js';
import { Crash, Refused } from './keyring.js';

/** Requests and replies of the daemon that is there to be broken: Tag 64 to 67. */

const [decryptTag, encryptTag] = [0x40, 0x42];
const contentMax = 64;
const knownCiphers = [2, 3, 4, 7, 8, 9, 10, 11];

interface Fields {
  readonly tag: number;
  readonly signature: string;
  readonly body: Buffer;
}

/** Serves packets, one after the other. */
export class Packets {
  readonly #has: HasDaemonFault;
  readonly #habits: DaemonHabits;
  readonly #keyring: Keyring;
  #isDeaf = false;
  #before: Buffer | undefined;

  constructor(has: HasDaemonFault, habits: DaemonHabits, keyring: Keyring) {
    this.#has = has;
    this.#habits = habits;
    this.#keyring = keyring;
  }

  /** The reply to a request; undefined where there is none. */
  serve(request: Buffer): Buffer | undefined {
    const has = this.#has;
    const [tag] = request;
    if (tag === undefined && has('dies-of-empty')) throw new Crash('an empty request');
    if (this.#isDeaf) return undefined;
    if (has('dies-of-large') && request.length > 10_000) throw new Crash('a large payload');
    const isSame = this.#before?.equals(request);
    this.#before = request;
    if (has('silent-on-same') && isSame === true) return undefined;
    if (tag !== decryptTag && tag !== encryptTag) return this.#unknown(tag, request);
    return this.#served(tag, request);
  }

  #served(tag: number, request: Buffer): Buffer | undefined {
    try {
      const fields = this.#parse(request, tag);
      const reply = tag === decryptTag ? this.#decrypted(fields) : this.#encrypted(fields, request);
      return this.#reply(tag, reply);
    } catch (error) {
      if (error instanceof Refused) return this.#refused(tag, error.why);
      throw error;
    }
  }

  #unknown(tag: number | undefined, request: Buffer): Buffer | undefined {
    if (this.#has('decrypts-unknown-tag') && tag !== undefined) {
      return this.#served(decryptTag, request);
    }
    if (this.#has('dies-of-unknown-tag') && tag !== undefined) throw new Crash('an unknown tag');
    if (this.#has('success-of-unknown-tag')) return Buffer.of(((tag ?? 0) + 1) & 0xff, 0, 0);
    if (!this.#habits.answersUnknownTags) return undefined;
    return Buffer.of(((tag ?? 0) + 1) & 0xff, this.#habits.failureStatus);
  }

  #parse(request: Buffer, tag: number): Fields {
    const has = this.#has;
    const given = has('over-reads') ? Buffer.concat([request, Buffer.alloc(9000)]) : request;
    const first = this.#field(given, 1);
    const fixed = has('fixed-signature') && request.length > 18;
    const signature = fixed ? { bytes: given.subarray(2, 18), end: 18 } : first;
    if (signature.bytes.length !== 16 && !has('any-signature-length'))
      throw new Refused('malformed');
    const { bytes: body, end } = this.#field(given, signature.end);
    if (this.#habits.refusesMore && end < request.length) throw new Refused('malformed');
    const more = has('trailing-wrong') ? request.subarray(end) : Buffer.of();
    return {
      tag,
      signature: signature.bytes.toString('latin1').slice(0, 16),
      body: Buffer.concat([body, more]),
    };
  }

  #field(bytes: Buffer, at: number): { bytes: Buffer; end: number } {
    const has = this.#has;
    const { length, size } = this.#length(bytes, at);
    const end = at + size + length;
    if (end > bytes.length) {
      if (has('dies-of-long-length')) throw new Crash('a length beyond the request');
      if (!has('cuts-fields')) throw new Refused('malformed');
    }
    return { bytes: bytes.subarray(at + size, end), end };
  }

  #length(bytes: Buffer, at: number): { length: number; size: number } {
    const [first, second] = bytes.subarray(at, at + 2);
    if (first === undefined) throw new Refused('malformed');
    if (first < 192) return { length: first, size: 1 };
    if (first === 255) return this.#fiveBytes(bytes, at);
    if (first > 223 && this.#has('length-code-alone')) return { length: first, size: 1 };
    if (first > 223) throw new Refused('malformed');
    if (second === undefined) {
      if (this.#has('dies-of-half-length')) throw new Crash('half a length');
      throw new Refused('malformed');
    }
    const low = this.#has('length-signed') && second > 127 ? second - 256 : second;
    return { length: (first - 192) * 256 + low + 192, size: 2 };
  }

  #fiveBytes(bytes: Buffer, at: number): { length: number; size: number } {
    const has = this.#has;
    const mask = has('five-bytes-8-bits') ? 0xff : has('five-bytes-16-bits') ? 0xffff : undefined;
    if (has('dies-of-five-bytes')) throw new Crash('a length of five bytes');
    const isRead = this.#habits.readsFiveBytes || mask !== undefined;
    if (!isRead || at + 5 > bytes.length) throw new Refused('malformed');
    const length = bytes.readUInt32BE(at + 1);
    return { length: mask === undefined ? length : length & mask, size: 5 };
  }

  #decrypted({ signature, body }: Fields): Buffer {
    const has = this.#has;
    const content = this.#checked(this.#keyring.decrypt(signature, body));
    if (has('content-cut')) return content.subarray(0, -1);
    if (has('content-32')) return content.subarray(0, 32);
    const nul = content.indexOf(0);
    if (has('stops-at-nul') && nul !== -1) return content.subarray(0, nul);
    if (has('cipher-zeroed') && !knownCiphers.includes(content[0] ?? 0) && content.length > 0) {
      return Buffer.concat([Buffer.of(0), content.subarray(1)]);
    }
    return has('mends-checksum') ? mended(content) : content;
  }

  #encrypted({ signature, body }: Fields, request: Buffer): Buffer {
    const has = this.#has;
    const content = this.#checked(body);
    if (has('echoes')) {
      this.#keyring.find(signature);
      return content;
    }
    const said = has('mends-checksum') ? mended(content) : content;
    return this.#keyring.encrypt(signature, has('encrypts-request') ? request : said);
  }

  #checked(content: Buffer): Buffer {
    const { refusesLong, checksContent } = this.#habits;
    const has = this.#has;
    const takesAll = has('length-code-alone');
    if (refusesLong && !takesAll && content.length > contentMax) throw new Refused('no-room');
    if (checksContent && !mended(content).equals(content)) throw new Refused('damaged');
    if (has('refuses-zeros') && content.every((byte) => byte === 0)) throw new Refused('damaged');
    if (has('no-empty-key') && content.length === 3) throw new Refused('damaged');
    return content;
  }

  #reply(tag: number, body: Buffer): Buffer {
    const has = this.#has;
    const { length } = body;
    const replyTag = has('swaps-replies') ? (tag === decryptTag ? 0x43 : 0x41) : tag + 1;
    const above = length - 192;
    const two = has('five-byte-reply')
      ? Buffer.of(255, 0, 0, length >> 8, length & 255)
      : Buffer.of(192 + (above >> 8), above & 255);
    const size = length < 192 && !has('five-byte-reply') ? Buffer.of(length) : two;
    const isEncrypted = tag === encryptTag;
    const byte = isEncrypted && this.#habits.byteBehind && length < 192;
    const behind = byte || (has('one-more-65') && !isEncrypted) ? 1 : 0;
    const bytes = has('three-more') && isEncrypted ? 3 : behind;
    const status = has('status-inverted') ? 1 : 0;
    return Buffer.concat([Buffer.of(replyTag, status), size, body, Buffer.alloc(bytes)]);
  }

  #refused(tag: number, why: Refusal): Buffer | undefined {
    const has = this.#has;
    if (why === 'malformed') {
      this.#isDeaf = has('deaf-after-malformed');
      if (has('silent-on-malformed')) return undefined;
    }
    if (why === 'unknown-key' && has('silent-on-unknown-key')) return undefined;
    if (why === 'damaged' && has('silent-on-damaged')) return undefined;
    const zeros =
      (why === 'unknown-key' && has('zeros-for-unknown-key')) ||
      (why === 'damaged' && has('zeros-for-damaged')) ||
      (why === 'token' && has('zeros-for-no-file'));
    if (zeros) return this.#reply(tag, Buffer.alloc(16));
    if (why === 'no-room' && has('empty-for-no-room')) return this.#reply(tag, Buffer.of());
    const { failureStatus, failureBytes } = this.#habits;
    const status = has('status-inverted') ? 0 : failureStatus;
    const replyTag = has('failure-of-tag-65') ? 0x41 : tag + 1;
    return Buffer.concat([Buffer.of(replyTag, status), Buffer.alloc(failureBytes, 7)]);
  }
}

/** A content whose checksum is that of its key. */
function mended(content: Buffer): Buffer {
  if (content.length < 3) return Buffer.of(0, 0, 0);
  const key = content.subarray(1, -2);
  const sum = key.reduce((all, byte) => (all + byte) & 0xffff, 0);
  return Buffer.concat([content.subarray(0, -2), Buffer.of(sum >> 8, sum & 255)]);
}
