/** Sentences for the person who looks on, in the terminal and on every page. */

const noticesMax = 500;

/** All of them, in their order. */
export class Notices {
  readonly #write: (line: string) => void;
  readonly #sentences: string[] = [];
  readonly #told: () => void;

  /**
   * @param write writes a line in the terminal
   * @param told is called when there is one more
   */
  constructor(write: (line: string) => void, told: () => void) {
    this.#write = write;
    this.#told = told;
  }

  /** Says a sentence; after too many no more, so that nobody can fill the terminal. */
  readonly add = (sentence: string): void => {
    if (this.#sentences.length >= noticesMax) return;
    const isLast = this.#sentences.length === noticesMax - 1;
    const line = isLast ? `more than ${noticesMax} notices; no more are shown` : sentence;
    this.#sentences.push(line);
    this.#write(`msgctx: ${line}\n`);
    this.#told();
  };

  /** Those after the first so many. */
  after(count: number): readonly string[] {
    return this.#sentences.slice(count);
  }
}
