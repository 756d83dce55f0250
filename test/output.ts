import { msgctx, wordsOf } from './msgctx.js';
import type { Block } from './pages.js';
import { isUpdating, placeOf, rewrite } from './pages.js';

/** Output that a page shows, against what the commands of the block print now. */
export interface Output {
  readonly shown: string;
  readonly printed: string;
}

/**
 * Runs the commands of a console block. How long something took is not compared. When pages are updated, the block
 * gets what was printed.
 */
export async function compareOutput(block: Block): Promise<Output> {
  const lines = block.text.split('\n').filter((line) => line.startsWith('$ '));
  let text = '';
  for (const line of lines) {
    const [program, ...words] = wordsOf(line.slice(2));
    if (program !== 'msgctx') throw new Error(`${placeOf(block)}: expected "$ msgctx …"`);
    text += `${line}\n${excerpt(block, await msgctx(words))}`;
  }
  const [shown, printed] = [timeless(block.text), timeless(text.trimEnd())];
  if (!isUpdating || shown === printed) return { shown, printed };
  rewrite(block, text.trimEnd());
  return { shown: printed, printed };
}

function excerpt(block: Block, printed: string): string {
  const [, first = '', last = ''] = /^(?:slow; )?excerpt: (.*) … (.*)$/.exec(block.mark) ?? [];
  if (first === '') return printed;
  const lines = printed.split('\n');
  const from = lines.findIndex((line) => line.includes(first));
  const to = lines.findIndex((line, nth) => nth >= from && line.includes(last));
  if (from === -1 || to === -1) {
    throw new Error(
      `${placeOf(block)}: "${first}" to "${last}" is not in what is printed:\n${printed}`,
    );
  }
  return `${lines.slice(from, to + 1).join('\n')}\n`;
}

function timeless(text: string): string {
  return text.replace(/\b\d+(?:\.\d+)? (s|ms|µs|MiB)\b/g, 'N $1');
}
