import kernel from '../../stryker.config.mjs';

/** The oracle and those it asks; see stryker.config.mjs. No score breaks it yet. */
export default {
  ...kernel,
  mutate: ['conformance/{oracle,compare,prediction,view,ledger,probe}.ts'],
  vitest: { configFile: 'test/mutation/judge.vitest.ts' },
  thresholds: { ...kernel.thresholds, break: null },
};
