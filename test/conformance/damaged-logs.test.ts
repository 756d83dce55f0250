import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';
import { pcapOf } from './pcap-writer.js';

/** A log that is damaged, or mixed with other text, is judged as far as it goes, and the rest is said. */

const cli = captured();
const folder = mkdtempSync(join(tmpdir(), 'msgctx-damaged-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function check(bytes: string | Uint8Array, ...options: string[]) {
  const file = join(folder, 'log');
  writeFileSync(file, bytes);
  const status = await cli.msgctx('check-trace', file, ...options);
  return { status, text: `${cli.out}${cli.err}`.replaceAll(file, 'LOG') };
}

const settings =
  '{"contexts":2,"users":2,"processes":2,"timeoutMs":3000,"manualWake":false,"manualRead":false,"time":"real","payloadMax":4,"wideLabels":false}';
const head = `{"schema":"msgctx-trace/1","case":"mine","complete":true,"settings":${settings}}`;
const line = (command: string, ...observed: string[]) => JSON.stringify({ command, observed });
const right = [
  line('helo u1.d1', 'ok'),
  line('request r1 u1', 'ok', 'message to u1.d1: request, index 0, seq 9, payload a0000001'),
  line('reply u1.d1 0 seq=9', 'ok', 'r1 returns payload b0000001'),
];
const wrong = line('reply u1.d1 0 seq=9', 'ok');
const textOf = (...lines: string[]) => lines.map((one) => `${one}\n`).join('');
const stamp = '2026-11-28T12:00:00Z {pid 7} INFO kernel.c:12 ';

describe('a log with something before its JSON', () => {
  it.each([
    ['a time stamp', stamp, ''],
    ['a syslog header', '<6>Nov 28 12:00:00 host kern[12]: ', ''],
    ['colours', '\x1b[32mINFO\x1b[0m ', '\x1b[0m'],
    ['carriage returns', '', '\r'],
    ['braces and quotes', '{"not json" ] { "x": ', ''],
  ])('is judged all the same: %s', async (_, before, behind) => {
    const around = (one: string) => `${before}${one}${behind}`;
    const good = await check(textOf(head, ...right.map(around)));
    expect(good.status).toBe(0);
    const bad = await check(textOf(...[head, ...right, wrong].map(around)));
    expect(bad.status).toBe(1);
    expect(bad.text).toContain('at line 5, "reply u1.d1 0 seq=9": got ok; expected refused');
    expect(bad.text).not.toContain('\x1b');
  });

  it('says so, with an example', async () => {
    const { text } = await check(textOf(head, ...right.map((one) => stamp + one)));
    expect(text).toContain(
      'note:         the JSON stands behind a prefix in 3 lines, such as "2026-11-28T12:00:00Z {pid 7} INFO kernel.c:12 "\n',
    );
  });

  it.each([['pod-a '], ['/pod-[a-c] /']])('may be told what the prefix is: %s', async (prefix) => {
    const mixed = [head, ...right].map((one) => `pod-a ${one}`);
    const { status, text } = await check(textOf(...mixed, `pod-z ${wrong}`), '--prefix', prefix);
    expect(status).toBe(0);
    expect(text).toContain('1 foreign line left out (line 5)');
  });

  it('refuses a prefix that is no regular expression, or is empty', async () => {
    expect((await check(head, '--prefix', '/[/')).text).toContain(
      'msgctx: --prefix: expected a regular expression between slashes (',
    );
    expect((await check(head, '--prefix', '')).status).toBe(2);
  });
});

describe('a log with lines of other programs', () => {
  it('leaves them out, and counts them', async () => {
    const others = [
      '{"msg":"listening on 80"}',
      'plain words',
      '[1]',
      'null',
      '{"a":{"command":1}}',
    ];
    const lines = [others[0] ?? '', head, ...right, ...others.slice(1), wrong];
    const { status, text } = await check(textOf(...lines));
    expect(status).toBe(1);
    expect(text).toContain('note:         5 foreign lines left out (the first is line 1)\n');
    const { input } = JSON.parse((await check(textOf(...lines), '--json')).text) as {
      input: object;
    };
    expect(input).toMatchObject({ foreign: 5, firstForeign: 1, prefixed: 0 });
  });

  it('leaves out lines that are no UTF-8 or far too long', async () => {
    const noise = Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.alloc(3 << 20, 0x78)]);
    const log = Buffer.concat([
      Buffer.from(textOf(head)),
      noise,
      Buffer.from(`\n${textOf(...right)}`),
    ]);
    const { status, text } = await check(log);
    expect(status).toBe(0);
    expect(text).toContain('2 foreign lines left out');
  });

  it.each([
    ['{"command":"hello u1.d1"}', 'LOG:3: expected a command ('],
    ['{"schema":"another/1"}', 'LOG:3: expected "schema":"msgctx-trace/1"'],
    ['INFO {"command":12}', 'LOG:3: expected "command" in words'],
  ])('names what is wrong with a line of ours: %s', async (bad, sentence) => {
    const { status, text } = await check(textOf(head, right[0] ?? '', bad));
    expect(status).toBe(2);
    expect(text).toContain(sentence);
  });
});

