/**
 * Text of others in a message for a person: a name of a file, the words of another module or of the system.
 *
 * Control characters (C0, DEL, C1), line and paragraph separators, characters that change the direction of
 * text or have no width, and lone surrogates are printed as escapes, so that they neither move a terminal's
 * cursor nor reorder a line. What is longer than a limit loses its middle.
 */

/** How long a foreign text in a message may be, in characters. */
const shownMax = 300;
/** How long a whole message may be. */
const sentenceMax = 2000;

// Cc, Zl, Zp, Cf (directions, no width, byte order mark) and Cs.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;

/**
 * One foreign text, on one line and no longer than a limit.
 *
 * @example
 * shown('a\u001b[2Jb'); // a\x1b[2Jb
 */
export function shown(text: string, max: number = shownMax): string {
  return shortened(text, max).replace(unprintable, escaped);
}

/** A whole message, which may hold foreign texts. */
export function sentence(text: string): string {
  return shown(text, sentenceMax);
}

function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const half = Math.floor(max / 2);
  return `${text.slice(0, half)}… (${text.length} characters) …${text.slice(-half)}`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
