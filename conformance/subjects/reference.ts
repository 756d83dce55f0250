import type { Input, Output } from '../../impl/index.js';
import { decodeNetlink, Kernel, MemoryTransport } from '../../impl/index.js';
import type { Scheduler } from '../stage.js';
import { Stage } from '../stage.js';
import type { Answer, Call, Claims, History, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';

/** How the reference implementation is held. */
export interface ReferenceOptions {
  /**
   * Lets calls overlap: each waits between what the kernel puts out and its delivery, and the
   * scheduler says who goes on. A call is over before the next is let into the kernel.
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
 * The reference implementation as a subject, in this process: the kernel core over the memory
 * transport, with a clock that the calls move. With `reference-daemon.ts` the only file that imports `impl`.
 */
export class ReferenceSubject implements Subject {
  readonly claims: Claims;
  readonly #scheduler: Scheduler | undefined;
  #kernel = new Kernel({ contexts: 1, timeoutMs: 1 });
  #transport = new MemoryTransport();
  #processes = new Set<number>();
  #nowMs = 0;
  #manualWake = false;
  #manualRead = false;

  constructor({ scheduler }: ReferenceOptions = {}) {
    this.#scheduler = scheduler;
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
    switch (call.method) {
      case 'reset':
        return this.#reset(call.params);
      case 'helo':
      case 'quit': {
        this.#live(call.params.pid);
        return yield* this.#input({ kind: call.method, from: call.params });
      }
      case 'exit':
        this.#transport.close(call.params.pid);
        this.#processes.delete(call.params.pid);
        return { events: [], result: {} };
      case 'request': {
        const { task, uid, payload } = call.params;
        return yield* this.#input({
          kind: 'request',
          task,
          uid,
          payload: Buffer.from(payload, 'hex'),
        });
      }
      case 'reply': {
        const { uid, pid, index, seq, payload } = call.params;
        this.#live(pid);
        const bytes = Buffer.from(payload, 'hex');
        return yield* this.#input({
          kind: 'reply',
          from: { uid, pid },
          index,
          sequence: seq,
          payload: bytes,
        });
      }
      case 'wake':
        return yield* this.#input({ kind: 'look', task: call.params.task });
      case 'advance':
        this.#nowMs += call.params.ms;
        return yield* this.#input({ kind: 'tick' });
      case 'read':
        this.#live(call.params.pid);
        return { events: this.#message(call.params.pid), result: {} };
      case 'failSend':
        this.#transport.failNth(call.params.nth);
        return { events: [], result: {} };
      case 'inspect':
        return { events: [], result: this.#view() };
      // A signal does not end the sleep, as in the kernels.
      case 'interrupt':
      case 'settle':
      case 'shutdown':
        return { events: [], result: {} };
      case 'raw':
        return yield* this.#datagram(call.params);
    }
  }

  #reset(params: (Call & { method: 'reset' })['params']): Answer {
    const { contexts, timeoutMs, manualRead, manualWake } = params;
    this.#kernel = new Kernel({ contexts, timeoutMs });
    this.#transport = new MemoryTransport();
    this.#processes = new Set();
    this.#nowMs = 0;
    this.#manualWake = manualWake;
    this.#manualRead = manualRead;
    return { events: [], result: {} };
  }

  /** A datagram is what it says, by whoever sent it; and its sender is told nothing. */
  *#datagram({ uid, pid, bytes }: (Call & { method: 'raw' })['params']): Steps<Answer> {
    this.#live(pid);
    const said = decodeNetlink(Buffer.from(bytes, 'hex'));
    if (said.kind === 'dropped') return { events: [], result: {} };
    const from = { uid, pid };
    const input: Input =
      said.kind === 'response' ? { ...said, kind: 'reply', from } : { kind: said.kind, from };
    const { events } = yield* this.#input(input);
    return { events, result: {} };
  }

  #live(pid: number): void {
    this.#transport.open(pid);
    this.#processes.add(pid);
  }

  *#input(input: Input): Steps<Answer> {
    const outputs = yield* this.#drive(input);
    const completed = yield* this.#completions(outputs);
    const events = [...this.#messages(), ...completed];
    const refusal = outputs.find((output) => output.kind === 'refused');
    if (refusal === undefined) return { events, result: {} };
    return { events, error: { code: 'ERRNO', errno: refusal.errno } };
  }

  /** Gives the kernel one input and delivers what it sends. */
  *#drive(input: Input): Steps<Output[]> {
    const kept: Output[] = [];
    for (const output of this.#kernel.handle(input, this.#nowMs)) {
      yield output.kind;
      if (output.kind !== 'send') {
        kept.push(output);
        continue;
      }
      const { to, message } = output;
      const errno = this.#transport.send(to, message);
      if (errno === undefined || message.type === 'quit') continue;
      kept.push(...(yield* this.#drive({ kind: 'send-failed', message, errno })));
    }
    return kept;
  }

  /** What has come to everybody, unless the test says who reads. */
  #messages(): SubjectEvent[] {
    if (this.#manualRead) return [];
    return [...this.#processes].flatMap((pid) => {
      const events: SubjectEvent[] = [];
      for (;;) {
        const next = this.#message(pid);
        if (next.length === 0) return events;
        events.push(...next);
      }
    });
  }

  /** The oldest message of a process, if there is one. */
  #message(to: number): SubjectEvent[] {
    const message = this.#transport.receive(to);
    if (message === undefined) return [];
    if (message.type === 'quit') return [{ event: 'message', to, type: 'quit' }];
    const { type, index, sequence } = message;
    const payload = Buffer.from(message.payload).toString('hex');
    return [{ event: 'message', to, type, index, seq: sequence, payload }];
  }

  /** A process that is woken looks at once, unless the test wants to say when. */
  *#completions(outputs: readonly Output[]): Steps<SubjectEvent[]> {
    const events: SubjectEvent[] = [];
    for (const output of outputs) {
      if (output.kind === 'resume') {
        const { task } = output;
        if ('errno' in output) events.push({ event: 'complete', task, errno: output.errno });
        else {
          const payload = Buffer.from(output.payload).toString('hex');
          events.push({ event: 'complete', task, payload });
        }
      } else if (output.kind === 'wake' && !this.#manualWake) {
        const looked = yield* this.#drive({ kind: 'look', task: output.task });
        events.push(...(yield* this.#completions(looked)));
      }
    }
    return events;
  }

  #view(): Record<string, unknown> {
    const { contexts, daemons } = this.#kernel.view();
    const indices = (free: boolean) =>
      contexts.filter(({ state }) => (state === 'free') === free).map(({ index }) => index);
    return {
      free: indices(true),
      allocated: indices(false),
      contexts: contexts.map(({ index, state, sequence }) => ({ index, state, seq: sequence })),
      daemons,
    };
  }
}
