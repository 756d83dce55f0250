import type { KeyObject } from 'node:crypto';
import type {
  Answer,
  Claims,
  DaemonAnswer,
  DaemonCall,
  DaemonEvent,
  DaemonPort,
  Subject,
} from '../../subject.js';
import { version } from '../../version.js';
import type { DaemonFaultId, HasDaemonFault } from './faults.js';
import type { DaemonHabits } from './habits.js';
import { usualDaemonHabits } from './habits.js';
import type { ReadFile } from './keyring.js';
import { Crash, Keyring } from './keyring.js';
import { Packets } from './packets.js';

/** What a daemon that is there to be broken differs in. */
export interface DaemonMutantOptions {
  readonly readFile: ReadFile;
  readonly fault?: DaemonFaultId;
  readonly habits?: Partial<DaemonHabits>;
  readonly claims?: Partial<Claims>;
  /** Capabilities that are left out. */
  readonly without?: readonly string[];
}

type Message = Extract<DaemonCall, { readonly method: 'deliver' }>['params'];

const capabilities = ['virtualTime', 'files', 'raw'];
const ok: DaemonAnswer = { events: [], result: {} };
const refused: DaemonAnswer = { events: [], error: { code: 'ERRNO', errno: 'EINVAL' } };

/** A small daemon as a subject, in this process, with a fault and habits to switch on. */
export class DaemonMutantSubject implements Subject {
  readonly claims: Claims;
  readonly daemon: DaemonPort;
  readonly #has: HasDaemonFault;
  readonly #habits: DaemonHabits;
  readonly #readFile: ReadFile;
  readonly #everOpened = new Map<string, KeyObject>();
  #keyring: Keyring;
  #packets: Packets;
  #isRunning = false;
  #hasEnded = false;
  #events: DaemonEvent[] = [];
  #requests = 0;
  #sequence = 0;

