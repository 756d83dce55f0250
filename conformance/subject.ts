import { printable } from './printable.js';

/**
 * A subject: an implementation under test, behind the words of the adapter protocol.
 *
 * The same words drive a TypeScript object in this process and a foreign child process: a call has
 * an answer, and what the call caused by the way of events comes with the answer.
 */

/** The protocol version that this suite speaks. */
export const protocolVersion = 1;

/** What an implementation says of itself in its answer to `initialize`. */
export interface Claims {
  readonly name: string;
  readonly version: string;
  readonly role: 'kernel' | 'daemon';
  readonly profile: string;
  readonly capabilities: ReadonlySet<string>;
  readonly contextsMin: number;
  readonly contextsMax: number;
  readonly payloadMax: number;
  readonly timeoutMinMs: number;
  readonly timeoutStepMs: number;
  /** How the bytes of `raw` are framed; with that capability. */
  readonly framing?: 'netlink' | 'device';
  readonly endian?: 'little' | 'big';
  readonly language?: string;
}

/** One call, in the words of the adapter protocol. Payloads are lower-case hex. */
export type Call =
  | {
      readonly method: 'reset';
      readonly params: {
        readonly contexts: number;
        readonly timeoutMs: number;
        readonly manualRead: boolean;
        readonly manualWake: boolean;
      };
    }
  | {
      readonly method: 'helo' | 'quit';
      readonly params: { readonly uid: number; readonly pid: number };
    }
  | { readonly method: 'exit' | 'read'; readonly params: { readonly pid: number } }
  | {
      readonly method: 'request';
      readonly params: { readonly task: number; readonly uid: number; readonly payload: string };
    }
  | {
      readonly method: 'reply';
      readonly params: {
        readonly uid: number;
        readonly pid: number;
        readonly index: number;
        readonly seq: number;
        readonly payload: string;
      };
    }
  | {
      readonly method: 'raw';
      readonly params: { readonly uid: number; readonly pid: number; readonly bytes: string };
    }
  | { readonly method: 'wake' | 'interrupt'; readonly params: { readonly task: number } }
  | { readonly method: 'failSend'; readonly params: { readonly nth: number } }
  | { readonly method: 'advance'; readonly params: { readonly ms: number } }
  | {
      readonly method: 'inspect' | 'settle' | 'shutdown';
      readonly params: Readonly<Record<string, never>>;
    };

/** Something that an implementation does by itself. */
export type SubjectEvent =
  | {
      readonly event: 'message';
      readonly to: number;
      readonly type: 'request';
      readonly index: number;
      readonly seq: number;
      readonly payload: string;
    }
  | { readonly event: 'message'; readonly to: number; readonly type: 'quit' }
  | {
      readonly event: 'complete';
      readonly task: number;
      /** The bytes of success; absent without capability `payload`. */
      readonly payload?: string;
      /** Present when the call failed. */
      readonly errno?: string;
    };

/** What an implementation answered, and the events that it wrote before. */
export interface Answer {
  readonly events: readonly SubjectEvent[];
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly errno?: string; readonly message?: string };
}

/**
 * Whether nobody saw what a call was answered, as in a log that lost lines. Its events may be missing
 * too. Every subject answers with a result or an error.
 */
export function isUnseen({ result, error }: Pick<Answer, 'result' | 'error'>): boolean {
  return result === undefined && error === undefined;
}

/** An answer without the events before it. */
export type Outcome = Omit<Answer, 'events'>;

/** One thing that was written or read while calls overlapped; `nth` counts the calls from 0. */
export type Occurrence =
  | { readonly kind: 'call'; readonly nth: number }
  | { readonly kind: 'event'; readonly event: SubjectEvent }
  | { readonly kind: 'answer'; readonly nth: number; readonly answer: Outcome };

/**
 * What came of calls that overlapped, in the order in which it was written and read. A call without
 * an answer never returned, though nothing moved any more.
 */
export type History = readonly Occurrence[];

