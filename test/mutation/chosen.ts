import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import { defineConfig } from 'vitest/config';
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/**
 * Runs these test files in this order. With a mutant the first test that fails is the last that
 * runs, so the quick ones come first; tests that do not reach a mutant are left out.
 */
export function chosen(files: readonly string[]): ViteUserConfig {
  class InThisOrder extends BaseSequencer {
    override sort(found: TestSpecification[]): Promise<TestSpecification[]> {
      const place = ({ moduleId }: TestSpecification) =>
        files.findIndex((file) => moduleId.endsWith(file));
      return Promise.resolve(found.toSorted((a, b) => place(a) - place(b)));
    }
  }
  return defineConfig({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    test: {
      include: [...files],
      sequence: { sequencer: InThisOrder },
      testTimeout: 60_000,
    },
  });
}
