import { describe, expect, it } from 'vitest';
import { FileError, sentence, shown } from '../../impl/index.js';

/** Foreign texts in messages. */

describe('a foreign text', () => {
  it.each([
    ['letter – Brief №1 – 手紙 – رسالة – 🗝', 'letter – Brief №1 – 手紙 – رسالة – 🗝'],
    ['a\nb\tc\0', 'a\\x0ab\\x09c\\x00'],
    ['\u001b[2J\u009b2J\u007f', '\\x1b[2J\\x9b2J\\x7f'],
    ['\u202eexe\u2066\u200f\u061c', '\\u202eexe\\u2066\\u200f\\u061c'],
    ['\u2028\u2029\ufeff\u200b\u00ad', '\\u2028\\u2029\\ufeff\\u200b\\xad'],
    ['\ud800', '\\ud800'],
    ['\u{e0041}', '\\u{e0041}'],
  ])('%j is shown on one line, without what moves or turns text', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('loses its middle where it is long', () => {
    expect(shown('a'.repeat(300))).toBe('a'.repeat(300));
    const long = shown(`${'a'.repeat(450_000)}${'b'.repeat(450_000)}`);
    expect(long).toBe(`${'a'.repeat(150)}… (900000 characters) …${'b'.repeat(150)}`);
    expect(sentence('c'.repeat(900_000)).length).toBeLessThan(2100);
  });

  it('is shown so in what is said of a file', () => {
    const error = new FileError({
      path: `\u001b${'n'.repeat(900_000)}`,
      errno: 'ENOENT',
      doing: 'opened',
      why: '\u202e',
    });
    expect(error.message).toMatch(/^\\x1bn{149}… \(900001 characters\) …n{150} cannot be opened \(ENOENT\): \\u202e$/);
  }); // prettier-ignore
});
