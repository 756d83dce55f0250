import type { End, Outcome, WireMessage } from '../../impl/index.js';
import {
  decodeNetlinkMessage,
  encodeNetlinkMessage,
  KernelSide,
  ManualClock,
  MemoryTransport,
  toKernel,
} from '../../impl/index.js';
import type { Scheduler } from '../stage.js';
import { Stage } from '../stage.js';
import type { Answer, Call, Claims, History, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';
import { viewOf } from './view.js';

/** How the reference implementation is held. */
export interface ReferenceOptions {
  /**
   * Lets calls overlap: each waits between what a process sends and what the kernel makes of it, and
   * before its outcome is seen, and the scheduler says who goes on. A call is over before the next is let in.
   */
  readonly scheduler?: Scheduler;
}

/** What goes on without a break; at each word another call may come in between. */
type Steps<T> = Generator<string, T, undefined>;

const capabilities = [
  'virtualTime', 'results', 'payload', 'exit', 'inspect', 'manualWake', 'manualRead', 'wideLabels',
  'interrupt', 'sendFault', 'pidReuse', 'raw',
]; // prettier-ignore

/**
 * The reference implementation as a subject, in this process: the kernel side over the memory
 * transport, with a clock that the calls move.
 */
export class ReferenceSubject implements Subject {
  readonly claims: Claims;
  readonly #scheduler: Scheduler | undefined;
  #transport = new MemoryTransport();
  #clock = new ManualClock();
  #side: KernelSide;
  /** The living processes, by the pids of the calls. */
  readonly #processes = new Map<number, End>();
  /** The tasks of the kernel side, by those of the calls. */
  readonly #tasks = new Map<number, number>();
  #events: SubjectEvent[] = [];
  #refusal: string | undefined;
  #manualRead = false;

  constructor({ scheduler }: ReferenceOptions = {}) {
    this.#scheduler = scheduler;
    this.#side = this.#open({ contexts: 1, timeoutMs: 1, manualWake: false });
    this.claims = {
      name: 'msgctx-reference',
      version,
      role: 'kernel',
      profile: 'seed',
      capabilities: new Set([...capabilities, ...(scheduler === undefined ? [] : ['concurrent'])]),
      contextsMin: 1,
      contextsMax: 4096,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      framing: 'netlink',
      endian: 'little',
      language: 'typescript',
    };
  }

  call(call: Call): Promise<Answer> {
    const steps = this.#answer(call);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return Promise.resolve(step.value);
    }
  }

  overlap(calls: readonly Call[]): Promise<History> {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return Promise.reject(new TypeError('no scheduler was given'));
    return new Stage(scheduler).play(calls, async (call, stage, label) => {
      await stage.lock('kernel');
      const steps = this.#answer(call);
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) await stage.pause(`${label} ${step.value}`);
      const { events, ...answer } = step.value;
      for (const event of events) stage.emit(event);
      stage.unlock('kernel');
      return answer;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  *#answer(call: Call): Steps<Answer> {
    const result = yield* this.#perform(call);
    yield 'outcome';
    if (!this.#manualRead) for (const pid of this.#processes.keys()) this.#readAll(pid);
    const events = this.#events;
    this.#events = [];
    const errno = this.#refusal;
    this.#refusal = undefined;
    if (errno === undefined || call.method === 'raw') return { events, result };
    return { events, error: { code: 'ERRNO', errno } };
  }

  *#perform(call: Call): Steps<Record<string, unknown>> {
    switch (call.method) {
      case 'reset':
        this.#reset(call.params);
        break;
      case 'helo':
      case 'quit':
        yield* this.#send(call.params, encodeNetlinkMessage({ type: call.method }));
        break;
      case 'exit':
        this.#processes.get(call.params.pid)?.close();
        this.#processes.delete(call.params.pid);
        break;
      case 'request':
        this.#request(call.params);
        break;
      case 'reply': {
        const { uid, pid, index, seq, payload } = call.params;
        const response: WireMessage = {
          type: 'response',
          index,
          sequence: seq,
          payload: Buffer.from(payload, 'hex'),
        };
        yield* this.#send({ uid, pid }, encodeNetlinkMessage(response));
        break;
      }
      case 'raw':
        yield* this.#send(call.params, Buffer.from(call.params.bytes, 'hex'));
        break;
      case 'wake':
        this.#side.look(this.#tasks.get(call.params.task) ?? 0);
        break;
      case 'advance':
        this.#clock.advance(call.params.ms);
        break;
      case 'read':
        this.#readOne(call.params.pid);
        break;
      case 'failSend':
        this.#transport.failNth(call.params.nth);
        break;
      case 'inspect':
        return { ...viewOf(this.#side) };
      // A signal does not end the sleep, as in the kernels.
      case 'interrupt':
      case 'settle':
      case 'shutdown':
        break;
    }
    return {};
  }

  #reset(params: (Call & { method: 'reset' })['params']): void {
    this.#side.close();
    this.#transport = new MemoryTransport();
    this.#clock = new ManualClock();
    this.#side = this.#open(params);
    this.#processes.clear();
    this.#tasks.clear();
    // Those who slept in the case before are told, and nobody looks.
    this.#events = [];
    this.#manualRead = params.manualRead;
  }

  #open({ contexts, timeoutMs, manualWake }: Opening): KernelSide {
    return new KernelSide({
      end: this.#transport.listen(),
      clock: this.#clock,
      contexts,
      timeoutMs,
      heard: (_, refusal) => {
        this.#refusal = refusal;
      },
      ...(manualWake ? { woken: () => undefined } : {}),
    });
  }

  /** A datagram is what it says, by whoever sent it. */
  *#send({ uid, pid }: { uid: number; pid: number }, bytes: Uint8Array): Steps<undefined> {
    const process = this.#processes.get(pid) ?? this.#transport.connect({ uid, pid });
    this.#processes.set(pid, process);
    process.send(toKernel, bytes);
    yield 'datagram';
    this.#side.drain();
    return undefined;
  }

  #request({ task, uid, payload }: (Call & { method: 'request' })['params']): void {
    let isCalling = true;
    const over = (outcome: Outcome) => {
      if (outcome.kind === 'answered') {
        const bytes = Buffer.from(outcome.payload).toString('hex');
        this.#events.push({ event: 'complete', task, payload: bytes });
      } else if (isCalling) this.#refusal = outcome.errno;
      else this.#events.push({ event: 'complete', task, errno: outcome.errno });
    };
    const question = { uid, payload: Buffer.from(payload, 'hex') };
    this.#tasks.set(task, this.#side.ask(question, over));
    isCalling = false;
  }

  #readAll(pid: number): void {
    while (this.#readOne(pid));
  }

  /** Takes the oldest message of a process; says whether there was one. */
  #readOne(to: number): boolean {
    const arrival = this.#processes.get(to)?.receive();
    if (arrival?.kind !== 'datagram') return false;
    const message = decodeNetlinkMessage(arrival.bytes);
    if (message.type === 'request') {
      const { type, index, sequence } = message;
      const payload = Buffer.from(message.payload).toString('hex');
      this.#events.push({ event: 'message', to, type, index, seq: sequence, payload });
    } else if (message.type === 'quit') this.#events.push({ event: 'message', to, type: 'quit' });
    return true;
  }
}

/** How a kernel side is opened. */
interface Opening {
  readonly contexts: number;
  readonly timeoutMs: number;
  readonly manualWake: boolean;
}
