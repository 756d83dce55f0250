import { chosen } from './chosen.js';

/** What must notice every change to the reference implementation: its own tests, then the suites. */
export default chosen([
  'test/impl/kernel.test.ts',
  'test/impl/kernel-side.test.ts',
  'test/impl/transport.test.ts',
  'test/impl/netlink.test.ts',
  'test/impl/wire.slow.test.ts',
  'test/impl/suites.slow.test.ts',
]);
