import type { Action, Command, Process, Profile } from '../../model/index.js';
import type { Settings } from '../ledger.js';
import { Ledger } from '../ledger.js';
import type { Clock } from '../real-time.js';
import { expiry } from '../real-time.js';
import type { Answer, Call, Subject, SubjectEvent } from '../subject.js';
import { outputOf } from './alphabet.js';
import type { View } from './view.js';
import { firstView, isEnabled, placeFor, viewAfter } from './view.js';

/**
 * Asks an implementation words of inputs, and says what is seen in the words of outputs.
 *
 * Each word begins with a reset. Numbers and bytes that are wrong become outputs of their own, so that
 * a machine that gives them is another one. Where time is real a word that took so long that a time-out may
 * have come by itself is asked again.
 */
export class Teacher {
  readonly #subject: Subject;
  readonly #settings: Settings;
  readonly #profile: Profile;
  readonly #clock: Clock | undefined;
  /** How many words were asked, and how many inputs they had. */
  words = 0;
  symbols = 0;

  /** @param clock where time is real */
  constructor(subject: Subject, settings: Settings, profile: Profile, clock?: Clock) {
    this.#subject = subject;
    this.#settings = settings;
    this.#profile = profile;
    this.#clock = clock;
  }

  /**
   * The outputs to a word, up to the first input that makes no sense where it stands.
   *
   * @throws CannotLearn when the implementation cannot be asked
   */
  async ask(word: readonly Action[]): Promise<readonly string[]> {
    for (let nth = 0; nth < attemptsMax; nth += 1) {
      const outputs = await this.#attempt(word);
      if (outputs !== undefined) return outputs;
    }
    throw new CannotLearn(
      `a word of ${word.length} inputs took longer than the time-out, ${attemptsMax} times: the machine is too busy`,
    );
  }

  /** The outputs; undefined where a time-out may have come by itself. */
  async #attempt(word: readonly Action[]): Promise<readonly string[] | undefined> {
    this.words += 1;
    const talk = new Talk(this.#subject, this.#settings, this.#profile, this.#clock);
    await talk.reset();
    const outputs: string[] = [];
    for (const action of word) {
      if (!isEnabled(talk.view, action)) break;
      this.symbols += 1;
      outputs.push(await talk.step(action));
      if (talk.isLate) return undefined;
    }
    return outputs;
  }
}

const attemptsMax = 3;

/** An implementation that cannot be learnt; the message says why. */
export class CannotLearn extends Error {
  override readonly name = 'CannotLearn';
}

const gapMs = 1024;
const settle = { method: 'settle', params: {} } as const;

/** One word that is being asked. */
class Talk {
  readonly #subject: Subject;
  readonly #ledger: Ledger;
  readonly #profile: Profile;
  readonly #clock: Clock | undefined;
  view: View;
  /** Where time is real: whether a request was not over by an input, and may be by the time. */
  isLate = false;
  /** When the request that sleeps was written, and when it was answered. */
  #sleeping = { writtenMs: 0, answeredMs: 0 };
  #nowMs = 0;
  /** The reply that was first taken for each request. */
  readonly #replies = new Map<number, string>();

  constructor(subject: Subject, settings: Settings, profile: Profile, clock?: Clock) {
    this.#subject = subject;
    this.#ledger = new Ledger(settings);
    this.#profile = profile;
    this.#clock = clock;
    this.view = firstView(settings.contexts);
  }

  async reset(): Promise<void> {
    const { error, events } = await this.#subject.call(this.#ledger.reset);
    if (error !== undefined) {
      throw new CannotLearn(`reset answers ${error.errno ?? error.code}: nothing can be learnt`);
    }
    if (events.length > 0) {
      throw new CannotLearn('events of an earlier word came after a reset: nothing can be learnt');
    }
  }

