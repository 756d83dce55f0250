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
export * from './pki/index.js';
export * from './wire/index.js';
