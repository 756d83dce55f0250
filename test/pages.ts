import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The pages of the project, cut into what a test can check: code blocks, generated parts and links.
 *
 * A comment on the line before a block says how the tests treat it:
 *
 * - `<!-- slow -->`: the block takes more than about a second, so a slow test runs it.
 * - `<!-- excerpt: FIRST … LAST -->`: the block shows the output from the first line that contains FIRST to the next
 *   line that contains LAST.
 * - `<!-- walk-through … -->`: a shell session that `walkthrough.slow.test.ts` runs.
 *
 * `<!-- generated: NAME -->` and `<!-- end -->` enclose text that a test writes. With `MSGCTX_UPDATE=1` the tests write
 * printed output and generated text into the pages instead of only comparing them.
 */

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether the tests write what they find into the pages. */
export const isUpdating = process.env['MSGCTX_UPDATE'] !== undefined;

/** A code block of a page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  /** The comment before it, or an empty text. */
  readonly mark: string;
  readonly text: string;
}

/** A link of a page to a file of the project, or to a heading. */
export interface Link {
  readonly page: string;
  readonly line: number;
  readonly target: string;
}

/** Every page that people read, by its path in the project. */
export function pages(): readonly string[] {
  const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => `examples/${path}`);
  const docs = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`);
  const own = ['README.md', 'PROTOCOL.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
  return [...own, ...docs.sort(), ...examples.sort()];
}

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The code blocks of a page. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = textOf(page).split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, language] = /^```(\S*)/.exec(lines[at] ?? '') ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`${page}:${at + 1}: the block has no end`);
    const [, mark = ''] = /^<!-- (.*) -->$/.exec(lines[at - 1] ?? '') ?? [];
    const text = lines.slice(at + 1, end).join('\n');
    blocks.push({ page, line: at + 1, language, mark, text });
    at = end;
  }
  return blocks;
}

/** The blocks of one language in all pages. */
export function blocksIn(language: string): readonly Block[] {
  return pages().flatMap((page) => blocksOf(page).filter((one) => one.language === language));
}

/** Where a block stands, for a test's title. */
export function placeOf({ page, line }: { page: string; line: number }): string {
  return `${page}:${line}`;
}

/** Puts another text into a block. */
export function rewrite(block: Block, text: string): void {
  const { page, language, mark } = block;
  const head = `${mark === '' ? '' : `<!-- ${mark} -->\n`}\`\`\`${language}\n`;
  replaceIn(page, `${head}${block.text}\n\`\`\``, `${head}${text}\n\`\`\``);
}

/** The generated parts of a page: name and text. */
export function generatedIn(page: string): readonly { name: string; text: string }[] {
  const parts = textOf(page).matchAll(/^<!-- generated: (.*) -->\n([\s\S]*?)^<!-- end -->$/gm);
  return [...parts].map(([, name = '', text = '']) => ({ name, text }));
}

/** Puts another text into a generated part. */
export function regenerate(page: string, name: string, text: string): void {
  const part = generatedIn(page).find((one) => one.name === name);
  const head = `<!-- generated: ${name} -->\n`;
  replaceIn(page, `${head}${part?.text ?? ''}<!-- end -->`, `${head}${text}<!-- end -->`);
}

function replaceIn(page: string, old: string, text: string): void {
  const [before, after] = [textOf(page), textOf(page).split(old)];
  if (after.length !== 2)
    throw new Error(`${page}: expected once, found ${after.length - 1}: ${old}`);
  if (before !== after.join(text)) writeFileSync(join(root, page), after.join(text));
}

/** The text of a page without code blocks and code spans. */
function proseOf(page: string): string {
  return textOf(page)
    .replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ''))
    .replace(/`[^`\n]*`/g, (span) => ' '.repeat(span.length));
}

/** The links of a page that lead into the project. */
export function linksOf(page: string): readonly Link[] {
  return proseOf(page).split('\n').flatMap((text, nth) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => ({ page, line: nth + 1, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  ); // prettier-ignore
}

/** The anchors of a page, as GitHub makes them from its headings. */
export function anchorsOf(page: string): readonly string[] {
  const headings = textOf(page)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#{1,6} (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
