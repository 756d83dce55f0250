import type { Answer, Breach, Claims, DaemonEvent, SubjectEvent } from '../subject.js';
import { isUtf8 } from 'node:buffer';
import { printable } from '../printable.js';
import { protocolVersion } from '../subject.js';
import type { Members } from '../members.js';
import { isMembers } from '../members.js';

/** The lines that an adapter writes: what they must look like, and what they are. */

/** A line that was read: an answer, an event, or what is wrong with it. */
export type Line =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Omit<Answer, 'events'> }
  | { readonly kind: 'event'; readonly event: SubjectEvent | DaemonEvent }
  | { readonly kind: 'broken'; readonly breach: Breach; readonly seen: string };

const shownChars = 120;
const nameMax = 100;
const codes = ['ERRNO', 'UNSUPPORTED', 'INVALID', 'INTERNAL'];
const newline = 0x0a;
const hex = /^(?:[0-9a-f]{2})*$/;
/** A symbolic errno, without a sign. */
const symbol = /^E[A-Z0-9]+$/;

/** Joins chunks to lines. */
export class WholeLines {
  readonly #maxBytes: number;
  /** The beginning of a line whose end has not come. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #isTooLong = false;
  #isUtf8 = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a line came, or the beginning of one, that is longer than a line may be. */
  get isTooLong(): boolean {
    return this.#isTooLong;
  }

  /** Whether every line so far was UTF-8. What was not is read with replacement characters. */
  get isUtf8(): boolean {
    return this.#isUtf8;
  }

