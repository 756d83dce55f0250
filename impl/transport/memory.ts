import type { Errno, Input, Kernel, Message, Output } from '../kernel/kernel.js';

/**
 * A transport inside one process: the test decides when a daemon lives and when it reads.
 *
 * Sending to a process that lives puts the message into its queue; sending to one that does not
 * fails as a netlink unicast to an unbound port fails, with ECONNREFUSED.
 */
export class MemoryTransport {
  readonly #queues = new Map<number, Message[]>();

  /** A process comes to life; one that lives stays as it is. */
  open(pid: number): void {
    if (!this.#queues.has(pid)) this.#queues.set(pid, []);
  }

  /** A process dies, and its queue with it. */
  close(pid: number): void {
    this.#queues.delete(pid);
  }

  /** Queues a message; returns the errno when nobody is there. */
  send(pid: number, message: Message): Errno | undefined {
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
