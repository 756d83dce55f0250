import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../conformance/index.js';
import {
  AdapterBroke,
  exitStatusOf,
  ProcessSubject,
  run,
  seed,
  selectCases,
} from '../../conformance/index.js';
import { gone } from '../gone.js';

/** What a foreign adapter can do wrong, and what is said of it. */

const script = fileURLToPath(new URL('../adapters/broken.mjs', import.meta.url));
const helo: Call = { method: 'helo', params: { uid: 1, pid: 11 } };

/** Long enough for a busy machine; what hangs has a deadline of its own. */
const deadlineUsualMs = 60_000;

function start(
  fault: string,
  method = 'helo',
  deadlineMs = deadlineUsualMs,
): Promise<ProcessSubject> {
  const args = [script, fault, method];
  return ProcessSubject.start({ command: process.execPath, args, suite: 'test', deadlineMs });
}

/** How a call breaks: the name of the breach and the sentence, without the command. */
async function breach(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error('nothing broke'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AdapterBroke)) return String(error);
  return `${error.breach}: ${error.message.replace(/^the adapter "[^"]*" /, '')}`;
}

const empty = 'its stderr is empty';

describe('an adapter that breaks', () => {
  it.each([
    [
      'garbage',
      `not-json: wrote a line to stdout that is not JSON: "Segmentation fault (not really)", during helo; ${empty}`,
    ],
    ['dies', 'death: ended with status 9, during helo; its stderr ends: out of cheese'],
    [
      'unknown-id',
      `unknown-id: answered a request 4711 that was never made, during helo; ${empty}`,
    ],
    ['long-line', `line-too-long: wrote a line of more than 1048576 bytes, during helo; ${empty}`],
    [
      'other-code',
      `malformed: wrote an error whose code is none of ERRNO, UNSUPPORTED, INVALID, INTERNAL: "{"id":2,"error":{"code":"BANANA"}}", during helo; ${empty}`,
    ],
    [
      'numeric-errno',
      `malformed: wrote an event "complete" whose errno is not a symbolic name: "{"event":"complete","params":{"task":1,"errno":-42}}", during helo; ${empty}`,
    ],
    ['flood', `flood: wrote more than 10000 events for one call, during helo; ${empty}`],
    ['invalid', `invalid: answered INVALID to helo, saying "what is a helo?"; ${empty}`],
    ['internal', `internal: answered INTERNAL to helo, saying "my fault"; ${empty}`],
    [
      'malformed',
      `malformed: wrote an event "message" without 32-bit index and seq: "{"event":"message","params":{"to":11,"type":"request","index":-1,"seq":1,"payload":""}}", during helo; ${empty}`,
    ],
    [
      'no-errno',
      `malformed: answered ERRNO without an errno: "{"id":2,"error":{"code":"ERRNO"}}", during helo; ${empty}`,
    ],
    ['array', `malformed: wrote a line that is no JSON object: "[]", during helo; ${empty}`],
  ])('by %s is named, with what was seen and its stderr', async (fault, sentence) => {
    const subject = await start(fault);
    expect(await breach(subject.call(helo))).toBe(sentence);
    await subject.close();
  });

  it('by silence is ended when the deadline passes', async () => {
    const subject = await start('hang', 'helo', 100);
    expect(await breach(subject.call(helo))).toBe(
      `deadline: did not answer in 100 ms (does it flush stdout after every line?), during helo; ${empty}`,
    );
    await subject.close();
  });

  it.each([
    ['twice', `repeated-id: answered request 2 twice; ${empty}`],
    [
      'late-event',
      `late-event: wrote an event after its answer: "{"event":"message","params":{"to":11,"type":"quit"}}"; ${empty}`,
    ],
  ])('after its answer, by %s, is named at the next call', async (fault, sentence) => {
    const subject = await start(fault);
    await subject.call(helo);
    expect(await breach(subject.call(helo))).toBe(sentence);
    await subject.close();
  });

  it('does not break by members that are null', async () => {
    const subject = await start('nulls');
    const events = [{ event: 'complete', task: 1, payload: 'b1' }];
    expect(await subject.call(helo)).toEqual({ events, result: {} });
    await subject.close();
  });

  it('is named once, and not again by the call after', async () => {
    const subject = await start('invalid');
    expect(await breach(subject.call(helo))).toMatch(/^invalid/);
    expect(await subject.call({ ...helo, method: 'quit' })).toEqual({ events: [], result: {} });
    await subject.close();
  });

  it('is started again for the next call', async () => {
    const subject = await start('dies', 'quit');
    expect(await breach(subject.call({ ...helo, method: 'quit' }))).toMatch(/^death/);
    expect(await subject.call(helo)).toEqual({ events: [], result: {} });
    await subject.close();
  });

  it('tells every call that was waiting', async () => {
    const subject = await start('dies');
    const calls = [subject.call(helo), subject.call(helo), subject.call(helo)];
    const ends = await Promise.all(calls.map(breach));
    expect(new Set(ends)).toEqual(
      new Set(['death: ended with status 9, during helo; its stderr ends: out of cheese']),
    );
    await subject.close();
  });

  it('cannot be started when it speaks another version, claims nonsense or does not exist', async () => {
    expect(await breach(start('version'))).toBe(
      `version: speaks protocol version 7, this suite speaks 1; ${empty}`,
    );
    expect(await breach(start('claims'))).toBe(
      `claims: answered initialize without an array of capabilities; ${empty}`,
    );
    const missing = ProcessSubject.start({
      command: './no-such-adapter',
      args: [],
      suite: 'test',
      deadlineMs: deadlineUsualMs,
    });
    expect(await breach(missing)).toBe(
      `start: could not be started: there is no such program; ${empty}`,
    );
  });

  it('leaves no process behind, not even one that it started itself and that holds its pipes', async () => {
    const dying = await start('orphan');
    expect(await breach(dying.call(helo))).toBe(
      `death: ended with status 3, during helo; ${empty}`,
    );
    expect(await gone(Number(dying.claims.version))).toBe(true);
    const ending = await start('orphan', 'never');
    await ending.close();
    expect(await gone(Number(ending.claims.version))).toBe(true);
  });

  it('is ended when it does not follow shutdown', async () => {
    const subject = await start('stays');
    await subject.close();
    expect(await gone(Number(subject.claims.version))).toBe(true);
  });
});

