import type { Command, IndexName, Process, SequenceName } from '../model/index.js';
import { nameOfProcess } from '../model/index.js';
import { encodeDatagram } from './framing/datagram.js';
import type { Framing } from './framing/message.js';
import { messageTypes, swappedOrder } from './framing/message.js';
import { Pairs } from './pairs.js';
import type { Call } from './subject.js';

/**
 * What the names of a conversation stand for: uids, pids and tasks that we made up, indices and
 * sequence numbers that the implementation chose and we learnt, and the clock.
 *
 * The ledger knows no rule of the protocol. It turns commands into calls, and says which commands
 * make sense now: a reply to r1 needs a message of r1 to have been seen.
 */

/** How a case sets up the implementation, and how large a system its conversation speaks of. */
export interface Settings {
  readonly contexts: number;
  readonly users: number;
  readonly processes: number;
  readonly timeoutMs: number;
  readonly manualWake: boolean;
  /** Whether messages wait until the suite lets a process read. */
  readonly manualRead: boolean;
  /**
   * Virtual time passes by command only. Where time is real nobody can be exact, and a conversation
   * either waits for time-outs or is made so that none is near.
   */
  readonly time: 'virtual' | 'real' | 'real, without waiting';
  /** The longest payload that the implementation takes. */
  readonly payloadMax: number;
  /** Whether it takes any 32-bit number for a uid or a pid. */
  readonly wideLabels: boolean;
  /** How raw bytes are framed; absent where none can be sent. */
  readonly wire?: Framing;
}

/** One request of the conversation. */
export interface RequestRecord {
  readonly request: number;
  readonly user: number;
  readonly payload: string;
  readonly deadlineMs: number;
  /** Known once its message was seen. */
  readonly index?: number;
  readonly sequence?: number;
  /** Which process got the message. */
  readonly sentTo?: string;
}

/**
 * The labels of users and processes: small ones, root among them. Where the adapter takes wide
 * labels they agree in their low bits with one another, and some have the highest bit.
 */
const small = { firstUid: 1000, firstPid: 11 } as const;
const wide = {
  uids: [
    ...[1001, 1001 + 2 ** 31, 0, 1002, 1001 + 2 ** 16, 1001 + 2 ** 8, 2 ** 32 - 2],
    ...[2 ** 32 - 1, 1001 + 2 ** 12, 1001 + 2 ** 24, 1001 + 2 ** 4, 1001 + 2 ** 20, 1001 + 10 ** 6],
  ],
  furtherUids: 70_000,
  pidSteps: [0, 2 ** 31, 2 ** 16, 2 ** 8, 2 ** 12, 2 ** 24, 2 ** 4, 2 ** 20],
} as const;
const word32 = 2 ** 32;
const payloadDefaultBytes = 4;
/** Steps through every byte value before it comes back to the first. */
const oddStep = 151;
/** Of sixteen payloads these are filled with one byte. */
const fills: Readonly<Record<number, number>> = { 3: 0xff, 6: 0x00, 9: 0x33 };

/** The ledger of one conversation. */
export class Ledger {
  readonly settings: Settings;
  #nowMs = 0;
  readonly #requests = new Map<number, RequestRecord>();
  readonly #pids = new Map<string, number>();
  readonly #names = new Map<number, string>();
  /** The last pid of each process that is dead. */
  readonly #deadPids = new Map<string, number>();
  readonly #pairs: Pairs;
  #replies = 0;
  #largest = 0;

  constructor(settings: Settings, pairs = new Pairs()) {
    this.settings = settings;
    this.#pairs = pairs;
  }

