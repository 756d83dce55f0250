import { defineConfig } from 'vitest/config';

/** Tests that need another program, or minutes, end in `.slow.test.ts`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Against what hangs: on a busy machine a test takes many times as long as it does alone.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
