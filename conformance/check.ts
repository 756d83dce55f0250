import type {
  Answer,
  Call,
  Claims,
  DaemonCall,
  DaemonPort,
  Subject,
  SubjectEvent,
} from './subject.js';
import { AdapterBroke } from './subject.js';

/**
 * Walks through the adapter protocol with an adapter: every method that it claims, what each answer
 * must look like, how long it takes. Whether what it says is right is not asked: that is what a run is for.
 *
 * Written for who is at the beginning: each line says what was tried, and a failure what to do.
 */

/** One thing that was tried. */
export interface Checked {
  readonly what: string;
  readonly verdict: 'ok' | 'fails' | 'is not claimed';
  /** One sentence; empty when all is well. */
  readonly why: string;
}

/** What was found. */
export interface CheckReport {
  readonly checks: readonly Checked[];
  /** Microseconds from a call to its answer, median and the slowest of twenty; absent when it broke. */
  readonly latencyUs?: { readonly median: number; readonly p95: number };
}

/** The words of role kernel beyond the ones that each adapter has, by capability. */
const extras: readonly (readonly [capability: string, what: string])[] = [
  ['virtualTime', 'advance'],
  ['exit', 'exit'],
  ['inspect', 'inspect'],
  ['manualWake', 'wake'],
  ['manualRead', 'read'],
  ['interrupt', 'interrupt'],
  ['sendFault', 'failSend'],
  ['raw', 'raw'],
];

const calls = 200;
const who = { uid: 1000, pid: 11 } as const;

/** What the breach of an adapter usually comes from. */
const advice: Readonly<Record<string, string>> = {
  'not-json': 'print diagnostics to stderr: stdout carries the protocol only',
  deadline: 'flush stdout after every line, and answer every call',
  'late-event': 'write the events that a call causes before its answer',
  'repeated-id': 'answer each call once',
  'unknown-id': 'answer with the id of the call',
  'out-of-turn': 'work calls off in their order, or claim "concurrent"',
  malformed: 'see the tables of PROTOCOL.md for the members of each line',
  invalid: 'the call is one of the protocol: read its params by name',
  death: 'its stderr may say why',
};

/** Holds the walk. Never throws for what the adapter does; `nowUs` is a monotonic clock. */
export async function check(subject: Subject, nowUs: () => number): Promise<CheckReport> {
  const walk = new Walk(subject);
  try {
    if (subject.claims.role === 'daemon') {
      await walk.daemon(subject.daemon);
      return { checks: walk.checks };
    }
    await walk.kernel();
    walk.doing = 'settle';
    return { checks: walk.checks, latencyUs: await latency(subject, nowUs) };
  } catch (error) {
    if (!(error instanceof AdapterBroke)) throw error;
    const hint = advice[error.breach];
    walk.note(walk.doing, 'fails', error.message + (hint === undefined ? '' : `; ${hint}`));
    return { checks: walk.checks };
  }
}

