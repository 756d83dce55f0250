import type { RequirementId } from '../../model/index.js';
import { encodeDatagram, headerBytes, isWhole } from '../framing/datagram.js';
import type { Damage, Framed, Framing } from '../framing/message.js';
import { messageTypes } from '../framing/message.js';
import { tags } from '../framing/tags.js';
import type { Claims, DaemonCall } from '../subject.js';
import type { KeyFiles } from '../subjects/keyfiles.js';
import type { DaemonCommand, Deliver, RawName, TokenFlaw } from './command.js';
import { passphrases } from './command.js';
import type { Expected } from './judge.js';
import type { KeyFault } from './request.js';
import { pattern, plan } from './request.js';
import { blobOf, fileUnder, keyOf, keysMax } from './token.js';

/**
 * Turns the commands of one conversation into calls, and says what may come of each.
 *
 * Commands that make no sense when their turn comes (a request before the daemon was started, a key
 * that is in the keyring already) are left out: any part of a conversation is a conversation.
 */

/** A command that is ready to be carried out. */
export interface Prepared {
  readonly command: DaemonCommand;
  readonly call: DaemonCall;
  readonly expected: readonly Expected[];
  /** Whether the daemon had ended before. */
  readonly hasEnded: boolean;
  /** Whether it may be refused: a token that no module knows, a message to nobody. */
  readonly mayBeRefused: boolean;
  /** Rules that are kept where nothing came of it. */
  readonly quiet: readonly RequirementId[];
  /** How many bytes it carries. */
  readonly lengthBytes: number;
}

type Phase = 'fresh' | 'running' | 'ended';

const uid = 1000;
const firstPid = 11;
const usualModule = 'openssl';
/** Indices and numbers as a kernel of 32 contexts gives them. */
const [contextsUsual, firstSequence] = [32, 4096];
const timeoutUsualMs = 3000;

/** The state of one conversation. */
export class Preparation {
  readonly #claims: Claims;
  readonly #files: KeyFiles;
  /** Keys of the keyring, and why they do not serve. */
  #keyring = new Map<number, KeyFault | undefined>();
  readonly #forgotten = new Set<number>();
  readonly #used = new Set<string>();
  #phase: Phase = 'fresh';
  #starts = 0;
  #requests = 0;

