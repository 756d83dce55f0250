import type { PathLike } from 'node:fs';
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
    else placeUnderFreeName(from, to);
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
    tidyAtExit(
      () => {
        for (const path of this.#unfinished) removeQuietly(path);
      },
      // A file that is about to be made is there a moment later, and only then can it be removed.
      () => this.#making,
    );
  }
}

/** Tidies when this process ends, also by a signal, whose status it ends with then, once what is being made is there. */
export function tidyAtExit(
  tidy: () => void,
  made: () => Promise<unknown> = () => Promise.resolve(),
): void {
  process.once('exit', tidy);
  for (const signal of endingSignals) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      void made().then(() => process.exit(statusAfter(signal)));
    });
  }
}

/** Gives a finished file its own name, with EEXIST where something has it. */
export function placeUnderFreeName(from: PathLike, to: PathLike): void {
  linkNew(from, to);
  removeQuietly(from);
}

/** Removes the name of an unfinished file, if it still has it. */
export function removeQuietly(path: PathLike): void {
  try {
    unlinkSync(path);
  } catch {
    // It is whole under its own name, or gone.
  }
}
