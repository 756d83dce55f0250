import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WholeLines } from '../../conformance/subjects/lines.js';

/** What comes in chunks leaves in lines. */

function linesOf(chunks: readonly Buffer[], maxBytes = 1000): { all: string[]; tooLong: boolean } {
  const lines = new WholeLines(maxBytes);
  const all: string[] = [];
  for (const chunk of chunks) {
    all.push(...lines.take(chunk));
    if (lines.isTooLong) return { all, tooLong: true };
  }
  return { all, tooLong: false };
}

const chunked = (text: string, size: number) => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, nth) =>
    bytes.subarray(nth * size, (nth + 1) * size),
  );
};

describe('lines', () => {
  it('are the same however they are cut, characters of several bytes included', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '{', 'é', '€', '😀'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line), line, fc.integer({ min: 1, max: 40 }), (whole, rest, size) => {
        const text = [...whole, rest].join('\n');
        expect(linesOf(chunked(text, size))).toEqual({ all: whole, tooLong: false });
      }),
      { seed: 1 },
    );
  });

  it.each([
    ['at once', 1000],
    ['in small chunks', 3],
  ])('may be as long as the limit and no longer, in bytes, when they come %s', (_, size) => {
    const longest = '€'.repeat(5);
    expect(linesOf(chunked(`${longest}\nb\n${longest}\n`, size), 15)).toEqual({
      all: [longest, 'b', longest],
      tooLong: false,
    });
    for (const text of [
      `${longest}a`,
      `${longest}a\nb\n`,
      `b\n${longest}a\n`,
      `b\nb\n${longest}a`,
    ]) {
      const before = text.split('\n').filter((line) => line === 'b');
      const kept = text.startsWith('b') ? before : [];
      expect(linesOf(chunked(text, size), 15)).toEqual({ all: kept, tooLong: true });
    }
  });
});
