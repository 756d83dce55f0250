import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';
import type { Written } from './pcap-writer.js';
import { messageOf, pcapOf, usual } from './pcap-writer.js';
import type { Ng } from './pcapng-writer.js';
import { block, pcapngOf } from './pcapng-writer.js';

/** A capture is read in whichever format it was written, and judged as far as it goes. */

const cli = captured();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-captures-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function check(bytes: Uint8Array, ...options: string[]) {
  const file = join(folder, 'capture');
  writeFileSync(file, bytes);
  const status = await cli.msgctx('check-trace', file, ...options);
  return { status, text: `${cli.out}${cli.err}`.replaceAll(file, 'FILE') };
}

const right: readonly Written[] = [
  { atMs: 1000, words: 'helo 11' },
  { atMs: 1001.5, words: '> request 11 0 5' },
  { atMs: 1003, words: 'response 11 0 5' },
  { atMs: 1004, words: '> request 11 0 6' },
];
const again: Written = { atMs: 1005, words: '> request 11 0 7' };
const wrong = [...right, again];
const late = [...right, { ...again, atMs: 4100 }];

/** Right, wrong, and right only by the time that has passed. */
async function expectJudged(writer: (packets: readonly Written[]) => Uint8Array): Promise<void> {
  const good = await check(writer(right));
  expect(good.text).toContain('explained     FILE: packets up to 4');
  expect(good.status).toBe(0);
  const bad = await check(writer(wrong));
  expect(bad.text).toContain('at packet 5, "REQUEST to pid 11, index 0, seq 7": got');
  expect(bad.text).toMatch(/breaks: +CTX-3 /);
  expect(bad.status).toBe(1);
  expect((await check(writer(late))).status).toBe(0);
  expect((await check(writer(late), '--timeout', '9000')).status).toBe(1);
}

describe('a capture in pcapng', () => {
  it.each<[string, Ng]>([
    ['little-endian', { endian: 'little' }],
    ['big-endian', { endian: 'big' }],
    ['in nanoseconds', { endian: 'little', resolution: 9 }],
    ['in 1024ths of a second', { endian: 'little', resolution: 0x8a }],
    ['with a time offset', { endian: 'big', resolution: 3, offset: 1_700_000_000 }],
    ['with obsolete packet blocks', { endian: 'little', packets: 'obsolete' }],
    ['with a section for each packet', { endian: 'little', sections: 'many' }],
    ['with unknown blocks', { endian: 'little', unknown: 8 }],
    ['with unknown blocks of 3 MB', { endian: 'little', unknown: 3 << 20 }],
    ['of a cooked device', { endian: 'little', link: 113 }],
    ['of a cooked device, version 2', { endian: 'little', link: 276 }],
  ])('is judged: %s', async (_, style) => {
    await expectJudged((packets) => pcapngOf(packets, style));
  });

  it('is judged without times where its packets have none, and that is said', async () => {
    const simple = { endian: 'little', packets: 'simple' } as const;
    const { status, text } = await check(pcapngOf(wrong, simple));
    expect(status).toBe(0);
    expect(text).toContain('note:         5 without a time');
    const stale = [...right, { atMs: 0, words: '> request 11 0 5' }];
    expect((await check(pcapngOf(stale, simple))).status).toBe(1);
  });

  it('leaves out packets of interfaces of other kinds', async () => {
    const other = block('little', 1, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
    const packet = Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.alloc(16)]);
    const ethernet = block('little', 6, packet);
    const file = Buffer.concat([pcapngOf(right, { endian: 'little' }), other, ethernet]);
    const { status, text } = await check(file);
    expect(status).toBe(0);
    expect(text).toContain('1 packet of other protocols left out');
  });

  it('is judged up to where it ends', async () => {
    const whole = pcapngOf(wrong, { endian: 'little' });
    const cut = await check(whole.subarray(0, -7));
    expect(cut.status).toBe(0);
    expect(cut.text).toContain('packets up to 4');
    expect(cut.text).toMatch(/note: +the file ends in block \d+\n/);
    const longer = Buffer.concat([whole, whole.subarray(-40, -9)]);
    expect((await check(longer)).status).toBe(1);
  });

  it.each([
    ['a block that is too short', block('little', 6, Buffer.alloc(8))],
    ['a length that differs at its ends', Buffer.from('060000001000000000000000ff000000', 'hex')],
    ['a length that is odd', Buffer.from('060000001100000000000000110000000000', 'hex')],
  ])('is inconclusive from damage on: %s', async (_, damage) => {
    const file = Buffer.concat([pcapngOf(right, { endian: 'little' }), damage]);
    const { status, text } = await check(file);
    expect(status).toBe(4);
    expect(text).toMatch(/why: +block \d+ contradicts itself; what follows was not judged/);
  });
});

