import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../conformance/cli/main.js';
import type { Report, Subject } from '../../conformance/index.js';
import {
  exitStatusOf,
  ProcessSubject,
  ReferenceSubject,
  requirementsOf,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import type { DaemonFaultId } from '../../conformance/mutants/daemon/faults.js';
import { daemonFaults } from '../../conformance/mutants/daemon/faults.js';
import { DaemonMutantSubject } from '../../conformance/mutants/daemon/subject.js';
import { openKeyFiles } from '../../conformance/subjects/keyfiles.js';

/** The suite `daemon`: it finds every fault of a daemon, and accuses no right one. */

const readFile = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

afterEach(() => vi.restoreAllMocks());

async function hold(
  subject: Subject,
  filters: string[] = [],
  { bail = false, runs = 10 } = {},
): Promise<Report> {
  const cases = selectCases(seed, ['daemon'], filters);
  const report = await run({
    subject,
    profile: seed,
    strict: false,
    cases,
    seed: 1,
    runs,
    bail,
  });
  await subject.close();
  return report;
}

const wrong = ({ cases }: Report) =>
  cases.filter(({ verdict }) => verdict === 'fail').map(({ id, why }) => `${id}: ${why}`);

describe('a right daemon', () => {
  it('passes every case, and every rule is exercised', async () => {
    const report = await hold(new DaemonMutantSubject({ readFile }), [], { runs: 100 });
    expect(wrong(report)).toEqual([]);
    expect(report.totals).toMatchObject({ pass: report.cases.length, unsupported: 0 });
    const kept = new Set(report.cases.flatMap((one) => one.kept));
    const idle = requirementsOf('seed', 'daemon').filter(({ id }) => !kept.has(id));
    // What a daemon may do the one here does not.
    expect(idle.map(({ id }) => id)).toEqual(['DMN-5']);
    expect(report.coverage).toMatchObject({ states: [0, 0], requirements: [26, 27] });
    for (const { id, requirements, kept: found } of report.cases) {
      expect(requirements.length, id).toBeGreaterThan(0);
      expect(found.length, id).toBeGreaterThan(0);
    }
  });

  it('finds its key files, and none is left behind', () => {
    const files = openKeyFiles();
    const path = files.put('k1.pem', 'text');
    expect(readFile(path)).toBe('text');
    expect(readFile(files.missing('k1.pem'))).toBeUndefined();
    files.remove();
    expect(existsSync(dirname(path))).toBe(false);
  });
});

describe('the other role', () => {
  it('is unsupported, and its rules are not counted', async () => {
    const report = await hold(new ReferenceSubject());
    expect(report.totals).toMatchObject({ pass: 0, fail: 0, unsupported: report.cases.length });
    expect(report.cases[0]?.why).toBe('the adapter plays the kernel, the case the daemon');
    expect(report.coverage.requirements[1]).toBe(requirementsOf('seed').length);
    const subject = new DaemonMutantSubject({ readFile });
    const cases = selectCases(seed, ['paths'], ['paths/machine']);
    const options = { profile: seed, strict: false, cases, seed: 1, runs: 1, bail: false };
    const { totals, cases: held } = await run({ subject, ...options });
    expect(totals).toMatchObject({ pass: 0, fail: 0, unsupported: cases.length });
    expect(held[0]?.why).toBe('the adapter plays the daemon, the case the kernel');
  });
});

describe('a fault', () => {
  it('shows in few commands, with no byte of a key', async () => {
    const fault: DaemonFaultId = 'mends-checksum';
    const subject = new DaemonMutantSubject({ readFile, fault });
    const { cases } = await hold(subject, ['daemon/damaged/checksum']);
    expect(cases).toMatchObject([
      {
        requirements: ['DMN-12', 'DMN-10'],
        trace: [
          { command: 'key k1', observed: ['ok'] },
          { command: 'start', observed: ['ok', 'sends helo'] },
          { command: 'deliver tag64 k1 flaw=checksum' },
        ],
        why: 'at "deliver tag64 k1 flaw=checksum": got sends response with tag 65, status 0, 20 bytes more, whose content is another from byte 17 on; expected response with tag 65, status 0 and 19 bytes of content, or response with tag 65 and a status that is not 0',
      },
    ]);
  });

  it('is found in real time too', async () => {
    const faults: readonly DaemonFaultId[] = [
      'seq-plus-one',
      'answers-twice',
      'ignores-quit',
      'no-helo',
    ];
    for (const fault of faults) {
      const without = ['virtualTime'];
      const report = await hold(new DaemonMutantSubject({ readFile, fault, without }), [], {
        bail: true,
      });
      expect(report.verdict, fault).toBe('fail');
    }
  });

  it('is there for every rule that binds', () => {
    const broken = new Set(daemonFaults.map(({ requirement }) => requirement));
    const unharmed = requirementsOf('seed', 'daemon').filter(
      ({ id, level }) => level === 'MUST' && !broken.has(id),
    );
    expect(unharmed).toEqual([]);
  });
});

describe('the example in javascript', () => {
  const script = fileURLToPath(new URL('../../examples/javascript/daemon.mjs', import.meta.url));
  const start = (...args: string[]) =>
    ProcessSubject.start({
      command: process.execPath,
      args: [script, ...args],
      suite: 'test',
      deadlineMs: 60_000,
    });

  it('is one file of under 250 lines, and conforms', async () => {
    expect(readFileSync(script, 'utf8').trimEnd().split('\n').length).toBeLessThan(250);
    const report = await hold(await start(), [], { runs: 30 });
    expect(wrong(report)).toEqual([]);
    expect(report.totals).toMatchObject({ pass: report.cases.length });
    expect(exitStatusOf(report)).toBe(0);
  });

  it.each([
    ['forgets-quit', 'DMN-2'],
    ['trusts-lengths', 'DMN-18'],
    ['prefix-module', 'DMN-16'],
    ['silent-failure', 'DMN-7'],
    ['wrong-index', 'DMN-8'],
  ])('is caught when it has the fault %s, by %s', async (fault, rule) => {
    const report = await hold(await start('--fault', fault), [rule]);
    const failed = report.cases.filter(({ verdict }) => verdict === 'fail');
    expect(failed.flatMap(({ requirements }) => requirements)).toContain(rule);
    expect(Math.min(...failed.map(({ trace }) => trace.length))).toBeLessThanOrEqual(4);
  });
});

describe('the command line', () => {
  const script = fileURLToPath(new URL('../../examples/javascript/daemon.mjs', import.meta.url));

  const msgctx = (...argv: string[]) => faulty(undefined, ...argv);

  async function faulty(fault: string | undefined, ...argv: string[]) {
    let out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
      out += String(part);
      return true;
    });
    const more = fault === undefined ? [] : ['--fault', fault];
    const status = await main([...argv, '--', process.execPath, script, ...more]);
    vi.restoreAllMocks();
    return { status, out };
  }

  it('gives a verdict for the rules of a daemon, and for no other', async () => {
    const { status, out } = await msgctx('run', '--runs', '3', '--verbose');
    expect(status).toBe(0);
    expect(out).toContain('role daemon, profile seed');
    expect(out).toMatch(/^ {2}pass +DMN-1 +MUST +A daemon that starts sends HELO/m);
    expect(out).not.toContain('CTX-1');
    expect(out).not.toContain('unsupported: the adapter plays');
    expect(out).toMatch(/^coverage: requirements 26\/27$/m);
  });

  it('shows a failure again, by its case and by its path', async () => {
    const { status, out } = await faulty(
      'wrong-index',
      'run',
      '--filter',
      'daemon/random/requests',
    );
    expect(status).toBe(1);
    const again = /again: +msgctx (.*) -- /.exec(out)?.[1]?.split(' ') ?? [];
    expect(again).toContain('--path');
    const twice = await faulty('wrong-index', ...again);
    expect(twice.out).toBe(
      out.replace(/^.*; random seed.*$/m, /^.*; random seed.*$/m.exec(twice.out)?.[0] ?? ''),
    );
  });

  it('records failing conversations and holds them again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'msgctx-'));
    const file = join(folder, 'trace.jsonl');
    const filter = ['--filter', 'daemon/keys/module-openssl2', '--record', file];
    expect((await faulty('prefix-module', 'run', ...filter)).status).toBe(1);
    const again = await faulty('prefix-module', 'replay', file);
    expect(again.status).toBe(1);
    expect(again.out).toMatch(
      /\t1\tkey k1 module=openssl2\tok\n.*\t2\tstart\tok; sends helo\n.*\t3\tdeliver tag64 k1\tok; sends response, index 0, seq 4096: tag 65, status 0, 20 bytes more\n.*\tverdict\tfail\tat "deliver tag64 k1": got/,
    );
    const right = await msgctx('replay', file);
    expect([right.status, /\tverdict\tpass\t$/m.test(right.out)]).toEqual([0, true]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"start"', '"sing"'));
    const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(await main(['replay', file])).toBe(2);
    expect(String(err.mock.calls[0]?.[0])).toContain(
      ':3: expected a command for a daemon ("sing" is not a command',
    );
    rmSync(folder, { recursive: true });
  });
});
