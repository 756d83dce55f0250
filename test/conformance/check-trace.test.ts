import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { faults } from '../../conformance/mutants/faults.js';
import { captured } from '../captured.js';
import { findingOf, logOfFault, rightLogs } from './recorded.js';
import type { Style, Written } from './pcap-writer.js';
import { pcapOf, usual } from './pcap-writer.js';

/** What was recorded somewhere is explained by the model, or it is said which line is not. */

const cli = captured();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-log-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(bytes: string | Uint8Array): string {
  const file = join(folder, 'log');
  writeFileSync(file, bytes);
  return file;
}

async function check(bytes: string | Uint8Array, ...options: string[]) {
  const file = write(bytes);
  const status = await cli.msgctx('check-trace', file, ...options);
  return { status, text: `${cli.out}${cli.err}`.replaceAll(file, 'LOG') };
}

describe('a recorded conversation', () => {
  it('is explained where the implementation was right, probe and all', async () => {
    let logs = 0;
    for await (const { id, log } of rightLogs(400)) {
      logs += 1;
      expect(`${id} ${findingOf(log).verdict}`).toBe(`${id} explained`);
    }
    expect(logs).toBeGreaterThan(5);
  });

  it('is not explained where a fault showed', async () => {
    const [fault] = faults;
    if (fault === undefined) throw new TypeError('there are faults');
    const { log, requirements } = await logOfFault(fault);
    const { verdict, trouble } = findingOf(log);
    expect([verdict, trouble?.requirements]).toEqual(['not explained', requirements]);
  });
});

const settings =
  '{"contexts":1,"users":2,"processes":2,"timeoutMs":3000,"manualWake":false,"manualRead":false,"time":"virtual","payloadMax":4,"wideLabels":false}';
const head = `{"schema":"msgctx-trace/1","case":"mine","settings":${settings}}`;
const line = (command: string, ...observed: string[]) => JSON.stringify({ command, observed });
const asked = [
  line('helo u1.d1', 'ok'),
  line('request r1 u1', 'ok', 'message to u1.d1: request, index 0, seq 9, payload a0000001'),
];

describe('msgctx check-trace', () => {
  it('says which line is not explained, which check was false, and what was possible', async () => {
    const wrong = line('reply u1.d1 r1 seq=r1-1', 'ok', 'r1 returns payload b0000001');
    const { status, text } = await check([head, ...asked, wrong].join('\n'));
    expect(status).toBe(1);
    expect(text).toMatchInlineSnapshot(`
      "not explained LOG:1 mine: lines up to 3
        at line 4, "reply u1.d1 r1 seq=r1-1": got ok; r1 returns payload b0000001; expected refused (reply/wrong-sequence); no completion of this request now
        breaks:     REP-7 (MUST) A reply whose sequence number is not the pending request's is refused.
                    from mail 2006 "validates a sequence number between the received packet and the msg ctx"
        check:      sequenceMatches: Is the sequence number the pending request's?
        allowed:    refused (reply/wrong-sequence)
        candidate:  u1-waiting, u1-d1+u2-unregistered, r1 in context 0
      0 explained, 1 not explained, 0 inconclusive; a pair of numbers counts as new if it is not among the last 65536
      "
    `);
  });

  it('takes a request for granted that nobody logged, and says so', async () => {
    const late = line('reply u1.d1 r1', 'ok', 'r1 returns payload b0000001');
    const { status, text } = await check([head, asked[0], late].join('\n'));
    expect(status).toBe(0);
    expect(text).toContain('a request of u1 before line 3 was not logged');
    const complete = head.replace('{"schema"', '{"complete":true,"schema"');
    expect((await check([complete, asked[0], late].join('\n'))).status).toBe(4);
  });

  it('explains a message to a daemon though nobody logged who asked', async () => {
    const seen = line(
      'settle',
      'ok',
      'message to u1.d1: request, index 0, seq 9, payload a0000001',
    );
    const late = line('reply u1.d1 0 seq=9', 'ok', 'r1 returns payload b0000001');
    expect((await check([head, asked[0], seen, late].join('\n'))).status).toBe(0);
    const used = line(
      'settle',
      'ok',
      'message to u1.d1: request, index 0, seq 9, payload a0000002',
    );
    expect((await check([head, asked[0], seen, late, used].join('\n'))).status).not.toBe(0);
  });

  it('judges time in real logs by their stamps, and not at all without them', async () => {
    const real = head.replace('"virtual"', '"real"');
    const stamped = (at: number) =>
      JSON.stringify({ command: 'settle', observed: ['ok', 'r1 returns EIO'], at });
    const request = asked[1]?.replace('{', '{"at":1000,') ?? '';
    const log = (end: string) => [real, asked[0], request, end].join('\n');
    expect((await check(log(stamped(4100)))).status).toBe(0);
    expect((await check(log(stamped(3000)))).status).toBe(1);
    expect((await check(log(line('settle', 'ok', 'r1 returns EIO')))).status).toBe(0);
  });

  const noLog =
    'expected a line with "schema":"msgctx-trace/1" and behind it lines with "command" and "observed"';
  const see = 'docs/logs.md says what to log';
  const utf16 = 'expected UTF-8, found UTF-16; convert it with "iconv -f UTF-16 -t UTF-8"';

  it.each([
    ['', 'msgctx: LOG: expected a recorded conversation or a capture, found nothing\n'],
    ['\n', `msgctx: LOG: ${noLog}, found empty lines; ${see}\n`],
    ['{}', `msgctx: LOG: ${noLog}, found 1 line of another kind; ${see}\n`],
    ['{"schema":"msgctx-tr', `msgctx: LOG: ${noLog}, found the beginning of line 1; ${see}\n`],
    [line('helo u1.d1'), 'msgctx: LOG:1: expected a first line with "schema":"msgctx-trace/1"\n'],
    ['{"schema":"msgctx-report/1"}', 'msgctx: LOG:1: expected "schema":"msgctx-trace/1"\n'],
    [
      `${head}\n{"command":"helo u9.d1"}`,
      'msgctx: LOG:2: expected users u1 to u2 in "helo u9.d1"\n',
    ],
    [
      `${head}\n${line('helo u1.d1', 'fine')}`,
      'msgctx: LOG:2: expected "observed" in words such as "ok", "refused with EINVAL" or "r1 returns EIO", found "fine"\n',
    ],
    [
      `${head}\n${line('helo u1.d1', 'message to u3.d1: quit')}`,
      'msgctx: LOG:2: expected "observed" with users u1 to u2, found "u3"\n',
    ],
    [Buffer.from([0x7b, 0xff]), `msgctx: LOG: ${noLog}, found 1 line of another kind; ${see}\n`],
    [Buffer.from([0xff, 0xfe, 0x7b, 0]), `msgctx: LOG: ${utf16}\n`],
    [pcapOf([]).subarray(0, 9), 'msgctx: LOG: expected a pcap header of 24 bytes, found 9\n'],
    [
      pcapOf([], { ...usual, link: 1 }),
      'msgctx: LOG: expected packets that carry netlink (link type 113, 253, 276), found link type 1; capture on an nlmon device\n',
    ],
  ])('refuses what is no log in one sentence: %#', async (bytes, sentence) => {
    expect(await check(bytes)).toEqual({ status: 2, text: sentence });
  });

  it('refuses a file that is not there, and a profile that nobody knows', async () => {
    expect(await cli.msgctx('check-trace', join(folder, 'none'))).toBe(2);
    expect(cli.err).toContain('cannot be read (ENOENT');
    expect((await check(head, '--profile', 'sed')).text).toContain(
      'there is no profile to run "sed"',
    );
  });
});

