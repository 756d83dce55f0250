import { shown } from '../../../impl/index.js';
import { Progress } from '../progress.js';
import { writeOut } from '../pipes.js';

/** What became of each entry of a tree: a line on stdout, progress and counts on stderr. */

const statuses = [
  'decrypted',
  'encrypted',
  'copied',
  'linked',
  'kept',
  'skipped',
  'doubtful',
  'failed',
] as const;

/** What becomes of an entry. */
export type EntryStatus = (typeof statuses)[number];

const progressEvery = 64;

/** See the file head. */
export class TreeReport {
  readonly #counts = new Map<EntryStatus, number>();
  readonly #progress: Progress;
  #done = 0;

  constructor() {
    this.#progress = new Progress(process.stderr, process.env, () => performance.now());
  }

  /** 1 where an entry failed or is doubtful. */
  get status(): number {
    return this.#count('failed') + this.#count('doubtful') === 0 ? 0 : 1;
  }

  async add(status: EntryStatus, path: Uint8Array, why = ''): Promise<void> {
    this.#counts.set(status, this.#count(status) + 1);
    this.#done += 1;
    const text = shown(Buffer.from(path).toString(), pathMax);
    const failures = this.#count('failed');
    if (this.#done % progressEvery === 0)
      this.#progress.phase(`${this.#done} files, ${failures} failed: ${text}`);
    const line = [status, text, ...(why === '' ? [] : [shown(why)])].join('\t');
    await writeOut(Buffer.from(`${line}\n`));
  }

  /** Says the counts. */
  end(): void {
    this.#progress.end();
    const words = statuses
      .filter((status) => this.#counts.has(status))
      .map((status) => `${this.#count(status)} ${status}`);
    process.stderr.write(`msgctx: ${words.length === 0 ? 'no files' : words.join(', ')}\n`);
  }

  #count(status: EntryStatus): number {
    return this.#counts.get(status) ?? 0;
  }
}

/** The longest path that is shown whole. */
const pathMax = 4096;
