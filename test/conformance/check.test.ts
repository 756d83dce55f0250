import { describe, expect, it } from 'vitest';
import { check } from '../../conformance/check.js';
import { ReferenceSubject } from '../../conformance/index.js';
import { MutantSubject } from '../../conformance/mutants/subject.js';
import { ReferenceDaemonSubject } from '../../conformance/subjects/reference-daemon.js';
import { captured } from '../captured.js';

/** `msgctx adapter check`: what is said to who writes an adapter. */

const said = captured();

async function checked(...adapter: string[]): Promise<number> {
  // What hangs is not waited for; everybody else may run on a busy machine.
  const deadline = adapter.includes('hang') ? '2000' : '60000';
  return said.msgctx(
    ...['adapter', 'check', '--deadline', deadline, '--', process.execPath, ...adapter],
  );
}

describe('a check of an adapter', () => {
  it.each([
    ['the reference implementation', () => new ReferenceSubject()],
    ['Linux 6', () => new MutantSubject({ profile: 'device-6', with: ['raw', 'interrupt'] })],
    ['few words', () => new MutantSubject({ without: ['results', 'payload', 'exit', 'inspect'] })],
    ['a daemon', () => new ReferenceDaemonSubject()],
  ])('finds nothing wrong with %s', async (_, subject) => {
    let nowUs = 0;
    const { checks } = await check(subject(), () => (nowUs += 1));
    expect(checks.filter(({ verdict }) => verdict === 'fails')).toEqual([]);
    expect(checks.filter(({ verdict }) => verdict === 'ok').length).toBeGreaterThan(3);
  });

  it('measures by the clock that it is given', async () => {
    let nowUs = 0;
    const { latencyUs } = await check(new ReferenceSubject(), () => (nowUs += 7));
    expect(latencyUs).toEqual({ median: 7, p95: 7 });
  });

  it('names each word once, and says what comes next', async () => {
    expect(await checked('examples/javascript/kernel.mjs')).toBe(0);
    expect(said.out).toMatch(/^msgctx-example-javascript 1\.0\.0, role kernel, profile seed/);
    expect(said.out.match(/^ok +helo$/gm)?.length).toBe(1);
    expect(said.out).toContain('-      raw: not claimed\n');
    expect(said.out).toMatch(/a call takes \d+ µs; 1 in 20 takes more than \d+ µs\n/);
    expect(said.out).toMatch(/speaks the protocol; next: msgctx run\n$/);
  });

  it.each([
    ['garbage', 'request', 'print diagnostics to stderr: stdout carries the protocol only'],
    ['late-event', 'helo', 'write the events that a call causes before its answer'],
    ['hang', 'helo', 'flush stdout after every line, and answer every call'],
    ['dies', 'quit', 'its stderr ends: out of cheese; its stderr may say why'],
    ['numeric-errno', 'request', 'see the tables of PROTOCOL.md for the members of each line'],
  ])('of one with %s at %s says what to do', async (fault, method, hint) => {
    expect(await checked('test/adapters/broken.mjs', fault, method)).toBe(1);
    expect(said.out).toContain('FAILS  ');
    expect(said.out).toContain(hint);
    expect(said.out).toMatch(/\d+ checks? failed; fix the first, then check again\n$/);
  });

  it('says of a message that did not come what was expected', async () => {
    await checked('test/adapters/broken.mjs', 'none', 'helo');
    expect(said.out).toContain(
      'FAILS  message: expected a message to 11 before the answer, found 0 events',
    );
  });

  it('ends with 3 where there is no adapter', async () => {
    expect(await said.msgctx('adapter', 'check', '--', 'no-such-program')).toBe(3);
    expect(said.err).toContain('could not be started');
  });
});
