import type { WireMessage } from '../../impl/index.js';
import {
  answer,
  bundledModules,
  decodeNetlinkMessage,
  DecodeError,
  Keyring,
  PkiRegistry,
  readKeyFile,
} from '../../impl/index.js';
import type {
  Answer,
  Claims,
  DaemonAnswer,
  DaemonCall,
  DaemonEvent,
  DaemonPort,
  Subject,
} from '../subject.js';
import { version } from '../version.js';

type Params<M extends DaemonCall['method']> = (DaemonCall & { method: M })['params'];

const owner = 0;
const ok: DaemonAnswer = { events: [], result: {} };

/**
 * The daemon of the reference implementation as a subject, in this process: its keyring, its key modules and
 * what it answers; registration and end are the subject's own.
 */
export class ReferenceDaemonSubject implements Subject {
  readonly claims: Claims;
  readonly daemon: DaemonPort;
  readonly #modules = new PkiRegistry(bundledModules(readKeyFile));
  #keyring = new Keyring({ now: () => 0 });
  #isRunning = false;

  constructor() {
    this.claims = {
      name: 'msgctx-reference-daemon',
      version,
      role: 'daemon',
      profile: 'seed',
      capabilities: new Set(['virtualTime', 'files', 'raw']),
      contextsMin: 1,
      contextsMax: 4096,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      framing: 'netlink',
      endian: 'little',
      language: 'typescript',
    };
    this.daemon = { call: (call) => this.#answer(call) };
  }

  call(): Promise<Answer> {
    return Promise.resolve({ events: [], error: { code: 'UNSUPPORTED' } });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #answer(call: DaemonCall): Promise<DaemonAnswer> {
    switch (call.method) {
      case 'reset':
        this.#keyring.end(owner);
        this.#keyring = new Keyring({ now: () => 0 });
        this.#isRunning = false;
        return ok;
      case 'addKey':
        return this.#addKey(call.params);
      case 'start':
        this.#isRunning = true;
        return said({ event: 'send', type: 'helo' });
      case 'deliver':
        return this.#deliver(messageOf(call.params));
      case 'raw':
        return this.#raw(Buffer.from(call.params.bytes, 'hex'));
      case 'stop':
        this.#isRunning = false;
        return said({ event: 'send', type: 'quit' }, { event: 'exit', status: 0 });
      case 'settle':
      case 'shutdown':
        return ok;
    }
  }

  #addKey({ signature, module, blob }: Params<'addKey'>): DaemonAnswer {
    const session = this.#keyring.session(owner);
    const bytes = Uint8Array.from(Buffer.from(blob, 'hex'));
    const refused = (errno: string): DaemonAnswer => ({
      events: [],
      error: { code: 'ERRNO', errno },
    });
    try {
      const added = session.add({ kind: 'private-key', signature, module, blob: bytes });
      return added.kind === 'refused' ? refused(added.errno) : ok;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // No token can carry such a name.
      return refused('EINVAL');
    }
  }

  /** What holds no message is passed over. */
  async #raw(bytes: Uint8Array): Promise<DaemonAnswer> {
    let message: WireMessage;
    try {
      message = decodeNetlinkMessage(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return ok;
    }
    return this.#deliver(message);
  }

  async #deliver(message: WireMessage): Promise<DaemonAnswer> {
    if (!this.#isRunning) return ok;
    if (message.type === 'quit') {
      this.#isRunning = false;
      return said({ event: 'exit', status: 0 });
    }
    if (message.type !== 'request') return ok;
    const { index, sequence, payload } = message;
    const keys = this.#keyring.session(owner);
    const reply = await answer(payload, { keys, modules: this.#modules });
    const text = Buffer.from(reply).toString('hex');
    return said({ event: 'send', type: 'response', index, seq: sequence, payload: text });
  }
}

function messageOf({ type, index, seq, payload }: Params<'deliver'>): WireMessage {
  if (type === 'quit') return { type };
  return { type, index, sequence: seq, payload: Uint8Array.from(Buffer.from(payload, 'hex')) };
}

function said(...events: readonly DaemonEvent[]): DaemonAnswer {
  return { events, result: {} };
}
