import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseTraces } from '../conformance/index.js';
import { compareGenerated, slowlyGenerated } from './generated.js';
import { commands, wordsOf } from './msgctx.js';
import { compareOutput } from './output.js';
import {
  anchorsOf,
  blocksIn,
  blocksOf,
  generatedIn,
  linksOf,
  pages,
  placeOf,
  root,
  textOf,
} from './pages.js';

/**
 * What the pages say is true: commands print what is shown, tables and diagrams follow from the code, data is valid, and
 * links lead somewhere, also in the published package. `docs.slow.test.ts` runs what takes longer.
 */

/** Which test checks the blocks of a language. */
const checkedBy: Readonly<Record<string, string>> = {
  console: 'this file runs it; docs.slow.test.ts and walkthrough.slow.test.ts run those marked so',
  sh: 'this file checks commands, options and files; package.slow.test.ts runs the way to a gate',
  json: 'this file validates it against its schema',
  jsonl: 'this file reads it as a trace',
  conversation: 'conformance/adapter-kit.slow.test.ts and conformance/examples.slow.test.ts',
  mermaid: 'this file generates it',
  js: 'docs.slow.test.ts runs it',
  ts: 'docs.slow.test.ts compiles it',
  go: 'docs.slow.test.ts compiles it, where there is a compiler',
  rust: 'docs.slow.test.ts compiles it, where there is a compiler',
  text: 'docs.slow.test.ts, as the output of the js block before it',
};

/** Blocks that no test checks, by their first line, each with the reason. */
const unchecked: Readonly<Record<string, string>> = {
  'kernel BUG at lib/list_debug.c:33!': 'the console of a Linux kernel that dies under QEMU',
};

/** Programs in sh blocks that are not part of this project. */
const foreign = ['apt-get', 'cc', 'cd', 'curl', 'git', 'node', 'npm', 'npx', 'python3', 'sudo'];

describe('the pages', () => {
  it('have only blocks of kinds that a test checks', () => {
    const blocks = pages().flatMap(blocksOf);
    expect(blocks.length).toBeGreaterThan(30);
    const others = blocks.filter(({ language, text }) => {
      const isListed = unchecked[text.split('\n')[0] ?? ''] !== undefined;
      return !isListed && checkedBy[language] === undefined;
    });
    expect(others.map(placeOf)).toEqual([]);
  });

  it('have mermaid diagrams only in generated parts, and text only as the output of a program', () => {
    const generated = pages()
      .flatMap(generatedIn)
      .map(({ text }) => text);
    const drawn = blocksIn('mermaid');
    expect(drawn).toHaveLength(4);
    for (const { text } of drawn) expect(generated).toContain(`\`\`\`mermaid\n${text}\n\`\`\`\n`);
    for (const page of pages()) {
      const blocks = blocksOf(page);
      const lone = blocks.filter(
        ({ language, text }, nth) =>
          language === 'text' &&
          unchecked[text.split('\n')[0] ?? ''] === undefined &&
          blocks[nth - 1]?.language !== 'js',
      );
      expect(lone.map(placeOf)).toEqual([]);
    }
  });

  const fast = blocksIn('console').filter(({ mark }) => !/^(?:slow|walk-through)/.test(mark));

  it('show commands that a test of this file runs', () => {
    expect(fast.length).toBeGreaterThan(2);
  });

  it.each(fast.map((block) => [placeOf(block), block] as const))(
    'show at %s what the commands print',
    async (_, block) => {
      const { shown, printed } = await compareOutput(block);
      expect(printed).toBe(shown);
    },
  );

  it('have JSON that its schema allows', () => {
    const blocks = blocksIn('json');
    expect(blocks.length).toBeGreaterThan(0);
    const ajv = new Ajv({ strict: false });
    for (const block of blocks) {
      const data = JSON.parse(block.text) as { schema?: string };
      const [, name = 'no schema'] = /^msgctx-(\w+)\/1$/.exec(data.schema ?? '') ?? [];
      const schema = JSON.parse(
        readFileSync(join(root, 'schemas', `${name}.json`), 'utf8'),
      ) as object;
      ajv.validate(schema, data);
      expect([placeOf(block), ajv.errors]).toEqual([placeOf(block), null]);
    }
  });

  it('have traces that can be read', () => {
    const blocks = blocksIn('jsonl');
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const [trace] = parseTraces(`${block.text}\n`, placeOf(block));
      expect(trace?.commands.length).toBeGreaterThan(0);
    }
  });
});

