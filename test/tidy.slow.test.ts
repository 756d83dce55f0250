import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lacksWhen } from './needs.js';
import { transpiled } from './transpiled.js';

/** What commands on files leave behind when they fail or are interrupted, and what they never replace. */

const programs = transpiled();
const msgctx = programs.path('conformance/cli/msgctx.js');
let folder = '';
const made: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgctx-tidy-'));
  made.push(folder);
  writeFileSync(join(folder, 'secret'), 'correct horse\n', { mode: 0o600 });
});
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true });
  programs.remove();
});

interface Ran {
  readonly status: number | null;
  readonly said: string;
}

/** What is written to a command, or what its standard streams are. */
type Input = string | (number | 'pipe')[];

const secret = ['--passphrase-file', 'secret'];

/** Runs a command to its end. */
function run(words: readonly string[], stdin: Input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [msgctx, 'ecryptfs', ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
    ...(typeof stdin === 'string' ? { input: stdin } : { stdio: stdin }),
  });
  return { status, said: `${stdout}${stderr}` };
}
const create = (file: string, stdin: Input = 'contents') =>
  run(['create', file, '--force', ...secret], stdin);
const names = () => readdirSync(folder).sort();

describe('create', () => {
  it('replaces a file when it is told to, and keeps everything else', async () => {
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    mkdirSync(join(folder, 'folder'));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    for (const name of ['pipe', 'folder', 'socket']) {
      const { ino } = lstatSync(join(folder, name));
      const { status, said } = create(name);
      expect(status).toBe(1);
      expect(said).toMatch(new RegExp(`^msgctx: ${name} cannot be created \\((EINVAL|EISDIR)\\): it is .*; name a file\n$`));
      expect(lstatSync(join(folder, name)).ino).toBe(ino);
    }
    server.close();
    writeFileSync(join(folder, 'target'), 'precious', { mode: 0o600 });
    symlinkSync('target', join(folder, 'link'));
    expect(create('link')).toEqual({
      status: 1,
      said: 'msgctx: link cannot be created (ELOOP): it is a symbolic link, which is neither followed nor replaced; name the file that it leads to\n',
    });
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(run(['create', 'target', ...secret], 'contents')).toEqual({
      status: 1,
      said: 'msgctx: target cannot be created (EEXIST): it is there already; name another file, or replace it with --force\n',
    });
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('precious');
    expect(create('target')).toEqual({ status: 0, said: '' });
    expect(run(['open', 'link', ...secret]).said).toBe('contents');
  }); // prettier-ignore

  it('takes a folder as standard input for an error, before anything is replaced', () => {
    writeFileSync(join(folder, 'letter'), 'precious');
    const input = openSync(folder, 'r');
    const { status, said } = create('letter', [input, 'pipe', 'pipe']);
    closeSync(input);
    expect(said).toBe('msgctx: standard input is a folder; give it a file or a pipe\n');
    expect(status).toBe(1);
    // Nor does it read what was opened to be written.
    const output = openSync(join(folder, 'out'), 'w');
    expect(create('letter', [output, 'pipe', 'pipe']).said).toContain('letter cannot be created (EBADF)');
    closeSync(output);
    expect(readFileSync(join(folder, 'letter'), 'utf8')).toBe('precious');
    expect(names()).toEqual(['letter', 'out', 'secret']);
  }); // prettier-ignore

  it('reads a file, a device and an empty input', () => {
    for (const [path, contents] of [
      [join(folder, 'secret'), 'correct horse\n'],
      ['/dev/null', ''],
    ] as const) {
      const input = openSync(path, 'r');
      expect(create('letter', [input, 'pipe', 'pipe'])).toEqual({ status: 0, said: '' });
      closeSync(input);
      expect(run(['open', 'letter', ...secret]).said).toBe(contents);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing behind at %s', async (signal) => {
    writeFileSync(join(folder, 'letter'), 'precious');
    const child: ChildProcess = spawn(
      process.execPath,
      [msgctx, 'ecryptfs', 'create', 'letter', '--force', ...secret],
      { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'] },
    );
    child.stdin?.write('begun');
    await vi.waitUntil(() => names().some((name) => name.endsWith('.new')), { timeout: 120_000, interval: 10 });
    const ended = once(child, 'exit');
    child.kill(signal);
    const status = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal];
    expect(await ended).toEqual([status, null]);
    expect(names()).toEqual(['letter', 'secret']);
    expect(readFileSync(join(folder, 'letter'), 'utf8')).toBe('precious');
  }); // prettier-ignore

  it('reads no passphrase from what is no file, nor from one that does not end', () => {
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    writeFileSync(join(folder, 'long'), Buffer.alloc(65_537, 'a'));
    for (const [path, what] of [
      ['pipe', 'is a pipe, a device or a socket; name a regular file'],
      ['/dev/zero', 'is a pipe, a device or a socket; name a regular file'],
      ['.', 'is a folder; name a regular file'],
      ['long', 'has more than 65536 bytes'],
    ] as const) {
      const { status, said } = run(['create', 'letter', '--passphrase-file', path]);
      expect(said).toContain(`the passphrase file ${path} ${what}`);
      expect(status).toBe(1);
    }
    for (const words of [['info', 'pipe'], ['open', 'pipe']]) {
      expect(run(words)).toEqual({
        status: 1,
        said: 'msgctx: pipe cannot be opened (EINVAL): it is a pipe, a device or a socket; name a file\n',
      });
    }
  }); // prettier-ignore

  it('shows foreign names with escapes, and not at any length', () => {
    const name = `a\u001b[2J\u009b\u202e${'n'.repeat(200)}`;
    const { said } = run(['info', name]);
    expect(said).toContain('msgctx: a\\x1b[2J\\x9b\\u202ennn');
    expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const long = run(['info', 'n'.repeat(100_000)]).said;
    expect(long).toContain('… (100000 characters) …');
    expect(long.length).toBeLessThan(2200);
    expect(run(['create', 'x', '--signature', `\u001b${'a'.repeat(90_000)}`]).said.length).toBeLessThan(1000);
  }); // prettier-ignore
});

describe('keygen', () => {
  it('makes a key that only its owner reads, and never replaces anything', () => {
    const keygen = (path: string) => run(['keygen', path, '--bits', '1024', ...secret]);
    expect(keygen('key.pem')).toMatchObject({ status: 0 });
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, 'key.pem'));
    symlinkSync('nowhere', join(folder, 'link'));
    for (const path of ['key.pem', 'link', '.']) {
      const { status, said } = keygen(path);
      expect(status).toBe(1);
      expect(said).toContain('(EEXIST): it is there already; name another file');
    }
    expect(readFileSync(join(folder, 'key.pem')).equals(before)).toBe(true);
    expect(names()).toEqual(['key.pem', 'link', 'secret']);
  });
});

