import { unlinkSync } from 'node:fs';
import type { DiskFile } from '../../../impl/index.js';
import { NodeDisk } from '../../../impl/index.js';
import { linkNew } from '../files.js';
import { endingSignals, statusAfter } from '../signals.js';

/** Commands that are interrupted leave no file behind that is not whole. */

/** A disk that knows the files that it has made and that have no name of their own yet. */
export class TidyDisk extends NodeDisk {
  readonly #unfinished = new Set<string>();
  readonly #mayReplace: boolean;
  #making: Promise<unknown> = Promise.resolve();
  #isTidy = false;

  /** Where it may not replace, a name that is taken meanwhile is EEXIST. */
  constructor({ mayReplace = true }: { readonly mayReplace?: boolean } = {}) {
    super();
    this.#mayReplace = mayReplace;
  }

  override async create(path: string, rights: { readonly like: string }): Promise<DiskFile> {
    const making = super.create(path, rights).then((file) => {
      this.#unfinished.add(path);
      return file;
    });
    this.#making = making.catch(() => undefined);
    return making;
  }

  override async rename(from: string, to: string): Promise<void> {
    if (this.#mayReplace) await super.rename(from, to);
    else linkNew(from, to);
    if (!this.#mayReplace) await super.unlink(from).catch(() => undefined);
    this.#unfinished.delete(from);
  }

  override async unlink(path: string): Promise<void> {
    await super.unlink(path);
    this.#unfinished.delete(path);
  }

  /** Removes what is unfinished when this process ends, also by a signal, whose status it ends with then. */
  tidyAtExit(): void {
    if (this.#isTidy) return;
    this.#isTidy = true;
    process.once('exit', () => {
      for (const path of this.#unfinished) removeQuietly(path);
    });
    for (const signal of endingSignals) {
      process.removeAllListeners(signal);
      process.on(signal, () => {
        // A file that is about to be made is there a moment later, and only then can it be removed.
        void this.#making.then(() => process.exit(statusAfter(signal)));
      });
    }
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It has its own name already, or is gone.
  }
}
