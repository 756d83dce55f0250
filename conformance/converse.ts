import type { Command, RequirementId } from '../model/index.js';
import { printCommand } from '../model/index.js';
import { aftermath } from './aftermath.js';
import { describeAnswer, describeEvent } from './compare.js';
import type { Conversation, Failure, TraceStep } from './conversation.js';
import type { Occasion, Witness } from './occasion.js';
import type { Judgement, Stamps } from './oracle.js';
import { Oracle } from './oracle.js';
import { alone, answersIn, groupsOf, overlap } from './overlap.js';
import { probe } from './probe.js';
import type { Clock } from './real-time.js';
import { expiry } from './real-time.js';
import { refusedLate } from './refused-late.js';
import type { Answer, Call } from './subject.js';
import { AdapterBroke, mustNotRefuse } from './subject.js';
import { breathe } from './subjects/clock.js';
import { describeView } from './view.js';

/**
 * One conversation with an implementation: reset, the commands of the case, the probe.
 *
 * Commands that make no sense when their turn comes (a reply to a request that was refused) are
 * left out: so any part of a conversation is a conversation, which is what makes shrinking simple.
 */

export type { Conversation, Failure, TraceStep };
export type { Occasion, Witness };

/** Holds one conversation. Never throws for what the subject does. */
export async function converse(
  occasion: Occasion,
  commands: readonly Command[],
): Promise<Conversation> {
  const talk = new Talk(occasion);
  try {
    await talk.begin();
    let done = 0;
    for (const group of groupsOf(commands, occasion.settings, occasion.terms.capabilities)) {
      if (!talk.goesOn) break;
      const [only] = group;
      if (group.length === 1 && only !== undefined) await talk.step(only);
      else await talk.overlap(group);
      done += group.length;
      // A long conversation lets signals through.
      if (done % breathEvery === 0) await breathe();
    }
    if (talk.goesOn) await talk.probe();
    if (talk.hasFailed && occasion.continueOnFailure === true)
      await talk.goThrough(commands.slice(done));
    await talk.end();
  } catch (error) {
    if (!(error instanceof AdapterBroke)) throw error;
    talk.broke(error);
  }
  occasion.watch?.over(talk.result);
  return talk.result;
}

const breathEvery = 256;
const settle = { method: 'settle', params: {} } as const;
const silence: Answer = { events: [], result: {} };

/** A step of the trace that is being taken. */
type Watched = TraceStep & { readonly observed: string[] };

function mustHave(clock: Clock | undefined): Clock {
  if (clock !== undefined) return clock;
  throw new TypeError('an implementation without virtual time is judged by a clock: pass one');
}

class Talk {
  readonly #occasion: Occasion;
  readonly #clock: Clock | undefined;
  #oracle: Oracle;
  readonly #trace: TraceStep[] = [];
  readonly #commands: Command[] = [];
  readonly #requirements = new Set<RequirementId>();
  #doing = 'reset';
  #inProbe = false;
  #failure: Failure | undefined;
  #unsupported: string | undefined;
  #isLost = false;

  constructor(occasion: Occasion) {
    this.#occasion = occasion;
    this.#clock = occasion.settings.time === 'virtual' ? undefined : mustHave(occasion.clock);
    this.#oracle = new Oracle(occasion.settings, occasion.terms);
  }

