import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksIn } from './pages.js';
import { transpiled } from './transpiled.js';

/** The five commands of docs/encrypted-folder.md, run to the letter on a folder as an encrypted home directory has it. */

const programs = transpiled();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-folder-'));
const page = 'docs/encrypted-folder.md';
const mount = '0123456789abcdef0123456789abcdef\n';

const steps = blocksIn('console')
  .filter(({ page: of }) => of === page)
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((part): [string, string[]] => {
    const [command = '', ...lines] = part.trimEnd().split('\n');
    return [command, lines];
  });

/** Signatures, and the encrypted names in messages, differ from what the page shows. */
const same = (line: string) =>
  line
    .replace(/passphrase [0-9a-f]{16}/, 'passphrase SIGNATURE')
    .replace(/\.Private\S* cannot/, '.Private cannot');

function shell(command: string): string {
  const program = programs.path('conformance/cli/msgctx.js');
  const script = `msgctx() { ${process.execPath} ${program} "$@"; }; exec 2>&1; ${command}`;
  return spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).stdout;
}

beforeAll(() => {
  mkdirSync(join(folder, 'plain', 'letters'), { recursive: true });
  mkdirSync(join(folder, '.ecryptfs'));
  writeFileSync(join(folder, 'plain', 'notes.txt'), 'Dear Alice\n');
  writeFileSync(join(folder, 'plain', 'letters', 'to alice.txt'), 'Dear Alice\n');
  writeFileSync(join(folder, 'plain', 'letters', 'damaged.txt'), 'a long letter '.repeat(200));
  writeFileSync(join(folder, 'login'), 'my login\n');
  writeFileSync(join(folder, 'mount'), mount);
  const wrap =
    'msgctx ecryptfs wrap .ecryptfs/wrapped-passphrase --passphrase-file login --mount-passphrase-file mount --salt 0123456789abcdef';
  const create =
    'msgctx ecryptfs create plain --output .Private --encrypt-names --passphrase-file mount';
  expect(shell(`${wrap} && ${create}`)).toContain('3 encrypted');
  // The letter that is longer than the others is cut.
  const below = readdirSync(join(folder, '.Private'), { withFileTypes: true });
  const letters = join(folder, '.Private', below.find((one) => one.isDirectory())?.name ?? '');
  const damaged = shell(`msgctx ecryptfs list '${letters}' --passphrase-file mount`);
  expect(damaged).toContain('encrypted\t2800\tdamaged.txt');
  const name = shell('msgctx ecryptfs name --encrypt damaged.txt --passphrase-file mount').trim();
  truncateSync(join(letters, name), 8192 + 1010);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  programs.remove();
});

describe('the five commands of docs/encrypted-folder.md', () => {
  it('are five', () => {
    expect(steps).toHaveLength(5);
  });

  it.each(steps)('%s', (command, lines) => {
    const printed = shell(command).trimEnd().split('\n');
    expect(printed.map(same)).toEqual(lines.map(same));
  });
});
