import type {
  Answer,
  Breach,
  Call,
  Claims,
  DaemonAnswer,
  DaemonPort,
  Subject,
  SubjectEvent,
  DaemonEvent,
  History,
  Occurrence,
} from '../subject.js';
import { AdapterBroke, protocolVersion } from '../subject.js';
import { readClaims, readLine, WholeLines } from './lines.js';
import type { Address, Listener, Pipe } from './pipe.js';
import { connectTo, howEnded, startChild } from './pipe.js';
import { printable } from '../printable.js';

/**
 * A foreign implementation: an adapter that speaks the adapter protocol, as a child process over its
 * stdin and stdout, or over a socket on which it listens.
 *
 * Calls may be written before earlier answers came; answers must come in order, but for
 * calls that overlap on purpose, with capability `concurrent`. An adapter that breaks the protocol is ended, and the next call starts it, or connects to it, again.
 */

/** The longest line either side may write, in bytes. */
export const lineMaxBytes = 1 << 20;
/** The most events of one call, and the most characters of their lines. */
const eventsMax = 10_000;
const eventsMaxChars = 1 << 26;
/** A sanitizer takes a moment to report after the answer to `shutdown`. */
const shutdownMs = 3000;
/** A runtime may take its time to start, however short the deadline of a call is. */
const startMinMs = 10_000;

/** How to reach an adapter: what to start, or where it listens. */
export type ProcessOptions = (
  { readonly command: string; readonly args: readonly string[] } | { readonly address: Address }
) & {
  /** What `initialize` says is asking: name and version. */
  readonly suite: string;
  /** How long one call may take, in milliseconds; 0 waits for ever. */
  readonly deadlineMs: number;
};

function openPipe(options: ProcessOptions, listener: Listener): Pipe {
  if ('address' in options) return connectTo(options.address, listener);
  const { command, args } = options;
  if (command === '') throw new AdapterBroke('start', 'the adapter has no name');
  return startChild(command, args, listener);
}

/** What is made of the errors INVALID and INTERNAL: a way to break, or an answer like others. */
type Errors = 'judged' | 'answers';
/** An answer with events of the adapter's role. */
type AnyAnswer = Omit<Answer, 'events'> & {
  readonly events: readonly (SubjectEvent | DaemonEvent)[];
};

interface Pending {
  readonly id: number;
  readonly method: string;
  readonly errors: Errors;
  readonly resolve: (answer: AnyAnswer) => void;
  readonly reject: (error: AdapterBroke) => void;
}

/** An adapter as a subject. Made by `start`. */
export class ProcessSubject implements Subject {
  readonly claims: Claims;
  readonly daemon: DaemonPort;
  readonly #options: ProcessOptions;
  #child: AdapterProcess | undefined;

  private constructor(options: ProcessOptions, child: AdapterProcess, claims: Claims) {
    this.#options = options;
    this.#child = child;
    this.claims = claims;
    // Lines of an adapter that plays the daemon are read as events of that role.
    this.daemon = { call: async (call) => (await this.#ask(call)) as DaemonAnswer };
  }

  /** @throws AdapterBroke when it does not start, or not as a version that this suite speaks */
  static async start(options: ProcessOptions): Promise<ProcessSubject> {
    const { child, claims } = await launch(options);
    return new ProcessSubject(options, child, claims);
  }

  call(call: Call): Promise<Answer> {
    // Lines of an adapter that plays the kernel are read as events of that role.
    return this.#ask(call) as Promise<Answer>;
  }

  // Not an async function: that would be one more promise for each of many calls.
  #ask({
    method,
    params,
  }: {
    readonly method: string;
    readonly params: object;
  }): Promise<AnyAnswer> {
    const child = this.#child;
    if (child !== undefined && child.broken === undefined)
      return child.call(method, params, 'judged');
    return this.#callAnew(method, params);
  }

  async #callAnew(method: string, params: object): Promise<AnyAnswer> {
    return (await this.#living()).call(method, params, 'judged');
  }