  /** The lines that are whole with this chunk; none after one that is too long. */
  take(chunk: Buffer): readonly string[] {
    const first = chunk.indexOf(newline);
    const head = first === -1 ? chunk : chunk.subarray(0, first);
    this.#partial.push(head);
    this.#partialBytes += head.length;
    this.#isTooLong ||= this.#partialBytes > this.#maxBytes;
    if (this.#isTooLong || first === -1) return [];
    const bytes = Buffer.concat(this.#partial);
    const line = bytes.toString();
    const last = chunk.lastIndexOf(newline);
    const tail = chunk.subarray(last + 1);
    this.#isUtf8 &&= isUtf8(bytes) && isUtf8(chunk.subarray(first, last + 1));
    this.#partial = [tail];
    this.#partialBytes = tail.length;
    // The lines between are decoded together, which is what makes many short lines cheap.
    const between = last > first ? chunk.toString('utf8', first + 1, last).split('\n') : [];
    const end = between.findIndex((one) => this.#exceeds(one));
    this.#isTooLong = end !== -1 || tail.length > this.#maxBytes;
    return [line, ...(end === -1 ? between : between.slice(0, end))];
  }

  #exceeds(line: string): boolean {
    // A UTF-16 unit takes three bytes at most: most lines need not be measured.
    if (line.length * 3 <= this.#maxBytes) return false;
    return Buffer.byteLength(line) > this.#maxBytes;
  }
}

/** Reads one line of an adapter of a role. Unknown members are ignored. */
export function readLine(text: string, role: Claims['role'] = 'kernel'): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken('not-json', notJson(text), text);
  }
  if (!isMembers(value)) return broken('malformed', 'wrote a line that is no JSON object', text);
  if ('event' in value) {
    return role === 'daemon' ? readDaemonEvent(value, text) : readEvent(value, text);
  }
  const { id, result, error } = value;
  if (!isCount(id)) return broken('malformed', 'wrote an answer without a numeric id', text);
  if (isMembers(error) && typeof error['code'] === 'string') {
    const { code, errno, message } = error;
    if (!codes.includes(error['code'])) {
      return broken('malformed', `wrote an error whose code is none of ${codes.join(', ')}`, text);
    }
    if (code === 'ERRNO' && typeof errno !== 'string') {
      return broken('malformed', 'answered ERRNO without an errno', text);
    }
    if (typeof errno === 'string' && code === 'ERRNO' && !symbol.test(errno)) {
      return broken('malformed', 'answered an errno that is no symbolic name such as EINVAL', text);
    }
    return {
      kind: 'answer',
      id,
      answer: {
        error: {
          code: error['code'],
          ...(typeof errno === 'string' ? { errno } : {}),
          ...(typeof message === 'string' ? { message } : {}),
        },
      },
    };
  }
  if (isMembers(result)) return { kind: 'answer', id, answer: { result } };
  return broken('malformed', 'wrote an answer without a result or an error code', text);
}

function readEvent({ event, params }: Members, text: string): Line {
  const fail = (what: string) => broken('malformed', `wrote an event ${what}`, text);
  if (!isMembers(params)) return fail('without params');
  const { to, type, index, seq, task } = params;
  // A member that is null says as little as one that is absent.
  const payload = params['payload'] ?? undefined;
  const errno = params['errno'] ?? undefined;
  if (event === 'message') {
    if (!isCount(to)) return fail('"message" without a process in "to"');
    if (type === 'quit') return { kind: 'event', event: { event, to, type } };
    if (type !== 'request') return fail('"message" whose type is neither request nor quit');
    if (!isWord32(index) || !isWord32(seq)) return fail('"message" without 32-bit index and seq');
    if (!isHex(payload)) return fail('"message" without a payload in lower-case hex');
    return { kind: 'event', event: { event, to, type, index, seq, payload } };
  }
  if (event !== 'complete') return fail('of an unknown name');
  if (!isCount(task)) return fail('"complete" without a task');
  if (typeof errno === 'string' && symbol.test(errno)) {
    return { kind: 'event', event: { event, task, errno } };
  }
  if (errno !== undefined) return fail('"complete" whose errno is not a symbolic name');
  if (payload === undefined) return { kind: 'event', event: { event, task } };
  if (!isHex(payload)) return fail('"complete" whose payload is not lower-case hex');
  return { kind: 'event', event: { event, task, payload } };
}

function readDaemonEvent({ event, params }: Members, text: string): Line {
  const fail = (what: string) => broken('malformed', `wrote an event ${what}`, text);
  if (!isMembers(params)) return fail('without params');
  const { type, index, seq, payload, status } = params;
  if (event === 'exit') {
    if (!isCount(status)) return fail('"exit" without a status');
    return { kind: 'event', event: { event, status } };
  }
  if (event !== 'send') return fail('of an unknown name');
  if (type === 'helo' || type === 'quit') return { kind: 'event', event: { event, type } };
  if (type !== 'response') return fail('"send" whose type is neither helo, quit nor response');
  if (!isWord32(index) || !isWord32(seq)) return fail('"send" without 32-bit index and seq');
  if (!isHex(payload)) return fail('"send" without a payload in lower-case hex');
  return { kind: 'event', event: { event, type, index, seq, payload } };
}

/** Reads the answer to `initialize`, or says what is wrong with it. */
export function readClaims(
  answer: Pick<Answer, 'result' | 'error'>,
): Claims | { breach: Breach; seen: string } {
  const claims = answer.result;
  if (claims === undefined) {
    const { code = 'nothing', message } = answer.error ?? {};
    const said = message === undefined ? '' : `, saying "${printable(message)}"`;
    return { breach: 'claims', seen: `refused initialize with ${code}${said}` };
  }
  const { protocol, name, version, role, profile, capabilities, language } = claims;
  const { framing, endian } = claims;
  if (protocol !== protocolVersion) {
    const spoken = `speaks protocol version ${shortly(protocol)}`;
    return { breach: 'version', seen: `${spoken}, this suite speaks ${protocolVersion}` };
  }
  const missing = (what: string) => ({
    breach: 'claims' as const,
    seen: `answered initialize without ${what}`,
  });
  if (typeof name !== 'string' || typeof version !== 'string') return missing('name and version');
  if (role !== 'kernel' && role !== 'daemon') return missing('a role, kernel or daemon');
  if (typeof profile !== 'string') return missing('a profile');
  if (!Array.isArray(capabilities)) return missing('an array of capabilities');
  const { contextsMin, contextsMax, payloadMax, timeoutMinMs, timeoutStepMs } = claims;
  if (
    !isCount(contextsMin) ||
    !isCount(contextsMax) ||
    contextsMin < 1 ||
    contextsMax < contextsMin
  ) {
    return missing('contextsMin and contextsMax with 1 <= contextsMin <= contextsMax');
  }
  if (!isCount(payloadMax)) return missing('payloadMax');
  if (!isCount(timeoutMinMs) || !isCount(timeoutStepMs) || timeoutStepMs < 1) {
    return missing('timeoutMinMs and timeoutStepMs');
  }
  if (capabilities.includes('raw')) {
    if (framing !== 'netlink' && framing !== 'device') {
      return missing('framing, netlink or device, which capability raw needs');
    }
    if (endian !== 'little' && endian !== 'big') {
      return missing('endian, little or big, which capability raw needs');
    }
  }
  return {
    name: printable(name, nameMax), version: printable(version, nameMax), role,
    profile: printable(profile, nameMax),
    capabilities: new Set(
      capabilities.filter((word) => typeof word === 'string').map((word) => printable(word, nameMax)),
    ),
    contextsMin, contextsMax, payloadMax, timeoutMinMs, timeoutStepMs,
    ...(framing === 'netlink' || framing === 'device' ? { framing } : {}),
    ...(endian === 'little' || endian === 'big' ? { endian } : {}),
    ...(typeof language === 'string' ? { language: printable(language, nameMax) } : {}),
  }; // prettier-ignore
}

function broken(breach: Breach, what: string, text: string): Line {
  return { kind: 'broken', breach, seen: `${what}: "${printable(text, shownChars)}"` };
}

/** What a line that is not JSON most likely is. */
function notJson(text: string): string {
  if (text.startsWith('\ufeff')) {
    return 'wrote a byte-order mark (BOM) before a line; expected UTF-8 without one';
  }
  if (text.includes('\0')) return 'wrote a line with NUL bytes, as UTF-16 has; expected UTF-8';
  return 'wrote a line to stdout that is not JSON';
}

/** A foreign value in a few words; it may be nested deeper than can be printed. */
function shortly(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  return printable(typeof value === 'string' ? `"${value}"` : String(value), nameMax);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isWord32(value: unknown): value is number {
  return isCount(value) && value < 2 ** 32;
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && hex.test(value);
}
