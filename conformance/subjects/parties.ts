import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SubjectEvent } from '../subject.js';
import { AdapterBroke } from '../subject.js';
import type { View } from './view.js';

/** The processes of the reference system, seen from the runner: how they are started, ordered and ended. */

/** Where the kernel side is; see the service of the implementation. */
export type PartyPlace =
  | { readonly transport: 'netlink'; readonly port: number }
  | { readonly transport: 'channel'; readonly path: string };

/** What a process is ordered to do. Bytes are lower-case hex. */
export type Order =
  | {
      readonly do: 'listen';
      readonly place: PartyPlace;
      readonly contexts: number;
      readonly timeoutMs: number;
      readonly manualWake: boolean;
    }
  | { readonly do: 'connect'; readonly place: PartyPlace }
  | { readonly do: 'say'; readonly type: 'helo' | 'quit' }
  | {
      readonly do: 'respond';
      readonly index: number;
      readonly sequence: number;
      readonly payload: string;
    }
  | { readonly do: 'raw'; readonly bytes: string }
  | { readonly do: 'call'; readonly number: number; readonly payload: string }
  | { readonly do: 'look'; readonly task: number }
  | { readonly do: 'read'; readonly to: number; readonly most: number }
  | { readonly do: 'drain' | 'inspect' };

/** What the kernel side made of a datagram of a process. */
export interface Heard {
  readonly pid: number;
  readonly refusal?: string;
}

/** What a process answers to an order. */
export interface PartyAnswer {
  readonly events?: readonly SubjectEvent[];
  readonly heard?: readonly Heard[];
  readonly view?: View;
  /** A sentence: why it could not do it. */
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (answer: PartyAnswer) => void;
  readonly reject: (error: AdapterBroke) => void;
}

/** Processes that live now; ended when this process exits for whatever reason. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** How a process is started. */
export interface PartyOptions {
  readonly uid: number;
  /** How long an order may take, in milliseconds; 0 waits for ever. */
  readonly deadlineMs: number;
  /** The program of a party, where it is not beside this file. */
  readonly program?: string | undefined;
}

const beside = fileURLToPath(new URL('party.js', import.meta.url));

/** One process of the reference system. */
export class Party {
  readonly uid: number;
  readonly #child: ChildProcess;
  readonly #deadlineMs: number;
  readonly #waiting: Waiting[] = [];
  readonly #gone: Promise<void>;
  #isGone = false;

  constructor({ uid, deadlineMs, program = beside }: PartyOptions) {
    this.uid = uid;
    this.#deadlineMs = deadlineMs;
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    this.#child = fork(program, [String(uid)], { execArgv: [], stdio: [...stdio] });
    living.add(this.#child);
    this.#child.on('error', () => undefined); // Its death is reported when it is known.
    this.#child.on('message', (answer: PartyAnswer) => {
      this.#waiting.shift()?.resolve(answer);
    });
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        living.delete(this.#child);
        this.#isGone = true;
        this.#fail(
          new AdapterBroke(
            'death',
            `a process of uid ${uid} ended by ${signal ?? `status ${code ?? 0}`}`,
          ),
        );
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** @throws AdapterBroke when it cannot, dies or keeps silent for too long */
  async order(order: Order): Promise<PartyAnswer> {
    if (this.#isGone) throw new AdapterBroke('death', `a process of uid ${this.uid} has ended`);
    const answered = new Promise<PartyAnswer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(order);
    });
    const answer = await this.#inTime(answered, order);
    if (answer.error !== undefined) throw new AdapterBroke('start', answer.error);
    return answer;
  }

  /** A signal that it catches: whoever sleeps in it sleeps on. */
  interrupt(): void {
    this.#child.kill('SIGUSR2');
  }

  /** Ends it, as a process ends that does not see it coming. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  async #inTime(answered: Promise<PartyAnswer>, order: Order): Promise<PartyAnswer> {
    if (this.#deadlineMs === 0) return answered;
    const tooLong = setTimeout(() => {
      this.#fail(
        new AdapterBroke('deadline', `a process did not "${order.do}" in ${this.#deadlineMs} ms`),
      );
      this.#child.kill('SIGKILL');
    }, this.#deadlineMs);
    try {
      return await answered;
    } finally {
      clearTimeout(tooLong);
    }
  }

  #fail(error: AdapterBroke): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
