import type { Answer, Call } from '../subject.js';
import { errnoOf } from './errno.js';
import type { Has } from './faults.js';
import type { Kernel } from './kernel.js';
import type { Making } from './making.js';
import type { Endian } from './wire.js';
import { readDatagram, readPacket } from './wire.js';

/**
 * What becomes of bytes that a process sends.
 *
 * Who sends is what the transport says, and never what the bytes say. Over netlink the sender is told
 * nothing; a write to the device returns the errno of what was written.
 */

/** Bytes, and who sends them. */
type RawCall = (Call & { method: 'raw' })['params'];

/** A datagram comes over netlink. */
export function takeDatagram(
  kernel: Kernel,
  { uid, pid, bytes }: RawCall,
  endian: Endian,
  has: Has,
): Answer {
  kernel.see({ uid, pid });
  const wire = readDatagram(Buffer.from(bytes, 'hex'), endian, has);
  if (wire.kind === 'nothing' || wire.kind === 'malformed') return kernel.settle();
  const isNamed = has('header-pid-trusted') && wire.pid !== 0;
  const sender = { uid, pid: isNamed ? wire.pid : pid };
  const { events } =
    wire.kind === 'response'
      ? kernel.reply({ ...wire, ...sender, isRaw: true })
      : kernel[wire.kind](sender);
  return { events, result: {} };
}

/** A process writes to the device. */
export function takePacket(
  kernel: Kernel,
  { uid, pid, bytes }: RawCall,
  endian: Endian,
  { habits, has }: Pick<Making, 'habits' | 'has'>,
): Answer {
  const sender = { uid, pid };
  kernel.see(sender);
  if (!kernel.isRegistered(sender) && !has('written-without-handle')) {
    return refused(kernel, errnoOf('reply/no-handle', habits, has));
  }
  const wire = readPacket(Buffer.from(bytes, 'hex'), endian, has);
  switch (wire.kind) {
    case 'malformed':
      return refused(kernel, 'EINVAL');
    case 'helo':
      if (has('written-helo-registers')) kernel.registerAgain(sender);
      return kernel.settle();
    case 'quit':
      return has('written-quit-closes') ? kernel.quit(sender) : kernel.settle();
    case 'nothing':
      return kernel.settle();
    case 'response': {
      const answer = kernel.reply({ ...wire, ...sender, isRaw: true });
      return has('written-refusal-hidden') ? { events: answer.events, result: {} } : answer;
    }
  }
}

function refused(kernel: Kernel, errno: string): Answer {
  return { events: kernel.settle().events, error: { code: 'ERRNO', errno } };
}
