import { describe, expect, it } from 'vitest';
import { printable, printableLines } from '../../conformance/printable.js';

/** Text of others never reaches a terminal raw. */

describe('one line of text', () => {
  it.each([
    ['plain words', 'plain words'],
    ['größe 日本語 🔑', 'größe 日本語 🔑'],
    ['C:\\new', 'C:\\new'],
    ['red \x1b[31m', 'red \\x1b[31m'],
    ['a\0b\x07c\x7fd', 'a\\x00b\\x07c\\x7fd'],
    ['eight bits \x9b31m', 'eight bits \\x9b31m'],
    ['two\r\nlines\there', 'two\\r\\nlines\\there'],
    ['left \u202e right \u2066 isolate \u061c', 'left \\u202e right \\u2066 isolate \\u061c'],
    ['\ufeffmark', '\\ufeffmark'],
    ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
    ['half \ud83d of a pair', 'half \\ud83d of a pair'],
    ['👩\u200d🔬 می\u200cخواهم', '👩\u200d🔬 می\u200cخواهم'],
  ])('shows %j with visible escapes only', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('ends at the limit, between characters, and counts the rest', () => {
    expect(printable('🔑'.repeat(5), 5)).toBe('🔑🔑🔑🔑🔑');
    expect(printable('🔑'.repeat(7), 5)).toBe('🔑🔑🔑🔑🔑… (2 more characters)');
    expect(printable('x'.repeat(1e6)).length).toBeLessThan(440);
  });
});

describe('lines of text', () => {
  it('stay lines, with tabs as spaces and everything else escaped', () => {
    expect(printableLines('a\tb\r\nc\x1b[0m\n')).toBe('a b\nc\\x1b[0m\n');
  });

  it.each([
    ['::error::no', '\\x3a:error::no'],
    ['ok\n  ::set-output name=a::b', 'ok\n  \\x3a:set-output name=a::b'],
    ['a ##[error]no', 'a #\\x23[error]no'],
    ["##vso[task.complete] ##teamcity['a']", "#\\x23vso[task.complete] #\\x23teamcity['a']"],
    ['std::vector ## heading', 'std::vector ## heading'],
  ])('are no command to a CI system: %j', (text, shown) => {
    expect(printableLines(text)).toBe(shown);
  });
});
