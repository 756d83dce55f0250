import type { RequirementId } from '../../model/index.js';
import {
  ascii,
  checksumOf,
  contentMax,
  contentOf,
  encodeLength,
  joined,
  tags,
} from '../framing/tags.js';
import { word } from '../framing/message.js';
import type { Deliver, RequestFlaw, RequestFlawName } from './command.js';
import type { Padding } from './token.js';
import { encrypt, keyOf, keysMax, roomOf } from './token.js';

/**
 * A request of a conversation as bytes, and what may come of it.
 *
 * What may come is decided from what was done to the bytes, never by reading them again: so a
 * mistake in reading cannot hide one in writing.
 */

/** What may come of a request. */
export interface Outcome {
  /**
   * `serves`: a reply with the content. `fails`: a failure. `either` of the two. `unanswerable`: no
   * response, or one whose status is not 0, of whatever tag. `open`: each of these.
   */
  readonly may: 'serves' | 'fails' | 'either' | 'unanswerable' | 'open';
  /** What is decrypted, or to be encrypted; empty where nothing can be. */
  readonly content: Uint8Array;
  /** The rule that says so. */
  readonly rule: RequirementId;
}

/** A request that can be sent. */
export interface Planned extends Outcome {
  readonly payload: Uint8Array;
}

/** Why a key does not serve, or need not. */
export interface KeyFault {
  readonly rule: RequirementId;
  readonly may: 'fails' | 'either';
}

/** What is wrong with a key; undefined when it serves. */
export type KeyState = (key: number) => KeyFault | undefined;

const bytesUsual = 16;
const cipherUsual = 7;
const signatureDigits = 16;
const endFlaws: readonly RequestFlawName[] = ['head', 'tail', 'lacks'];
const digitFlaws: readonly RequestFlawName[] = [
  'other-digit',
  'digit-high',
  'digit-nul',
  'digit-swap',
];
/** Steps through every byte value before it comes back to the first. */
const oddStep = 151;

/** Bytes that differ from one another and from those of other requests. */
export function pattern(lengthBytes: number, salt: number): Uint8Array {
  return Uint8Array.from(
    { length: lengthBytes },
    (_, nth) => (nth * oddStep + salt * 29 + 1) & 0xff,
  );
}

/**
 * The bytes of a request and what may come of it, or undefined where there is no such request: what
 * a key has no room for cannot be sent as encrypted under it.
 *
 * @param sent how many requests were sent before in the conversation
 */
export function plan(command: Deliver, sent: number, state: KeyState): Planned | undefined {
  const { tag, key: number, flaw, same: nth = sent } = command;
  if (number < 1 || number > keysMax) return undefined;
  const content = contentIn(command, nth);
  const body = bodyOf(command, content, nth);
  const payload = body && framed(command, body);
  if (body === undefined || payload === undefined) return undefined;
  const cut = flaw?.name === 'cut' ? payload.subarray(0, flaw.by) : payload;
  const changed = flaw?.name === 'cut' && cut.length === payload.length;
  const judged = changed ? omitFlaw(command) : command;
  const outcome = outcomeOf(judged, content, body, state);
  if (cut.length === 0 || (tag !== tags.decrypt && tag !== tags.encrypt)) {
    return { payload: cut, may: 'unanswerable', content: none, rule: 'DMN-21' };
  }
  return { payload: cut, ...outcome };
}

const none = new Uint8Array();

function omitFlaw(command: Deliver): Deliver {
  const rest: { -readonly [K in keyof Deliver]: Deliver[K] } = { ...command };
  delete rest.flaw;
  return rest;
}

function contentIn({ bytes = bytesUsual, cipher = cipherUsual, flaw }: Deliver, nth: number) {
  if (flaw?.name === 'content') return pattern(flaw.by, nth);
  const key = pattern(bytes, nth);
  const sum = checksumOf(key) ^ (flaw?.name === 'checksum' ? 0x0101 : 0);
  return contentOf(cipher & 0xff, key, sum);
}

function bodyOf(
  { tag, key: number, flaw }: Deliver,
  content: Uint8Array,
  nth: number,
): Uint8Array | undefined {
  if (flaw?.name === 'body') return pattern(flaw.by, nth);
  const changesEnds = endFlaws.includes(flaw?.name ?? 'body');
  if (changesEnds && (tag !== tags.decrypt || flaw?.by === 0)) return undefined;
  if (tag !== tags.decrypt && flaw?.name !== 'encrypted') return content;
  if (flaw?.name === 'foreign' && (flaw.by < 1 || flaw.by > keysMax)) return undefined;
  const key = keyOf(flaw?.name === 'foreign' ? flaw.by : number);
  // SHA-256 takes 24 bytes more of the room than SHA-1.
  const room = roomOf(key) - (flaw?.name === 'oaep-sha256' ? 24 : 0);
  if (content.length > room) return undefined;
  const encrypted = encrypt(key, content, String(nth), paddingOf(flaw));
  if (flaw?.name === 'head') return joined(pattern(flaw.by, nth), encrypted);
  if (flaw?.name === 'tail') return joined(encrypted, pattern(flaw.by, nth));
  if (flaw?.name === 'lacks') return encrypted.subarray(0, Math.max(0, encrypted.length - flaw.by));
  if (flaw?.name !== 'flip') return encrypted;
  const place = (flaw.by >> 3) % encrypted.length;
  return encrypted.with(place, (encrypted[place] ?? 0) ^ (1 << (flaw.by & 7)));
}

