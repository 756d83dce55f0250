import type { ProfileName } from '../../model/index.js';
import type { Answer, Call, Claims, Subject, SubjectEvent } from '../subject.js';
import { version } from '../version.js';
import type { FaultId, Has } from './faults.js';
import type { Habits } from './habits.js';
import { usualHabits } from './habits.js';
import { takeDatagram, takePacket } from './intake.js';
import { Kernel } from './kernel.js';
import { habitsOf } from './versions.js';

/** What a mutant or a variant differs in. */
export interface MutantOptions {
  /** The one fault that is switched on, if any. */
  readonly fault?: FaultId;
  /** The version of the protocol; `seed`, unless said otherwise. */
  readonly profile?: ProfileName;
  readonly habits?: Partial<Habits>;
  readonly claims?: Partial<Claims>;
  /** Capabilities that are claimed beside the usual ones. */
  readonly with?: readonly string[];
  /** Capabilities that are left out. */
  readonly without?: readonly string[];
  /** It lives in the time of a clock, and not in that of the runner. */
  readonly realTime?: RealTime;
  /** A request that is refused is answered first, and its call returns the refusal afterwards. */
  readonly asyncAnswers?: boolean;
  /** Changes what is answered, in a way that means nothing. */
  readonly dress?: (answer: Answer, call: Call) => Answer;
}

/** How time passes without the runner. What has expired shows at the next call. */
export interface RealTime {
  /** Milliseconds since some moment; never goes back. */
  readonly clock: () => number;
  /** Events wait for the next `settle`. */
  readonly holdsBack?: boolean;
}

const capabilities = [
  'virtualTime', 'results', 'payload', 'exit', 'inspect', 'manualWake', 'wideLabels',
  'manualRead', 'interrupt', 'sendFault', 'pidReuse', 'raw',
]; // prettier-ignore

const unsupported: Answer = { events: [], error: { code: 'UNSUPPORTED' } };

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
  #beganMs = 0;
  #held: SubjectEvent[] = [];

  constructor(options: MutantOptions = {}) {
    const { fault, habits, claims, profile = 'seed', realTime } = options;
    const without = [
      ...(options.without ?? []),
      ...(realTime === undefined ? [] : ['virtualTime']),
    ];
    const words = [...capabilities, ...(options.with ?? [])];
    this.#options = options;
    this.#habits = { ...usualHabits, ...habitsOf(profile), ...habits };
    this.#has = (id) => id === fault;
    this.claims = {
      name: 'msgctx-mutant',
      version,
      role: 'kernel',
      profile,
      capabilities: new Set(words.filter((word) => !without.includes(word))),
      contextsMin: 1,
      contextsMax: 4096,
      payloadMax: 65_536,
      timeoutMinMs: 1,
      timeoutStepMs: 1,
      framing: profile === 'device-6' ? 'device' : 'netlink',
      endian: 'little',
      language: 'typescript',
      ...claims,
    };
  }

  // An async function rejects where the kernel throws.
  async call(call: Call): Promise<Answer> {
    const answer = await Promise.resolve(this.#inTime(this.#told(call)));
    const said = this.#said(answer, call);
    return this.#options.dress?.(said, call) ?? said;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The clock comes first where there is one; and where events wait, they wait for `settle`. */
  #inTime(call: Call): Answer {
    const { realTime } = this.#options;
    if (realTime === undefined) return this.#worked(call);
    if (call.method === 'advance') return unsupported;
    if (call.method === 'reset') {
      this.#beganMs = realTime.clock();
      this.#held = [];
    } else {
      this.#kernel?.reach(realTime.clock() - this.#beganMs);
    }
    const answer = this.#worked(call);
    if (realTime.holdsBack !== true) return answer;
    this.#held.push(...answer.events);
    const events = call.method === 'settle' ? this.#held.splice(0) : [];
    return { ...answer, events };
  }

  #worked(call: Call): Answer {
    const answer = this.#answer(call);
    return this.#options.asyncAnswers === true ? answeredFirst(answer, call) : answer;
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
        return kernel.read(call.params.pid);
      case 'interrupt':
        return kernel.interrupt(call.params.task);
      case 'failSend':
        return kernel.failSend(call.params.nth);
      case 'raw':
        return this.#take(kernel, call.params);
    }
  }

  #take(kernel: Kernel, params: (Call & { method: 'raw' })['params']): Answer {
    const { framing, endian = 'little' } = this.claims;
    const [habits, has] = [this.#habits, this.#has];
    return framing === 'device'
      ? takePacket(kernel, params, endian, { habits, has })
      : takeDatagram(kernel, params, endian, has);
  }

  #reset({ contexts, timeoutMs, ...manual }: (Call & { method: 'reset' })['params']): Answer {
    const { from, plus, goesOn } = this.#habits.numbering;
    const last = this.#kernel;
    const before = goesOn ? last?.pool.latest : undefined;
    this.#kernel = new Kernel({
      contexts,
      timeoutMs,
      ...manual,
      latest: before ?? (from - plus) >>> 0,
      habits: this.#habits,
      has: this.#has,
    });
    if (last !== undefined) this.#kernel.inherit(last);
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

/** The refusal of a request becomes what its call returns. */
function answeredFirst({ events, ...answer }: Answer, call: Call): Answer {
  const errno = answer.error?.errno;
  if (call.method !== 'request' || errno === undefined) return { events, ...answer };
  const { task } = call.params;
  return { events: [...events, { event: 'complete', task, errno }], result: {} };
}

function withoutPayload(event: SubjectEvent): SubjectEvent {
  if (event.event === 'message') {
    return event.type === 'request' ? { ...event, payload: ownRequest } : event;
  }
  return event.errno === undefined ? { event: 'complete', task: event.task } : event;
}
