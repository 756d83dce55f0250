import type { Answer, Call, Claims, Subject, SubjectEvent } from 'msgctx';

/**
 * An implementation in TypeScript that is held in the process of the tests: no adapter, no lines, the
 * words of the protocol as calls of an object.
 */

interface Context {
  readonly seq: number;
  readonly uid: number;
  readonly task: number;
  readonly dueMs: number;
}

interface Daemon {
  readonly pid: number;
  isAlive: boolean;
}

/** The implementation says no; the message is the name of the errno. */
class Refused extends Error {}

export class KernelSubject implements Subject {
  readonly claims: Claims = {
    name: 'my-kernel',
    version: '1.0.0',
    role: 'kernel',
    profile: 'seed',
    capabilities: new Set(['virtualTime', 'results', 'payload', 'exit', 'wideLabels']),
    contextsMin: 1,
    contextsMax: 1024,
    payloadMax: 4096,
    timeoutMinMs: 1,
    timeoutStepMs: 1,
  };
  #contexts: (Context | undefined)[] = [];
  readonly #daemons = new Map<number, Daemon>();
  #counter = 0;
  #nowMs = 0;
  #timeoutMs = 0;

  call(call: Call): Promise<Answer> {
    const events: SubjectEvent[] = [];
    try {
      this.#do(call, events);
      return Promise.resolve({ events, result: {} });
    } catch (error) {
      if (!(error instanceof Refused)) return Promise.reject(error);
      return Promise.resolve({ events, error: { code: 'ERRNO', errno: error.message } });
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #do(call: Call, events: SubjectEvent[]): void {
    switch (call.method) {
      case 'reset':
        this.#contexts = Array.from({ length: call.params.contexts }, () => undefined);
        this.#daemons.clear();
        this.#nowMs = 0;
        this.#timeoutMs = call.params.timeoutMs;
        return;
      case 'helo': {
        const { uid, pid } = call.params;
        const before = this.#daemons.get(uid);
        if (before?.isAlive === true && before.pid !== pid) {
          events.push({ event: 'message', to: before.pid, type: 'quit' });
        }
        this.#daemons.set(uid, { pid, isAlive: true });
        return;
      }
      case 'quit': {
        const { uid, pid } = call.params;
        if (this.#daemons.get(uid)?.pid !== pid) throw new Refused('EINVAL');
        this.#daemons.delete(uid);
        return;
      }
      case 'exit':
        for (const daemon of this.#daemons.values()) {
          if (daemon.pid === call.params.pid) daemon.isAlive = false;
        }
        return;
      case 'request':
        events.push(this.#request(call.params));
        return;
      case 'reply':
        events.push(this.#reply(call.params));
        return;
      case 'advance':
        this.#nowMs += call.params.ms;
        events.push(...this.#expire());
        return;
    }
  }

  #request({ uid, task, payload }: { uid: number; task: number; payload: string }): SubjectEvent {
    const daemon = this.#daemons.get(uid);
    if (daemon === undefined) throw new Refused('ENOTCONN');
    const index = this.#contexts.indexOf(undefined);
    if (index < 0) throw new Refused('ENOMEM');
    if (!daemon.isAlive) throw new Refused('ECONNREFUSED');
    this.#counter += 1;
    const seq = this.#counter;
    this.#contexts[index] = { seq, uid, task, dueMs: this.#nowMs + this.#timeoutMs };
    return { event: 'message', to: daemon.pid, type: 'request', index, seq, payload };
  }

  #reply(by: { uid: number; pid: number; index: number; seq: number; payload: string }) {
    const context = this.#contexts[by.index];
    if (context === undefined) throw new Refused('EINVAL');
    const isDaemon = by.uid === context.uid && by.pid === this.#daemons.get(context.uid)?.pid;
    if (!isDaemon) throw new Refused('EBADMSG');
    if (by.seq !== context.seq) throw new Refused('EINVAL');
    this.#contexts[by.index] = undefined;
    return { event: 'complete', task: context.task, payload: by.payload } as const;
  }

  #expire(): readonly SubjectEvent[] {
    const isLate = (one: Context | undefined) => one !== undefined && one.dueMs <= this.#nowMs;
    const late = this.#contexts.filter((one) => one !== undefined).filter(isLate);
    this.#contexts = this.#contexts.map((one) => (isLate(one) ? undefined : one));
    return late
      .toSorted((one, other) => one.dueMs - other.dueMs)
      .map(({ task }) => ({ event: 'complete', task, errno: 'ENOMSG' }));
  }
}
