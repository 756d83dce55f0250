import type { Errno } from '../kernel/kernel.js';
import { errnoName } from './native.js';

/** What became of a send: nothing to say, or one of the errnos that the contract of transports has. */
export function sendErrnoOf(result: number): Errno | undefined {
  if (result >= 0) return undefined;
  const errno = errnoName(result);
  switch (errno) {
    case 'EAGAIN':
    case 'EMSGSIZE':
    case 'ENOMEM':
      return errno;
    // Memory of the socket or the host: to who sends it is the same.
    case 'ENOBUFS':
      return 'ENOMEM';
    default:
      return 'ECONNREFUSED';
  }
}
