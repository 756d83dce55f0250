/**
 * Text of others, made fit to be shown.
 *
 * Names, versions, messages and file contents come from programs and files that this project does not control. Raw,
 * they could move a terminal's cursor, recolour or erase what stands above, reverse the reading direction, or give
 * orders to a CI system. So whatever is not visible text is shown as an escape such as `\x1b` or `\u202e`.
 *
 * The escapes are for readers, not for programs: a backslash in the text stays as it is.
 */

const lengthMax = 400;

/**
 * What is not visible text: controls (C0, DEL and C1), format characters (bidi controls, byte-order mark, tags), line
 * and paragraph separators, surrogates without a partner, and what no XML document may hold. The two joiners stay, because scripts and emoji need
 * them to be read.
 */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * One line of visible text: line feeds and tabs are escaped too, and what is beyond the limit is counted.
 *
 * @param max the number of characters that are shown at most
 * @example
 * printable('ok\x1b[2J'); // 'ok\\x1b[2J'
 */
export function printable(text: string, max = lengthMax): string {
  if (text.length <= max) return text.replaceAll(unseen, escape);
  // A character has at most two units, so that much of the text holds its beginning, however long it is.
  const beginning = Array.from(text.slice(0, 2 * max))
    .slice(0, max)
    .join('');
  const shown = beginning.replaceAll(unseen, escape);
  if (beginning.length === text.length) return shown;
  return `${shown}… (${charactersIn(text) - max} more characters)`;
}

function charactersIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    // Both units of a pair are one character.
    if ((text.codePointAt(at) ?? 0) > 0xffff) at += 1;
    count += 1;
  }
  return count;
}

/**
 * Visible text in lines: line feeds stay, tabs become spaces, and a line cannot be a command to a CI system
 * (`::error::` of GitHub, `##vso[` of Azure Pipelines, `##teamcity[`).
 *
 * @param max the number of characters of a line that are shown at most
 */
export function printableLines(text: string, max = lengthMax): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', ' '), max))
    .map((line) => line.replace(/^(\s*):(?=:)/, '$1\\x3a').replaceAll(/##(?=\w*\[)/g, '#\\x23'))
    .join('\n');
}

function escape(character: string): string {
  const known = short[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}
