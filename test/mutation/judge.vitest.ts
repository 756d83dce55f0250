import { chosen } from './chosen.js';

/**
 * What must notice a change to the oracle and those it asks: conversations written down, a
 * right implementation, wrong ones, and what is said of them. What takes a minute is left out, as
 * every mutant that survives takes all of it.
 */
export default chosen([
  'test/conformance/scenarios.test.ts',
  'test/conformance/shrink.test.ts',
  'test/conformance/reports.test.ts',
  'test/conformance/framing.test.ts',
  'test/impl/suites.slow.test.ts',
  'test/conformance/mutants.slow.test.ts',
]);