  /** Writes all the calls; then answers may come in any order, with events anywhere among them. */
  async overlap(calls: readonly Call[]): Promise<History> {
    const { answers, history } = (await this.#living()).overlap(calls);
    await Promise.all(answers);
    return history;
  }

  /** The adapter as it lives now; one that broke is started again once somebody was told. */
  async #living(): Promise<AdapterProcess> {
    if (this.#child?.broken !== undefined) {
      if (!this.#child.reported) {
        this.#child.reported = true;
        throw this.#child.broken;
      }
      this.#child = undefined;
    }
    return (this.#child ??= (await launch(this.#options)).child);
  }

  /** Whether every line that it wrote was UTF-8. */
  get isUtf8(): boolean {
    return this.#child?.isUtf8 ?? true;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.shutdown();
  }
}

async function launch(options: ProcessOptions): Promise<{ child: AdapterProcess; claims: Claims }> {
  const child = new AdapterProcess(options);
  const params = { protocol: protocolVersion, suite: options.suite };
  const answer = await child.call('initialize', params, 'answers');
  const claims = readClaims(answer);
  if ('breach' in claims) throw child.fail(claims.breach, claims.seen);
  child.role = claims.role;
  child.isPunctual = claims.capabilities.has('virtualTime');
  return { child, claims };
}

/** One life of an adapter. */
class AdapterProcess {
  /** Why it is over. */
  broken: AdapterBroke | undefined;
  /** Whose events it writes; known once it has said so. */
  role: Claims['role'] = 'kernel';
  /** Whether time is virtual, so that nothing can happen between an answer and the next call. */
  isPunctual = true;
  /** Whether somebody was told. */
  reported = false;
  readonly #pipe: Pipe;
  readonly #options: ProcessOptions;
  readonly #pending: Pending[] = [];
  #nextId = 1;
  #events: (SubjectEvent | DaemonEvent)[] = [];
  #eventChars = 0;
  readonly #lines = new WholeLines(lineMaxBytes);
  /** The calls that overlap now, and what came of them so far. */
  #overlapping: { readonly firstId: number; readonly history: Occurrence[] } | undefined;
  #outbox = '';
  #timer: NodeJS.Timeout | undefined;
  #armedMs = 0;
  /** Whether `shutdown` was called. */
  #isEnding = false;
  /** Whether it did not end by itself then. */
  #isStopped = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#pipe = openPipe(options, {
      data: (chunk) => {
        this.#read(chunk);
      },
      over: (breach, seen) => {
        this.fail(breach, seen);
      },
    });
  }

  get isUtf8(): boolean {
    return this.#lines.isUtf8;
  }

  call(method: string, params: object, errors: Errors): Promise<AnyAnswer> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const id = this.#nextId;
    this.#nextId += 1;
    // What is written in one turn leaves in one write.
    if (this.#outbox === '') queueMicrotask(this.#flush);
    this.#outbox += `${JSON.stringify({ id, method, params })}\n`;
    return new Promise((resolve, reject) => {
      this.#pending.push({ id, method, errors, resolve, reject });
      if (this.#pending.length === 1) this.#arm();
    });
  }

  readonly #flush = (): void => {
    this.#pipe.write(this.#outbox);
    this.#outbox = '';
  };

  /** Makes calls whose answers may come in any order, until all have come. */
  overlap(calls: readonly Call[]): { answers: Promise<AnyAnswer>[]; history: History } {
    const history: Occurrence[] = calls.map((_, nth) => ({ kind: 'call', nth }));
    this.#overlapping = { firstId: this.#nextId, history };
    return {
      answers: calls.map(({ method, params }) => this.call(method, params, 'judged')),
      history,
    };
  }

  /** Ends it for a reason; every call that waits is told. Returns the reason. */
  fail(breach: Breach, seen: string): AdapterBroke {
    if (this.broken !== undefined) return this.broken;
    const { name, said } = this.#pipe;
    const waiting = this.#pending[0];
    // What is seen names the call already, or there was none.
    const isNamed = breach === 'start' || breach === 'invalid' || breach === 'internal';
    const when = waiting === undefined || isNamed ? '' : `, during ${waiting.method}`;
    const broken = new AdapterBroke(breach, `the adapter "${name}" ${seen}${when}; ${said}`);
    // After shutdown only the way in which it ends is judged.
    if (this.#isEnding) return broken;
    this.broken = broken;
    clearTimeout(this.#timer);
    this.#end();
    this.reported = this.#pending.length > 0;
    for (const { reject } of this.#pending.splice(0)) reject(broken);
    return broken;
  }

  /** @throws AdapterBroke when it answers with an error, or ends by itself, but not with status 0 */
  async shutdown(): Promise<void> {
    if (this.broken !== undefined) {
      this.#end();
      return;
    }
    const tooLong = setTimeout(() => {
      this.#isStopped = true;
      this.#end();
    }, shutdownMs);
    let refusal: AnyAnswer['error'];
    this.call('shutdown', {}, 'answers').then(
      ({ error }) => (refusal = error),
      () => undefined,
    );
    // After the call is written: an adapter whose reader is a thread of its own ends in order only with its input.
    queueMicrotask(() => {
      this.#pipe.finish();
    });
    this.#isEnding = true;
    const end = await this.#pipe.gone;
    clearTimeout(tooLong);
    this.#end();
    if (refusal !== undefined) {
      const seen = `the adapter answered ${refusal.code} to shutdown`;
      throw new AdapterBroke('shutdown', `${seen}, expected a result and the end with status 0`);
    }
    // A process that this one had to stop is not judged by the way in which it ended.
    if (end === undefined || end.code === 0 || this.#isStopped) return;
    const { name, said } = this.#pipe;
    throw new AdapterBroke(
      'shutdown',
      `the adapter "${name}" ended ${howEnded(end)} after shutdown, expected status 0; ${said}`,
    );
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#pipe.end();
  }

  #arm(): void {
    const waiting = this.#pending[0];
    if (this.#options.deadlineMs === 0 || waiting === undefined) return;
    const isStart = waiting.method === 'initialize';
    const deadlineMs = Math.max(this.#options.deadlineMs, isStart ? startMinMs : 0);
    if (this.#timer !== undefined && this.#armedMs === deadlineMs) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#armedMs = deadlineMs;
    this.#timer = setTimeout(() => {
      const late = this.#pending[0];
      // An answer that lies there unread, since this process could not run for so long, is not late.
      setImmediate(() => {
        if (late !== undefined && late === this.#pending[0]) this.#isLate(deadlineMs);
      });
    }, deadlineMs);
    this.#timer.unref();
  }

  #isLate(deadlineMs: number): void {
    const hint = 'does it flush stdout after every line?';
    this.fail('deadline', `did not answer in ${deadlineMs} ms (${hint})`);
  }

  #read(chunk: Buffer): void {
    for (const line of this.#lines.take(chunk)) {
      if (this.broken !== undefined) return;
      this.#line(line);
    }
    if (this.#lines.isTooLong) {
      this.fail('line-too-long', `wrote a line of more than ${lineMaxBytes} bytes`);
    }
  }

  #line(text: string): void {
    const line = readLine(text, this.role);
    if (line.kind === 'broken') {
      this.fail(line.breach, line.seen);
      return;
    }
    const waiting = this.#pending[0];
    if (line.kind === 'event') {
      if (waiting === undefined && this.isPunctual)
        this.fail('late-event', `wrote an event after its answer: "${printable(text)}"`);
      else this.#events.push(line.event);
      // Only a kernel's calls overlap.
      const event = line.event as SubjectEvent;
      this.#overlapping?.history.push({ kind: 'event', event });
      this.#eventChars += text.length;
      if (this.#events.length > eventsMax) {
        this.fail('flood', `wrote more than ${eventsMax} events for one call`);
      } else if (this.#eventChars > eventsMaxChars) {
        this.fail('flood', `wrote events of more than ${eventsMaxChars} characters for one call`);
      }
      return;
    }
    const place = this.#pending.findIndex(({ id }) => id === line.id);
    const isTurn = place === 0 || (place > 0 && this.#overlapping !== undefined);
    const answered = isTurn ? this.#pending[place] : undefined;
    if (answered === undefined) {
      this.#wrongId(line.id);
      return;
    }
    const { error } = line.answer;
    if (answered.errors === 'judged' && (error?.code === 'INVALID' || error?.code === 'INTERNAL')) {
      const breach = error.code === 'INVALID' ? 'invalid' : 'internal';
      const said = printable(error.message ?? 'nothing more');
      this.fail(breach, `answered ${error.code} to ${answered.method}, saying "${said}"`);
      return;
    }
    this.#pending.splice(place, 1);
    const events = this.#events;
    this.#events = [];
    this.#eventChars = 0;
    const { firstId = 0, history } = this.#overlapping ?? {};
    history?.push({ kind: 'answer', nth: line.id - firstId, answer: line.answer });
    if (this.#pending.length > 0) this.#arm();
    else this.#overlapping = undefined;
    answered.resolve({ ...line.answer, events });
  }

  #wrongId(id: number): void {
    const isPending = this.#pending.some((one) => one.id === id);
    if (isPending) this.fail('out-of-turn', `answered request ${id} before an earlier one`);
    else if (id < this.#nextId) this.fail('repeated-id', `answered request ${id} twice`);
    else this.fail('unknown-id', `answered a request ${id} that was never made`);
  }
}
