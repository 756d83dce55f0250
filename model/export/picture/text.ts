import type { ChartState, ChartTransition } from '../chart.js';

/**
 * The texts of a picture and the room that they take.
 *
 * Whoever looks at the picture has other fonts than whoever made it, and a picture cannot ask. All
 * text is set in a fixed-width font, whose letters are nowhere wider than 0.61 of their height.
 */

/** The height of the letters of what is written on arrows and in states, in pixels. */
export const fontSize = 12;
/** The height of the letters of a state's name. */
export const nameSize = 13;
/** From one line of text to the next. */
export const lineHeight = 16;

/** The width of a letter of that height, at most. */
export const letterWidth = fontSize * 0.61;

const lineMax = 28;

/** The room that lines of text take in a row, with some air on the left and the right. */
export function widthOf(lines: readonly string[], size = fontSize): number {
  const longest = Math.max(0, ...lines.map((line) => line.length));
  return Math.ceil((longest * letterWidth * size) / fontSize) + 8;
}

/** `EVENT [guard] / action, action`, in as many lines as it takes, the later ones indented. */
export function linesOf(transition: ChartTransition): readonly string[] {
  const { event, guard, actions } = transition;
  const words = [
    event ?? 'always',
    ...(guard === undefined ? [] : [`[${guard}]`]),
    ...actions.map((action, nth) => {
      const comma = nth < actions.length - 1 ? ',' : '';
      return `${nth === 0 ? '/ ' : ''}${action}${comma}`;
    }),
  ];
  return words.reduce<string[]>((lines, word) => {
    const line = lines.at(-1);
    if (line === undefined) return [word];
    if (line.length + 1 + word.length > lineMax) return [...lines, `  ${word}`];
    return [...lines.slice(0, -1), `${line} ${word}`];
  }, []);
}

/** What a state does when it is entered and left, and what runs meanwhile, a line each. */
export function behaviourOf(state: ChartState): readonly string[] {
  return [
    ...state.entry.map((action) => `entry / ${action}`),
    ...state.exit.map((action) => `exit / ${action}`),
    ...(state.invoked ?? []).map((actor) => `invoke / ${actor}`),
  ];
}
