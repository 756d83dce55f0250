/** The lines of a text that may be of any length, read piece by piece. */

const lineMaxBytes = 1 << 20;
const newline = 0x0a;

/** One line, without its end. */
export interface Line {
  /** Its number, from 1. */
  readonly nth: number;
  /** Its text; of a line that is too long, its beginning. */
  readonly text: string;
  /** Why the text is not what the file has. */
  readonly fault?: 'is longer than 1048576 bytes' | 'is not UTF-8';
  /** The text ends without a newline here. */
  readonly isLast?: true;
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The lines of a text in UTF-8. Of a line that is too long no more than its beginning is kept. */
export async function* linesIn(chunks: Chunks): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let nth = 1;
  const keep = (part: Uint8Array) => {
    if (bytes <= lineMaxBytes && part.length > 0) parts.push(part);
    bytes += part.length;
  };
  const line = (): Line => {
    const [only = new Uint8Array()] = parts;
    const made = lineOf(parts.length > 1 ? Buffer.concat(parts) : only, nth);
    nth += 1;
    parts = [];
    bytes = 0;
    return made;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (bytes > 0) yield { ...line(), isLast: true };
}

const beginningBytes = 4096;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

function lineOf(bytes: Uint8Array, nth: number): Line {
  if (bytes.length > lineMaxBytes) {
    const text = lenient.decode(bytes.subarray(0, beginningBytes));
    return { nth, text, fault: 'is longer than 1048576 bytes' };
  }
  try {
    return { nth, text: strict.decode(bytes) };
  } catch {
    return { nth, text: lenient.decode(bytes), fault: 'is not UTF-8' };
  }
}
