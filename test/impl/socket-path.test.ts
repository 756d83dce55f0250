import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { End } from '../../impl/index.js';
import {
  Asker,
  connectChannel,
  listenChannel,
  toKernel,
  TransportUnavailable,
} from '../../impl/index.js';
import { lacksWhen } from '../needs.js';
import { freshPath, removePaths, transports } from './transports.js';

/** Where a kernel side listens: it takes nobody's place, and no other user leads it elsewhere. */

const isMissing = transports.some((one) => one.name === 'channel' && one.isMissing);
const isRoot = process.getuid?.() === 0;
const stranger = 60_120;
const open: End[] = [];
afterEach(() => {
  for (const end of open.splice(0)) end.close();
});
afterAll(removePaths);

const kept = (end: End): End => {
  open.push(end);
  return end;
};
const listenAt = (path: string) => kept(listenChannel({ path }));
const reaches = (path: string) =>
  kept(connectChannel({ path })).send(toKernel, Uint8Array.of(1)) === undefined;
/** Leaves a dead socket at a path, as a kernel side does that is killed. */
const leaveChannel = (path: string) => {
  const second = `${path}.second`;
  const end = listenChannel({ path });
  renameSync(path, second);
  end.close();
  renameSync(second, path);
};

describe.skipIf(isMissing)('a path at which a kernel side listens', () => {
  it('keeps a file, a folder, a link and a pipe that are there, and says what it found', () => {
    const path = freshPath();
    const victim = join(dirname(path), 'victim');
    writeFileSync(victim, 'precious', { mode: 0o600 });
    const things: readonly (readonly [string, () => void])[] = [
      ['a file', () => { writeFileSync(path, 'precious'); }],
      ['a folder', () => { mkdirSync(path); }],
      ['a symbolic link', () => { symlinkSync(victim, path); }],
      ['a symbolic link', () => { symlinkSync('nowhere', path); }],
      ['a pipe', () => { spawnSync('mkfifo', [path]); }],
    ]; // prettier-ignore
    for (const [what, make] of things) {
      make();
      const before = lstatSync(path);
      expect(() => listenAt(path)).toThrow(
        `the kernel side cannot listen at ${path}: there is ${what}, which is kept; remove it, or use another path`,
      );
      expect(lstatSync(path).ino).toBe(before.ino);
      rmSync(path, { recursive: true });
    }
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(statSync(victim).mode & 0o777).toBe(0o600);
  });

  it('is open to all users whatever the umask, and no name is left beside it', () => {
    const path = freshPath();
    const umask = process.umask(0o777);
    try {
      listenAt(path);
    } finally {
      process.umask(umask);
    }
    expect(lstatSync(path).mode & 0o777).toBe(0o666);
    expect(readdirSync(dirname(path))).toEqual(['kernel']);
    expect(reaches(path)).toBe(true);
  });

  it('is taken again after a crash, also under the longest name', () => {
    const folder = dirname(freshPath());
    for (const path of [join(folder, 'kernel'), join(folder, 'n'.repeat(106 - folder.length))]) {
      leaveChannel(path);
      expect(lstatSync(path).isSocket()).toBe(true);
      expect(reaches(path)).toBe(false);
      listenAt(path);
      expect(reaches(path)).toBe(true);
    }
    expect(readdirSync(folder).sort()).toHaveLength(2);
  });

  it('is not taken from a kernel side that listens, nor from another program', async () => {
    const path = freshPath();
    listenAt(path);
    expect(() => listenAt(path)).toThrow(`${path}: somebody listens there already`);
    expect(reaches(path)).toBe(true);
    const other = freshPath();
    const server = createServer().listen(other);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(() => listenAt(other)).toThrow('somebody listens there already');
    server.close();
  });

  it('is left alone at the end if somebody else has the name by then', () => {
    const path = freshPath();
    const first = listenChannel({ path });
    unlinkSync(path);
    listenAt(path);
    first.close();
    expect(reaches(path)).toBe(true);
    const other = freshPath();
    const end = listenChannel({ path: other });
    unlinkSync(other);
    writeFileSync(other, 'precious');
    end.close();
    expect(readFileSync(other, 'utf8')).toBe('precious');
  });

  it('goes with the kernel side, also after its folder was renamed', () => {
    const path = freshPath();
    const end = listenChannel({ path });
    const folder = `${dirname(path)}-renamed`;
    renameSync(dirname(path), folder);
    end.close();
    expect(readdirSync(folder)).toEqual([]);
    renameSync(folder, dirname(path));
  });

  it('may be relative, go through links of this user, and lie in a sticky folder', () => {
    const path = freshPath();
    const folder = dirname(path);
    mkdirSync(join(folder, 'deep'));
    symlinkSync('deep', join(folder, 'link'));
    chmodSync(join(folder, 'deep'), 0o1777);
    for (const one of [
      relative(process.cwd(), path),
      join(folder, 'link', 'a'),
      `${folder}/link/../b`,
      join(folder, 'deep', 'c'),
      `${folder}//deep/./d`,
    ]) {
      listenAt(one);
      expect(reaches(one)).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(['b', 'deep', 'kernel', 'link']);
  });

  it.each(['777', '770', '775', '702'])('is not in a folder of mode %s', (digits) => {
    const path = freshPath();
    chmodSync(dirname(path), Number.parseInt(digits, 8));
    expect(() => listenAt(path)).toThrow(`other users may write in its folder (mode ${digits})`);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('is refused in a sentence where it cannot be', () => {
    const folder = dirname(freshPath());
    const long = join(folder, 'n'.repeat(200));
    for (const [path, why] of [
      [long, 'has 1 to 107 bytes'],
      ['', 'has 1 to 107 bytes'],
      ['\0abstract', 'none that is 0, and "\\x00abstract" has 9'],
      [`${folder}/`, 'its last part is no name of a file'],
      [`${folder}/.`, 'its last part is no name of a file'],
      [join(folder, 'none', 'kernel'), '(ENOENT); use a path in a folder of your own'],
    ] as const) {
      expect(() => listenAt(path)).toThrow(TransportUnavailable);
      expect(() => listenAt(path)).toThrow(why);
    }
  });
});

const isUserMissing =
  isMissing ||
  lacksWhen(() => {
    if (!isRoot) throw new Error('files of other users need root');
  });

describe.skipIf(isUserMissing)('a path among other users', () => {
  it('is not behind a link of another user, and not in a folder of one', () => {
    const path = freshPath();
    const folder = dirname(path);
    mkdirSync(join(folder, 'own'));
    symlinkSync('own', join(folder, 'lure'));
    spawnSync('chown', ['-h', String(stranger), join(folder, 'lure')]);
    expect(() => listenAt(join(folder, 'lure', 'kernel'))).toThrow(
      `its folder is behind a symbolic link of uid ${stranger}; name the folder itself`,
    );
    mkdirSync(join(folder, 'theirs'));
    chownSync(join(folder, 'theirs'), stranger, stranger);
    expect(() => listenAt(join(folder, 'theirs', 'kernel'))).toThrow(
      `its folder belongs to uid ${stranger}`,
    );
    expect(readdirSync(join(folder, 'own'))).toEqual([]);
  });

  it('is not taken from a dead socket of another user', () => {
    const path = freshPath();
    leaveChannel(path);
    chownSync(path, stranger, stranger);
    expect(() => listenAt(path)).toThrow(`there is a socket of uid ${stranger}`);
    expect(existsSync(path)).toBe(true);
  });
});

describe.skipIf(isMissing)('a process that connects', () => {
  it('sends nothing to a kernel side of a user whom it does not trust', async () => {
    const path = freshPath();
    const kernel = listenAt(path);
    const own = process.getuid?.() ?? 0;
    const asker = new Asker({ end: kept(connectChannel({ path })), kernelUids: [own + 1] });
    expect(await asker.ask(Uint8Array.of(1))).toEqual({ kind: 'failed', errno: 'ECONNREFUSED' });
    expect(kernel.receive()).toBeUndefined();
    const trusting = kept(connectChannel({ path }));
    trusting.trust?.(new Set([own]));
    expect(trusting.send(toKernel, Uint8Array.of(2))).toBeUndefined();
    expect(kernel.receive()).toMatchObject({ kind: 'datagram', bytes: Uint8Array.of(2) });
    trusting.trust?.(new Set([own + 1]));
    expect(trusting.send(toKernel, Uint8Array.of(3))).toBe('ECONNREFUSED');
  });

  it('is told EAGAIN, not that nobody listens, while too many others connect', () => {
    const path = freshPath();
    listenAt(path);
    const sent = Array.from({ length: 300 }, () =>
      kept(connectChannel({ path })).send(toKernel, Uint8Array.of(1)),
    );
    expect(sent[0]).toBeUndefined();
    expect(new Set(sent)).toEqual(new Set([undefined, 'EAGAIN']));
  });
});