describe('a run against an adapter that breaks', () => {
  const only = (fault: string, filters: string[], deadlineMs = deadlineUsualMs) =>
    start(fault, 'reset', deadlineMs).then(async (subject) => {
      const cases = selectCases(seed, ['paths'], filters);
      const report = await run({
        subject,
        profile: seed,
        strict: false,
        cases,
        seed: 1,
        runs: 1,
        bail: false,
      });
      await subject.close();
      return report;
    });

  it('keeps what was found before, and stops asking one that hangs', async () => {
    const report = await only('hang', ['paths/1x1'], 100);
    expect(report.totals).toMatchObject({ pass: 0, fail: 3 });
    expect(report.totals.inconclusive).toBe(report.cases.length - 3);
    expect(report.cases.at(-1)?.why).toBe(
      'the adapter did not answer in 3 cases, and was not asked again',
    );
  });

  it('stops asking one that broke in each of the first ten cases', async () => {
    const report = await only('garbage', ['paths/2x1']);
    expect(report.totals).toMatchObject({ pass: 0, fail: 10 });
    expect(exitStatusOf(report)).toBe(3);
  });

  it('counts what the adapter does not support as unsupported, never as passed', async () => {
    const report = await only('unsupported', ['paths/1x1']);
    expect(report.totals).toMatchObject({ pass: 0, fail: 0, unsupported: report.cases.length });
    expect(report.cases[0]?.why).toBe('reset answers UNSUPPORTED, though the adapter claims it');
    expect(exitStatusOf(report)).toBe(4);
    const limited = await only('limited', ['SLP-5']);
    expect(limited.cases[0]?.why).toMatch(/^the adapter lacks .*manualWake/);
  });
});

describe('an adapter that claims concurrent', () => {
  const turned = fileURLToPath(new URL('../adapters/concurrent.mjs', import.meta.url));
  const other: Call = { method: 'helo', params: { uid: 1, pid: 12 } };
  const open = () =>
    ProcessSubject.start({
      command: process.execPath,
      args: [turned],
      suite: 'test',
      deadlineMs: deadlineUsualMs,
    });

  it('answers calls that overlap in any order, and what it wrote is kept in its order', async () => {
    const subject = await open();
    const history = await subject.overlap([helo, other]);
    expect(history.map((one) => (one.kind === 'event' ? one.event : [one.kind, one.nth]))).toEqual([
      ['call', 0],
      ['call', 1],
      { event: 'message', to: 12, type: 'quit' },
      ['answer', 1],
      { event: 'message', to: 11, type: 'quit' },
      ['answer', 0],
    ]);
    expect(await subject.call(helo)).toMatchObject({ result: {} });
    await subject.close();
  });

  it('answers other calls in turn', async () => {
    const subject = await open();
    const calls = [subject.call(helo), subject.call(other)];
    await Promise.allSettled(calls);
    expect(await breach(calls[0] ?? Promise.resolve())).toMatch(
      /^out-of-turn: answered request 3 before an earlier one, during helo/,
    );
    await subject.close();
  });
});