describe('a log that is torn', () => {
  it('is judged up to its last whole line, wherever it ends', async () => {
    const whole = textOf(head, ...right);
    const last = whole.lastIndexOf('{"command"');
    for (let end = last + 1; end < whole.length - 1; end += 1) {
      const { status, text } = await check(whole.slice(0, end));
      expect([end, status]).toEqual([end, 0]);
      expect(text).toContain('lines up to 3\nnote:         line 4 is torn');
    }
    expect((await check(whole.slice(0, -1))).text).not.toContain('note');
  });

  it('goes on where its successor has appended to it', async () => {
    const { status, text } = await check(
      textOf(head, ...right, `{"command":"helo u1${head}`, wrong),
    );
    expect(status).toBe(1);
    expect(text).toContain('explained     LOG:1 mine: lines up to 4');
    expect(text).toContain('line 5 is torn');
    expect(text).not.toContain('prefix');
  });

  it('is inconclusive from a damaged line in its middle on', async () => {
    const damaged = textOf(head, ...right, '{"command":"helo u1', wrong);
    const { status, text } = await check(damaged);
    expect(status).toBe(4);
    expect(text).toContain('why:        line 5 is not one whole JSON object; what follows was not');
    expect((await check(textOf(head, ...right, wrong, '{"command":"helo u1', ''))).status).toBe(1);
  });
});

describe('a log that says nothing', () => {
  it.each([
    ['it has no command', textOf(head), 'the conversation has no command'],
    ['no line has an answer', textOf(head, '{"command":"helo u1.d1"}'), 'no line has "observed"'],
    ['all is foreign', textOf(head, 'hello', '{}'), 'the conversation has no command'],
  ])('is inconclusive: %s', async (_, log, why) => {
    const { status, text } = await check(log);
    expect(status).toBe(4);
    expect(text).toContain(`why:        there is nothing to judge: ${why}`);
  });
});

describe('a number outside its range', () => {
  const message = (index: string, seq: string) =>
    line('settle', `message to u1.d1: request, index ${index}, seq ${seq}, payload a0000001`);

  it.each([
    [message('0', '4294967296'), '"observed" with seq from 0 to 4294967295, found 4294967296'],
    [message('99999999999', '1'), '"observed" with index from 0 to 4294967295, found 99999999999'],
    [message('-1', '1'), '"observed" with index from 0 to 4294967295, found -1'],
    [line('settle', 'message to pid 4294967296: quit'), '"observed" with pid from 0 to'],
    [line('inspect', 'daemons [uid 4294967296 pid 1]'), '"observed" with uid from 0 to'],
    [line('settle', 'message to u0.d1: quit'), '"observed" with users u1 to u2, found "u0"'],
    [line('settle', 'message to u1.d3: quit'), '"observed" with processes d1 to d2, found "d3"'],
    [line('reply u1.d1 0 seq=4294967296', 'ok'), '"command" with seq from 0 to 4294967295'],
    [line('reply u1.d1 4294967296 seq=1', 'ok'), '"command" with index from 0 to 4294967295'],
    ['{"command":"settle","at":-1}', '"at" as a number of milliseconds from 0 to'],
    ['{"command":"settle","at":"12:00"}', '"at" as a number of milliseconds from 0 to'],
    ['{"command":"settle","at":1e999}', '"at" as a number of milliseconds from 0 to'],
    ['{"command":"settle","at":null}', '"at" as a number of milliseconds from 0 to'],
  ])('is refused with its line: %s', async (bad, expected) => {
    const { status, text } = await check(textOf(head, bad));
    expect(status).toBe(2);
    expect(text).toContain(`msgctx: LOG:2: expected ${expected}`);
  });

  it('is not the largest one', async () => {
    const largest = line(
      'request r1 u1',
      'ok',
      'message to u1.d1: request, index 0, seq 4294967295, payload a0000001',
    );
    expect((await check(textOf(head, right[0] ?? '', largest))).status).toBe(0);
  });
});

describe('a compressed file', () => {
  it('is unpacked, log or capture', async () => {
    const { status, text } = await check(gzipSync(textOf(head, ...right)));
    expect([status, text.includes('the file is compressed with gzip')]).toEqual([0, true]);
    const capture = pcapOf([
      { atMs: 0, words: 'helo 11' },
      { atMs: 1, words: '> request 11 0 5' },
      { atMs: 2, words: '> request 11 0 6' },
    ]);
    expect((await check(gzipSync(capture))).status).toBe(1);
  });

  it('is judged as far as it can be unpacked, and is inconclusive then', async () => {
    const packed = gzipSync(textOf(head, ...right));
    const cut = await check(packed.subarray(0, -4));
    expect(cut.status).toBe(4);
    expect(cut.text).toContain('explained     LOG:1 mine: lines up to 4');
    expect(cut.text).toContain('compressed data that ends or is damaged after');
    expect((await check(gzipSync(textOf(head, ...right, wrong)).subarray(0, -4))).status).toBe(1);
    const broken = await check(Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(broken.status).toBe(2);
    expect(broken.text).toContain('found compressed data that ends or is damaged after 0 bytes');
  });

  it('may have several parts', async () => {
    const parts = [textOf(head, ...right.slice(0, 1)), textOf(...right.slice(1))];
    const { text } = await check(Buffer.concat(parts.map((one) => gzipSync(one))));
    expect(text).toContain('explained     LOG:1 mine: lines up to 4');
  });
});

describe('what others wrote', () => {
  it('reaches no terminal raw', async () => {
    const evil = '\u001b[2Jmine\u202e\u009b31m';
    const named = head.replace('"mine"', JSON.stringify(evil));
    const { text } = await check(textOf(named, ...right, wrong));
    expect(text).toContain('LOG:1 \\x1b[2Jmine\\u202e\\x9b31m');
    const refused = await check(textOf(named, line('settle', evil)));
    expect(refused.text).toContain('found "\\x1b[2Jmine');
    const command = await check(textOf(named, JSON.stringify({ command: evil })));
    const profile = await check(textOf(named.replace('{"s', `{"profile":"${evil}","s`)));
    const texts = [text, refused.text, command.text, profile.text].join('');
    // Line feeds only.
    expect(texts.match(/(?!\n)[\p{Cc}\p{Cf}]/gu)).toBeNull();
  });
});
