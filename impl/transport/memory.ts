import type { Errno, Input, Kernel, Message, Output } from '../kernel/kernel.js';

/**
 * A transport inside one process: the test decides when a daemon lives and when it reads.
 *
 * Sending to a process that lives puts the message into its queue; sending to one that does not
 * fails as a netlink unicast to an unbound port fails, with ECONNREFUSED. A pid that is opened again is
 * another process, to whom the messages go that its predecessor would have got.
 */
export class MemoryTransport {
  readonly #queues = new Map<number, Message[]>();
  #failsIn = 0;

  /** A process comes to life; one that lives stays as it is. */
  open(pid: number): void {
    if (!this.#queues.has(pid)) this.#queues.set(pid, []);
  }

  /** A process dies, and its queue with it. */
  close(pid: number): void {
    this.#queues.delete(pid);
  }

  /** Lets a message fail for want of memory: the next one for 1, the one after it for 2. */
  failNth(nth: number): void {
    this.#failsIn = nth;
  }

  /** Queues a message; returns the errno when nobody is there, or when it is to fail. */
  send(pid: number, message: Message): Errno | undefined {
    const fails = this.#failsIn === 1;
    if (this.#failsIn > 0) this.#failsIn -= 1;
    if (fails) return 'ENOMEM';
    const queue = this.#queues.get(pid);
    if (queue === undefined) return 'ECONNREFUSED';
    queue.push(message);
    return undefined;
  }

  /** Takes the oldest message of a process. */
  receive(pid: number): Message | undefined {
    return this.#queues.get(pid)?.shift();
  }
}

/**
 * Gives one input to a kernel and performs what it sends, until nothing is left to do.
 *
 * A QUIT that cannot be delivered is forgotten: the process that it would end is gone already.
 *
 * @returns the outputs that are not for the transport, in order
 */
export function drive(
  kernel: Kernel,
  transport: MemoryTransport,
  input: Input,
  nowMs: number,
): Exclude<Output, { kind: 'send' }>[] {
  return kernel.handle(input, nowMs).flatMap((output) => {
    if (output.kind !== 'send') return [output];
    const { to, message } = output;
    const errno = transport.send(to, message);
    if (errno === undefined || message.type === 'quit') return [];
    return drive(kernel, transport, { kind: 'send-failed', message, errno }, nowMs);
  });
}
