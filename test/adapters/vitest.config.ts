import { defineConfig } from 'vitest/config';

/** For test files that vitest.test.ts runs, and nobody else. */
export default defineConfig({ test: { include: ['**/*.vitest.ts'], fileParallelism: false } });
