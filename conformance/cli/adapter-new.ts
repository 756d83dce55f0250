import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mustExist, reasonOf, UsageError } from '../usage.js';

/** `msgctx adapter new`: the beginning of an adapter, which speaks the protocol and lacks the rules. */

/** What to type then, by language. */
const next: Readonly<Record<string, { readonly build: string; readonly adapter: string }>> = {
  c: { build: 'cc -std=c11 -Wall -Wextra -O2 -o adapter adapter.c', adapter: './adapter' },
  python: { build: '', adapter: 'python3 adapter.py' },
  typescript: { build: 'npm install && npx tsc', adapter: 'node adapter.js' },
};

/** The languages that there is a beginning in. */
export const adapterLanguages = Object.keys(next);

/**
 * Writes the files into a new directory, or an empty one. Returns the exit status.
 *
 * @throws UsageError for another language, for a directory that holds something, and when it cannot be written
 */
export function adapterNewCommand(language: string, directory: string): number {
  mustExist('language', language, adapterLanguages);
  const { build = '', adapter = '' } = next[language] ?? {};
  // The package knows itself by its name, wherever it is installed and compiled to.
  const root = dirname(createRequire(import.meta.url).resolve('msgctx/package.json'));
  try {
    mkdirSync(directory, { recursive: true });
    if (readdirSync(directory).length > 0) {
      throw new UsageError(`${directory} is not empty: name a directory that is new`);
    }
    cpSync(join(root, 'templates', language), directory, { recursive: true, errorOnExist: true });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${directory} cannot be written (${reasonOf(error)})`);
  }
  const steps = [
    `cd ${directory}`,
    build,
    `npx msgctx adapter check -- ${adapter}`,
    `npx msgctx run -- ${adapter}`,
  ].filter((step) => step !== '');
  process.stdout.write(
    `${directory}: the beginning of an adapter in ${language}; now\n\n${steps.map((step) => `  ${step}\n`).join('')}`,
  );
  return 0;
}