const isRootMissing = lacksWhen(() => {
  const script = 'mount -t tmpfs -o size=4k none /mnt';
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', script]);
  if (status !== 0) throw new Error('a full disk needs root, who may mount');
});

describe.skipIf(isRootMissing)('on a disk that is full', () => {
  it('neither a half key nor a half file is left', () => {
    mkdirSync(join(folder, 'disk'));
    const node = `${process.execPath} ${msgctx} ecryptfs`;
    const script = [
      'mount -t tmpfs -o size=4k none disk && head -c 4096 /dev/zero > disk/fill || exit 9',
      `${node} keygen disk/key.pem --bits 1024 --passphrase-file secret`,
      'echo "status $?"',
      `echo contents | ${node} create disk/letter --passphrase-file secret`,
      'echo "status $?"; ls -A disk',
    ].join('\n');
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', `exec 2>&1\n${script}`], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^msgctx: the key cannot be written to .*\/disk\/key.pem \(ENOSPC\): /),
      'status 1',
      expect.stringMatching(/^msgctx: disk\/letter cannot be created \(ENOSPC\): /),
      'status 1',
      'fill',
      '',
    ]);
  });

  it('is one of another user whose file keeps its mode and its owner', () => {
    const path = join(folder, 'letter');
    writeFileSync(path, 'old');
    chownSync(path, 60_140, 60_141);
    chmodSync(path, 0o640);
    linkSync(path, join(folder, 'other'));
    expect(create('letter').status).toBe(0);
    const { mode, uid, gid } = statSync(path);
    expect([mode & 0o777, uid, gid]).toEqual([0o640, 60_140, 60_141]);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('old');
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'secret'), 'correct horse', { mode: 0o644 });
    chmodSync(join(folder, 'secret'), 0o644);
    const args = [msgctx, 'ecryptfs', 'create', 'letter', '--force', ...secret];
    const user = { uid: 60_142, gid: 60_142, cwd: folder, input: 'x', encoding: 'utf8' } as const;
    const { stderr } = spawnSync(process.execPath, args, user);
    expect(stderr).toContain(
      'letter cannot be created (EPERM): it belongs to uid 60140 and gid 60141, and this user may not give a new one away; remove it first',
    );
    expect(names()).toEqual(['letter', 'other', 'secret']);
  });
});
