/**
 * `npm run mutate`: every small change to the reference implementation must be noticed by a test.
 *
 * `npm run mutate -- test/mutation/judge.config.mjs` does the same to the oracle and those it asks,
 * which takes much longer; add `--mutate conformance/view.ts` for one file.
 */
export default {
  mutate: ['impl/kernel/**/*.ts', 'impl/transport/memory.ts', 'impl/wire/netlink.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/kernel.vitest.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  reporters: ['clear-text'],
  clearTextReporter: { allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 98, low: 95, break: 95 },
};
