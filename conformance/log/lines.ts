import { TraceError } from '../usage.js';

/** The lines of a file that may be of any length, read piece by piece. */

const lineMaxBytes = 1 << 20;
const newline = 0x0a;

/**
 * The lines of a text in UTF-8, without their ends.
 *
 * @param file its name, for messages
 * @throws TraceError with the line that is too long or no UTF-8
 */
export function* linesIn(chunks: Iterable<Uint8Array>, file: string): Generator<string> {
  let rest = new Uint8Array();
  let nth = 1;
  const decode = (bytes: Uint8Array): string => {
    if (bytes.length > lineMaxBytes) {
      throw new TraceError(`${file}:${nth}: expected a line of at most ${lineMaxBytes} bytes`);
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new TraceError(`${file}:${nth}: expected text in UTF-8`);
    }
  };
  for (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      const line = chunk.subarray(from, end);
      yield decode(rest.length === 0 ? line : Buffer.concat([rest, line]));
      rest = new Uint8Array();
      from = end + 1;
      nth += 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > lineMaxBytes) decode(rest);
  }
  if (rest.length > 0) yield decode(rest);
}
