/** The door of the reference implementation: what does the work. */
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
export type { Context, ContextView, Waiter } from './kernel/pool.js';
export { Pool } from './kernel/pool.js';
export type { Credentials } from './kernel/registry.js';
export { Registry } from './kernel/registry.js';
export { drive, MemoryTransport } from './transport/memory.js';
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
export * from './wire/index.js';
