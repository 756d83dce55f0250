import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../conformance/index.js';
import { shrink } from '../../conformance/shrink.js';

const wake = (request: number): Command => ({ do: 'wake', request });
const names = (commands: readonly Command[]) =>
  commands.map((one) => ('request' in one ? one.request : 0));

describe('shrinking', () => {
  it('keeps exactly what a failure needs, whatever that is and wherever it stands', async () => {
    const needed = fc.uniqueArray(fc.nat(40), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(needed, async (wanted) => {
        const all = Array.from({ length: 41 }, (_, nth) => wake(nth));
        const fails = (some: readonly Command[]) =>
          Promise.resolve(wanted.every((one) => names(some).includes(one)));
        expect(names(await shrink(all, fails))).toEqual([...wanted].sort((a, b) => a - b));
      }),
      { seed: 1 },
    );
  });

  it('leaves nothing that can be left out where removals depend on each other', async () => {
    // Fails with an even number of commands that is not 0: only pairs can be left out.
    const fails = (some: readonly Command[]) =>
      Promise.resolve(some.length > 0 && some.length % 2 === 0);
    const least = await shrink(
      Array.from({ length: 32 }, (_, nth) => wake(nth)),
      fails,
    );
    expect(least.length).toBe(2);
  });
});
