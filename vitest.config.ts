import { defineConfig } from 'vitest/config';

/** Tests that need another program, or minutes, end in `.slow.test.ts`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