function paddingOf(flaw: RequestFlaw | undefined): Padding {
  return flaw?.name === 'oaep-sha256' || flaw?.name === 'pkcs1' ? flaw.name : 'oaep';
}

/** Puts a body behind tag and signature, with the lengths that are asked for. */
function framed({ tag, key, flaw }: Deliver, body: Uint8Array): Uint8Array | undefined {
  const digits = flaw?.name === 'digits' ? flaw.by : signatureDigits;
  const said = flaw?.name === 'digits-said' ? flaw.by : digits;
  const right = ascii(
    keyOf(key)
      .signature.repeat(Math.ceil(digits / 16))
      .slice(0, digits),
  );
  const signature = flaw === undefined ? right : withDigit(right, flaw);
  // Two digits that are the same change places unseen.
  if (flaw?.name === 'digit-swap' && signature.every((digit, nth) => digit === right[nth])) {
    return undefined;
  }
  const length = lengthIn(flaw, body.length);
  if (length === undefined || said > 255 || digits > 191) return undefined;
  const more = flaw?.name === 'more' ? pattern(flaw.by, 3) : none;
  const start = Uint8Array.of(tag, said);
  return joined(start, signature, length, body, more);
}

/** A signature one digit of which is another. */
function withDigit(signature: Uint8Array, { name, by }: RequestFlaw): Uint8Array {
  const place = by % signatureDigits;
  const behind = (place + 1) % signatureDigits;
  const [digit, next] = [signature[place], signature[behind]];
  if (digit === undefined || next === undefined || !digitFlaws.includes(name)) return signature;
  if (name === 'digit-swap') return signature.with(place, next).with(behind, digit);
  const [zero = 0, one = 0] = ascii('01');
  if (name === 'digit-high') return signature.with(place, digit | 0x80);
  return signature.with(place, name === 'digit-nul' ? 0 : digit === zero ? one : zero);
}

function lengthIn(flaw: RequestFlaw | undefined, lengthBytes: number): Uint8Array | undefined {
  const { name, by = 0 } = flaw ?? {};
  if (name === 'five-bytes') return inFiveBytes(lengthBytes);
  if (name === 'five-bytes-longer') {
    return by === 0 || lengthBytes + by >= 2 ** 32 ? undefined : inFiveBytes(lengthBytes + by);
  }
  if (name === 'length-code') {
    return by < 224 || by > 254 ? undefined : Uint8Array.of(by, lengthBytes & 0xff);
  }
  if (name === 'shorter' && by === 0) return undefined;
  const said = lengthBytes + (name === 'longer' ? by : 0) - (name === 'shorter' ? by : 0);
  return said < 0 || said > 8383 ? undefined : encodeLength(said);
}

function inFiveBytes(lengthBytes: number): Uint8Array {
  return joined(Uint8Array.of(255), word(lengthBytes, 'big'));
}

/** What may come of a request for a tag that is known. */
function outcomeOf(
  command: Deliver,
  content: Uint8Array,
  body: Uint8Array,
  state: KeyState,
): Outcome {
  const { tag, key, flaw } = command;
  const fails = (rule: RequirementId): Outcome => ({ may: 'fails', content: none, rule });
  const name = flaw?.name;
  if (name !== undefined && isMalformed(command)) return fails('DMN-18');
  if (name !== undefined && digitFlaws.includes(name)) return fails('DMN-15');
  const fault = state(key);
  if (fault?.may === 'fails') return fails(fault.rule);
  if (tag === tags.decrypt) {
    if (name === 'foreign' && flaw?.by !== key) return fails('DMN-15');
    const damaged = ['flip', 'body', 'shorter'].includes(name ?? '');
    if (
      damaged ||
      endFlaws.includes(name ?? 'encrypted') ||
      name === 'oaep-sha256' ||
      name === 'pkcs1'
    )
      return fails('DMN-14');
  }
  const asked = tag === tags.decrypt ? content : saidOf(flaw, body);
  if (asked.length > roomOf(keyOf(key))) return fails('DMN-14');
  const may = (rule: RequirementId): Outcome => ({ may: 'either', content: asked, rule });
  if (fault !== undefined) return may(fault.rule);
  if (name === 'more' || name === 'five-bytes' || name === 'shorter') return may('DMN-20');
  if (asked.length > contentMax) return may('DMN-27');
  // Whether a daemon looks at what it hands on is its own affair, as long as it does not change it.
  if (name === 'checksum' || name === 'content' || name === 'body') return may('DMN-12');
  const rule = command.bytes === 0 ? 'DMN-12' : tag === tags.decrypt ? 'DMN-10' : 'DMN-11';
  return { may: 'serves', content: asked, rule };
}

/** What is to be encrypted where the length counts only a part of what is there. */
function saidOf(flaw: RequestFlaw | undefined, body: Uint8Array): Uint8Array {
  return flaw?.name === 'shorter' ? body.subarray(0, body.length - flaw.by) : body;
}

/** Whether a field has not its length, or ends outside the bytes. */
function isMalformed({ flaw }: Deliver): boolean {
  const { name, by = 0 } = flaw ?? {};
  if (name === 'digits' || name === 'digits-said') return by !== signatureDigits;
  if (name === 'cut' || name === 'length-code' || name === 'five-bytes-longer') return true;
  return name === 'longer' && by > 0;
}