async function latency(subject: Subject, nowUs: () => number) {
  const times: number[] = [];
  for (let nth = 0; nth < calls; nth += 1) {
    const begin = nowUs();
    await subject.call({ method: 'settle', params: {} });
    times.push(nowUs() - begin);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(part * calls)] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

class Walk {
  readonly checks: Checked[] = [];
  doing = 'reset';
  readonly #subject: Subject;
  readonly #claims: Claims;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#claims = subject.claims;
  }

  note(what: string, verdict: Checked['verdict'], why = ''): void {
    this.checks.push({ what, verdict, why });
  }

  async kernel(): Promise<void> {
    this.note('initialize', 'ok');
    await this.#reset();
    await this.#answered('helo', { method: 'helo', params: who });
    const message = await this.#request(1);
    if (message !== undefined) await this.#reply(message);
    await this.#answered('settle', { method: 'settle', params: {} });
    for (const [capability, what] of extras) {
      if (!this.#claims.capabilities.has(capability)) this.note(what, 'is not claimed');
      else await this.#extra(what);
    }
    await this.#reset();
    await this.#answered('helo', { method: 'helo', params: who });
    await this.#answered('quit', { method: 'quit', params: who });
    await this.#refused();
  }

  /** Of role daemon its life; requests need keys, which a run has. */
  async daemon(port: DaemonPort | undefined): Promise<void> {
    this.note('initialize', 'ok');
    const reset = { contexts: 1, timeoutMs: 3000, manualRead: false, manualWake: false };
    const words: readonly (readonly [call: DaemonCall, sends?: string])[] = [
      [{ method: 'reset', params: reset }],
      [{ method: 'start', params: who }, 'helo'],
      [{ method: 'settle', params: {} }],
      [{ method: 'stop', params: {} }, 'quit'],
    ];
    for (const [call, sends] of words) {
      this.doing = call.method;
      const answer = await port?.call(call);
      const settled = await port?.call({ method: 'settle', params: {} });
      const events = [...(answer?.events ?? []), ...(settled?.events ?? [])];
      const isSent =
        sends === undefined || events.some((one) => 'type' in one && one.type === sends);
      if (answer?.error !== undefined) {
        this.note(call.method, 'fails', `expected {} here, found ${answer.error.code}`);
      } else if (isSent) this.note(call.method, 'ok');
      else this.note(call.method, 'fails', `expected the event send ${sends}, found none`);
    }
  }

  async #call(what: string, call: Call): Promise<Answer> {
    this.doing = what;
    const answer = await this.#subject.call(call);
    if (this.#claims.capabilities.has('virtualTime') || call.method === 'settle') return answer;
    const settled = await this.#subject.call({ method: 'settle', params: {} });
    return { ...answer, events: [...answer.events, ...settled.events] };
  }

  /** A call that must be answered with a result. */
  async #answered(what: string, call: Call): Promise<Answer | undefined> {
    const answer = await this.#call(what, call);
    // A write to the device may be refused: that is an answer as well.
    const isWrite = call.method === 'raw' && answer.error?.code === 'ERRNO';
    if (answer.error === undefined || isWrite) {
      this.note(what, 'ok');
      return answer;
    }
    const { code, errno = '' } = answer.error;
    this.note(what, 'fails', `expected {} here, found ${code} ${errno}`.trim());
    return undefined;
  }

  async #reset(manual: { readonly read?: true; readonly wake?: true } = {}): Promise<void> {
    const { contextsMin, timeoutMinMs, timeoutStepMs } = this.#claims;
    const timeoutMs = Math.ceil(Math.max(60_000, timeoutMinMs) / timeoutStepMs) * timeoutStepMs;
    const flags = { manualRead: manual.read === true, manualWake: manual.wake === true };
    const params = { contexts: Math.max(contextsMin, 1), timeoutMs, ...flags };
    await this.#answered('reset', { method: 'reset', params });
  }

  /** A request whose message must come before its answer. */
  async #request(task: number): Promise<SubjectEvent | undefined> {
    const payload = this.#claims.payloadMax === 0 ? '' : 'a1';
    const params = { task, uid: who.uid, payload };
    const answer = await this.#answered('request', { method: 'request', params });
    const message = answer?.events.find((event) => event.event === 'message');
    if (answer !== undefined && message === undefined) {
      const why = `expected a message to ${who.pid} before the answer, found ${answer.events.length} events`;
      this.note('message', 'fails', why);
    } else if (message !== undefined) this.note('message', 'ok');
    return message;
  }

  async #reply(message: SubjectEvent): Promise<void> {
    if (!('index' in message)) return;
    const { index, seq } = message;
    const payload = this.#claims.payloadMax === 0 ? '' : 'b2';
    const params = { ...who, index, seq, payload };
    const answer = await this.#answered('reply', { method: 'reply', params });
    const returned = answer?.events.find((event) => event.event === 'complete');
    if (answer === undefined) return;
    if (returned !== undefined) this.note('complete', 'ok');
    else {
      const why = `expected complete of task 1 before the answer, found ${answer.events.length} events`;
      this.note('complete', 'fails', why);
    }
  }

  /** A word that needs a capability, in a situation in which it must be answered. */
  async #extra(what: string): Promise<void> {
    await this.#reset(what === 'read' ? { read: true } : what === 'wake' ? { wake: true } : {});
    await this.#answered('helo', { method: 'helo', params: who });
    const asking = { task: 1, uid: who.uid, payload: '' };
    if (what === 'wake' || what === 'interrupt') {
      await this.#answered('request', { method: 'request', params: asking });
    }
    const answer = await this.#answered(what, callOf(what));
    if (what === 'inspect' && answer !== undefined) this.#view(answer.result ?? {});
  }

  #view(view: Readonly<Record<string, unknown>>): void {
    const missing = ['free', 'allocated', 'contexts', 'daemons'].filter(
      (name) => !Array.isArray(view[name]),
    );
    if (missing.length > 0) {
      this.note('inspect', 'fails', `expected arrays ${missing.join(', ')} in its result`);
    }
  }

  /** What nobody may do is refused as the implementation's answer, not as a fault of the adapter. */
  async #refused(): Promise<void> {
    if (!this.#claims.capabilities.has('results')) {
      this.note('refusal', 'is not claimed');
      return;
    }
    const { error } = await this.#call('refusal', { method: 'quit', params: who });
    if (error?.code === 'ERRNO') this.note('refusal', 'ok');
    else {
      const found = error === undefined ? '{}' : error.code;
      const why = `expected ERRNO with an errno for a second quit, found ${found}`;
      this.note('refusal', 'fails', why);
    }
  }
}

function callOf(what: string): Call {
  switch (what) {
    case 'advance':
      return { method: 'advance', params: { ms: 1 } };
    case 'exit':
    case 'read':
      return { method: what, params: { pid: who.pid } };
    case 'wake':
    case 'interrupt':
      return { method: what, params: { task: 1 } };
    case 'failSend':
      return { method: 'failSend', params: { nth: 9 } };
    case 'raw':
      return { method: 'raw', params: { ...who, bytes: '' } };
    default:
      return { method: 'inspect', params: {} };
  }
}
