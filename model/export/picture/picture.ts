import type { ChartState, ChartTransition } from '../chart.js';
import { isInside } from '../chart.js';
import type { Box, Point } from './geometry.js';
import { contains, crossings, lengthOf, overlap, piecesOf, runsThrough } from './geometry.js';

/** Where everything in the picture of a machine stands, and what is wrong with it. */

/** A machine laid out; all places are counted from the upper left corner. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Parents before their children. */
  readonly states: readonly StateBox[];
  /** The dots from which the initial arrows start. */
  readonly dots: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** A state's box and, in it, the place of its name and of what it does on entry. */
export interface StateBox extends Box {
  readonly state: ChartState;
  readonly title: Box;
}

/** A path along the axes; its head is at the last point. */
export interface Arrow {
  readonly points: readonly Point[];
  /** What it stands for: transitions with the same ends share an arrow; none where it starts at a dot. */
  readonly transitions: readonly ChartTransition[];
  readonly label: Label | undefined;
}

/** The text beside an arrow. */
export interface Label extends Box {
  readonly lines: readonly string[];
}

const widthMax = 1000;
const costOfFault = 1e6;
const costOfCrossing = 100;
const costOfBend = 20;

/** How bad a picture is: faults before crossings, crossings before bends, bends before size. */
export function badnessOf(picture: Picture): number {
  const { arrows, width } = picture;
  const paths = arrows.map(({ points }) => points);
  const crossed = paths.flatMap((one, nth) =>
    paths.slice(nth + 1).map((other) => crossings(one, other)),
  );
  const bends = paths.map((points) => Math.max(0, points.length - 2));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  return (
    costOfFault * (faultsOf(picture).length + (width > widthMax ? 1 : 0)) +
    costOfCrossing * sum(crossed) +
    costOfBend * sum(bends) +
    sum(paths.map(lengthOf)) / 20 +
    (picture.width * picture.height) / 1000
  );
}

/** Everything that must not be in a picture, in words. */
export function faultsOf(picture: Picture): readonly string[] {
  const { states, arrows } = picture;
  const leaves = states.filter(({ state }) => state.states.length === 0);
  const texts = textsOf(picture);
  const pairs = <T>(all: readonly T[]) =>
    all.flatMap((one, nth) => all.slice(nth + 1).map((other) => [one, other] as const));
  const paths = arrows.map(({ points }) => points);
  return [
    ...pairs(texts)
      .filter(([one, other]) => overlap(one.box, other.box))
      .map(([one, other]) => `the text "${one.text}" covers the text "${other.text}"`),
    ...texts.flatMap(({ text, box, owner }) => [
      ...leaves
        .filter((leaf) => leaf !== owner && overlap(box, leaf))
        .map((leaf) => `the text "${text}" covers the state ${leaf.state.path}`),
      ...paths
        .filter((points) => runsThrough(points, box))
        .map(() => `an arrow runs through the text "${text}"`),
    ]),
    ...leaves.flatMap((leaf) =>
      paths
        .filter((points) => runsThrough(points, leaf))
        .map(() => `an arrow runs through the state ${leaf.state.path}`),
    ),
    ...pairs(states)
      .filter(([one, other]) => overlap(one, other) && !areNested(one.state, other.state))
      .map(([one, other]) => `the state ${one.state.path} covers the state ${other.state.path}`),
    ...outside(picture),
  ];
}

function areNested(one: ChartState, other: ChartState): boolean {
  return isInside(one.path, other.path) || isInside(other.path, one.path);
}

interface Text {
  readonly text: string;
  readonly box: Box;
  /** The state whose title it is. */
  readonly owner: StateBox | undefined;
}

function textsOf({ arrows, states }: Picture): readonly Text[] {
  const labels = arrows.flatMap(({ label }) =>
    label === undefined ? [] : [{ text: label.lines.join(' '), box: label, owner: undefined }],
  );
  const titles = states.map((box) => ({ text: box.state.name, box: box.title, owner: box }));
  return [...labels, ...titles];
}

function outside(picture: Picture): readonly string[] {
  const { states, dots, arrows, width, height } = picture;
  const labels = arrows.flatMap(({ label }) => (label === undefined ? [] : [label]));
  const pieces = arrows.flatMap(({ points }) => piecesOf(points));
  return [...states, ...dots, ...labels, ...pieces]
    .filter((box) => !contains({ x: 0, y: 0, width, height }, box))
    .map((box) => `something at ${box.x}, ${box.y} is outside of the picture`);
}