/** A clock, where time is real. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** An implementation under test. */
export interface Subject {
  /** What it claims; known from the start. */
  readonly claims: Claims;
  /**
   * The clock by which its real time goes, where that is not this machine's: one in which nobody needs
   * to wait, so that every case is held that can wait for its time-outs.
   */
  readonly clock?: Clock;
  /**
   * Makes a call. Calls may overlap; answers come in the order of the calls.
   *
   * @throws AdapterBroke when what is behind breaks the protocol instead of answering
   */
  call(call: Call): Promise<Answer>;
  /**
   * Makes calls that overlap, with capability `concurrent`: their answers come in any order. Without
   * this method the calls are worked off one by one.
   *
   * @throws AdapterBroke when what is behind breaks the protocol instead of answering
   */
  overlap?(calls: readonly Call[]): Promise<History>;
  /** The same behind the words of role daemon; absent where there can only be a kernel. */
  readonly daemon?: DaemonPort;
  /**
   * Ends it; nothing of it is left behind.
   *
   * @throws AdapterBroke when it answered to the end, but then did not end as it should
   */
  close(): Promise<void>;
}

/** One call of role daemon. Payloads are lower-case hex. */
export type DaemonCall =
  | (Call & { readonly method: 'reset' })
  | {
      readonly method: 'addKey';
      readonly params: {
        readonly signature: string;
        readonly module: string;
        readonly blob: string;
      };
    }
  | { readonly method: 'start'; readonly params: { readonly uid: number; readonly pid: number } }
  | {
      readonly method: 'deliver';
      readonly params: {
        readonly type: 'request' | 'quit';
        readonly index: number;
        readonly seq: number;
        readonly payload: string;
      };
    }
  | { readonly method: 'raw'; readonly params: { readonly bytes: string } }
  | {
      readonly method: 'stop' | 'settle' | 'shutdown';
      readonly params: Readonly<Record<string, never>>;
    };

/** Something that a daemon does. */
export type DaemonEvent =
  | { readonly event: 'send'; readonly type: 'helo' | 'quit' }
  | {
      readonly event: 'send';
      readonly type: 'response';
      readonly index: number;
      readonly seq: number;
      readonly payload: string;
    }
  | { readonly event: 'exit'; readonly status: number };

/** What a daemon answered, and the events that it wrote before. */
export type DaemonAnswer = Omit<Answer, 'events'> & { readonly events: readonly DaemonEvent[] };

/** A daemon under test. */
export interface DaemonPort {
  /**
   * Makes a call, as `Subject.call` does.
   *
   * @throws AdapterBroke when what is behind breaks the protocol instead of answering
   */
  call(call: DaemonCall): Promise<DaemonAnswer>;
}

/** How an adapter broke, by name. */
export type Breach =
  | 'start'
  | 'version'
  | 'claims'
  | 'not-json'
  | 'line-too-long'
  | 'malformed'
  | 'unknown-id'
  | 'repeated-id'
  | 'out-of-turn'
  | 'late-event'
  | 'flood'
  | 'death'
  | 'shutdown'
  | 'deadline'
  | 'invalid'
  | 'internal';

/** An adapter that broke instead of answering. The message says what was seen, and ends with its stderr. */
export class AdapterBroke extends Error {
  override readonly name = 'AdapterBroke';
  readonly breach: Breach;
  /** Tells one of several ways to break by the same name from another, where that is known. */
  readonly way: string | undefined;

  constructor(breach: Breach, message: string, way?: string) {
    super(message);
    this.breach = breach;
    this.way = way;
  }
}

/** Calls of the suites alone: the protocol under test has nothing that could be refused. */
const helpers: readonly Call['method'][] = ['reset', 'settle', 'advance', 'inspect', 'failSend'];

/** @throws AdapterBroke when an adapter refuses a call that only helps the suites */
export function mustNotRefuse({ method }: Call, { error }: Answer): void {
  if (error?.code !== 'ERRNO' || !helpers.includes(method)) return;
  const seen = `the adapter refused ${method} with ${printable(error.errno ?? 'no errno')}`;
  throw new AdapterBroke('malformed', `${seen}, expected a result: no errno answers it`, method);
}
