/** Words in lines of a terminal. */

/** What the first line and the others begin with. */
export interface Indents {
  readonly first: string;
  readonly next: string;
}

/** Breaks text between words; a word that is longer than a line has one of its own. */
export function wrapped(
  text: string,
  columns: number,
  { first, next }: Indents = { first: '', next: '  ' },
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = next + word;
    } else {
      line += isEmpty ? word : ` ${word}`;
    }
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
