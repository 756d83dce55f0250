import { describe, expect, it } from 'vitest';
import { captured } from '../captured.js';

/** `msgctx verify` and `msgctx export promela` as they are typed. */

const said = captured();
const msgctx = (line: string) => said.msgctx(...line.split(' '));

describe('msgctx verify', () => {
  it('says that all properties hold, and names the bounds, with exit 0', async () => {
    expect(await msgctx('verify')).toBe(0);
    expect(said.out).toMatch(
      /^profile seed: 2 contexts, 2 users, 2 processes a user, 2 tasks, no queues, no quit markers\n/,
    );
    expect(said.out).toContain('1,296 states, 53,616 transitions, 210 orbits; ');
    expect(said.out).toMatch(/verdict: all 20 properties hold within these bounds\n$/);
    expect(said.out.match(/^holds /gm)?.length).toBe(20);
  });

  it('prints one JSON document with the keys of its schema', async () => {
    expect(await msgctx('verify --defect D-1 --contexts 1 --json')).toBe(1);
    const report = JSON.parse(said.out) as Record<string, unknown> & {
      properties: Record<string, unknown>[];
    };
    expect(Object.keys(report)).toEqual([
      'schema',
      'profile',
      'bounds',
      'states',
      'transitions',
      'orbits',
      'seconds',
      'properties',
    ]);
    expect(report['schema']).toBe('msgctx-verify/1');
    expect(report['bounds']).toEqual({
      contexts: 1,
      users: 2,
      processes: 2,
      tasks: 2,
      queues: 0,
      quitMarkers: false,
    });
    const violated = report.properties.filter((one) => one['verdict'] === 'violated');
    expect(violated).toEqual([
      {
        name: 'pool-is-whole',
        kind: 'always',
        verdict: 'violated',
        trace: [
          'helo u1.d1 -> registered',
          'request r1 u1 send=fails -> refused: the message could not be sent',
        ],
      },
    ]);
  });

  it('counts the same without symmetry', async () => {
    await msgctx('verify --users 1 --json');
    const one = JSON.parse(said.out) as Record<string, number>;
    await msgctx('verify --users 1 --no-symmetry --json');
    const all = JSON.parse(said.out) as Record<string, number>;
    for (const count of ['states', 'transitions', 'orbits']) expect(all[count]).toBe(one[count]);
  });

  it('never says "holds" when a limit was reached: exit 4, and which', async () => {
    expect(await msgctx('verify --property pool-is-whole --states-max 50')).toBe(4);
    expect(said.out).toContain('inconclusive always     pool-is-whole');
    expect(said.out).toContain('why: the limit of 50 states was reached');
    expect(said.out).toMatch(
      /found before the limit of 50 was reached; .*\nverdict: inconclusive: pool-is-whole\n$/,
    );
  });

  it('is inconclusive where nothing gives a property an occasion', async () => {
    expect(await msgctx('verify --processes 1')).toBe(4);
    expect(said.out).toContain('verdict: inconclusive: one-daemon\n');
  });

  it('chooses the profile and the queues that a defect needs, and says so', async () => {
    expect(await msgctx('verify --defect D-7')).toBe(1);
    expect(said.out).toMatch(/^profile device-6, defect D-7: .* 3 tasks, queues of 1,/);
    expect(said.out).toContain('verdict: violated: ended-is-withdrawn\n');
  });

  it.each([
    [
      'verify --property pool-is-hole',
      'msgctx: there is no property "pool-is-hole"; near: pool-is-whole,',
    ],
    [
      'verify --defect D-4',
      'msgctx: there is no defect "D-4"; known: D-1, D-2, D-3, D-5, D-7, D-11, D-14, D-15',
    ],
    [
      'verify --without contextFree',
      'msgctx: there is no check "contextFree"; known: indexInRange, contextInUse,',
    ],
    ['verify --profile seeds', 'msgctx: there is no profile "seeds"; known: seed, netlink-2.6.21,'],
    ['verify --profile seed --defect D-7', 'msgctx: D-7 cannot happen under profile seed, where'],
    [
      'verify --defect D-2 --defect D-7',
      'msgctx: there is no profile under which D-2 and D-7 can happen together',
    ],
    [
      'verify --defect D-3 --queues 0',
      'msgctx: D-3 happens to messages that wait: choose --queues 1 or more',
    ],
    ['verify --quit-markers', 'msgctx: quit markers wait in queues, and there are none'],
    ['verify --contexts 11', 'need 74 bits in two words; a key has 63: choose smaller bounds'],
    [
      'verify --contexts 2 --tasks 1',
      'msgctx: 1 tasks are fewer than 2 contexts: each has one of its own',
    ],
    [
      'verify --users 6',
      'msgctx: 6 users with 2 processes have 46080 renumberings; symmetry takes 5000',
    ],
    [
      'verify --contexts 7 --users 1 --processes 1 --queues 3',
      'has more than 256 contents; choose a shorter one',
    ],
    [
      'verify --users 1 --processes 3 --queues 4',
      'a user with his queues needs 22 bits; a table has 20: choose fewer',
    ],
    ['verify --contexts 0', "error: option '--contexts <n>' argument '0' is invalid."],
    ['verify --states-max 1e3', "error: option '--states-max <n>' argument '1e3' is invalid."],
    ['verify seed', "error: too many arguments for 'verify'"],
    ['export promela --defect D-9', 'msgctx: there is no defect "D-9"'],
  ])('%s: exit 2, and one sentence', async (line, message) => {
    expect(await msgctx(line)).toBe(2);
    expect(said.err).toContain(message);
    expect(said.out).toBe('');
  });
});

describe('msgctx export promela', () => {
  it('writes the model that was asked for, with its bounds', async () => {
    expect(await msgctx('export promela --contexts 1 --users 1 --profile device-6')).toBe(0);
    expect(said.out).toContain(
      'profile device-6.\n   1 contexts, 1 users, 2 processes a user, queues of 0,',
    );
    expect(said.out).toContain('active proctype system()');
    expect(said.out).not.toContain('ONLY_THE_USER_COMPLETES');
  });
});
