import type { Command } from '../model/index.js';

/** How often a conversation may be held again to make it shorter. */
const attemptsMax = 500;

/**
 * Makes a failing conversation minimal: no command of the result can be left out.
 *
 * Large parts are tried first, single commands last, until no single removal keeps the failure.
 *
 * @param fails holds a conversation and says whether it fails in the same way
 */
export async function shrink(
  commands: readonly Command[],
  fails: (commands: readonly Command[]) => Promise<boolean>,
): Promise<readonly Command[]> {
  let kept = commands;
  let attempts = 0;
  let size = Math.max(1, Math.floor(kept.length / 2));
  for (;;) {
    let removed = false;
    for (let from = 0; from < kept.length && attempts < attemptsMax;) {
      const without = kept.toSpliced(from, size);
      attempts += 1;
      if (await fails(without)) {
        kept = without;
        removed = true;
      } else {
        from += size;
      }
    }
    if (attempts >= attemptsMax || (size === 1 && !removed)) return kept;
    if (!removed) size = Math.max(1, Math.floor(size / 2));
  }
}
