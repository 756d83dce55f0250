import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** The house rules that a machine can check. */

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['model', 'impl', 'conformance'];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const text = (file: string) => readFileSync(join(root, file), 'utf8');

/** The files of the project that a file imports, types included. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(text(file))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, join(root, dirname(file), name.replace(/\.js$/, '.ts'))));
}

const roomOf = (file: string) => file.split(sep)[0] ?? '';
const files = rooms.flatMap(sources);

describe('the structure of the project', () => {
  it('has files to check, and every import leads to one', () => {
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) {
      for (const target of importsOf(file))
        expect(statSync(join(root, target)).isFile()).toBe(true);
    }
  });

  it('keeps model and impl apart, and lets few files of conformance import impl', () => {
    const crossing = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => roomOf(target) !== roomOf(file))
        .map((target) => ({ file, to: roomOf(target) })),
    );
    const pairs = new Set(crossing.map(({ file, to }) => `${roomOf(file)} -> ${to}`));
    expect([...pairs].sort()).toEqual(['conformance -> impl', 'conformance -> model']);
    const users = crossing.filter(({ to }) => to === 'impl').map(({ file }) => file);
    const subjects = join('conformance', 'subjects');
    const allowed = ['party.ts', 'reference-daemon.ts', 'reference.ts'].map((name) =>
      join(subjects, name),
    );
    // The command line of the reference system is the implementation's own.
    const commands = join('conformance', 'cli', 'ecryptfs') + sep;
    const others = [...new Set(users)].filter((file) => !file.startsWith(commands));
    expect(others.sort()).toEqual(allowed);
  });

  it('enters another room by its door only', () => {
    for (const file of files) {
      for (const target of importsOf(file).filter((one) => roomOf(one) !== roomOf(file))) {
        expect(`${file} imports ${target}`).toBe(
          `${file} imports ${join(roomOf(target), 'index.ts')}`,
        );
      }
    }
  });

  it('has no import cycle', () => {
    const done = new Set<string>();
    const visit = (file: string, above: readonly string[]) => {
      expect(above.includes(file) ? [...above, file].join(' > ') : '').toBe('');
      if (done.has(file)) return;
      done.add(file);
      for (const target of importsOf(file)) visit(target, [...above, file]);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBe(files.length);
  });

  it('touches sockets, processes, timers, clocks and chance at the edges only', () => {
    const edges = [
      join('impl', 'clock.ts'),
      join('impl', 'transport'),
      // Encrypted files and key files are of a disk; all that touches one is in this file.
      join('impl', 'file', 'node-disk.ts'),
      join('conformance', 'subjects'),
      join('conformance', 'cli'),
      // The inspector's server, and its page in a browser.
      join('conformance', 'inspect'),
    ];
    const forbidden =
      /node:(?:net|fs|child_process|dgram|http|worker_threads)|\bDate\b|Math\.random|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\.(?:on|exit|env|kill|std|argv|hrtime|pid)/;
    for (const file of files.filter((one) => !edges.some((edge) => one.startsWith(edge)))) {
      const code = text(file)
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, '');
      expect(`${file}: ${forbidden.exec(code)?.[0] ?? ''}`).toBe(`${file}: `);
    }
  });

  it('has small files with names from the glossary', () => {
    for (const file of files) {
      expect(text(file).split('\n').length, file).toBeLessThanOrEqual(400);
      expect(file).not.toMatch(/utils|helpers|common|types|manager/);
    }
  });

  it('puts a docstring on every export', () => {
    for (const file of files) {
      const source = ts.createSourceFile(file, text(file), ts.ScriptTarget.ES2023, true);
      for (const statement of source.statements) {
        const exported =
          ts.canHaveModifiers(statement) &&
          ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
        if (exported !== true || ts.isExportDeclaration(statement)) continue;
        const documented = ts.getJSDocCommentsAndTags(statement).length > 0;
        const name = statement.getText(source).split('\n')[0] ?? '';
        expect(`${file}: ${documented ? '' : name}`).toBe(`${file}: `);
      }
    }
  });
});
