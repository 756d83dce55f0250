import type { RequirementId } from '../../model/index.js';
import type { Failure, TraceStep } from '../converse.js';
import type { Claims, DaemonAnswer, DaemonEvent, DaemonPort } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import type { KeyFiles } from '../subjects/keyfiles.js';
import type { DaemonCommand } from './command.js';
import { printDaemonCommand } from './command.js';
import type { Difference } from './judge.js';
import { describeDaemonEvent, Judge } from './judge.js';
import type { Prepared } from './prepare.js';
import { Preparation } from './prepare.js';

/**
 * One conversation with a daemon: reset, the commands of the case, and, where it still runs, a request
 * that must be served and the end.
 *
 * In virtual time the events of a call come before its answer. Else `settle` goes out with each
 * command, and what came until it is answered is judged.
 */

/** What a conversation with a daemon needs. */
export interface DaemonOccasion {
  readonly port: DaemonPort;
  readonly claims: Claims;
  readonly files: KeyFiles;
}

/** What became of a conversation with a daemon. */
export interface DaemonConversation {
  readonly verdict: 'pass' | 'fail' | 'unsupported';
  readonly failure?: Failure;
  /** Why it is unsupported. */
  readonly unsupported?: string;
  /** The adapter answered UNSUPPORTED to something that it claims. */
  readonly denied: boolean;
  readonly trace: readonly TraceStep[];
  /** The commands that were carried out, without the probe. */
  readonly commands: readonly DaemonCommand[];
  /** Every rule that was exercised and found kept. */
  readonly requirements: ReadonlySet<RequirementId>;
}

/** Holds one conversation. Never throws for what the subject does. */
export async function converseWithDaemon(
  occasion: DaemonOccasion,
  commands: readonly DaemonCommand[],
): Promise<DaemonConversation> {
  const talk = new Talk(occasion);
  try {
    await talk.begin();
    await talk.hold(commands, false);
    await talk.hold(talk.probe, true);
    await talk.end();
  } catch (error) {
    if (!(error instanceof AdapterBroke)) throw error;
    talk.broke(error);
  }
  return talk.result;
}

interface MutableStep extends TraceStep {
  readonly observed: string[];
}

class Talk {
  readonly #occasion: DaemonOccasion;
  readonly #preparation: Preparation;
  readonly #isVirtual: boolean;
  readonly #isConcurrent: boolean;
  readonly #trace: MutableStep[] = [];
  readonly #commands: DaemonCommand[] = [];
  readonly #requirements = new Set<RequirementId>();
  readonly #answered = new Set<string>();
  #doing: Prepared | undefined;
  /** What is asked where no command is carried out. */
  #between: 'reset' | 'settle' = 'reset';
  #inProbe = false;
  /** Whether something wrong was sent, after which being served shows more. */
  #hadTrouble = false;
  #failure: Failure | undefined;
  #unsupported: string | undefined;
  #denied = false;

  constructor(occasion: DaemonOccasion) {
    this.#occasion = occasion;
    const { claims, files } = occasion;
    this.#preparation = new Preparation(claims, files);
    this.#isVirtual = claims.capabilities.has('virtualTime');
    this.#isConcurrent = claims.capabilities.has('concurrent');
  }

  get probe(): readonly DaemonCommand[] {
    return this.#preparation.probe;
  }

