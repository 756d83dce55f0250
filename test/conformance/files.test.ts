import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { placeNew, writeText } from '../../conformance/cli/files.js';
import { exposureOf } from '../../conformance/cli/ecryptfs/secrets.js';

/** Reports and keys as files: whole or not there, and nobody else's file is touched. */

const made: string[] = [];
let folder = '';
let said = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'msgctx-reports-'));
  made.push(folder);
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterAll(() => {
  vi.restoreAllMocks();
  for (const one of made) rmSync(one, { recursive: true });
});
const names = () => readdirSync(folder).sort();

describe('a report', () => {
  it('takes the place of a file with its mode and its owner', () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    if (process.getuid?.() === 0) chownSync(path, 60_150, 60_151);
    const before = statSync(path);
    expect(writeText(path, 'new')).toBe(true);
    const { mode, uid, gid, ino } = statSync(path);
    expect([mode, uid, gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(ino).not.toBe(before.ino);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(names()).toEqual(['report.json']);
  });

  it('leaves alone what has the name that a temporary file could have', () => {
    const path = join(folder, 'report.json');
    const foreign = `report.json.${process.pid}.new`;
    writeFileSync(join(folder, foreign), 'precious');
    symlinkSync('nowhere', join(folder, 'link'));
    expect(writeText(path, 'new')).toBe(true);
    expect(writeText(join(folder, 'link'), 'linked')).toBe(true);
    expect(readFileSync(join(folder, foreign), 'utf8')).toBe('precious');
    expect(names()).toEqual(['link', 'report.json', foreign]);
  });

  it('that cannot be written is said, and nothing is left of it', () => {
    mkdirSync(join(folder, 'report'));
    expect(writeText(join(folder, 'report'), 'new')).toBe(false);
    expect(writeText(join(folder, 'none', 'report'), 'new')).toBe(false);
    expect(said.match(/could not be written \(E/g)).toHaveLength(2);
    expect(names()).toEqual(['report']);
  });
});

describe('a key', () => {
  it('is placed where nothing is, for its owner alone', () => {
    const path = join(folder, 'key.pem');
    placeNew(path, 'key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    symlinkSync('nowhere', join(folder, 'link'));
    for (const taken of [path, folder, join(folder, 'link')]) {
      expect(() => {
        placeNew(taken, 'other');
      }).toThrow('EEXIST');
    }
    expect(readFileSync(path, 'utf8')).toBe('key');
    expect(names()).toEqual(['key.pem', 'link']);
  });

  it('is warned of when others may read or change it', () => {
    const path = join(folder, 'key.pem');
    placeNew(path, 'key');
    expect(exposureOf(path)).toBeUndefined();
    for (const mode of [0o640, 0o604, 0o620, 0o602]) {
      chmodSync(path, mode);
      expect(exposureOf(path)).toBe(
        `other users may use the key file ${path} (mode ${mode.toString(8)}); run chmod 600 on it`,
      );
    }
    expect(exposureOf(join(folder, 'none'))).toBeUndefined();
  });
});
