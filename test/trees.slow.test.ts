import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cipherOf, encryptTarget, deriveKey, nameSalts } from '../impl/index.js';
import { lacksWhen } from './needs.js';
import { transpiled } from './transpiled.js';

/** Trees, encrypted and decrypted: names, links, holes, times and modes; errors, and runs that go on where one stopped. */

const programs = transpiled();
const program = programs.path('conformance/cli/msgctx.js');
const made: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgctx-trees-'));
  made.push(folder);
  writeFileSync(at('secret'), 'correct horse\n', { mode: 0o600 });
});
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true });
  programs.remove();
});

const at = (...names: readonly string[]) => join(folder, ...names);
const key = ['--passphrase-file', 'secret'];

function run(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'ecryptfs', ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const create = (...words: readonly string[]) => run('create', 'plain', '--output', 'lower', ...key, ...words); // prettier-ignore
const open = (...words: readonly string[]) => run('open', 'lower', '--output', 'out', ...key, ...words); // prettier-ignore
const rows = (text: string) => text.trimEnd().split('\n').sort();

/** A tree with what people have. */
function plant(): void {
  mkdirSync(at('plain', 'notes', 'old'), { recursive: true });
  writeFileSync(at('plain', 'notes', 'a b.txt'), 'Dear Alice\n');
  writeFileSync(at('plain', 'notes', 'empty'), '');
  linkSync(at('plain', 'notes', 'a b.txt'), at('plain', 'second name'));
  symlinkSync('notes/a b.txt', at('plain', 'link'));
  symlinkSync('../nowhere/at all', at('plain', 'notes', 'dangling'));
  writeFileSync(at('plain', 'holes'), 'begin');
  truncateSync(at('plain', 'holes'), 3 << 20);
  writeFileSync(at('plain', 'holes'), 'end', { flag: 'a' });
  writeFileSync(at('plain', 'run.sh'), '#!/bin/sh\n');
  chmodSync(at('plain', 'run.sh'), 0o750);
  utimesSync(at('plain', 'run.sh'), 1e9, 1e9 + 0.5);
  utimesSync(at('plain', 'notes'), 1e9, 1e9);
  chmodSync(at('plain', 'notes', 'old'), 0o500);
}

describe.each([['with their names', ['--encrypt-names']], ['without their names', []]] as const)(
  'trees %s',
  (_, words) => {
    it('come back as they were', () => {
      plant();
      const first = create(...words);
      expect(first.stderr).toBe('msgctx: 4 encrypted, 3 linked\n');
      expect(first.status).toBe(0);
      const names = readdirSync(at('lower'), { recursive: true, encoding: 'utf8' });
      const encrypted = names.filter((name) => /^(?:ECRYPTFS_FNEK_ENCRYPTED\.[^/]+\/?)+$/.test(name));
      expect(encrypted).toHaveLength(words.length === 0 ? 0 : names.length);
      expect(statSync(at('lower')).mode).toBe(statSync(at('plain')).mode);
      const { status, stdout } = open();
      expect(status).toBe(0);
      expect(rows(stdout).map((row) => row.split('\t')[1]).sort()).toEqual(
        ['holes', 'link', 'notes/a b.txt', 'notes/dangling', 'notes/empty', 'run.sh', 'second name'],
      );
      expect(spawnSync('diff', ['-r', '--no-dereference', at('plain'), at('out')], { encoding: 'utf8' }).stdout).toBe('');
      expect(statSync(at('out', 'second name')).ino).toBe(statSync(at('out', 'notes', 'a b.txt')).ino);
      expect(readlinkSync(at('out', 'notes', 'dangling'))).toBe('../nowhere/at all');
      expect(statSync(at('out', 'holes')).blocks).toBeLessThan(100);
      const { mode, mtimeMs } = statSync(at('out', 'run.sh'));
      expect([mode & 0o777, Math.round(mtimeMs)]).toEqual([0o750, 1e12 + 500]);
      expect(Math.round(statSync(at('out', 'notes')).mtimeMs)).toBe(1e12);
      expect(statSync(at('out', 'notes', 'old')).mode & 0o777).toBe(0o500);
      for (const again of [open(), create(...words)])
        expect(again).toMatchObject({ status: 0, stderr: 'msgctx: 7 kept\n' });
    });
  },
); // prettier-ignore

describe('a tree with errors', () => {
  it('is decrypted but for what cannot be, with a line for each and exit status 1', () => {
    plant();
    create();
    truncateSync(at('lower', 'run.sh'), 8192);
    writeFileSync(at('lower', 'readme'), 'plain');
    writeFileSync(at('other'), 'correct pony\n');
    run('create', 'lower/foreign', '--passphrase-file', 'other');
    writeFileSync(at('lower', 'ECRYPTFS_FNEK_ENCRYPTED.torn'), 'x');
    spawnSync('mkfifo', [at('lower', 'pipe')]);
    const { status, stdout, stderr } = open();
    expect(status).toBe(1);
    const found = new Map(stdout.trimEnd().split('\n').map((row) => row.split('\t')).map(([what, name, why]) => [name, `${what} ${why ?? ''}`]));
    expect(found.get('run.sh')).toContain('failed lower/run.sh cannot be read (EIO): it is cut off: extent 0');
    expect(found.get('foreign')).toMatch(/^failed lower\/foreign cannot be opened \(EIO\): key [0-9a-f]{16}: the passphrase in secret makes key/);
    expect(found.get('ECRYPTFS_FNEK_ENCRYPTED.torn')).toContain('failed it begins as an encrypted name and is none');
    expect(found.get('pipe')).toContain('skipped it is a pipe');
    expect(found.get('readme')).toBe('copied ');
    expect(stderr).toBe('msgctx: 3 decrypted, 1 copied, 3 linked, 1 skipped, 3 failed\n');
    expect(existsSync(at('out', 'run.sh'))).toBe(false);
    const again = open('--salvage', '--plain', 'skip');
    expect(again.stdout).toContain('doubtful\trun.sh\textent 0 is missing: the file ends before it');
    expect(again.stdout).toContain('skipped\treadme\tit is not encrypted');
    expect(again.status).toBe(1);
    expect(readdirSync(at('out')).filter((name) => name.startsWith('.msgctx'))).toEqual([]);
  });

  it('replaces nothing unasked, and never goes through a link', () => {
    plant();
    create();
    mkdirSync(at('out'));
    mkdirSync(at('elsewhere'));
    writeFileSync(at('out', 'run.sh'), 'mine');
    symlinkSync('../elsewhere', at('out', 'notes'));
    const { status, stdout } = open();
    expect(status).toBe(1);
    expect(stdout).toContain('failed\trun.sh\tanother file has its name; replace it with --force\n');
    expect(stdout).toMatch(/^failed\tnotes\t.*is there already and is no folder$/m);
    expect(readFileSync(at('out', 'run.sh'), 'utf8')).toBe('mine');
    expect(readdirSync(at('elsewhere'))).toEqual([]);
    expect(open('--force').stdout).toContain('decrypted\trun.sh\n');
    expect(readFileSync(at('out', 'run.sh'), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('writes nothing outside of its folder, whatever a name decrypts to', () => {
    plant();
    create('--encrypt-names');
    const { fekek, signature } = deriveKey(Buffer.from('correct horse'), nameSalts[0]);
    const evil = fekek.use((bytes) =>
      encryptTarget(Buffer.from('../escaped'), cipherOf('aes', 16), { signature, fekek: bytes }),
    );
    const [any = ''] = readdirSync(at('lower')).filter((name) => lstatSync(at('lower', name)).isFile());
    writeFileSync(at('lower', evil), readFileSync(at('lower', any)));
    const { status, stdout } = open();
    expect(stdout).toContain('what it decrypts to can be no name of a file; it is damaged or forged');
    expect(status).toBe(1);
    expect(existsSync(at('escaped'))).toBe(false);
  });

  it('says of names under another passphrase which key they want', () => {
    plant();
    create('--encrypt-names');
    writeFileSync(at('secret'), 'correct horse\r\n');
    const { status, stdout } = open();
    expect(status).toBe(1);
    for (const row of rows(stdout)) expect(row).toMatch(/its name is under key [0-9a-f]{16}, and the passphrase in secret makes [0-9a-f]{16}, [0-9a-f]{16}, [0-9a-f]{16}; it fits without the carriage return/);
  });

  it('is refused where it would lie in itself, or has no folder to go to', () => {
    plant();
    for (const output of ['plain/out', 'plain', '.'])
      expect(run('create', 'plain', '--output', output, ...key)).toMatchObject({ status: 2, stdout: '' });
    expect(run('open', 'plain', ...key).stderr).toBe('msgctx: plain is a folder; add --output FOLDER\n');
    expect(run('create', 'plain', '--output', 'none/such', ...key).status).toBe(1);
    expect(run('create', 'secret', '--output', 'out', ...key).stderr).toContain('secret is no folder');
  });
}); // prettier-ignore

describe('a run that is interrupted', () => {
  it('leaves whole files alone, and the next run makes the others', async () => {
    mkdirSync(at('plain'));
    for (let nth = 0; nth < 300; nth += 1) writeFileSync(at('plain', `${nth}`), `${nth}\n`.repeat(20_000));
    create();
    const words = [program, 'ecryptfs', 'open', 'lower', '--output', 'out', ...key];
    const child = spawn(process.execPath, words, { cwd: folder, stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(at('out')) && readdirSync(at('out')).length > 5, { timeout: 60_000, interval: 1 });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    const there = readdirSync(at('out'));
    expect(there.length).toBeLessThan(300);
    expect(there.filter((name) => name.startsWith('.'))).toEqual([]);
    writeFileSync(at('out', '.msgctx-0123456789ab.new'), 'of somebody');
    const { status, stderr } = open();
    expect([status, stderr]).toEqual([0, expect.stringMatching(new RegExp(`^msgctx: ${300 - there.length} decrypted, ${there.length} kept\n$`))]);
    expect(spawnSync('diff', ['-r', at('plain'), at('out')], { encoding: 'utf8' }).stdout).toBe(`Only in ${at('out')}: .msgctx-0123456789ab.new\n`);
  });
}); // prettier-ignore

const isRootMissing = lacksWhen(() => {
  const script = 'mount -t tmpfs -o size=4k none /mnt';
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', script]);
  if (status !== 0) throw new Error('a full disk needs root, who may mount');
});

describe.skipIf(isRootMissing)('on a disk that is full', () => {
  it('a tree ends with 1, and goes on when there is room', () => {
    mkdirSync(at('plain'));
    for (const name of ['a', 'b', 'c']) writeFileSync(at('plain', name), Buffer.alloc(40_000, name));
    const node = `${process.execPath} ${program} ecryptfs create plain --output disk/lower --passphrase-file secret`;
    const script = [
      'mkdir disk && mount -t tmpfs -o size=120k none disk || exit 9',
      `${node}; echo "status $?"; mount -o remount,size=1m disk; ${node}; echo "status $?"`,
    ].join('\n');
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', `exec 2>&1\n${script}`], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toContain('msgctx: the disk is full (ENOSPC); make room and run the command again: it goes on where it stopped\nstatus 1\n');
    expect(stdout).toMatch(/msgctx: \d encrypted, \d kept\nstatus 0\n$/);
  });

  it('standard output ends open with 1', () => {
    writeFileSync(at('text'), 'contents');
    const script = `${process.execPath} ${program} ecryptfs create letter --passphrase-file secret < text && ${process.execPath} ${program} ecryptfs open letter --passphrase-file secret > /dev/full; echo "status $?"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['status 1\n', 'msgctx: stdout could not be written (ENOSPC: no space left on device, write)\n']);
  });
}); // prettier-ignore
