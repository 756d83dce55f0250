import type { Answer, Call, Claims, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';
import type { FaultId, Has } from './faults.js';
import type { Habits } from './habits.js';
import { usualHabits } from './habits.js';
import { Kernel } from './kernel.js';

/** What a mutant or a variant differs in. */
export interface MutantOptions {
  /** The one fault that is switched on, if any. */
  readonly fault?: FaultId;
  readonly habits?: Partial<Habits>;
  readonly claims?: Partial<Claims>;
  /** Capabilities that are left out. */
  readonly without?: readonly string[];
  /** Changes what is answered, in a way that means nothing. */
  readonly dress?: (answer: Answer, call: Call) => Answer;
}

const capabilities = [
  'virtualTime', 'results', 'payload', 'exit', 'inspect', 'manualWake', 'wideLabels',
]; // prettier-ignore

/** The payloads of an implementation without capability `payload`. */
const ownRequest = 'c0ffee';
const ownReply = 'c0de';

/** The kernel of this folder as a subject, in this process. */
export class MutantSubject implements Subject {
  readonly claims: Claims;
  readonly #options: MutantOptions;
  readonly #habits: Habits;
  readonly #has: Has;
  #kernel: Kernel | undefined;

  constructor(options: MutantOptions = {}) {
    const { fault, habits, claims, without = [] } = options;
    this.#options = options;
    this.#habits = { ...usualHabits, ...habits };
    this.#has = (id) => id === fault;
    this.claims = {
      name: 'msgctx-mutant',
      version,
      role: 'kernel',
      profile: 'seed',
      capabilities: new Set(capabilities.filter((word) => !without.includes(word))),
      contextsMin: 1,
      contextsMax: 4096,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      language: 'typescript',
      ...claims,
    };
  }

  // An async function rejects where the kernel throws.
  async call(call: Call): Promise<Answer> {
    const answer = await Promise.resolve(this.#answer(this.#told(call)));
    const said = this.#said(answer, call);
    return this.#options.dress?.(said, call) ?? said;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(call: Call): Answer {
    if (call.method === 'reset') return this.#reset(call.params);
    const kernel = this.#kernel;
    if (kernel === undefined) return { events: [], error: { code: 'INVALID' } };
    switch (call.method) {
      case 'helo':
        return kernel.helo(call.params);
      case 'quit':
        return kernel.quit(call.params);
      case 'exit':
        return kernel.exit(call.params.pid);
      case 'request':
        return kernel.request(call.params);
      case 'reply':
        return kernel.reply(call.params);
      case 'wake':
        return kernel.wake(call.params.task);
      case 'advance':
        return kernel.advance(call.params.ms);
      case 'inspect':
        return kernel.inspect();
      case 'settle':
      case 'shutdown':
        return kernel.settle();
      case 'read':
      case 'raw':
      case 'interrupt':
      case 'failSend':
        return { events: [], error: { code: 'UNSUPPORTED' } };
    }
  }

  #reset({ contexts, timeoutMs, manualWake }: (Call & { method: 'reset' })['params']): Answer {
    const { from, plus, goesOn } = this.#habits.numbering;
    const before = goesOn ? this.#kernel?.pool.latest : undefined;
    this.#kernel = new Kernel({
      contexts,
      timeoutMs,
      manualWake,
      latest: before ?? (from - plus) >>> 0,
      habits: this.#habits,
      has: this.#has,
    });
    return { events: [], result: {} };
  }

  /** Without capability `payload` the bytes are our own. */
  #told(call: Call): Call {
    if (this.claims.capabilities.has('payload') || call.method !== 'reply') return call;
    return { ...call, params: { ...call.params, payload: ownReply } };
  }

  #said(answer: Answer, { method }: Call): Answer {
    const { capabilities: words } = this.claims;
    const mute = ['helo', 'quit', 'reply'].includes(method) && !words.has('results');
    const own = words.has('payload') ? answer.events : answer.events.map(withoutPayload);
    return mute ? { events: own, result: {} } : { ...answer, events: own };
  }
}

function withoutPayload(event: SubjectEvent): SubjectEvent {
  if (event.event === 'message') {
    return event.type === 'request' ? { ...event, payload: ownRequest } : event;
  }
  return event.errno === undefined ? { event: 'complete', task: event.task } : event;
}
