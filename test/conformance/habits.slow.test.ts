import { describe, expect, it, vi } from 'vitest';
import { tryVariant } from '../../conformance/mutants/table.js';
import { variants } from '../../conformance/mutants/variants.js';

/** Nobody who is right is accused. */

vi.setConfig({ testTimeout: 300_000 });

const options = { clock: () => performance.now() / 1000, seed: 1, runs: 30 };

describe('a variant', () => {
  it.each(variants.map((variant) => [variant.id, variant] as const))(
    '%s is not accused',
    async (_, variant) => {
      const { verdict, why, passes } = await tryVariant(variant, options);
      expect([verdict, why]).toEqual(['pass', '']);
      expect(passes).toBeGreaterThan(0);
    },
  );
});
