import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareGenerated, slowlyGenerated } from './generated.js';
import { compareOutput } from './output.js';
import type { Block } from './pages.js';
import { blocksIn, blocksOf, isUpdating, placeOf, rewrite, root } from './pages.js';
import type { Transpiled } from './transpiled.js';
import { transpiled } from './transpiled.js';

/** What the pages show and what takes longer than a second to try. */

const titled = (blocks: readonly Block[]) =>
  blocks.map((block) => [placeOf(block), block] as const);
const folder = mkdtempSync(join(tmpdir(), 'msgctx-docs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the commands of the pages', () => {
  const slow = blocksIn('console').filter(({ mark }) => mark.startsWith('slow'));

  it('are here, where they are marked slow', () => {
    expect(slow.length).toBeGreaterThan(0);
  });

  it.each(titled(slow))('print at %s what is shown', async (_, block) => {
    const { shown, printed } = await compareOutput(block);
    expect(printed).toBe(shown);
  });
});

describe('the generated parts that take long', () => {
  it.each(slowlyGenerated)('%s of docs/model.md follow from the code', async (name) => {
    const { shown, generated } = await compareGenerated('docs/model.md', name);
    expect(shown).toBe(generated);
  });
});

describe('the programs of the pages', () => {
  let program: Transpiled | undefined;
  beforeAll(() => {
    program = transpiled();
    // As in the package, where the programs are in dist/.
    symlinkSync('.', program.path('dist'));
  });
  afterAll(() => {
    program?.remove();
  });

  const programs = titled(blocksIn('js'));

  it('are in the pages', () => {
    expect(programs.length).toBeGreaterThan(2);
  });

  it.each(programs)('print at %s what the page says', (_, block) => {
    const file = program?.path(`block-${block.line}.mjs`) ?? '';
    writeFileSync(file, block.text);
    const { stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const blocks = blocksOf(block.page);
    const output = blocks[blocks.findIndex(({ text }) => text === block.text) + 1];
    expect([placeOf(block), output?.language]).toEqual([placeOf(block), 'text']);
    if (output !== undefined && isUpdating) rewrite(output, stdout.trimEnd());
    else expect(stdout.trimEnd()).toBe(output?.text);
  });
});

describe('the TypeScript of the pages', () => {
  it('compiles with the types of the package', () => {
    const blocks = blocksIn('ts');
    expect(blocks.length).toBeGreaterThan(0);
    const files = new Map(blocks.map((one, nth) => [join(root, `block-${nth}.ts`), one] as const));
    const errors = errorsIn(new Map([...files].map(([file, { text }]) => [file, text])));
    expect(
      errors.map(
        ({ file, why }) => `${placeOf(files.get(file) ?? { page: file, line: 0 })}: ${why}`,
      ),
    ).toEqual([]);
  });

  it('is refused where it has an error of type', () => {
    const text = `import { run } from 'msgctx';\nrun(7);\n`;
    expect(errorsIn(new Map([[join(root, 'block.ts'), text]]))).toHaveLength(1);
  });
});

/** Compiles files that are nowhere but here, as a user of the package would. */
function errorsIn(texts: ReadonlyMap<string, string>): readonly { file: string; why: string }[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const doors = {
    '': 'conformance/index',
    '/model': 'model/index',
    '/kernel': 'impl/index',
    '/vitest': 'conformance/vitest',
  };
  const paths = Object.fromEntries(
    Object.entries(doors).map(([door, file]) => [`msgctx${door}`, [join(root, `${file}.ts`)]]),
  );
  const own = { ...config.compilerOptions, paths, noUnusedLocals: false };
  const { options } = ts.convertCompilerOptionsFromJson(own, root);
  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.readFile = (path) => texts.get(path) ?? onDisk.readFile(path);
  host.fileExists = (path) => texts.has(path) || onDisk.fileExists(path);
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((file) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText }) => ({
      file,
      why: ts.flattenDiagnosticMessageText(messageText, '\n'),
    })),
  );
}

describe('the adapters in other languages', () => {
  const languages = [
    {
      language: 'go',
      file: 'main.go',
      command: 'go',
      version: 'version',
      args: ['vet', 'main.go'],
    },
    {
      language: 'rust',
      file: 'main.rs',
      command: 'rustc',
      version: '--version',
      args: ['--edition', '2021', '--emit', 'metadata', 'main.rs'],
    },
  ];

  it.each(languages)('are there in $language', ({ language }) => {
    expect(blocksIn(language)).toHaveLength(1);
  });

  describe.each(languages)('in $language', ({ language, file, command, version, args }) => {
    // Compilers of some hundred megabytes for half a page: where they are missing that is said, also in CI.
    const isMissing = spawnSync(command, [version], { stdio: 'ignore' }).status !== 0;
    if (isMissing)
      process.stderr.write(`skipped: ${command} is missing, so ${file} is not compiled\n`);
    it.skipIf(isMissing)('compile', () => {
      const [block] = blocksIn(language);
      writeFileSync(join(folder, file), block?.text ?? '');
      const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
      expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
    });
  });
});
