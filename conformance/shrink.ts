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
    for (const option of options) {
      const simpler = kept.with(place, simplified(kept[place] ?? command, option));
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

/** What a command can do without: that it overlaps, the length of its payload, what spoils its bytes. */
const options = [
  ...(['overlaps', 'bytes', 'as', 'flags', 'order'] as const),
  ...(['code', 'size', 'length', 'data'] as const),
];

/** A command without an option, or the same if it does not have that one. */
function simplified<C extends object>(command: C, option: (typeof options)[number]): C {
  if (!(option in command)) return command;
  // Only what may be absent is left out.
  return Object.fromEntries(Object.entries(command).filter(([key]) => key !== option)) as C;
}
