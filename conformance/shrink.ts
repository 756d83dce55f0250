import { alone } from './overlap.js';

/** How many commands may be carried out again to make one conversation shorter. */
const effortMax = 20_000;

/**
 * Makes a failing conversation minimal: no command of the result can be left out. Large parts are left out first, single commands last, until no single removal keeps the
 * failure. Where that takes more than 20,000 commands, the shortest so far has to do.
 *
 * @param fails holds a conversation and says whether it fails in the same way
 */
export async function shrink<C extends object>(
  commands: readonly C[],
  fails: (commands: readonly C[]) => Promise<boolean>,
): Promise<readonly C[]> {
  let effort = 0;
  const tries = async (some: readonly C[]) => {
    effort += some.length + 1;
    return effort <= effortMax && (await fails(some));
  };
  const isSpent = () => effort > effortMax;
  let kept = commands;
  let size = Math.max(1, Math.floor(kept.length / 2));
  for (;;) {
    const before = kept.length;
    for (let from = 0; from < kept.length && !isSpent();) {
      const without = parted(kept, from, size);
      if (await tries(without)) kept = without;
      else from += size;
    }
    if (isSpent() || (size === 1 && kept.length === before)) break;
    if (kept.length === before) size = Math.floor(size / 2);
  }
  for (const [place, command] of kept.entries()) {
    if (isSpent()) break;
    for (const simplify of [alone, unsized]) {
      const simpler = kept.with(place, simplify(kept[place] ?? command));
      if (simpler[place] !== kept[place] && (await tries(simpler))) kept = simpler;
    }
  }
  return kept;
}

/**
 * A conversation without some of its commands. What overlapped them does not come to overlap those
 * before: the first of a group that is left begins the group.
 */
function parted<C extends object>(
  commands: readonly C[],
  from: number,
  size: number,
): readonly C[] {
  const without = commands.toSpliced(from, size);
  const isHeadGone = commands.slice(from, from + size).some((one) => !('overlaps' in one));
  const next = without[from];
  return isHeadGone && next !== undefined ? without.with(from, alone(next)) : without;
}

/** A command without its payload's length. */
function unsized<C extends object>(command: C): C {
  if (!('bytes' in command)) return command;
  const simpler: C & { bytes?: unknown } = { ...command };
  delete simpler.bytes;
  return simpler;
}