  /** Another ledger that knows the same; what the one learns from now on the other does not. */
  copy(): Ledger {
    const copy = new Ledger(this.settings, this.#pairs.copy());
    for (const [name, record] of this.#requests) copy.#requests.set(name, record);
    for (const [name, pid] of this.#pids) copy.#pids.set(name, pid);
    for (const [pid, name] of this.#names) copy.#names.set(pid, name);
    for (const [name, pid] of this.#deadPids) copy.#deadPids.set(name, pid);
    copy.#nowMs = this.#nowMs;
    copy.#replies = this.#replies;
    copy.#largest = this.#largest;
    return copy;
  }

  /** Forgets requests, oldest first, until only so many are left; never those named. */
  forget(least: number, but: readonly number[]): void {
    for (const name of this.#requests.keys()) {
      if (this.#requests.size <= least) return;
      if (!but.includes(name)) this.#requests.delete(name);
    }
  }

  /** The first call of a case. */
  get reset(): Call {
    const { contexts, timeoutMs, manualRead, manualWake } = this.settings;
    return { method: 'reset', params: { contexts, timeoutMs, manualRead, manualWake } };
  }

  request(name: number): RequestRecord | undefined {
    return this.#requests.get(name);
  }

  /** Whether these are the bytes of some request. */
  isPayload(payload: string): boolean {
    return [...this.#requests.values()].some((one) => one.payload === payload);
  }

  /** A request name that was not used. */
  get freshRequest(): number {
    return this.#largest + 1;
  }

  /** The uid of a user. */
  uidOf(user: number): number {
    if (this.settings.wideLabels) return wide.uids[user - 1] ?? wide.furtherUids + user;
    return user === 2 ? 0 : small.firstUid + user;
  }

  /** The pid of a process: of the living one, or of a new one if none lives. */
  pidOf(by: Process): number {
    const name = nameOfProcess(by);
    const known = this.#pids.get(name);
    if (known !== undefined) return known;
    const pid = this.#freshPid();
    this.#pids.set(name, pid);
    this.#names.set(pid, name);
    return pid;
  }

  #freshPid(): number {
    for (let nth = this.#names.size; ; nth += 1) {
      const pid = this.#pid(nth);
      if (!this.#names.has(pid)) return pid;
    }
  }

  #pid(nth: number): number {
    if (!this.settings.wideLabels) return small.firstPid + nth;
    const steps = wide.pidSteps;
    return small.firstPid + Math.floor(nth / steps.length) + (steps[nth % steps.length] ?? 0);
  }

  /** The pid that a process had before it died. */
  lastPidOf(by: Process): number | undefined {
    return this.#deadPids.get(nameOfProcess(by));
  }

  /** Whether a process of this name lives. */
  lives(by: Process): boolean {
    return this.#pids.has(nameOfProcess(by));
  }

  /** The pid of a process: of the living one, or else of the one that died last. */
  pidNamed(by: Process): number {
    return this.lives(by) ? this.pidOf(by) : (this.lastPidOf(by) ?? this.pidOf(by));
  }

  /** The process of a pid, living or dead. */
  processName(pid: number): string {
    return this.#names.get(pid) ?? `pid ${pid}`;
  }

  /** Remembers what a request's message said. */
  learn(request: number, index: number, sequence: number, to: number): void {
    const record = this.#requests.get(request);
    if (record === undefined) return;
    const { user, payload, deadlineMs } = record;
    const sentTo = this.processName(to);
    // Copies of the ledger share records, which therefore never change.
    const learnt = { request, user, payload, deadlineMs, index, sequence, sentTo };
    this.#requests.set(request, learnt);
  }

  /** The same, where nobody knows whose message it is: the oldest of its user that has none. */
  guess(to: number, index: number, sequence: number): void {
    const user = Number(/^u(\d+)/.exec(this.processName(to))?.[1]);
    const all = [...this.#requests.values()];
    const oldest = all.find((one) => one.user === user && one.index === undefined);
    if (oldest !== undefined) this.learn(oldest.request, index, sequence, to);
  }

  /** Whether a pair of numbers was seen in a message. */
  hasPair(index: number, sequence: number): boolean {
    return this.#pairs.has(index, sequence);
  }

  /** Remembers a pair of numbers. Returns false when it was seen before. */
  see(index: number, sequence: number): boolean {
    return this.#pairs.add(index, sequence);
  }

  /** The calls of a command, or undefined when the command makes no sense now. */
  calls(command: Command, unusedIndex: number | undefined): readonly Call[] | undefined {
    switch (command.do) {
      case 'helo':
      case 'quit': {
        const params = { uid: this.uidOf(command.by.user), pid: this.pidOf(command.by) };
        return [{ method: command.do, params }];
      }
      case 'exit': {
        if (!this.lives(command.by)) return undefined;
        const pid = this.pidOf(command.by);
        const name = nameOfProcess(command.by);
        this.#pids.delete(name);
        this.#deadPids.set(name, pid);
        return [{ method: 'exit', params: { pid } }];
      }
      case 'read':
        if (!this.settings.manualRead) return undefined;
        return [{ method: 'read', params: { pid: this.pidOf(command.by) } }];
      case 'reuse':
        return this.#reuse(command);
      case 'request':
        return this.#request(command);
      case 'reply':
        return this.#reply(command, unusedIndex);
      case 'raw':
        return this.#raw(command, unusedIndex);
      case 'wake':
        if (!this.settings.manualWake || !this.#requests.has(command.request)) return undefined;
        return [{ method: 'wake', params: { task: command.request } }];
      case 'interrupt':
        return [{ method: 'interrupt', params: { task: command.request } }];
      case 'fail-send':
        return [{ method: 'failSend', params: { nth: command.nth } }];
      case 'advance': {
        const record = this.#requests.get(command.request);
        if (record === undefined) return undefined;
        const ms = record.deadlineMs + command.lateMs - this.#nowMs;
        if (!this.#isVirtual) return [];
        return ms > 0 ? this.#advance(ms) : undefined;
      }
      case 'pass':
        if (this.#isVirtual) return this.#advance(command.ms);
        return this.settings.time === 'real' ? [] : undefined;
      case 'inspect':
      case 'settle':
        return [{ method: command.do, params: {} }];
      case 'reset':
        return [this.reset];
    }
  }

  /**
   * The millisecond that passes after a request, so that no two deadlines are the same. Requests that
   * overlap have it together when all are answered: until then their deadlines may be the same.
   */
  get millisecond(): readonly Call[] {
    return this.#isVirtual ? this.#advance(1) : [];
  }

  #request(command: Command & { do: 'request' }): readonly Call[] | undefined {
    const { request, user } = command;
    if (this.#requests.has(request)) return undefined;
    const payload = this.#payload(0xa0, request, command.bytes);
    const deadlineMs = this.#nowMs + this.settings.timeoutMs;
    this.#largest = Math.max(this.#largest, request);
    this.#requests.set(request, { request, user, payload, deadlineMs });
    return [{ method: 'request', params: { task: request, uid: this.uidOf(user), payload } }];
  }

  get #isVirtual(): boolean {
    return this.settings.time === 'virtual';
  }

  #advance(ms: number): readonly Call[] {
    this.#nowMs += ms;
    return [{ method: 'advance', params: { ms } }];
  }

  /**
   * A pid that nobody has now is given to a process that does not live. One of another user shows itself
   * by a QUIT, which must be refused; one of the same user by a HELO.
   */
  #reuse({ by, of }: Command & { do: 'reuse' }): readonly Call[] | undefined {
    const pid = this.#deadPids.get(nameOfProcess(of));
    const isTaken = pid === undefined || [...this.#pids.values()].includes(pid);
    if (isTaken || this.lives(by)) return undefined;
    const name = nameOfProcess(by);
    this.#pids.set(name, pid);
    this.#names.set(pid, name);
    const method = by.user === of.user ? 'helo' : 'quit';
    return [{ method, params: { uid: this.uidOf(by.user), pid } }];
  }

  #reply(
    command: Command & { do: 'reply' },
    unusedIndex: number | undefined,
  ): readonly Call[] | undefined {
    const index = this.#index(command.index, unusedIndex);
    const seq = this.#sequence(command.sequence);
    if (index === undefined || seq === undefined) return undefined;
    this.#replies += 1;
    const payload = this.#payload(0xb0, this.#replies, command.bytes);
    const uid = this.uidOf(command.by.user);
    return [{ method: 'reply', params: { uid, pid: this.pidOf(command.by), index, seq, payload } }];
  }

  /** Bytes that are a message, but for what the command says is wrong with them. */
  #raw(
    command: Command & { do: 'raw' },
    unusedIndex: number | undefined,
  ): readonly Call[] | undefined {
    const { wire } = this.settings;
    const { by, type, as, flags = 0, order } = command;
    const index = command.index === undefined ? 0 : this.#index(command.index, unusedIndex);
    const sequence = this.#sequence(command.sequence);
    const port = as === undefined ? 0 : (this.#pids.get(nameOfProcess(as)) ?? this.lastPidOf(as));
    if (wire === undefined || index === undefined || sequence === undefined) return undefined;
    // Nobody can name a process that never was.
    if (port === undefined) return undefined;
    const number = typeof type === 'number' ? type : messageTypes[type];
    const message = { type: number, index, sequence, pid: port, flags };
    const carried = command.index === undefined ? {} : { data: this.#answerBytes(command.bytes) };
    const framing = order === undefined ? wire : swappedOrder(wire);
    const encoded = encodeDatagram({ ...message, ...carried }, framing, command);
    const bytes = Buffer.from(encoded).toString('hex');
    return [{ method: 'raw', params: { uid: this.uidOf(by.user), pid: this.pidOf(by), bytes } }];
  }

  #answerBytes(bytes: number | undefined): Uint8Array {
    this.#replies += 1;
    return Buffer.from(this.#payload(0xb0, this.#replies, bytes), 'hex');
  }

  #index(name: IndexName, unusedIndex: number | undefined): number | undefined {
    if (name === 'unused') return unusedIndex;
    if (name === 'outside') return this.settings.contexts;
    if (name === 'last') return word32 - 1;
    if ('is' in name) return name.is % word32;
    return offset(this.#requests.get(name.of)?.index, name.plus);
  }

  #sequence(name: SequenceName): number | undefined {
    if ('is' in name) return name.is % word32;
    if ('swapped' in name) {
      const sequence = this.#requests.get(name.swapped)?.sequence;
      return sequence === undefined ? undefined : swap32(sequence);
    }
    return offset(this.#requests.get(name.of)?.sequence, name.plus);
  }

  /**
   * Different bytes for each request and reply, so that one cannot pass for another: a tag and a
   * counter, and behind them every byte value in an order that the counter decides; sometimes only one.
   */
  #payload(tag: number, counter: number, bytes: number | undefined): string {
    const length = Math.min(bytes ?? payloadDefaultBytes, this.settings.payloadMax);
    if (length === payloadDefaultBytes) {
      return (tag * 2 ** 24 + (counter % 2 ** 24)).toString(16);
    }
    const head = [tag, counter >> 16, counter >> 8, counter];
    const payload = Buffer.alloc(length);
    const skipped = Math.max(0, head.length - length);
    for (let nth = 0; nth < length; nth += 1) {
      payload[nth] = head[nth + skipped] ?? fills[counter % 16] ?? (counter + nth) * oddStep;
    }
    return payload.toString('hex');
  }
}

function offset(number: number | undefined, plus: number): number | undefined {
  if (number === undefined) return undefined;
  return (((number + plus) % word32) + word32) % word32;
}

function swap32(number: number): number {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes.readUInt32LE();
}
