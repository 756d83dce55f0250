import type { Box, Point } from './geometry.js';
import type { Picture } from './picture.js';
import { badnessOf } from './picture.js';

/**
 * Arrows without small steps.
 *
 * The layout kernel spreads the arrows of a state evenly over its side, and an arrow whose ends do not
 * face each other makes a step of a few pixels on its way. Where there is room for it, that end is
 * moved instead, and the arrow is straight.
 */
export function straightened(picture: Picture): Picture {
  return picture.arrows.reduce((best, _, nth) => {
    const arrow = best.arrows[nth];
    if (arrow === undefined) return best;
    const tries = [withoutStep(arrow.points), withoutStep(arrow.points.toReversed())?.toReversed()]
      .filter((points) => points !== undefined)
      .filter((points) => endsMeet(points, arrow.points, best.states))
      .map((points) => ({ ...best, arrows: best.arrows.with(nth, { ...arrow, points }) }));
    return [best, ...tries].reduce((one, other) =>
      badnessOf(other) < badnessOf(one) ? other : one,
    );
  }, picture);
}

const stepMax = 20;
const fromCorner = 10;

/** The path with its first point moved over the step that follows, if one does. */
function withoutStep(points: readonly Point[]): readonly Point[] | undefined {
  const [first, second, third, fourth] = points;
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const isStep = first.x === second.x && second.y === third.y && third.x === fourth?.x;
  if (!isStep || Math.abs(second.x - third.x) > stepMax) return undefined;
  return [{ x: third.x, y: first.y }, ...points.slice(3)];
}

/** Whether a path that was moved still starts and ends at the sides of the same boxes. */
function endsMeet(
  points: readonly Point[],
  before: readonly Point[],
  boxes: readonly Box[],
): boolean {
  return [0, -1].every((nth) => {
    const [now, then] = [points.at(nth), before.at(nth)];
    if (now === undefined || then === undefined) return false;
    if (now.x === then.x && now.y === then.y) return true;
    const sides = boxes
      .filter(({ y, height }) => then.y === y || then.y === y + height)
      .filter(({ x, width }) => then.x >= x && then.x <= x + width);
    const fits = sides.every(
      ({ x, width }) => now.x >= x + fromCorner && now.x <= x + width - fromCorner,
    );
    return sides.length > 0 && fits;
  });
}