describe('a capture in pcap', () => {
  it.each([113, 253])('is judged of link type %i', async (link) => {
    await expectJudged((packets) => pcapOf(packets, { ...usual, link }));
  });

  it('is judged in the modified format', async () => {
    await expectJudged((packets) => pcapOf(packets, { ...usual, isModified: true }));
  });

  it.each([
    ['little', 'big'],
    ['big', 'little'],
  ] as const)('is judged if headers are %s-endian and messages %s', async (endian, messages) => {
    const style = { ...usual, endian, messages };
    await expectJudged((packets) => pcapOf(packets, style));
    const { text } = await check(pcapOf(right, style));
    expect(text).toContain(`note:         the messages are ${messages}-endian, unlike the headers`);
  });

  it('is judged up to where it ends, wherever that is', async () => {
    const whole = pcapOf(wrong);
    const before = pcapOf(right).length;
    for (let end = before + 1; end < whole.length; end += 1) {
      const { status, text } = await check(whole.subarray(0, end));
      expect([end, status]).toEqual([end, 0]);
      expect(text).toMatch(/note: +the file ends in (?:the header of )?packet 5, after \d+ of/);
    }
    const longer = Buffer.concat([whole, whole.subarray(-50, -10)]);
    expect((await check(longer)).status).toBe(1);
  });

  it('takes packets whose data was cut, since nothing depends on it', async () => {
    await expectJudged((packets) => pcapOf(packets, { ...usual, snapBytes: 40 }));
  });

  it('is inconclusive from a packet on whose message was cut', async () => {
    const { status, text } = await check(pcapOf(wrong, { ...usual, snapBytes: 33 }));
    expect(status).toBe(4);
    expect(text).toMatch(
      /why: +packet 2 was cut: \d+ of its \d+ bytes were not captured; what follows was not judged/,
    );
  });

  it('is inconclusive where nothing in it is of this protocol', async () => {
    for (const packets of [[], [{ atMs: 0, words: 'helo 11', family: 0 }]]) {
      const { status, text } = await check(pcapOf(packets));
      expect(status).toBe(4);
      expect(text).toContain('why:        expected netlink messages of this protocol (family 19');
    }
  });
});

describe('a packet with several messages', () => {
  const joined = (...words: readonly string[]) =>
    Buffer.concat(
      words.map((one) => {
        const bytes = messageOf(one, 'little');
        return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
      }),
    );
  const packet = (bytes: Buffer): Written => ({ atMs: 1005, words: '> request 11 0 0', bytes });

  it('has all of them judged', async () => {
    const before = right.slice(0, 3);
    const good = joined('> request 11 0 6', '> request 11 1 7');
    expect((await check(pcapOf([...before, packet(good)]))).status).toBe(0);
    const bad = joined('> request 11 0 6', '> request 11 1 7', '> request 11 0 8');
    const { status, text } = await check(pcapOf([...before, packet(bad)]));
    expect(status).toBe(1);
    expect(text).toContain('at packet 4, "REQUEST to pid 11, index 0, seq 8"');
  });

  it('is said to have bytes behind them', async () => {
    const padded = joined('> request 11 0 6');
    const noise = Buffer.concat([padded, Buffer.from('no message at all')]);
    const { status, text } = await check(pcapOf([...right.slice(0, 3), packet(noise)]));
    expect(status).toBe(0);
    expect(text).toContain('note:         17 bytes behind the messages of packet 4 are no message');
    expect((await check(pcapOf([...right.slice(0, 3), packet(padded)]))).text).not.toContain(
      'note',
    );
  });
});
