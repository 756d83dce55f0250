import { isMet } from '../table.js';
import type { Condition } from '../vector.js';
import type { Packed } from './packed.js';

/** Tells whether a packed state meets all conditions of one of some patterns. */
export function matcherOf(
  { system, layout }: Packed,
  patterns: readonly (readonly Condition[])[],
): (low: number, high: number) => boolean {
  const compiled = patterns.map((pattern) =>
    pattern.map((condition) => {
      const { kind, nth } = condition.at;
      const position = system.components.findIndex((one) => one.kind === kind && one.nth === nth);
      const { word = 0, shift = 0, bits = 0 } = layout.fields[position] ?? {};
      const states = system.components[position]?.table.states ?? [];
      const allowed = states.map((state) => isMet(state, condition));
      return { word, shift, mask: (1 << bits) - 1, allowed };
    }),
  );
  return (low, high) =>
    compiled.some((pattern) =>
      pattern.every(
        ({ word, shift, mask, allowed }) =>
          allowed[((word === 0 ? low : high) >>> shift) & mask] === true,
      ),
    );
}