  constructor({ readFile, fault, habits, claims, without = [] }: DaemonMutantOptions) {
    this.#has = (id) => id === fault;
    this.#habits = { ...usualDaemonHabits, ...habits };
    this.#readFile = readFile;
    this.claims = {
      name: 'msgctx-daemon-mutant',
      version,
      role: 'daemon',
      profile: 'seed',
      capabilities: new Set(capabilities.filter((word) => !without.includes(word))),
      contextsMin: 1,
      contextsMax: 32,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      framing: 'netlink',
      endian: 'little',
      language: 'typescript',
      ...claims,
    };
    this.daemon = { call: (call) => Promise.resolve(this.#said(this.#answer(call), call)) };
    this.#keyring = this.#newKeyring();
    this.#packets = new Packets(this.#has, this.#habits, this.#keyring);
  }

  call(): Promise<Answer> {
    return Promise.resolve({ events: [], error: { code: 'UNSUPPORTED' } });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** In real time what a call caused comes with the answer to the next `settle`. */
  #said(answer: DaemonAnswer, { method }: DaemonCall): DaemonAnswer {
    if (!this.claims.capabilities.has('virtualTime') && method !== 'settle') return answer;
    return { ...answer, events: this.#events.splice(0) };
  }

  #answer(call: DaemonCall): DaemonAnswer {
    try {
      return this.#perform(call);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#isRunning = false;
      this.#hasEnded = true;
      this.#events.push({ event: 'exit', status: 139 });
      return ok;
    }
  }

  #perform(call: DaemonCall): DaemonAnswer {
    switch (call.method) {
      case 'reset':
        return this.#reset();
      case 'addKey': {
        const { signature, module, blob } = call.params;
        if (this.#habits.refusesTokens && module !== 'openssl') return refused;
        this.#keyring.add({ signature, module, blob: Buffer.from(blob, 'hex') });
        if (this.#has('says-helo-of-keys') && this.#isRunning) this.#send('helo');
        return ok;
      }
      case 'start':
        this.#isRunning = true;
        this.#hasEnded = false;
        if (!this.#has('no-helo')) this.#send('helo');
        if (this.#has('helo-twice')) this.#send('helo');
        return ok;
      case 'deliver':
        return this.#deliver(call.params);
      case 'raw':
        return this.#raw(Buffer.from(call.params.bytes, 'hex'));
      case 'stop':
        this.#stop();
        return ok;
      case 'settle':
      case 'shutdown':
        return ok;
    }
  }

  #reset(): DaemonAnswer {
    this.#isRunning = false;
    this.#hasEnded = false;
    this.#events = [];
    this.#requests = 0;
    if (!this.#has('keeps-keyring')) this.#keyring = this.#newKeyring();
    this.#packets = new Packets(this.#has, this.#habits, this.#keyring);
    return ok;
  }

  #newKeyring(): Keyring {
    const [has, habits] = [this.#has, this.#habits];
    return new Keyring({ has, habits, readFile: this.#readFile, everOpened: this.#everOpened });
  }

  #stop(): void {
    if (!this.#has('no-quit-on-stop')) this.#send('quit');
    if (this.#has('quits-twice')) this.#send('quit');
    this.#end(this.#has('stop-status') ? 1 : 0, this.#habits.tellsItsExit);
  }

  #end(status: number, isTold: boolean): void {
    this.#isRunning = false;
    this.#hasEnded = true;
    if (isTold) this.#events.push({ event: 'exit', status });
  }

  #deliver(message: Message): DaemonAnswer {
    const serves = this.#isRunning || (this.#hasEnded && this.#has('serves-after-quit'));
    if (!serves) {
      const isTold = message.type === 'quit' && this.#hasEnded && this.#has('exits-again');
      if (isTold) this.#events.push({ event: 'exit', status: 0 });
      return this.#habits.refusesWhenEnded ? refused : ok;
    }
    if (message.type === 'quit') {
      if (this.#has('ignores-quit')) return ok;
      if (this.#habits.quitsWhenToldTo) this.#send('quit');
      this.#end(this.#has('quit-status') ? 5 : 0, true);
      return ok;
    }
    this.#request(message);
    return ok;
  }

  #request({ index, seq, payload }: Omit<Message, 'type'>): void {
    const has = this.#has;
    this.#requests += 1;
    const before = this.#sequence;
    this.#sequence = seq;
    const reply = this.#packets.serve(Buffer.from(payload, 'hex'));
    if (has('first-only') && this.#requests > 1) return;
    if (has('stops-after-33') && this.#requests > 33) return;
    if (has('silent-on-zero-seq') && seq === 0) return;
    if (reply === undefined) return;
    const signedMax = 2 ** 31 - 1;
    const place = has('index-8-bits') ? index & 255 : has('index-zero') ? 0 : index;
    const numbered = has('seq-plus-one')
      ? (seq + 1) >>> 0
      : has('seq-16-bits')
        ? seq & 0xffff
        : has('seq-of-last')
          ? before
          : seq;
    const response: DaemonEvent = {
      event: 'send',
      type: 'response',
      index: has('index-signed') ? Math.min(place, signedMax) : place,
      seq: has('seq-signed') ? Math.min(numbered, signedMax) : numbered,
      payload: reply.toString('hex'),
    };
    this.#events.push(response);
    if (has('answers-twice')) this.#events.push(response);
    if (has('tenth-quits') && this.#requests % 10 === 0) this.#send('quit');
  }

  /** A netlink datagram of a little-endian host. */
  #raw(given: Buffer): DaemonAnswer {
    if (!this.#isRunning) return this.#habits.refusesWhenEnded ? refused : ok;
    const said = given.length >= 16 ? given.readUInt32LE(0) : undefined;
    if (this.#has('forgets-large') && given.length > 1024) return ok;
    if (this.#has('dies-of-length-zero') && said === 0) throw new Crash('a length of 0');
    const isPadded = said !== undefined && said >= 16 && said < given.length;
    if (this.#has('dies-of-padding') && isPadded) throw new Crash('padding');
    const bytes = this.#habits.passesOverPadding && isPadded ? given.subarray(0, said) : given;
    const isWhole = said === bytes.length;
    const type = bytes.length >= 16 ? bytes.readUInt16LE(4) : 0;
    const served = isWhole || this.#has('serves-in-part');
    if (served && (type === 102 || (type === 103 && this.#has('answers-response')))) {
      const isLong = bytes.length >= 24;
      const lengthAgrees = isLong && bytes.readUInt32LE(20) === bytes.length - 24;
      if (lengthAgrees || (isLong && this.#has('serves-in-part'))) {
        const [index, seq] = [bytes.readUInt32LE(16), bytes.readUInt32LE(8)];
        this.#request({ index, seq, payload: bytes.subarray(24).toString('hex') });
        return ok;
      }
    }
    if (isWhole && type === 101)
      return this.#deliver({ type: 'quit', index: 0, seq: 0, payload: '' });
    if (isWhole && type === 100 && this.#has('answers-helo')) this.#send('helo');
    if (isWhole && type !== 102) return ok;
    if (this.#has('dies-of-noise')) throw new Crash('noise');
    const isRead = bytes.length >= 24 && type === 102;
    if (this.#has('answers-noise') || (this.#habits.answersInPart && isRead)) {
      const index = isRead ? bytes.readUInt32LE(16) : 0;
      const seq = isRead ? bytes.readUInt32LE(8) : 0;
      this.#events.push({ event: 'send', type: 'response', index, seq, payload: '43ff' });
    }
    return ok;
  }

  #send(type: 'helo' | 'quit'): void {
    this.#events.push({ event: 'send', type });
  }
}
