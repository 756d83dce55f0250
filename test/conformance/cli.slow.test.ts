import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { version } from '../../conformance/index.js';
import { captured } from '../captured.js';

/** The command line as a contract: what is printed where, and the exit status. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
const broken = ['--', process.execPath, here('../adapters/broken.mjs')];
const javascript = ['--', process.execPath, here('../../examples/javascript/kernel.mjs')];

const said = captured();
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface JsonReport {
  readonly verdict: string;
  readonly totals: Record<string, number>;
  readonly coverage: Record<string, [number, number]>;
  readonly cases: {
    id: string;
    verdict: string;
    requirements: string[];
    why: string;
    trace: { command: string; probe?: true }[];
  }[];
}
const json = () => JSON.parse(said.out) as JsonReport;

/** The first line of a trace: one context, one user, one process. */
const traceHead = JSON.stringify({
  schema: 'msgctx-trace/1',
  settings: {
    contexts: 1,
    users: 1,
    processes: 1,
    timeoutMs: 3000,
    payloadMax: 4,
    manualWake: false,
    wideLabels: false,
  },
});

describe('msgctx', () => {
  it('has the version of its package', () => {
    const manifest = JSON.parse(readFileSync(here('../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
  });

  it.each([
    ['run --sede 1', "error: unknown option '--sede'\n(Did you mean --seed?)"],
    [
      'run --suite path',
      'msgctx: there is no suite "path"; known: paths, rejections, time, manual-read, faults, resets, wire, interleavings, tour, complete, soak, adversary, daemon',
    ],
    ['run --filter CTX-99', 'msgctx: there is no case or requirement "CTX-99"; near: CTX-9,'],
    ['run --filter paths/machin', 'msgctx: there is no case "paths/machin"; near: paths/machine.'],
    ['run --profile sed', 'msgctx: there is no profile to run "sed"; known: seed'],
    ['run --target memry', 'msgctx: there is no target "memry"; known: memory'],
    ['run --reporter junti', 'msgctx: there is no reporter "junti"; known: terminal, json, junit'],
    ['run --reporter junit --json', 'msgctx: only one report can go to stdout'],
    ['run --reporter junit=', 'msgctx: --reporter junit=: expected the name of a file after "="'],
    ['run --record ', "error: option '--record <file>' argument '' is invalid. Expected the name"],
    ['learn --svg ', "error: option '--svg <file>' argument '' is invalid. Expected the name of a"],
    [
      'run --seed x',
      "error: option '--seed <n>' argument 'x' is invalid. Expected a whole number from 0 to 2147483647.",
    ],
    ['run --runs 0', 'Expected a whole number from 1 to 1000000.'],
    ['run --path 1:2', 'msgctx: --path leads to one conversation of one random case'],
    [
      'run --suite adversary --filter paths',
      'msgctx: no case of suite adversary is for paths; leave out --suite or --filter',
    ],
    ['run --', 'msgctx: expected an adapter after "--", found nothing'],
    [
      'run --target memory -- ./adapter',
      'msgctx: expected one of --target, --connect and an adapter after "--", found several',
    ],
    ['run --filter adversary/one/plain --path x', 'msgctx: --path "x" is no path'],
    ['run adapter', 'put an adapter after "--": msgctx run -- adapter'],
    ['list', "error: missing required argument 'what'"],
    [
      'list suits',
      'msgctx: there is no list "suits"; known: cases, requirements, suites, properties, defects, profiles, targets',
    ],
    [
      'export mermade',
      'msgctx: there is no format "mermade"; known: mermaid, svg, scxml, json, dot',
    ],
    [
      'export mermaid --machine deamon',
      'msgctx: there is no machine "deamon"; known: context, daemon, reply, task',
    ],
    ['rnu', "error: unknown command 'rnu'\n(Did you mean run?)"],
    ['replay no-such-file', 'msgctx: no-such-file: cannot be read (ENOENT'],
  ])('%s: exit 2, and what is near', async (line, message) => {
    expect(await said.msgctx(...line.split(' '))).toBe(2);
    expect(said.err).toContain(message);
    expect(said.out).toBe('');
  });

  it('prints help and version with exit 0', async () => {
    expect(await said.msgctx('--version')).toBe(0);
    expect(said.out).toBe(`${version}\n`);
    expect(await said.msgctx('run', '--help')).toBe(0);
    expect(said.out).toContain('Put the adapter and its arguments after "--"');
  });

  it('refuses an adapter that does not start, or speaks another version, with exit 3', async () => {
    expect(await said.msgctx('run', '--', './no-such-adapter')).toBe(3);
    expect(said.err).toContain('could not be started: there is no such program');
    expect(await said.msgctx('run', ...broken, 'version')).toBe(3);
    expect(said.err).toContain('speaks protocol version 7, this suite speaks 1');
    expect(await said.msgctx('run', '--', '')).toBe(3);
    expect(said.err).toContain('msgctx: the adapter has no name');
  });

  it('gives a verdict for every requirement against the reference implementation, with exit 0', async () => {
    const suites = ['paths', 'rejections', 'time'].flatMap((name) => ['--suite', name]);
    expect(await said.msgctx('run', ...suites, '--verbose')).toBe(0);
    expect(said.out).toContain('msgctx-reference 0.1.0 (typescript), role kernel, profile seed');
    expect(said.out).toMatch(/^ {2}pass +CTX-1 +MUST +In a fresh system of N contexts/m);
    expect(said.out).toMatch(/^ {2}not exercised REP-11 +SHOULD/m);
    expect(said.out).toMatch(/^verdict: {2}conforms to profile seed/m);
  });

  it('judges errnos with --strict', async () => {
    const only = ['--runs', '5', '--filter', 'REP-11'];
    expect(await said.msgctx('run', '--strict', '--verbose', ...only)).toBe(0);
    expect(said.out).toMatch(/^ {2}pass +REP-11 +SHOULD/m);
  });

  it('prints one JSON document and nothing else with --json', async () => {
    expect(await said.msgctx('run', '--json', '--filter', 'paths/1x1')).toBe(0);
    const report = json();
    expect(Object.keys(report)).toEqual([
      'schema', 'implementation', 'profile', 'seed', 'strict', 'verdict', 'totals', 'coverage',
      'notJudged', 'covered', 'subject', 'cases',
    ]); // prettier-ignore
    expect(report.totals).toEqual({
      pass: report.cases.length, fail: 0, unsupported: 0, inconclusive: 0, known: 0, flaky: 0, unexpectedPass: 0,
    }); // prettier-ignore
    for (const one of report.cases) {
      expect(Object.keys(one)).toEqual(['id', 'suite', 'requirements', 'verdict', 'why', 'trace']);
    }
    for (const [hit, all] of Object.values(report.coverage)) expect(hit).toBeLessThanOrEqual(all);
    expect(said.err).toBe('');
  });

  it('gives the same bytes for the same seed', async () => {
    const run = async (seed: string) => {
      await said.msgctx(
        'run',
        '--json',
        '--filter',
        'adversary/two',
        '--runs',
        '3',
        '--seed',
        seed,
        ...javascript,
        '--fault',
        'overwrites-reply',
      );
      return said.out;
    };
    const first = await run('3');
    expect(await run('3')).toBe(first);
    expect(await run('4')).not.toBe(first);
  });

  it('reports a fault with exit 1, the conversation, the rule and a command that shows it again', async () => {
    const args = ['--fault', 'skips-sequence-check'];
    expect(await said.msgctx('run', '--filter', 'paths/machine', ...javascript, ...args)).toBe(1);
    expect(said.out).toContain('FAIL paths/machine.reply.wrong-sequence/held');
    expect(said.out).toContain(
      'at "reply u1.d1 r1 seq=r1-1": got ok; expected refused (reply/wrong-sequence)',
    );
    expect(said.out).toContain('requirement: REP-7 (MUST) A reply whose sequence number');
    const again = /again: +msgctx (.*)/.exec(said.out)?.[1]?.split(' ') ?? [];
    expect(await said.msgctx(...again)).toBe(1);
    expect(said.out).toContain('cases:    0 pass, 1 fail');
  });

  it('says with which options a failure is seen again', async () => {
    const fault = [...javascript, '--fault', 'keeps-old-daemon'];
    const filter = ['--filter', 'paths/machine.daemon.registered.REPLACE/held'];
    await said.msgctx('run', '--strict', '--deadline', '70000', ...filter, ...fault);
    expect(said.out).toContain('REPLACE/held --strict --deadline 70000 -- ');
  });

  it('does not pass a recorded conversation of which a part could not be held', async () => {
    const file = join(folder, 'left.jsonl');
    writeFileSync(file, `${traceHead}\n{"command":"helo u1.d1"}\n{"command":"reply u1.d1 r9"}\n`);
    expect(await said.msgctx('replay', file)).toBe(4);
    expect(said.out).toContain('unsupported	1 of 2 commands made no sense with this implementation');
    expect(await said.msgctx('replay', folder)).toBe(2);
    expect(said.err).toContain(`${folder}: expected a trace in a regular file`);
    writeFileSync(
      file,
      `${traceHead.replace('"contexts":1', '"contexts":65')}\n{"command":"helo u1.d1"}\n`,
    );
    expect(await said.msgctx('replay', file, ...javascript)).toBe(4);
    expect(said.out).toContain('the case has 65 contexts, the adapter takes 1 to 64');
  });

  it('shows a failure of a random case again by seed and path', async () => {
    const args = [...javascript, '--fault', 'overwrites-reply'];
    expect(
      await said.msgctx(
        'run',
        '--suite',
        'adversary',
        '--filter',
        'adversary/one/held',
        '--seed',
        '7',
        ...args,
      ),
    ).toBe(1);
    const why = /at "reply.*/.exec(said.out)?.[0];
    const again = /again: +msgctx (.*)/.exec(said.out)?.[1]?.split(' ') ?? [];
    expect(again).toContain('--path');
    expect(await said.msgctx(...again)).toBe(1);
    expect(/at "reply.*/.exec(said.out)?.[0]?.replaceAll(/seq \d+|payload \w+/g, '')).toBe(
      why?.replaceAll(/seq \d+|payload \w+/g, ''),
    );
  });

  it('records failing conversations and holds them again', async () => {
    const file = join(folder, 'trace.jsonl');
    const fault = [...javascript, '--fault', 'keeps-old-daemon'];
    expect(await said.msgctx('run', '--suite', 'paths', '--bail', '--record', file, ...fault)).toBe(
      1,
    );
    expect(await said.msgctx('replay', file, ...fault)).toBe(1);
    expect(said.out).toContain('verdict\tfail\tat "helo u1.d2": got no such event');
    expect(await said.msgctx('replay', file)).toBe(0);
    expect(said.out).toMatch(/\tverdict\tpass\t$/m);
  });

  it.each([
    ['', 'expected a trace, found nothing'],
    ['what?', ':1: expected one JSON object a line'],
    ['{"command":"inspect"}', ':1: expected a first line with "schema":"msgctx-trace/1"'],
    ['{"schema":"msgctx-trace/9"}', ':1: expected "schema":"msgctx-trace/1"'],
    [
      '{"schema":"msgctx-trace/1","settings":{"contexts":0}}',
      ':1: expected "settings" with contexts from 1 to 4096, found 0',
    ],
  ])('refuses a trace that reads %j', async (text, message) => {
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, text);
    expect(await said.msgctx('replay', file)).toBe(2);
    expect(said.err).toContain(`msgctx: ${file}${text === '' ? ': ' : ''}${message}`);
  });

  it('refuses a command of a trace that is none, or speaks of users who are not there', async () => {
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, `${traceHead}\n{"command":"helo u2.d1"}\n`);
    expect(await said.msgctx('replay', file)).toBe(2);
    expect(said.err).toContain(`${file}:2: expected users u1 to u1 in "helo u2.d1"`);
    writeFileSync(file, `${traceHead}\n{"command":"sing"}\n`);
    expect(await said.msgctx('replay', file)).toBe(2);
    expect(said.err).toContain(`${file}:2: expected a command ("sing" is not a command`);
  });

  it('writes JUnit beside the terminal, and refuses a file that it cannot write', async () => {
    const file = join(folder, 'junit.xml');
    const filter = ['--filter', 'paths/machine.daemon'];
    const fault = [...javascript, '--fault', 'keeps-old-daemon'];
    expect(await said.msgctx('run', '--reporter', `junit=${file}`, ...filter, ...fault)).toBe(1);
    expect(said.out).toContain('verdict:  does not conform');
    const xml = readFileSync(file, 'utf8');
    expect(xml).toMatch(/<testsuites tests="18" failures="2" errors="0" skipped="0">/);
    expect(xml).toContain('<failure message="at &quot;helo u1.d2&quot;: got');
    expect(await said.msgctx('run', '--reporter', `junit=${folder}`, ...filter)).toBe(2);
    expect(said.err).toContain(`msgctx: ${folder}: cannot be written (it is a directory`);
  });

  it.each(['json', 'junit', 'tap', 'ctrf', 'markdown', 'html'])(
    'keeps the verdict when the disk is full: %s',
    async (name) => {
      const filter = ['--filter', 'paths/machine.daemon'];
      expect(await said.msgctx('run', '--reporter', `${name}=/dev/full`, ...filter)).toBe(2);
      expect(said.out).toContain('verdict:  conforms');
      expect(said.err).toContain('msgctx: /dev/full could not be written (ENOSPC');
    },
  );

  it('lists what there is', async () => {
    for (const what of ['cases', 'requirements', 'suites', 'profiles', 'targets']) {
      expect(await said.msgctx('list', what, '--json')).toBe(0);
      const rows = JSON.parse(said.out) as unknown[];
      expect(rows.length).toBeGreaterThan(0);
      expect(await said.msgctx('list', what)).toBe(0);
      expect(said.out.trim().split('\n').length).toBe(rows.length);
    }
  });

  it('has cases with stable, unique ids', async () => {
    await said.msgctx('list', 'cases', '--json');
    const ids = (JSON.parse(said.out) as { id: string }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(4394 + 143);
    expect(ids.slice(0, 2)).toEqual([
      'paths/machine.context.free.ACQUIRE/held',
      'paths/machine.context.free.ACQUIRE/plain',
    ]);
    expect(ids).toContain('paths/2x2.u1-waiting+free.u1-d1+u2-unregistered/plain');
  });
});
