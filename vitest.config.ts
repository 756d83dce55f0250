import { defineConfig } from 'vitest/config';

/** Tests that need another program, or more than a few seconds, end in `.slow.test.ts`. */
const slow = 'test/**/*.slow.test.ts';
const secondMs = 1000;

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default'],
    // A test that asserts nothing fails.
    expect: { requireAssertions: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [slow],
          testTimeout: 60 * secondMs,
          hookTimeout: 60 * secondMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: [slow],
          // Against what hangs: on a busy machine a test takes many times as long as it does alone.
          testTimeout: 900 * secondMs,
          hookTimeout: 900 * secondMs,
        },
      },
    ],
  },
});
