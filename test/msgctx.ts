import { vi } from 'vitest';
import { main } from '../conformance/cli/main.js';

/** Runs a command line in this process, and returns what it prints on stdout and stderr. */
export async function msgctx(words: readonly string[]): Promise<string> {
  let out = '';
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      out += typeof part === 'string' ? part : Buffer.from(part).toString();
      return true;
    }),
  );
  try {
    await main(words);
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  return out;
}

/** Cuts a command line into words as a shell does, but for variables: quotes are taken off. */
export function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, one?: string, two?: string) => one ?? two ?? ''),
  );
}

/** A command of msgctx, as its help describes it. */
export interface Described {
  /** `run`, `ecryptfs keygen`. */
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  readonly options: readonly { term: string; what: string; byDefault: string }[];
}

let all: Promise<readonly Described[]> | undefined;

/** Every command that does something, from the help itself. */
export function commands(): Promise<readonly Described[]> {
  return (all ??= commandsBelow(''));
}

async function commandsBelow(name: string): Promise<readonly Described[]> {
  const help = await msgctx([...wordsOf(name), '--help']);
  const children = rowsIn(help, 'Commands').map(([term]) => term.split(' ')[0] ?? '');
  const found: Described[] = [];
  for (const child of children.filter((one) => one !== 'help')) {
    found.push(...(await commandsBelow(`${name} ${child}`.trim())));
  }
  if (children.length > 0) return found;
  const [, usage = ''] = /^Usage: (.*)$/m.exec(help) ?? [];
  const [, description = ''] = /^Usage: .*\n\n([\s\S]*?)\n\n/.exec(help) ?? [];
  const options = rowsIn(help, 'Options').map(([term, text]) => {
    const [, what = text, byDefault = ''] = /^(.*) \(default: (.*)\)$/.exec(text) ?? [];
    return { term, what, byDefault: byDefault === '[]' || byDefault === 'false' ? '' : byDefault };
  });
  const own = options.filter(({ term }) => !term.includes('--help'));
  return [{ name, usage, description: description.replace(/\s+/g, ' '), options: own }];
}

/** The rows of a section of a help text: term and what it says, unfolded. */
function rowsIn(help: string, section: string): [string, string][] {
  const [, body = ''] = new RegExp(`^${section}:\\n((?: .*\\n)*)`, 'm').exec(help) ?? [];
  const rows: [string, string][] = [];
  for (const line of body.split('\n')) {
    const [, term, what = ''] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? [];
    const last = rows.at(-1);
    if (term !== undefined) rows.push([term, what]);
    else if (last !== undefined) last[1] = `${last[1]} ${line.trim()}`.trim();
  }
  return rows;
}