  async step(action: Action): Promise<string> {
    const seen: string[] = [];
    let answer: 'ok' | 'refused' = 'ok';
    for (const command of this.#commands(action)) {
      if (command.do === 'advance' && this.#clock !== undefined) {
        seen.push(...(await this.#wait(command.request, this.#clock)));
        continue;
      }
      const calls = this.#ledger.calls(command, this.#unused);
      // Its message never came, so nobody knows its numbers.
      if (calls === undefined) return outputOf('refused', ['no numbers']);
      for (const call of calls) {
        const given = await this.#call(call);
        answer = given.error === undefined ? 'ok' : 'refused';
        this.#remember(command, call, given);
        seen.push(...given.events.flatMap((event) => this.#words(event, action)));
      }
    }
    const before = this.view;
    this.view = viewAfter(this.view, action, outputOf(answer, seen));
    if (action.do === 'request' && this.view.waiting.length > before.waiting.length) {
      seen.push(...(await this.#pass(action)));
    }
    this.isLate = this.view.waiting.length > 0 && this.#mayBeOver;
    const output = outputOf(answer, seen);
    this.view = viewAfter(before, action, output);
    return output;
  }

  async #call(call: Call): Promise<Answer> {
    const writtenMs = this.#clock?.nowMs() ?? 0;
    const given = await this.#subject.call(call);
    if (given.error?.code === 'UNSUPPORTED') {
      throw new CannotLearn(`${call.method} answers UNSUPPORTED, though the adapter claims it`);
    }
    if (this.#clock === undefined) return given;
    const { events } = await this.#subject.call(settle);
    const whole = { ...given, events: [...given.events, ...events] };
    if (call.method !== 'request') return whole;
    this.#sleeping = { writtenMs, answeredMs: this.#clock.nowMs() };
    return refusedByReturn(whole, call.params.task);
  }

  /** Where time is real, it passes until a request has returned, or must have. */
  async #wait(request: number, clock: Clock): Promise<readonly string[]> {
    const { timeoutMs } = this.#ledger.settings;
    const { writtenMs, answeredMs } = this.#sleeping;
    const moment = { mayMs: writtenMs + timeoutMs, mustMs: answeredMs + 2 * timeoutMs };
    const waiting = { subject: this.#subject, clock, request, lateMs: 0, moment, looks: true };
    const events = await expiry(waiting);
    return events.flatMap((event) => this.#words(event, { do: 'expire', context: 0 }));
  }

  get #mayBeOver(): boolean {
    const { timeoutMs } = this.#ledger.settings;
    const { nowMs } = this.#clock ?? {};
    return nowMs !== undefined && nowMs() - this.#sleeping.writtenMs >= timeoutMs;
  }

  /**
   * Time passes after a request, so that deadlines differ: much of it, so that what is asked after one
   * expires does not expire the next, but never more than half of what the oldest sleeper has left.
   */
  async #pass(action: Action): Promise<readonly string[]> {
    if (this.#clock !== undefined) return [];
    const deadlines = this.view.waiting.map((place) => {
      const request = this.view.places[place]?.request ?? 0;
      return this.#ledger.request(request)?.deadlineMs ?? Infinity;
    });
    const ms = Math.min(gapMs, Math.floor((Math.min(...deadlines) - this.#nowMs) / 2));
    if (ms < 1) return [];
    this.#nowMs += ms;
    const events: string[] = [];
    for (const call of this.#ledger.calls({ do: 'pass', ms }, 0) ?? []) {
      const given = await this.#call(call);
      events.push(...given.events.flatMap((event) => this.#words(event, action)));
    }
    return events;
  }

  /** An index that no request has now. */
  get #unused(): number {
    const used = this.view.places.map((place) =>
      place?.isTaken === true ? this.#ledger.request(place.request)?.index : undefined,
    );
    const free = this.view.places.findIndex((_, index) => !used.includes(index));
    return Math.max(0, free);
  }

  #commands(action: Action): readonly Command[] {
    switch (action.do) {
      case 'helo':
      case 'quit':
        return [{ do: action.do, by: processOf(action) }];
      case 'exit': {
        const by = processOf(action);
        // Who dies must have lived.
        const born = this.#ledger.lives(by) ? [] : [{ do: 'quit', by } as const];
        return [...born, { do: 'exit', by }];
      }
      case 'request':
        return [{ do: 'request', request: this.view.requests + 1, user: action.user + 1 }];
      case 'reply':
        return [this.#reply(action)];
      case 'look':
      case 'expire': {
        const request = this.view.places[action.context]?.request ?? 0;
        if (action.do === 'look') return [{ do: 'wake', request }];
        this.#nowMs = this.#ledger.request(request)?.deadlineMs ?? this.#nowMs;
        return [{ do: 'advance', request, lateMs: 0 }];
      }
      case 'interrupt':
      case 'read':
      case 'read-twice':
      case 'reuse-pid':
      case 'orphan-expires':
      case 'orphan-looks':
        throw new TypeError(`${action.do} is not in the alphabet`);
    }
  }

  #reply(action: Action & { do: 'reply' }): Command {
    const by = processOf(action);
    const plus = action.sequence === 'current' ? 0 : -1;
    if (action.context === 'outside') {
      return { do: 'reply', by, index: 'outside', sequence: { is: 1 } };
    }
    const of = this.view.places[action.context]?.request;
    if (of !== undefined)
      return { do: 'reply', by, index: { of, plus: 0 }, sequence: { of, plus } };
    return { do: 'reply', by, index: 'unused', sequence: { is: 1 + plus } };
  }

  #remember(command: Command, call: Call, { events, error }: Answer): void {
    if (command.do === 'request') {
      const message = events.find((event) => 'index' in event);
      if (message !== undefined && 'index' in message) {
        const { index, seq, to } = message;
        this.#ledger.learn(command.request, index, seq, to);
      }
    }
    if (command.do !== 'reply' || call.method !== 'reply' || error !== undefined) return;
    const { index } = command;
    if (typeof index === 'object' && 'of' in index && !this.#replies.has(index.of)) {
      this.#replies.set(index.of, call.params.payload);
    }
  }

  /** An event in the words of outputs; none where it may come or not. */
  #words(event: SubjectEvent, action: Action): readonly string[] {
    if (event.event === 'complete') return [this.#returned(event)];
    const [user = '', process = ''] = this.#ledger.processName(event.to).split('.');
    const to = `${Number(user.slice(1)) - 1}.${Number(process.slice(1)) - 1}`;
    if (event.type === 'request') return [`${this.#asked(event)} to ${to}`];
    const isSelf =
      action.do === 'helo' &&
      action.user === Number(user.slice(1)) - 1 &&
      action.process === Number(process.slice(1)) - 1;
    const isOpen = isSelf && this.#profile.heloAgain === 'stays, may be told to quit';
    return isOpen ? [] : [`quit to ${to}`];
  }

  #asked({ index, seq, payload }: Message): string {
    const own = this.#ledger.request(this.view.requests + 1)?.payload;
    const isNew = this.#ledger.see(index, seq);
    const taken = this.view.places.some(
      (place) => place?.isTaken === true && this.#ledger.request(place.request)?.index === index,
    );
    if (index >= this.#ledger.settings.contexts) return 'request outside';
    if (taken) return 'request in use';
    if (!isNew) return 'request with old numbers';
    const isOwn = !this.#subject.claims.capabilities.has('payload') || own === payload;
    return isOwn ? 'request' : 'request of others';
  }

  #returned({ task, payload, errno }: SubjectEvent & { event: 'complete' }): string {
    const place = this.view.places.findIndex((one) => one?.request === task && one.isTaken);
    const fresh = task === this.view.requests + 1 ? placeFor(this.view) : undefined;
    const at = place === -1 ? (fresh ?? 'no place') : place;
    if (errno !== undefined) return `time-out returns at ${at}`;
    const hasPayload = this.#subject.claims.capabilities.has('payload');
    const isOwn = !hasPayload || this.#replies.get(task) === payload;
    return isOwn ? `reply returns at ${at}` : `another reply returns at ${at}`;
  }
}

/** Where time is real a request may be answered when its call has begun, and be refused by its return. */
function refusedByReturn(answer: Answer, task: number): Answer {
  const { events } = answer;
  const refusal = events.find((one) => one.event === 'complete' && one.task === task);
  const isSent = events.some((one) => 'index' in one);
  if (isSent || refusal?.event !== 'complete' || refusal.errno === undefined) return answer;
  const { errno } = refusal;
  return { events: events.filter((one) => one !== refusal), error: { code: 'ERRNO', errno } };
}

type Message = Extract<SubjectEvent, { readonly type: 'request' }>;

function processOf({ user, process }: { user: number; process: number }): Process {
  return { user: user + 1, process: process + 1 };
}
