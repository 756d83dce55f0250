import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The project as programs that other processes can run, in a folder of its own: the types are checked elsewhere, and
 * nobody builds into a folder from which somebody else is running.
 */
export interface Transpiled {
  /** The path of a file, as `conformance/cli/msgctx.js`. */
  path(file: string): string;
  remove(): void;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Turns all of it into JavaScript. */
export function transpiled(): Transpiled {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  // Below node_modules, where packages are found as from anywhere in the project.
  const folder = mkdtempSync(join(cache, 'msgctx-'));
  // Processes of other users run from it too.
  chmodSync(folder, 0o755);
  compile('tsconfig.build.json', folder);
  writeFileSync(join(folder, 'package.json'), readFileSync(join(root, 'package.json')));
  return {
    path: (file) => join(folder, file),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Puts the inspector's page there as well. */
export function addPage(program: Transpiled): void {
  compile('tsconfig.page.json', program.path(''));
  const copy = join('conformance', 'inspect', 'page', 'copy.mjs');
  spawnSync(process.execPath, [copy, program.path('')], { cwd: root });
}

function compile(project: string, folder: string): void {
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const args = ['-p', project, '--noCheck', '--declaration', 'false', '--outDir', folder];
  const { status, stdout } = spawnSync(tsc, args, { cwd: root });
  if (status !== 0) throw new Error(stdout.toString());
}
