import type { Context, ContextView } from './pool.js';
import { Pool } from './pool.js';
import type { Credentials } from './registry.js';
import { Registry } from './registry.js';

/**
 * The kernel side of the messaging: what it does with each input, and nothing else.
 *
 * Theory of operation. `handle(input, nowMs)` is the only way in. It returns outputs that the
 * caller performs: messages to send, processes to wake, answers to give. It does no I/O, holds no
 * timer and never waits; the same inputs give the same outputs. A process that asked sleeps outside
 * of it: it is *woken* by an output, and what became of its request is decided when it *looks*, by
 * an input. That is how the kernels do it too, where the sleeper tests the state of its context
 * after every wake-up, and a reply that is there wins over a time-out that has passed.
 *
 * Source: Linux 2.6.24 fs/ecryptfs/messaging.c, with the leak of a context after a failed send and
 * the use of a context that was never allocated mended.
 */

/** Why something was refused. The names are Linux's; the last four are of transports. */
export type Errno =
  | 'EINVAL'
  | 'EBADMSG'
  | 'ENOTCONN'
  | 'ENOMEM'
  | 'ECONNREFUSED'
  | 'ENOMSG'
  | 'EAGAIN'
  | 'EMSGSIZE'
  | 'ETIMEDOUT'
  | 'ECONNRESET';