const generatedParts = pages()
  .flatMap((page) => generatedIn(page).map(({ name }) => [name, page] as const))
  .filter(([name]) => !slowlyGenerated.includes(name));

describe('the generated parts', () => {
  it('are there', () => {
    expect(generatedParts.length).toBeGreaterThan(20);
  });

  it.each(generatedParts)('%s of %s follows from the code', async (name, page) => {
    const { shown, generated } = await compareGenerated(page, name);
    expect(shown).toBe(generated);
  });

  it('describe the options of every command in docs/cli.md', async () => {
    const described = generatedIn('docs/cli.md').map(({ name }) => name);
    const expected = (await commands()).map(({ name }) => `options ${name}`);
    expect(described.filter((name) => name.startsWith('options ')).sort()).toEqual(expected.sort());
  });
});

describe('the commands in sh blocks and in the text', () => {
  /** The simple commands of a block, without comments. */
  const lines = blocksIn('sh').flatMap((block) =>
    block.text
      .replace(/\\\n/g, ' ')
      .split('\n')
      .map((line) => line.replace(/(?:^| )#.*$/, ''))
      .flatMap((line) => line.split(/&&|\||;/))
      .map((line) => ({ place: placeOf(block), words: wordsOf(line) }))
      .filter(({ words }) => words.length > 0),
  );
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const isVariable = (word: string) => /^[A-Z_]+=/.test(word);

  it('are those of msgctx, of npm scripts and of programs that the pages may use', () => {
    expect(lines.length).toBeGreaterThan(20);
    for (const { place, words } of lines) {
      const [program = '', verb = '', script = ''] = words.filter((word) => !isVariable(word));
      if (program === 'msgctx') continue;
      expect([place, foreign.includes(program) ? '' : program]).toEqual([place, '']);
      if (program !== 'npm' || verb !== 'run') continue;
      expect([place, scripts[script] === undefined ? script : '']).toEqual([place, '']);
    }
  });

  it('have options that their command has, and files of the project that exist', async () => {
    const all = await commands();
    for (const { place, words } of lines) {
      const at = words.indexOf('msgctx');
      if (at === -1 || !['npx', undefined].includes(words[at - 1])) continue;
      const own = words.slice(at + 1, [...words, '--'].indexOf('--'));
      const command = all.find(({ name }) => `${own.join(' ')} `.startsWith(`${name} `));
      expect([place, own.join(' '), command !== undefined]).toEqual([place, own.join(' '), true]);
      const offered = command?.options.flatMap(({ term }) => /--[a-z-]+/.exec(term) ?? []) ?? [];
      const used = own
        .filter((word) => word.startsWith('--'))
        .map((word) => word.replace(/=.*/, ''));
      expect([place, used.filter((one) => !offered.includes(one))]).toEqual([place, []]);
    }
    const files = lines.flatMap(({ words }) => words.filter((word) => /^examples\//.test(word)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('name in the text only options that exist', async () => {
    const offered = (await commands()).flatMap(({ options }) => options.map(({ term }) => term));
    const others = [
      '--help',
      '--version',
      '--save-dev',
      '--seed',
      '--count',
      '--mutate',
      '--fault',
    ];
    const known = [...others, ...offered.flatMap((term) => /--[a-z-]+/.exec(term) ?? [])];
    const named = pages()
      .filter((page) => page !== 'CHANGELOG.md')
      .flatMap((page) =>
        [...textOf(page).matchAll(/`(?:msgctx [a-z ]*)?(--[a-z][a-z-]+)/g)].map(
          ([, option = '']) => `${page}: ${option}`,
        ),
      );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((one) => !known.includes(one.replace(/.*: /, '')))).toEqual([]);
  });
});

describe('the links', () => {
  const { files } = JSON.parse(textOf('package.json')) as { files: readonly string[] };
  const shipped = (path: string) =>
    ['README.md', 'LICENSE', 'package.json'].includes(path) ||
    files.some((entry) => path === entry || path.startsWith(`${entry}/`));
  const links = pages().flatMap(linksOf);

  it('lead to files and headings that are there, also in the package', () => {
    expect(links.length).toBeGreaterThan(60);
    for (const { page, line, target } of links) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, '');
      const place = `${page}:${line} ${target}`;
      expect([place, existsSync(join(root, file)) && shipped(file)]).toEqual([place, true]);
      if (anchor !== undefined)
        expect([place, anchorsOf(file)]).toEqual([place, expect.arrayContaining([anchor])]);
    }
  });

  it('start at pages that are all in the package', () => {
    expect(pages().filter((page) => !shipped(page))).toEqual([]);
  });

  it('lead from README.md or docs/README.md to every page', () => {
    const linked = ['README.md', 'docs/README.md'].flatMap((page) =>
      linksOf(page).map(({ target }) => normalize(join(dirname(page), target.replace(/#.*/, '')))),
    );
    const missing = pages().filter((page) => page !== 'README.md' && !linked.includes(page));
    expect(missing).toEqual([]);
  });
});

describe('the README', () => {
  it('has at most 200 lines', () => {
    expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });
});

describe('the language of the pages', () => {
  /** Turns of phrase that a reader has to read twice; they are gone, and stay so. */
  const twisted =
    /\b(?:holds? the suites|is held (?:to|against)|so many of|for who|an? verdict a|Who [a-z]+s)\b|(?:^|[.:] )What [^.?]* is (?:told|said)/m;

  it('has none of the turns of phrase that were taken out', () => {
    expect(twisted.test('Who tests in C holds the suites against it.')).toBe(true);
    const found = pages().flatMap((page) => {
      // Help texts and catalogues have their own readers.
      const own = generatedIn(page).reduce(
        (text, part) => text.replace(part.text, ''),
        textOf(page),
      );
      const prose = own.replace(/^```[\s\S]*?^```$/gm, '');
      return (twisted.exec(prose) ?? []).map((words) => `${page}: ${words}`);
    });
    expect(found).toEqual([]);
  });
});

describe('the reference pages', () => {
  it('say for each dependency in package.json why it is there', () => {
    const manifest = JSON.parse(textOf('package.json')) as Record<string, object>;
    const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'];
    const names = [...new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})))];
    const rows = [...textOf('CONTRIBUTING.md').matchAll(/^\| (`[^|]*) \| (.{20,}) \|$/gm)];
    const said = rows.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(said.sort()).toEqual(names.sort());
  });

  it('name in docs/library.md every door of the package', () => {
    const { exports: doors } = JSON.parse(textOf('package.json')) as { exports: object };
    for (const door of Object.keys(doors).filter((one) => one !== './package.json'))
      expect(textOf('docs/library.md')).toContain(`\`${door.replace('.', 'msgctx')}\``);
  });

  it('name in docs/library.md only what the package exports', () => {
    const reports = readdirSync(join(root, 'api'))
      .map((file) => textOf(`api/${file}`))
      .join('');
    const named = [
      ...textOf('docs/library.md').matchAll(/`([A-Z]\w+|[a-z]+[A-Z]\w+)(?:\([^`]*\))?`/g),
    ];
    expect(named.length).toBeGreaterThan(20);
    const missing = named.filter(([, name = '']) => !new RegExp(`\\b${name}\\b`).test(reports));
    expect(missing.map(([, name]) => name)).toEqual([]);
  });

  it('have the words of the glossary in the order of the alphabet, each once', () => {
    const words = [...textOf('docs/glossary.md').matchAll(/^\| \*\*(.*?)\*\*/gm)].map(
      ([, word = '']) => word,
    );
    expect(words.length).toBeGreaterThan(40);
    expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b, 'en')));
  });
});