  get result(): DaemonConversation {
    const [failure, unsupported] = [this.#failure, this.#unsupported];
    return {
      verdict: failure !== undefined ? 'fail' : unsupported !== undefined ? 'unsupported' : 'pass',
      ...(failure === undefined ? {} : { failure }),
      ...(unsupported === undefined ? {} : { unsupported }),
      denied: this.#denied,
      trace: this.#trace,
      commands: this.#commands,
      requirements: this.#requirements,
    };
  }

  /** What still comes of an earlier case comes before the answer, and is not judged. */
  async begin(): Promise<void> {
    const { port } = this.#occasion;
    const answer = port.call(this.#preparation.reset);
    const settled = this.#isVirtual ? answer : port.call({ method: 'settle', params: {} });
    await Promise.allSettled([answer, settled]);
    const { error } = await answer;
    if (error === undefined) return;
    if (error.code === 'UNSUPPORTED') this.#deny('reset');
    else this.#fail('reset', { requirements: ['DMN-26'], observed: wordsOf(error), allowed: 'ok' });
  }

  async hold(commands: readonly DaemonCommand[], inProbe: boolean): Promise<void> {
    this.#inProbe = inProbe;
    let together: Prepared[] = [];
    for (const command of commands) {
      if (!this.#goesOn()) return;
      // Only requests go out together: what they cause is told apart by their numbers.
      if (command.do !== 'deliver') {
        await this.#perform(together);
        together = [];
        if (!this.#goesOn()) return;
      }
      const prepared = this.#prepare(command);
      if (prepared !== undefined) together.push(prepared);
      if (command.do === 'deliver' && command.atOnce === true && !this.#isConcurrent) continue;
      await this.#perform(together);
      together = [];
    }
    if (this.#goesOn()) await this.#perform(together);
  }

  /** Nothing may come after the last answer, or the next case would be blamed for it. */
  async end(): Promise<void> {
    const settled = this.#occasion.port.call({ method: 'settle', params: {} });
    if (!this.#goesOn()) {
      // The case is decided; what still comes is let out of the way.
      await settled.catch(() => undefined);
      return;
    }
    this.#doing = undefined;
    this.#between = 'settle';
    const { events, error } = await settled;
    const [event] = events;
    const rule = this.#preparation.phase === 'ended' ? 'DMN-6' : 'DMN-25';
    if (error?.code === 'UNSUPPORTED') this.#deny('settle');
    if (event === undefined && error === undefined) {
      this.#requirements.add(rule);
      return;
    }
    if (!this.#goesOn()) return;
    const observed = event === undefined ? wordsOf(error) : describeDaemonEvent(event);
    this.#trace.push({ command: 'settle', observed: [observed] });
    this.#fail('settle', { requirements: [rule], observed, allowed: 'nothing more' });
  }

  broke(error: AdapterBroke): void {
    const { breach, message: why } = error;
    const doing = this.#doing;
    // To whom a message is nonsense because nobody runs, it is no fault to say so.
    if (breach === 'invalid' && doing?.hasEnded === true) return;
    const command = doing === undefined ? this.#between : printDaemonCommand(doing.command);
    const observed = `the adapter broke: ${breach}`;
    const last = this.#trace.at(-1);
    if (last?.command === command && last.observed.length === 0) last.observed.push(observed);
    else this.#trace.push({ command, observed: [observed], ...this.#mark });
    const inProbe = this.#inProbe;
    this.#failure = { why, requirements: [], allowed: [], inProbe, breach };
  }

  #goesOn(): boolean {
    return this.#failure === undefined && this.#unsupported === undefined;
  }

  get #mark(): { readonly probe?: true } {
    return this.#inProbe ? { probe: true } : {};
  }

  #prepare(command: DaemonCommand): Prepared | undefined {
    const prepared = this.#preparation.prepare(command);
    const { payloadMax } = this.#occasion.claims;
    if (prepared === undefined || prepared.lengthBytes <= payloadMax) return prepared;
    this.#unsupported = `the case sends ${prepared.lengthBytes} bytes, the adapter takes ${payloadMax}`;
    return undefined;
  }

  /** Carries out commands that go out together. */
  async #perform(together: readonly Prepared[]): Promise<void> {
    const [first] = together;
    if (first === undefined) return;
    const { port } = this.#occasion;
    const answers = together.map(({ call }) => port.call(call));
    const settled = this.#isVirtual ? undefined : port.call({ method: 'settle', params: {} });
    const steps = together.map(({ command }): MutableStep => {
      if (!this.#inProbe) this.#commands.push(command);
      return { command: printDaemonCommand(command), observed: [], ...this.#mark };
    });
    await Promise.allSettled(settled === undefined ? answers : [...answers, settled]);
    const pooled: DaemonEvent[] = [];
    for (const [nth, prepared] of together.entries()) {
      const step = steps[nth];
      const answer = answers[nth];
      if (step === undefined || answer === undefined) return;
      this.#doing = prepared;
      this.#trace.push(step);
      const { events, error } = await answer;
      this.#note(step, prepared, events, error);
      if (!this.#goesOn()) return;
      if (this.#isVirtual) this.#judge([prepared], events, step.command);
      else pooled.push(...events);
      if (!this.#goesOn()) return;
    }
    const last = steps.at(-1);
    if (settled === undefined || last === undefined) return;
    const { events, error } = await settled;
    last.observed.push(...events.map(describeDaemonEvent));
    if (error?.code === 'UNSUPPORTED') this.#deny('settle');
    else this.#judge(together, [...pooled, ...events], last.command);
  }

  #note(
    step: MutableStep,
    { call, mayBeRefused, expected }: Prepared,
    events: readonly DaemonEvent[],
    error: DaemonAnswer['error'],
  ): void {
    step.observed.push(wordsOf(error), ...events.map(describeDaemonEvent));
    if (error?.code === 'UNSUPPORTED') this.#deny(call.method);
    else if (error !== undefined && !mayBeRefused) {
      const [awaited] = expected;
      const rule =
        awaited?.kind === 'response'
          ? 'DMN-7'
          : awaited?.kind === 'helo'
            ? 'DMN-1'
            : awaited === undefined
              ? 'DMN-10'
              : awaited.by === 'stop'
                ? 'DMN-2'
                : 'DMN-4';
      const observed = wordsOf(error);
      this.#fail(step.command, { requirements: [rule], observed, allowed: 'ok' });
    }
  }

  /** Judges what came of commands. */
  #judge(together: readonly Prepared[], events: readonly DaemonEvent[], doing: string): void {
    const expected = together.flatMap((one) => one.expected);
    const hasEnded = together.some((one) => one.hasEnded);
    const raw = together.find(({ command }) => command.do === 'raw');
    const unasked = raw?.quiet[0] ?? 'DMN-25';
    const judge = new Judge(expected, this.#answered, { hasEnded, unasked });
    // A reset ends what ran before it, and how that looks is left open.
    const isReset = together.some(({ command }) => command.do === 'reset');
    for (const event of isReset ? [] : events) {
      const difference = judge.take(event);
      if (difference !== undefined) {
        this.#fail(doing, difference);
        return;
      }
    }
    const difference = judge.finish();
    if (difference !== undefined) {
      this.#fail(doing, difference);
      return;
    }
    for (const { quiet } of together) for (const id of quiet) this.#requirements.add(id);
    for (const id of judge.rules) this.#requirements.add(id);
    for (const one of together) this.#lookForTrouble(one);
  }

  /** A request that is served after something wrong shows that the daemon survived it. */
  #lookForTrouble({ expected, command }: Prepared): void {
    const [awaited] = expected;
    const isServed = awaited?.kind === 'response' && awaited.outcome.may === 'serves';
    if (isServed && this.#hadTrouble) this.#requirements.add('DMN-19');
    if (command.do === 'deliver' || command.do === 'raw') this.#hadTrouble ||= !isServed;
  }

  #deny(method: string): void {
    this.#unsupported = `${method} answers UNSUPPORTED, though the adapter claims it`;
    this.#denied = true;
  }

  #fail(doing: string, { requirements, observed, allowed }: Difference): void {
    this.#failure = {
      why: `at "${doing}": got ${observed}; expected ${allowed}`,
      requirements,
      allowed: [allowed],
      inProbe: this.#inProbe,
    };
  }
}

function wordsOf(error: DaemonAnswer['error']): string {
  if (error === undefined) return 'ok';
  return error.errno === undefined ? `refused (${error.code})` : `refused (${error.errno})`;
}
