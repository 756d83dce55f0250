/** Points, boxes and paths of a picture, and how much is wrong with them. Measures are pixels. */

const nearness = 6;

/** A place in a picture; y grows downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its upper left corner. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Whether two boxes share more than a border. */
export function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** Whether a box lies inside another, borders included. */
export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The straight pieces of a path, each as the box that it spans: paths are drawn along the axes. */
export function piecesOf(points: readonly Point[]): readonly Box[] {
  return points.slice(1).map((end, nth) => {
    const start = points[nth] ?? end;
    return {
      x: Math.min(start.x, end.x),
      y: Math.min(start.y, end.y),
      width: Math.abs(start.x - end.x),
      height: Math.abs(start.y - end.y),
    };
  });
}

/** The length of a path. */
export function lengthOf(points: readonly Point[]): number {
  return piecesOf(points).reduce((sum, { width, height }) => sum + width + height, 0);
}

/** Whether a path runs through a box; along its border is beside it. */
export function runsThrough(points: readonly Point[], box: Box): boolean {
  return piecesOf(points).some((piece) => overlap(piece, box));
}

/** How often two paths cross, or come so near that they look like one. */
export function crossings(one: readonly Point[], other: readonly Point[]): number {
  const theirs = piecesOf(other).map((piece) => grown(piece, nearness));
  return piecesOf(one).reduce(
    (sum, piece) => sum + theirs.filter((their) => overlap(piece, their)).length,
    0,
  );
}

/** The smallest box around all of them. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** A box with more room on all four sides. */
export function grown(box: Box, by: number): Box {
  const { x, y, width, height } = box;
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** The same thing elsewhere. */
export function moved<B extends Point>(point: B, by: Point): B {
  return { ...point, x: point.x + by.x, y: point.y + by.y };
}
