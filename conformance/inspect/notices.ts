import { short } from './foreign.js';

/** Sentences for the user, in the terminal and on every page. */

const noticesMax = 500;
/** Notices that clients can cause; they must not use up those about the run. */
const foreignMax = 100;
const lengthMax = 600;

/** All notices, in their order. */
export class Notices {
  readonly #write: (line: string) => void;
  readonly #sentences: string[] = [];
  readonly #told: () => void;
  #foreign = 0;

  /**
   * @param write writes a line in the terminal
   * @param told is called when there is one more
   */
  constructor(write: (line: string) => void, told: () => void) {
    this.#write = write;
    this.#told = told;
  }

  /**
   * Adds a sentence, as one line of visible text. It may quote programs, files and adapters.
   * After a limit it adds nothing, so that nobody can fill the terminal.
   */
  readonly add = (sentence: string): void => {
    if (this.#sentences.length >= noticesMax) return;
    const isLast = this.#sentences.length === noticesMax - 1;
    this.#say(isLast ? `more than ${noticesMax} notices; no more are shown` : sentence);
  };

  /** The same for what a client of the server causes. */
  readonly addForeign = (sentence: string): void => {
    if (this.#foreign >= foreignMax) return;
    this.#foreign += 1;
    const isLast = this.#foreign === foreignMax;
    this.add(
      isLast ? `more than ${foreignMax} notices about clients; no more are shown` : sentence,
    );
  };

  /** The sentences after the first `count`. */
  after(count: number): readonly string[] {
    return this.#sentences.slice(count);
  }

  #say(sentence: string): void {
    const line = short(sentence, lengthMax);
    this.#sentences.push(line);
    this.#write(`msgctx: ${line}\n`);
    this.#told();
  }
}