/** What can happen to the kernel side. */
export type Input =
  | { readonly kind: 'helo' | 'quit'; readonly from: Credentials }
  /** A task asks one question at a time: one that sleeps is refused. */
  | {
      readonly kind: 'request';
      readonly task: number;
      readonly uid: number;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: 'reply';
      readonly from: Credentials;
      readonly index: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  /** The transport could not take the message that a request caused. */
  | { readonly kind: 'send-failed'; readonly message: RequestMessage; readonly errno: Errno }
  /** A sleeping process looks what became of its request. */
  | { readonly kind: 'look'; readonly task: number }
  /** Time has passed. */
  | { readonly kind: 'tick' };

/** What a daemon is sent for a request. */
export interface RequestMessage {
  readonly type: 'request';
  readonly index: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** What a daemon is sent. */
export type Message = RequestMessage | { readonly type: 'quit' };

/** What the caller has to do. */
export type Output =
  | { readonly kind: 'send'; readonly to: Credentials; readonly message: Message }
  | { readonly kind: 'refused'; readonly errno: Errno }
  | { readonly kind: 'wake'; readonly task: number }
  | { readonly kind: 'resume'; readonly task: number; readonly payload: Uint8Array }
  | { readonly kind: 'resume'; readonly task: number; readonly errno: Errno };

/** How large a kernel side is and how long a process sleeps. */
export interface KernelOptions {
  readonly contexts: number;
  readonly timeoutMs: number;
}

/** What a kernel side looks like from outside. */
export interface KernelView {
  readonly contexts: readonly ContextView[];
  readonly daemons: readonly Credentials[];
}

/** The defaults of the Linux module: 32 contexts, 3 seconds. */
export const kernelDefaults: KernelOptions = { contexts: 32, timeoutMs: 3000 };

/** The deterministic core. See the file head. */
export class Kernel {
  readonly #pool: Pool;
  readonly #registry = new Registry();
  readonly #timeoutMs: number;
  /**
   * The contexts of those who sleep, by task. All sleep equally long and time never goes back, so
   * that they stand in the order of their deadlines.
   */
  readonly #asleep = new Map<number, number>();
  /** The contexts of those who were woken because their time had run out, and have not looked. */
  readonly #rung = new Map<number, number>();

  constructor(options: KernelOptions = kernelDefaults) {
    this.#pool = new Pool(options.contexts);
    this.#timeoutMs = options.timeoutMs;
  }

  /** Takes one input at a time in milliseconds that never goes back. */
  handle(input: Input, nowMs: number): Output[] {
    switch (input.kind) {
      case 'helo':
        return this.#helo(input.from);
      case 'quit':
        return this.#registry.unregister(input.from) ? [] : refused('EINVAL');
      case 'request':
        return this.#request(input, nowMs);
      case 'reply':
        return this.#reply(input);
      case 'send-failed':
        return this.#sendFailed(input.message, input.errno);
      case 'look':
        return this.#look(input.task, nowMs);
      case 'tick':
        return this.#tick(nowMs);
    }
  }

  /** When the next sleeper's time runs out, if anybody sleeps. */
  get nextDeadlineMs(): number | undefined {
    const [index] = this.#asleep.values();
    return index === undefined ? undefined : this.#pool.allocated(index)?.waiter.deadlineMs;
  }

  /** How many contexts there are. */
  get contexts(): number {
    return this.#pool.size;
  }

  /** How many of them are free. */
  get contextsFree(): number {
    return this.#pool.free;
  }

  /** The inside, for tests and for those who administer. */
  view(): KernelView {
    return { contexts: this.#pool.view(), daemons: this.#registry.view() };
  }

  #helo(from: Credentials): Output[] {
    const replaced = this.#registry.register(from);
    if (replaced === undefined) return [];
    return [{ kind: 'send', to: { uid: from.uid, pid: replaced }, message: { type: 'quit' } }];
  }

  #request({ task, uid, payload }: Input & { kind: 'request' }, nowMs: number): Output[] {
    if (this.#asleep.has(task) || this.#rung.has(task)) return refused('EINVAL');
    const pid = this.#registry.lookup(uid);
    if (pid === undefined) return refused('ENOTCONN');
    const context = this.#pool.acquire({ task, uid, deadlineMs: nowMs + this.#timeoutMs });
    if (context === undefined) return refused('ENOMEM');
    const { index, sequence } = context;
    this.#asleep.set(task, index);
    return [
      { kind: 'send', to: { uid, pid }, message: { type: 'request', index, sequence, payload } },
    ];
  }

  /** The message never left: the context goes back, the asker is told, nobody sleeps. */
  #sendFailed({ index, sequence }: RequestMessage, errno: Errno): Output[] {
    const context = this.#pool.allocated(index);
    if (context?.sequence !== sequence) return [];
    this.#end(context);
    return refused(errno);
  }

  /**
   * The cascade of checks on a reply. The sender is judged before the state of the context: only
   * the daemon that is registered for the asker *now* may learn more than "not for you".
   */
  #reply({ from, index, sequence, payload }: Input & { kind: 'reply' }): Output[] {
    const context = this.#pool.allocated(index);
    if (context === undefined) return refused('EINVAL');
    const { waiter } = context;
    if (from.uid !== waiter.uid) return refused('EBADMSG');
    if (from.pid !== this.#registry.lookup(waiter.uid)) return refused('EBADMSG');
    if (context.reply !== undefined) return refused('EINVAL');
    if (context.sequence !== sequence) return refused('EINVAL');
    this.#pool.settle(context, payload);
    return [{ kind: 'wake', task: waiter.task }];
  }

  #look(task: number, nowMs: number): Output[] {
    const index = this.#asleep.get(task) ?? this.#rung.get(task);
    const context = index === undefined ? undefined : this.#pool.allocated(index);
    if (context === undefined) return [];
    if (context.reply !== undefined) {
      this.#end(context);
      return [{ kind: 'resume', task, payload: context.reply }];
    }
    if (nowMs < context.waiter.deadlineMs) return [];
    this.#end(context);
    return [{ kind: 'resume', task, errno: 'ENOMSG' }];
  }

  /** Nobody waits on a context any more. */
  #end(context: Context): void {
    this.#pool.release(context);
    this.#asleep.delete(context.waiter.task);
    this.#rung.delete(context.waiter.task);
  }

  /** Wakes each sleeper whose time has run out, once, in the order of the deadlines. */
  #tick(nowMs: number): Output[] {
    const due: Output[] = [];
    for (const [task, index] of this.#asleep) {
      if ((this.#pool.allocated(index)?.waiter.deadlineMs ?? 0) > nowMs) break;
      this.#asleep.delete(task);
      this.#rung.set(task, index);
      due.push({ kind: 'wake', task });
    }
    return due;
  }
}

function refused(errno: Errno): Output[] {
  return [{ kind: 'refused', errno }];
}
