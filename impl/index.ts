/** The door of the reference implementation: what does the work. */
export { machineClock, ManualClock } from './clock.js';
export type { Clock } from './clock.js';
export { limited } from './complaints.js';
export type { ComplaintOptions } from './complaints.js';
export { DaemonSide } from './daemon/daemon-side.js';
export type { Answer, DaemonEnding, DaemonSideOptions, Reply } from './daemon/daemon-side.js';
export { Kernel, kernelDefaults } from './kernel/kernel.js';
export type {
  Errno,
  Input,
  KernelOptions,
  KernelView,
  Message,
  Output,
  RequestMessage,
} from './kernel/kernel.js';
export { KernelSide } from './kernel/kernel-side.js';
export type { KernelSideOptions, Outcome, Question } from './kernel/kernel-side.js';
export type { Context, ContextView, Waiter } from './kernel/pool.js';
export { Pool } from './kernel/pool.js';
export type { Credentials } from './kernel/registry.js';
export { Registry } from './kernel/registry.js';
export { Asker } from './service/asker.js';
export type { AskerOptions } from './service/asker.js';
export { decodeCall, decodeReturn, encodeCall, encodeReturn } from './service/call.js';
export type { CallMessage, ReturnMessage } from './service/call.js';
export { Door } from './service/door.js';
export type { DoorOptions } from './service/door.js';
export { connect, doorOf, listen, portUsual } from './service/place.js';
export type { Place } from './service/place.js';
export { connectChannel, listenChannel } from './transport/channel.js';
export { guardMemory } from './transport/guarded.js';
export { MemoryTransport } from './transport/memory.js';
export type { Corruption, MemoryOptions, UnderWay } from './transport/memory.js';
export { connectNetlink, listenNetlink } from './transport/netlink.js';
export { datagramBytesMax, toKernel, TransportUnavailable } from './transport/transport.js';
export type { Arrival, End } from './transport/transport.js';
export * from './crypto/index.js';
export { answer } from './daemon/answer.js';
export type { DaemonKeys } from './daemon/answer.js';
export { Keyring, keysMax, Session, UserKey } from './daemon/keyring.js';
export type {
  Added,
  KeyErrno,
  KeyOptions,
  KeyRefused,
  KeySource,
  Now,
  Used,
} from './daemon/keyring.js';
export { Mount } from './daemon/mount.js';
export type { MountOptions } from './daemon/mount.js';
export * from './file/index.js';
export * from './pki/index.js';
export { sentence, shown } from './shown.js';
export * from './wire/index.js';