const styles: readonly Style[] = (['little', 'big'] as const).flatMap((endian) =>
  (['us', 'ns'] as const).flatMap((fractions) =>
    [true, false].map((isDirected) => ({ endian, fractions, isDirected })),
  ),
);
const at = (...messages: readonly [atMs: number, words: string][]): Written[] =>
  messages.map(([atMs, words]) => ({ atMs, words }));
const right = at(
  [1000, 'helo 11'],
  [1001, '> request 11 0 5'],
  [1002, '> request 11 1 6'],
  [1003, 'response 11 0 5'],
  [1004, 'helo 12'],
  [1005, '> quit 11'],
  [1006, 'response 12 1 6'],
  [1007, '> request 12 0 7'],
  [4100, '> request 12 0 8'],
  [4101, 'quit 12'],
);

describe('a capture', () => {
  it.each(styles)('is explained where the kernel was right: %j', async (style) => {
    const { status, text } = await check(pcapOf(right, style));
    expect(text).toBe(
      'explained     LOG: packets up to 10\n1 explained, 0 not explained, 0 inconclusive; a pair of numbers counts as new if it is not among the last 65536; time-out 3000 ms\n',
    );
    expect(status).toBe(0);
  });

  it('is explained where programs leave their port out', async () => {
    const nameless = right.map((one) => ({
      ...one,
      words: one.words.replace(/^(helo|response|quit) \d+/, '$1 0'),
    }));
    expect((await check(pcapOf(nameless))).status).toBe(0);
  });

  it.each([
    ['a context serves two requests at once', right.slice(0, 3), '> request 11 0 9', 'CTX-3'],
    ['a pair of numbers comes again', right.slice(0, 4), '> request 11 0 5', 'REQ-4'],
    ['a process that was replaced is asked', right.slice(0, 6), '> request 11 0 9', 'REQ-1'],
    ['a process that quit is asked', right, '> request 12 1 9', 'CTX-9'],
    ['a process is told to quit for nothing', right.slice(0, 2), '> quit 11', 'REG-3'],
  ])('is not explained where %s', async (_, before, words, rule) => {
    const messages = [...before, { atMs: (before.at(-1)?.atMs ?? 0) + 1, words }];
    const { status, text } = await check(pcapOf(messages));
    expect(status).toBe(1);
    expect(text).toContain(`packet ${messages.length}`);
    expect(text).toMatch(new RegExp(`breaks: +${rule} `));
  });

  it('leaves others out, and takes a longer time-out by word', async () => {
    const other = { atMs: 999, words: 'helo 11', family: 0 };
    expect((await check(pcapOf([other, ...right]))).text).toContain(
      '1 packet of other protocols left out',
    );
    expect((await check(pcapOf(right), '--timeout', '9000')).status).toBe(1);
  });
});