  constructor(claims: Claims, files: KeyFiles) {
    this.#claims = claims;
    this.#files = files;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The first call of a conversation. */
  get reset(): DaemonCall & { readonly method: 'reset' } {
    const { contextsMin, timeoutMinMs, timeoutStepMs } = this.#claims;
    const steps = Math.ceil(Math.max(timeoutUsualMs, timeoutMinMs) / timeoutStepMs);
    const timeoutMs = steps * timeoutStepMs;
    const params = { contexts: contextsMin, timeoutMs, manualRead: false, manualWake: false };
    return { method: 'reset', params };
  }

  /** What shows at the end of every conversation whether a running daemon is still in order. */
  get probe(): readonly DaemonCommand[] {
    if (this.#phase !== 'running') return [];
    const [good = 1] = [...this.#keyring].flatMap(([key, why]) => (why === undefined ? [key] : []));
    return [{ do: 'deliver', tag: tags.decrypt, key: good }, { do: 'stop' }];
  }

  /** Makes a command ready, if it makes sense now. */
  prepare(command: DaemonCommand): Prepared | undefined {
    switch (command.do) {
      case 'reset':
        for (const key of this.#keyring.keys()) this.#forgotten.add(key);
        this.#keyring = new Map();
        this.#phase = 'fresh';
        return this.#ready(command, this.reset, {});
      case 'key':
        return this.#key(command);
      case 'start': {
        if (this.#phase === 'running') return undefined;
        this.#phase = 'running';
        this.#starts += 1;
        const call = {
          method: 'start',
          params: { uid, pid: firstPid - 1 + this.#starts },
        } as const;
        return this.#ready(command, call, { expected: [{ kind: 'helo' }] });
      }
      case 'stop':
        if (this.#phase !== 'running') return undefined;
        this.#phase = 'ended';
        return this.#ready(
          command,
          { method: 'stop', params: {} },
          { expected: [{ kind: 'end', by: 'stop' }] },
        );
      case 'quit': {
        if (this.#phase === 'fresh') return undefined;
        const hasEnded = this.#phase === 'ended';
        this.#phase = 'ended';
        const params = { type: 'quit', index: 0, seq: 0, payload: '' } as const;
        const more: Partial<Prepared> = hasEnded
          ? { hasEnded, mayBeRefused: true, quiet: ['DMN-6'] }
          : { expected: [{ kind: 'end', by: 'quit' }] };
        return this.#ready(command, { method: 'deliver', params }, more);
      }
      case 'deliver':
        return this.#deliver(command);
      case 'raw':
        return this.#raw(command);
    }
  }

  #ready(command: DaemonCommand, call: DaemonCall, more: Partial<Prepared>): Prepared {
    return {
      command,
      call,
      expected: [],
      hasEnded: false,
      mayBeRefused: false,
      quiet: [],
      lengthBytes: 0,
      ...more,
    };
  }

  /** A key is in the keyring once; the keyring outlives the daemon. */
  #key(command: DaemonCommand & { do: 'key' }): Prepared | undefined {
    const { key: number, flaw, file, phrase, module = usualModule } = command;
    if (number < 1 || number > keysMax || this.#keyring.has(number)) return undefined;
    const { fixture, signature } = keyOf(number);
    const name = `k${number}.pem`;
    const right = phrase === undefined ? fixture.passphrase : passphrases[phrase];
    const pem = phrase === undefined ? fixture.pem : fileUnder(keyOf(number), right);
    const path =
      flaw === 'no-file'
        ? this.#files.missing(name)
        : flaw === 'other-file'
          ? this.#files.put('k1.pem', keyOf(1).fixture.pem)
          : this.#files.put(name, pem, file);
    const isOther = flaw === 'other-passphrase' || flaw === 'other-file';
    const passphrase = isOther ? 'another' : right;
    const blob = damagedBlob(blobOf(path, passphrase), Buffer.byteLength(passphrase) + 1, flaw);
    const isKnown = module === usualModule;
    this.#keyring.set(number, isKnown ? stateAfter(flaw) : { rule: 'DMN-16', may: 'fails' });
    return this.#ready(
      command,
      { method: 'addKey', params: { signature, module, blob: hexOf(blob) } },
      {
        mayBeRefused: !isKnown || flaw !== undefined,
        hasEnded: this.#phase === 'ended',
        quiet: ['DMN-25'],
      },
    );
  }

  #stateOf(key: number): KeyFault | undefined {
    if (this.#keyring.has(key)) return this.#keyring.get(key);
    return { rule: this.#forgotten.has(key) ? 'DMN-26' : 'DMN-13', may: 'fails' };
  }

  #deliver(command: Deliver): Prepared | undefined {
    if (this.#phase === 'fresh') return undefined;
    const nth = this.#requests;
    const planned = plan(command, nth, (key) => this.#stateOf(key));
    const { index = nth % contextsUsual, sequence = firstSequence + nth } = command;
    // Two requests with the same numbers could not be told apart.
    const pair = `${index} ${sequence}`;
    if (planned === undefined || this.#used.has(pair)) return undefined;
    this.#used.add(pair);
    this.#requests += 1;
    const { payload, ...outcome } = planned;
    const { tag, key } = command;
    const params = { type: 'request', index, seq: sequence, payload: hexOf(payload) } as const;
    const awaited = { kind: 'response', index, sequence, tag, key, outcome } as const;
    const hasEnded = this.#phase === 'ended';
    return this.#ready(
      command,
      { method: 'deliver', params },
      {
        expected: hasEnded ? [] : [awaited],
        hasEnded,
        mayBeRefused: hasEnded,
        quiet: hasEnded ? ['DMN-6'] : [],
        lengthBytes: payload.length,
      },
    );
  }

  #raw(command: DaemonCommand & { do: 'raw' }): Prepared | undefined {
    const { framing, endian } = this.#claims;
    if (this.#phase === 'fresh' || framing === undefined || endian === undefined) return undefined;
    const hasEnded = this.#phase === 'ended';
    const nth = this.#requests;
    const isRight = command.name === 'request' || command.name === 'large';
    // Every byte of the numbers is another one, so that their order shows.
    const [index, sequence] = isRight
      ? [0x0102_0300 + nth, 0xf1e2_d300 + nth]
      : [nth % contextsUsual, firstSequence + nth];
    const made = rawOf(command, { framing, endian }, { index, sequence });
    if (made === undefined) return undefined;
    if (isRight && !hasEnded) return this.#rawRequest(command, made.bytes, { index, sequence });
    if (command.name === 'quit') this.#phase = 'ended';
    if (made.isRead) {
      this.#requests += 1;
      this.#used.add(`${index} ${sequence}`);
    }
    const expected: Expected[] = made.isRead
      ? [this.#inPart({ index, sequence }, command.name)]
      : [];
    if (command.name === 'quit') expected.push({ kind: 'end', by: 'quit' });
    const call = { method: 'raw', params: { bytes: hexOf(made.bytes) } } as const;
    return this.#ready(command, call, {
      expected: hasEnded ? [] : expected,
      hasEnded,
      mayBeRefused: true,
      quiet: [hasEnded ? 'DMN-6' : isMessage(command) ? 'DMN-24' : 'DMN-23'],
      lengthBytes: made.bytes.length,
    });
  }

  /** What may come of a request that lies about its length; one that is whole may be served. */
  #inPart(numbers: { readonly index: number; readonly sequence: number }, name: RawName): Expected {
    const awaited = { kind: 'response', ...numbers, tag: tags.encrypt, key: 1 } as const;
    const none = { content: new Uint8Array(), rule: 'DMN-23' } as const;
    const isWhole = name === 'too-long' || name === 'data-too-long' || name === 'padded';
    const planned = isWhole
      ? plan(askedInBytes, numbers.sequence, (key) => this.#stateOf(key))
      : undefined;
    const { content = none.content, may } = planned ?? {};
    return {
      ...awaited,
      outcome: { rule: none.rule, content, may: may === 'serves' ? 'open' : 'unanswerable' },
    };
  }

  /** A request that is right, as bytes: it is served like one that comes by its words. */
  #rawRequest(
    command: DaemonCommand & { do: 'raw' },
    bytes: Uint8Array,
    numbers: { readonly index: number; readonly sequence: number },
  ): Prepared | undefined {
    const planned = plan(askedIn(command), numbers.sequence, (key) => this.#stateOf(key));
    if (planned === undefined) return undefined;
    this.#requests += 1;
    this.#used.add(`${numbers.index} ${numbers.sequence}`);
    const call = { method: 'raw', params: { bytes: hexOf(bytes) } } as const;
    const awaited = { kind: 'response', ...numbers, tag: tags.encrypt, key: 1 } as const;
    return this.#ready(command, call, {
      expected: [{ ...awaited, outcome: planned }],
      lengthBytes: bytes.length,
    });
  }
}

/** What may come of a token with a flaw: where only a length is too long it can be read all the same. */
function stateAfter(flaw: TokenFlaw | undefined): KeyFault | undefined {
  if (flaw === undefined) return undefined;
  return { rule: 'DMN-17', may: tooLong.includes(flaw) ? 'either' : 'fails' };
}

const tooLong: readonly TokenFlaw[] = ['long-path', 'long-passphrase', 'one-short'];

/** A token's bytes as a flaw has them; the last of them are the passphrase with its NUL. */
function damagedBlob(
  blob: Uint8Array,
  passphraseBytes: number,
  flaw: TokenFlaw | undefined,
): Uint8Array {
  const passphraseAt = blob.length - passphraseBytes;
  // The high byte of a length is its second.
  const longer = (at: number) => blob.with(at + 1, (blob[at + 1] ?? 0) + 16);
  switch (flaw) {
    case 'cut-token':
      return blob.subarray(0, passphraseAt);
    case 'one-short':
      return blob.subarray(0, -1);
    case 'half-length':
      return blob.subarray(0, 1);
    case 'empty-token':
      return new Uint8Array();
    case 'long-path':
      return longer(0);
    case 'long-passphrase':
      return longer(passphraseAt - 2);
    case 'no-file':
    case 'other-passphrase':
    case 'other-file':
    case undefined:
      return blob;
  }
}

/** What raw bytes ask for that are a request. */
const askedInBytes: Deliver = { do: 'deliver', tag: tags.encrypt, key: 1 };

function askedIn({ name, by }: DaemonCommand & { do: 'raw' }): Deliver {
  return name === 'large' ? { ...askedInBytes, flaw: { name: 'body', by } } : askedInBytes;
}

function isMessage({ name }: DaemonCommand & { do: 'raw' }): boolean {
  return name === 'helo' || name === 'response' || name === 'type';
}

/** Raw bytes, and whether they are a request of which index and number can be read. */
function rawOf(
  command: DaemonCommand & { do: 'raw' },
  framing: Framing,
  numbers: { readonly index: number; readonly sequence: number },
): { readonly bytes: Uint8Array; readonly isRead: boolean } | undefined {
  const { name, by } = command;
  const { request, helo, response, quit } = messageTypes;
  const { payload: data = new Uint8Array() } =
    plan(askedIn(command), numbers.sequence, () => undefined) ?? {};
  const made = (message: Partial<Framed>, damage?: Damage) => ({
    bytes: encodeDatagram({ type: request, ...numbers, ...message }, framing, damage),
    isRead: damage !== undefined,
  });
  switch (name) {
    case 'empty':
      return { bytes: new Uint8Array(), isRead: false };
    case 'header': {
      const bytes = made({ data }).bytes.subarray(0, by);
      return by < headerBytes(framing) ? { bytes, isRead: false } : undefined;
    }
    case 'too-short':
      return by === 0 || by > 4096 ? undefined : made({ data }, { length: by });
    case 'bare':
      return made({});
    case 'too-long': {
      const lengthBytes = made({ data }).bytes.length;
      // On the device the length counts what follows it, and stands in one byte here.
      const statedMax = framing.framing === 'netlink' ? lengthBytes : lengthBytes - 6;
      return by === 0 || by > statedMax ? undefined : made({ data }, { length: -by });
    }
    case 'padded':
      return by === 0 || by > 4096 ? undefined : made({ data }, { size: by });
    case 'data-too-short':
      return by === 0 ? undefined : made({ data }, { data: by });
    case 'data-too-long':
      return by === 0 || by > data.length ? undefined : made({ data }, { data: -by });
    case 'noise': {
      const bytes = pattern(by % 65_536, by);
      return isWhole(bytes, framing) ? undefined : { bytes, isRead: false };
    }
    case 'helo':
      return made({ type: helo });
    case 'quit':
      return made({ type: quit });
    case 'response':
      return made({ type: response, data });
    case 'large':
      // The longest packet of the device.
      return by < 471 || by > 8000 ? undefined : made({ data });
    case 'request':
      return made({ data, pid: by });
    case 'type':
      return by > (framing.framing === 'netlink' ? 0xffff : 0xff) || by === quit
        ? undefined
        : made({ type: by });
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
