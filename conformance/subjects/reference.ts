import type { Input, Output } from '../../impl/index.js';
import { drive, Kernel, MemoryTransport } from '../../impl/index.js';
import type { Answer, Call, Claims, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';

/**
 * The reference implementation as a subject, in this process: the kernel core over the memory
 * transport, with a clock that the calls move. The only file that imports `impl`.
 */
export class ReferenceSubject implements Subject {
  readonly claims: Claims = {
    name: 'msgctx-reference',
    version,
    role: 'kernel',
    profile: 'seed',
    capabilities: new Set([
      'virtualTime', 'results', 'payload', 'exit', 'inspect', 'manualWake', 'manualRead',
      'wideLabels', 'interrupt', 'sendFault', 'pidReuse',
    ]), // prettier-ignore
    contextsMin: 1,
    contextsMax: 4096,
    payloadMax: 65_536,
    timeoutMinMs: 1,
    timeoutStepMs: 1,
    language: 'typescript',
  };
  #kernel = new Kernel({ contexts: 1, timeoutMs: 1 });
  #transport = new MemoryTransport();
  #processes = new Set<number>();
  #nowMs = 0;
  #manualWake = false;
  #manualRead = false;

  call(call: Call): Promise<Answer> {
    return Promise.resolve(this.#answer(call));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(call: Call): Answer {
    switch (call.method) {
      case 'reset': {
        const { contexts, timeoutMs, manualRead, manualWake } = call.params;
        this.#kernel = new Kernel({ contexts, timeoutMs });
        this.#transport = new MemoryTransport();
        this.#processes = new Set();
        this.#nowMs = 0;
        this.#manualWake = manualWake;
        this.#manualRead = manualRead;
        return { events: [], result: {} };
      }
      case 'helo':
      case 'quit': {
        this.#live(call.params.pid);
        return this.#input({ kind: call.method, from: call.params });
      }
      case 'exit':
        this.#transport.close(call.params.pid);
        this.#processes.delete(call.params.pid);
        return { events: [], result: {} };
      case 'request': {
        const { task, uid, payload } = call.params;
        return this.#input({ kind: 'request', task, uid, payload: Buffer.from(payload, 'hex') });
      }
      case 'reply': {
        const { uid, pid, index, seq, payload } = call.params;
        this.#live(pid);
        const bytes = Buffer.from(payload, 'hex');
        return this.#input({
          kind: 'reply',
          from: { uid, pid },
          index,
          sequence: seq,
          payload: bytes,
        });
      }
      case 'wake':
        return this.#input({ kind: 'look', task: call.params.task });
      case 'advance':
        this.#nowMs += call.params.ms;
        return this.#input({ kind: 'tick' });
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
        return { events: [], error: { code: 'UNSUPPORTED' } };
    }
  }

  #live(pid: number): void {
    this.#transport.open(pid);
    this.#processes.add(pid);
  }

  #input(input: Input): Answer {
    const outputs = drive(this.#kernel, this.#transport, input, this.#nowMs);
    const events = [...this.#messages(), ...this.#completions(outputs)];
    const refusal = outputs.find((output) => output.kind === 'refused');
    if (refusal === undefined) return { events, result: {} };
    return { events, error: { code: 'ERRNO', errno: refusal.errno } };
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
  #completions(outputs: readonly Output[]): SubjectEvent[] {
    return outputs.flatMap((output): SubjectEvent[] => {
      if (output.kind === 'resume') {
        const { task } = output;
        if ('errno' in output) return [{ event: 'complete', task, errno: output.errno }];
        const payload = Buffer.from(output.payload).toString('hex');
        return [{ event: 'complete', task, payload }];
      }
      if (output.kind !== 'wake' || this.#manualWake) return [];
      const look: Input = { kind: 'look', task: output.task };
      return this.#completions(drive(this.#kernel, this.#transport, look, this.#nowMs));
    });
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