  get goesOn(): boolean {
    return this.#failure === undefined && this.#unsupported === undefined;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  get #verdict(): Conversation['verdict'] {
    if (this.#failure !== undefined) return 'fail';
    if (this.#isLost) return 'inconclusive';
    return this.#unsupported === undefined ? 'pass' : 'unsupported';
  }

  get result(): Conversation {
    const failure = this.#failure;
    const unsupported = this.#unsupported;
    return {
      verdict: this.#verdict,
      ...(failure === undefined ? {} : { failure }),
      ...(unsupported === undefined ? {} : { unsupported }),
      trace: this.#trace,
      commands: this.#commands,
      requirements: this.#requirements,
    };
  }

  async begin(): Promise<void> {
    this.#occasion.watch?.begin(this.#oracle.system, this.#oracle.ledger);
    const answer = await this.#occasion.subject.call(this.#oracle.ledger.reset);
    mustNotRefuse(this.#oracle.ledger.reset, answer);
    // Where time is real, what the case before left may come until now.
    const isLate = answer.events.length > 0 && this.#clock === undefined;
    if (answer.error === undefined && !isLate) return;
    const seen = this.#describe(this.#oracle.ledger.reset, answer);
    if (answer.error?.code === 'UNSUPPORTED') this.#unsupported = 'reset answers UNSUPPORTED';
    else this.#fail(['CTX-1'], seen.join('; '), 'ok, and no event', ['ok']);
  }

  /** A fresh system in the middle of a conversation: of what came before nothing is known any more. */
  async #again(): Promise<void> {
    const { settings, terms } = this.#occasion;
    this.#oracle = new Oracle(settings, terms);
    this.#trace.push({ command: this.#doing, observed: ['ok'] });
    await this.begin();
  }

  async probe(): Promise<void> {
    this.#inProbe = true;
    for (const command of probe(this.#oracle)) {
      await this.step(command);
      if (!this.goesOn) return;
    }
  }

  /** Nothing may come after the last answer, or the next case would be blamed for it. */
  async end(): Promise<void> {
    const writtenMs = this.#clock?.nowMs() ?? 0;
    const settled = this.#occasion.subject.call(settle);
    if (!this.goesOn) {
      // The case is decided; what still comes is let out of the way.
      await settled.catch(() => undefined);
      return;
    }
    this.#doing = 'settle';
    const answer = await settled;
    mustNotRefuse(settle, answer);
    if (this.#clock !== undefined) {
      const settledMs = this.#clock.nowMs();
      const stamps = { writtenMs, answeredMs: settledMs, settleWrittenMs: writtenMs, settledMs };
      this.#judge({ do: 'pass', ms: 1 }, settle, answer, stamps);
      return;
    }
    if (answer.events.length === 0 && answer.error === undefined) return;
    const seen = this.#describe(this.#oracle.ledger.reset, answer);
    this.#trace.push({ command: this.#doing, observed: seen });
    if (answer.error?.code === 'UNSUPPORTED') this.#unsupported = 'settle answers UNSUPPORTED';
    else this.#fail(['SLP-2'], seen.join('; '), 'ok, and no event after the answers', ['ok']);
  }

  /** Carries out one command, if it makes sense now. */
  async step(command: Command): Promise<void> {
    const calls = this.#oracle.calls(command);
    if (calls === undefined) return;
    this.#doing = printCommand(command);
    await this.#occasion.watch?.before();
    if (!this.#inProbe) this.#commands.push(command);
    if (command.do === 'reset') await this.#again();
    else await this.#carryOut(command, calls);
    await this.#occasion.watch?.after(this.#trace.slice(-1), this.#oracle.states);
  }

  async #carryOut(command: Command, calls: readonly Call[]): Promise<void> {
    const mark = this.#inProbe ? ({ probe: true } as const) : {};
    const step = { command: this.#doing, observed: [] as string[], ...mark };
    this.#trace.push(step);
    if (this.#clock === undefined) await this.#exchange(command, calls, step);
    else await this.#exchangeInTime(command, calls[0], step, this.#clock);
  }

  /** Carries out the commands of a group that make sense now, all at once. */
  async overlap(group: readonly Command[]): Promise<void> {
    const planned = this.#oracle.overlapping(group).map(({ command, call }, nth) => ({
      command: nth === 0 ? alone(command) : command,
      call,
    }));
    if (planned.length === 0) return;
    const names = planned.map(({ command }) => printCommand(command));
    this.#doing = names.join(' ');
    await this.#occasion.watch?.before();
    this.#commands.push(...planned.map(({ command }) => command));
    const history = await overlap(
      this.#occasion.subject,
      planned.map(({ call }) => call),
    );
    const { answers, late } = answersIn(history, planned.length);
    const steps = planned.map(({ call }, nth): Watched => {
      const answer = answers[nth];
      const observed = answer === undefined ? ['no answer'] : this.#describe(call, answer);
      return { command: names[nth] ?? '', observed };
    });
    this.#trace.push(...steps);
    const last = steps.at(-1)?.observed ?? [];
    last.push(...late.map((event) => `after the answer: ${this.#words(event)}`));
    const denied = answers.findIndex((answer) => answer?.error?.code === 'UNSUPPORTED');
    if (denied !== -1) {
      this.#unsupported = `${planned[denied]?.call.method ?? ''} answers UNSUPPORTED`;
      return;
    }
    this.#conclude(this.#oracle.judgeOverlap(planned, history));
    const open = planned.filter((_, nth) => answers[nth] === undefined);
    if (this.goesOn && open.length > 0) {
      const hangs = open.map(({ command }) => `${printCommand(alone(command))}: no answer`);
      this.#fail(['REQ-9'], hangs.join('; '), 'an answer', ['ok']);
    }
    if (this.goesOn && planned.some(({ command }) => command.do === 'request')) {
      await this.#pass(this.#oracle.ledger.millisecond, last);
    }
    await this.#occasion.watch?.after(steps, this.#oracle.states);
  }

  /** The millisecond after requests that overlapped. */
  async #pass(calls: readonly Call[], observed: string[]): Promise<void> {
    for (const call of calls) {
      const answer = await this.#occasion.subject.call(call);
      const silent = answer.events.length === 0 && answer.error === undefined;
      if (!silent) observed.push(...this.#describe(call, answer));
      this.#judge({ do: 'pass', ms: 1 }, call, answer);
    }
  }

  /** In virtual time each answer is judged with the events before it. */
  async #exchange(command: Command, calls: readonly Call[], step: Watched): Promise<void> {
    const { subject } = this.#occasion;
    // Calls go out together, unless the adapter would not work them off one by one.
    const apart = calls.length === 1 || this.#occasion.terms.capabilities.has('concurrent');
    const answers = apart ? [] : calls.map((call) => subject.call(call));
    if (!apart) await Promise.allSettled(answers);
    for (const [nth, call] of calls.entries()) {
      const answer = await (answers[nth] ?? subject.call(call));
      // The millisecond after a request is worth a word only when something came of it.
      const silent = answer.events.length === 0 && answer.error === undefined;
      if (nth === 0 || !silent) step.observed.push(...this.#describe(call, answer));
      this.#judge(command, call, answer);
      if (!this.goesOn) {
        const late = (await answers[nth + 1])?.events.map((event) => this.#words(event)) ?? [];
        if (late.length > 0)
          step.observed.push(...late.map((event) => `after the answer: ${event}`));
        return;
      }
    }
  }

  /** In real time the events may come until the barrier after the call. */
  async #exchangeInTime(
    command: Command,
    call: Call | undefined,
    step: Watched,
    clock: Clock,
  ): Promise<void> {
    const { subject } = this.#occasion;
    const writtenMs = clock.nowMs();
    const answer = call === undefined ? silence : await subject.call(call);
    const answeredMs = clock.nowMs();
    const earlier = command.do === 'advance' ? await this.#expiry(command, clock) : [];
    if (command.do === 'pass') await clock.sleep(command.ms);
    const settleWrittenMs = clock.nowMs();
    const settled = await subject.call(settle);
    const stamps = { writtenMs, answeredMs, settleWrittenMs, settledMs: clock.nowMs() };
    const events = [...answer.events, ...earlier, ...settled.events];
    // A request whose message was sent was not refused, and one whose time may be over need not be.
    const isSent = events.some((event) => 'index' in event);
    const isEarly = stamps.settledMs - writtenMs < this.#occasion.settings.timeoutMs;
    const mayBeRefused = !isSent && (isEarly || !this.#occasion.settings.manualRead);
    const whole = refusedLate(
      { ...answer, events },
      mayBeRefused && call?.method === 'request' ? call.params.task : undefined,
    );
    step.observed.push(...this.#describe(call ?? settle, whole));
    if (settled.error !== undefined) this.#judge(command, settle, settled);
    else this.#judge(command, call ?? settle, whole, stamps);
  }

  /** Carries out what is left of a conversation that has failed. */
  async goThrough(rest: readonly Command[]): Promise<void> {
    this.#commands.push(...rest);
    const mark = this.#inProbe ? ({ probe: true } as const) : {};
    await aftermath(
      {
        subject: this.#occasion.subject,
        ledger: this.#oracle.ledger,
        clock: this.#clock,
        describe: (call, answer) => this.#describe(call, answer),
        step: (command) => {
          this.#doing = printCommand(command);
          const step = { command: this.#doing, observed: [] as string[], ...mark };
          this.#trace.push(step);
          return step;
        },
      },
      rest,
    );
  }

  #expiry({ request, lateMs }: Command & { do: 'advance' }, clock: Clock) {
    const { subject, settings } = this.#occasion;
    const moment = this.#oracle.deadlinesOf(request);
    // Who is held asleep does not return by itself: then nothing is to be seen before it must be so.
    const looks = !settings.manualWake;
    return expiry({ subject, clock, request, lateMs, moment, looks });
  }

  broke(error: AdapterBroke): void {
    const last = this.#trace.at(-1);
    const observed = [`the adapter broke: ${error.breach}`];
    if (last?.command === this.#doing && last.observed.length === 0) this.#trace.pop();
    const mark = this.#inProbe ? ({ probe: true } as const) : {};
    this.#trace.push({ command: this.#doing, observed, ...mark });
    this.#failure = {
      why: error.message,
      requirements: [],
      allowed: [],
      inProbe: this.#inProbe,
      breach: error.breach,
      ...(error.way === undefined ? {} : { way: error.way }),
    };
  }

  #judge(command: Command, call: Call, answer: Answer, stamps?: Stamps): void {
    mustNotRefuse(call, answer);
    if (answer.error?.code === 'UNSUPPORTED') {
      this.#unsupported = `${call.method} answers UNSUPPORTED`;
      return;
    }
    this.#conclude(this.#oracle.judge(command, call, answer, stamps));
  }

  #conclude(judgement: Judgement): void {
    if (judgement.kind === 'lost') {
      this.#isLost = true;
      this.#unsupported = `at "${this.#doing}": ${judgement.why}`;
      return;
    }
    if (judgement.kind === 'explained') {
      for (const id of judgement.requirements) this.#requirements.add(id);
      for (const { before, step } of judgement.steps) {
        this.#occasion.witness?.(this.#oracle.system, before, step);
        this.#occasion.watch?.took(this.#oracle.system, step);
      }
      return;
    }
    const { differences, allowed } = judgement;
    const observed = differences.map((one) => one.observed);
    this.#fail(
      differences.map((one) => one.requirement),
      [...new Set(observed)].join('; '),
      [...new Set(differences.map((one) => one.allowed))].join('; '),
      allowed,
    );
  }

  #fail(
    requirements: readonly RequirementId[],
    observed: string,
    expected: string,
    allowed: readonly string[],
  ): void {
    const why = `at "${this.#doing}": got ${observed}; expected ${expected}`;
    this.#failure = {
      why,
      requirements: [...new Set(requirements)],
      allowed,
      inProbe: this.#inProbe,
    };
  }

  #describe(call: Call, answer: Answer): string[] {
    const events = answer.events.map((event) => this.#words(event));
    const shown =
      call.method === 'inspect' && answer.error === undefined ? describeView(answer) : [];
    return [describeAnswer(answer), ...shown, ...events];
  }

  #words(event: Answer['events'][number]): string {
    return describeEvent(event, this.#oracle.ledger);
  }
}
